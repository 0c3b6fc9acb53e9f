//! One estimate of β, and what is known about its error.

use serde::{Deserialize, Serialize};

use crate::{
    curve::{Claim, Diagnostics, Measured},
    temperature::independence::{effective_size, variance_of_mean},
};

/// The estimators of β. The names are those of the command line and of the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Estimator {
    /// [`max_likelihood`](super::max_likelihood).
    MaxLikelihood,
    /// [`pseudo_likelihood`](super::pseudo_likelihood).
    PseudoLikelihood,
    /// [`flip_identity`](super::flip_identity).
    FlipIdentity,
    /// [`two_beta_ratio`](super::two_beta_ratio).
    TwoBetaRatio,
    /// [`microcanonical`](super::microcanonical).
    Microcanonical,
    /// [`entropic`](super::entropic).
    Entropic,
    /// [`weight_norm`](super::weight_norm).
    WeightNorm,
    /// [`fluctuation_dissipation`](super::fluctuation_dissipation).
    FluctuationDissipation,
}

impl Estimator {
    /// Its name: `max_likelihood`, `pseudo_likelihood`, …
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::MaxLikelihood => "max_likelihood",
            Self::PseudoLikelihood => "pseudo_likelihood",
            Self::FlipIdentity => "flip_identity",
            Self::TwoBetaRatio => "two_beta_ratio",
            Self::Microcanonical => "microcanonical",
            Self::Entropic => "entropic",
            Self::WeightNorm => "weight_norm",
            Self::FluctuationDissipation => "fluctuation_dissipation",
        }
    }

    /// What it looks at.
    #[must_use]
    pub fn scope(self) -> Scope {
        match self {
            Self::PseudoLikelihood | Self::FlipIdentity => Scope::Local,
            Self::WeightNorm => Scope::Weights,
            _ => Scope::Global,
        }
    }
}

impl std::fmt::Display for Estimator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// What an estimator looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Whole states: how the weight is shared out among distant parts of the state space.
    Global,
    /// A state and its neighbours: whether a unit agrees with the others.
    Local,
    /// The parameters of two models, no data.
    Weights,
}

impl Scope {
    /// Its name: `global`, `local`, `weights`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::Local => "local",
            Self::Weights => "weights",
        }
    }
}

/// One estimate of the inverse temperature of data under a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// Which estimator.
    pub estimator: Estimator,
    /// Which of several kinds, such as the norm that was compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// β with its claim.
    pub beta: Measured,
    /// What it looks at.
    pub scope: Scope,
    /// More numbers: `n_eff`, `bias`, `bin_width`, …
    #[serde(default)]
    pub details: Diagnostics,
    /// What each row of the data contributed to β.
    #[serde(skip)]
    pub influence: Influence,
}

/// How an estimate would move with each row of the data, to first order, and what else makes it
/// uncertain.
///
/// Two estimates from the same data are correlated; the error of their difference follows from the
/// difference of their influences, row by row.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Influence {
    /// The change of β when a row gets all the weight, minus the mean: β̂ − β ≈ the mean of this
    /// over the rows.
    pub rows: Vec<f64>,
    /// The variance of β from anything but the data: a sampled U(β), a second sample.
    pub other: f64,
}

impl Influence {
    /// The standard error: √(Var(influence)/n_eff + other).
    pub(super) fn std_error(&self) -> f64 {
        (variance_of_mean(&self.rows) + self.other).sqrt()
    }
}

impl Estimate {
    /// An estimate whose error bar comes from its influences; a reason in words if that is not
    /// finite and positive.
    pub(super) fn sampled(estimator: Estimator, beta: f64, influence: Influence) -> Result<Self, String> {
        let std_error = influence.std_error();
        if !(beta.is_finite() && std_error.is_finite() && std_error > 0.0) {
            return Err("its standard error is not a finite positive number on these data; give more rows".into());
        }
        let details = Diagnostics::default().number("n_eff", effective_size(&influence.rows));
        let beta = Measured { value: beta, claim: Claim::Estimate { std_error } };
        Ok(Self { estimator, variant: None, beta, scope: estimator.scope(), details, influence })
    }

    /// The same number without error control, because it rests on an approximation.
    pub(super) fn without_error_control(mut self) -> Self {
        self.beta.claim = Claim::Approximation;
        self
    }

    /// Adds a number to the details.
    pub(super) fn with(mut self, name: &str, value: f64) -> Self {
        self.details = self.details.number(name, value);
        self
    }
}
