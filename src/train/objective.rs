//! What is climbed: the likelihood of rows, that of their labels, or a sum of both.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{Parameters, moments::Moments};
use crate::{Error, Rbm};

/// What training increases (Larochelle & Bengio, ICML 2008), written `likelihood`, `discriminative`
/// or `hybrid=0.1`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Objective {
    /// ⟨ln p(v)⟩, where the visible units v include labels if there are any.
    #[default]
    Likelihood,
    /// ⟨ln p(y|x)⟩ of labels y given the other visible units x.
    Discriminative,
    /// ⟨ln p(y|x)⟩ + α⟨ln p(x, y)⟩ with α > 0.
    Hybrid(f64),
}

impl Objective {
    /// The factors of ⟨ln p(y|x)⟩ and of ⟨ln p(v)⟩.
    pub(super) fn factors(self) -> (f64, f64) {
        match self {
            Self::Likelihood => (0.0, 1.0),
            Self::Discriminative => (1.0, 0.0),
            Self::Hybrid(alpha) => (1.0, alpha),
        }
    }

    /// Whether labels matter other than as visible units.
    pub(super) fn reads_labels(self) -> bool {
        self.factors().0 > 0.0
    }

    /// Whether there is a negative phase.
    pub(super) fn samples_model(self) -> bool {
        self.factors().1 > 0.0
    }
}

/// Σ_k c_k(⟨·⟩_data − ⟨·⟩_k) over the moments that are taken from those of the data, each with its
/// factor. `spare` is memory of the same shape.
pub(super) fn objective_gradient(
    of_data: Moments,
    mut taken: Vec<(f64, Moments)>,
    rbm: &Rbm,
    spare: Parameters,
) -> Parameters {
    if matches!(taken[..], [(1.0, _)]) {
        let (_, only) = taken.remove(0);
        return of_data.less(only, rbm, spare);
    }
    let of_data = of_data.into_means(rbm);
    let mut gradient = Parameters::zeros(of_data.visible.len(), of_data.hidden.len());
    for (factor, moments) in taken {
        gradient.add_scaled(factor, &Parameters::difference(of_data.clone(), &moments.into_means(rbm)));
    }
    gradient
}

impl FromStr for Objective {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let positive = |alpha: &f64| *alpha > 0.0 && alpha.is_finite();
        let hybrid = |text: &str| text.strip_prefix("hybrid=")?.parse().ok().filter(positive).map(Self::Hybrid);
        match text {
            "likelihood" => Ok(Self::Likelihood),
            "discriminative" => Ok(Self::Discriminative),
            other => hybrid(other).ok_or_else(|| {
                let remedy = "write likelihood, discriminative, or hybrid=A with a number A above 0";
                Error::config("objective", other, remedy)
            }),
        }
    }
}

impl fmt::Display for Objective {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Likelihood => f.pad("likelihood"),
            Self::Discriminative => f.pad("discriminative"),
            Self::Hybrid(alpha) => write!(f, "hybrid={alpha}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        for text in ["likelihood", "discriminative", "hybrid=0.1", "hybrid=2"] {
            assert_eq!(text.parse::<Objective>().unwrap().to_string(), text);
        }
        for text in ["hybrid", "hybrid=0", "hybrid=-1", "hybrid=inf", "joint", ""] {
            assert!(text.parse::<Objective>().unwrap_err().to_string().contains("hybrid=A"), "{text}");
        }
    }
}
