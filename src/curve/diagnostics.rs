//! The evidence a curve carries about itself.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One piece of evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Diagnostic {
    /// A number for the whole curve.
    Number(f64),
    /// A number for each β.
    PerBeta(Vec<f64>),
    /// Sentences for each β.
    Sentences(Vec<Vec<String>>),
    /// Words.
    Text(String),
}

/// Named evidence, such as `ess` or `residual`; which names a method writes stands in its
/// documentation.
///
/// An open map rather than a type for each method, so that a new estimator needs no change here.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Diagnostics(BTreeMap<String, Diagnostic>);

impl Diagnostics {
    /// Adds a number. One that is not finite does not exist, and is left out.
    #[must_use]
    pub fn number(mut self, name: &str, value: f64) -> Self {
        if value.is_finite() {
            self.0.insert(name.into(), Diagnostic::Number(value));
        }
        self
    }

    /// Adds a number for each β; if any of them is not finite the list is left out.
    #[must_use]
    pub fn per_beta(mut self, name: &str, values: Vec<f64>) -> Self {
        if values.iter().all(|v| v.is_finite()) {
            self.0.insert(name.into(), Diagnostic::PerBeta(values));
        }
        self
    }

    /// Adds sentences for each β.
    #[must_use]
    pub fn sentences(mut self, name: &str, sentences: Vec<Vec<String>>) -> Self {
        self.0.insert(name.into(), Diagnostic::Sentences(sentences));
        self
    }

    /// Adds words.
    #[must_use]
    pub fn text(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.insert(name.into(), Diagnostic::Text(value.into()));
        self
    }

    /// The evidence called `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Diagnostic> {
        self.0.get(name)
    }

    /// All of it, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Diagnostic)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// The sentences for the `k`-th β in the list called `name`.
    #[must_use]
    pub fn sentences_at(&self, name: &str, k: usize) -> &[String] {
        match self.0.get(name) {
            Some(Diagnostic::Sentences(sentences)) => sentences.get(k).map_or(&[], Vec::as_slice),
            _ => &[],
        }
    }

    /// The number for the `k`-th β in the list called `name`.
    #[must_use]
    pub fn at(&self, name: &str, k: usize) -> Option<f64> {
        match self.0.get(name)? {
            Diagnostic::PerBeta(values) => values.get(k).copied(),
            _ => None,
        }
    }
}
