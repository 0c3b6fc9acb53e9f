//! Which model a result is about.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{model::AnyModel, sample::Capabilities};

/// Which model a result is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelInfo {
    /// What kind of model: `rbm`, `ising`, `levels`.
    pub kind: String,
    /// `bit` or `spin`; `bit/spin` for visible bits and hidden spins. Levels are numbered by bits.
    pub units: String,
    /// How many units there are: in a file `n_visible` and `n_hidden`, or `n_units`.
    #[serde(flatten)]
    pub shape: Shape,
    /// The path or the name it was loaded by.
    pub source: String,
    /// SHA-256 of the file's bytes, in hexadecimal.
    pub sha256: String,
}

/// How many units a model has. As text: `784 × 20`, or `12`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Shape {
    /// Those of an RBM.
    Layers {
        /// The number of visible units.
        n_visible: usize,
        /// The number of hidden units.
        n_hidden: usize,
    },
    /// Those of any other model.
    Units {
        /// The number of units.
        n_units: usize,
    },
}

impl ModelInfo {
    /// The description of `model`, which came from `source`.
    #[must_use]
    pub fn new(model: &AnyModel, source: impl Into<String>, sha256: impl Into<String>) -> Self {
        let shape = match model.as_rbm() {
            Some(rbm) => Shape::Layers { n_visible: rbm.n_visible(), n_hidden: rbm.n_hidden() },
            None => Shape::Units { n_units: model.concrete().n_units() },
        };
        Self {
            kind: model.kind().into(),
            units: model.concrete().units(),
            shape,
            source: source.into(),
            sha256: sha256.into(),
        }
    }
}

impl Shape {
    /// The number of all units.
    #[must_use]
    pub fn n_units(self) -> usize {
        match self {
            Self::Layers { n_visible, n_hidden } => n_visible.saturating_add(n_hidden),
            Self::Units { n_units } => n_units,
        }
    }

    /// The number of units that data show: the visible ones of an RBM, all of any other model.
    #[must_use]
    pub fn n_visible(self) -> usize {
        match self {
            Self::Layers { n_visible, .. } => n_visible,
            Self::Units { n_units } => n_units,
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Layers { n_visible, n_hidden } => write!(f, "{n_visible} × {n_hidden}"),
            Self::Units { n_units } => write!(f, "{n_units}"),
        }
    }
}
