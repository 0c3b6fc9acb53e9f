//! A model of any kind, as something to be sampled.

use super::Sample;
use crate::model::AnyModel;

impl AnyModel {
    /// The model as something to be sampled: all kinds are.
    #[must_use]
    pub fn sampled(&self) -> &dyn Sample {
        match self {
            Self::Rbm(model) => model,
            Self::Ising(model) => model,
            Self::Levels(model) => model,
        }
    }
}
