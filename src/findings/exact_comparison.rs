//! A number beside the exact one.

use std::fmt;

use super::words::signed;
use crate::{
    curve::{BoundKind, Claim, Measured},
    thresholds::{MAX_SIGMAS, ROUNDING},
};

/// How a number compares with the exact one, by what it claims.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum ExactComparison {
    /// Equal up to rounding.
    Same,
    /// Sampled, and no more than [`MAX_SIGMAS`] standard errors away.
    Agrees {
        /// The distance in standard errors.
        sigmas: f64,
    },
    /// Sampled, and further away than that: the error bar is wrong.
    Disagrees {
        /// The distance in standard errors.
        sigmas: f64,
    },
    /// It contradicts the exact value whatever its error: a bound on the wrong side, or a value
    /// without error that differs.
    Contradicts {
        /// Value minus exact value.
        by: f64,
    },
    /// A bound on the right side of the exact value.
    Bounds {
        /// Value minus exact value.
        by: f64,
    },
    /// An approximation without error control.
    Off {
        /// Value minus exact value; nats for ln Z and S.
        by: f64,
    },
}

impl ExactComparison {
    /// Whether the exact value refutes what the number claims.
    #[must_use]
    pub fn is_refuted(self) -> bool {
        matches!(self, Self::Disagrees { .. } | Self::Contradicts { .. })
    }

    /// Value minus exact value, of a number without an error bar.
    #[must_use]
    pub fn off_by(self) -> Option<f64> {
        match self {
            Self::Contradicts { by } | Self::Bounds { by } | Self::Off { by } => Some(by),
            Self::Same | Self::Agrees { .. } | Self::Disagrees { .. } => None,
        }
    }
}

/// A few words: `0.4σ from the exact value`, `off by −6.25`.
impl fmt::Display for ExactComparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Same => write!(f, "the exact value"),
            Self::Agrees { sigmas } => write!(f, "{sigmas:.1}σ from the exact value"),
            Self::Disagrees { sigmas } if sigmas < 1e4 => write!(f, "{sigmas:.1}σ from the exact value"),
            Self::Disagrees { sigmas } => write!(f, "{sigmas:.0e}σ from the exact value"),
            Self::Contradicts { by } => write!(f, "wrong by {}", signed(by)),
            Self::Bounds { by } | Self::Off { by } => write!(f, "off by {}", signed(by)),
        }
    }
}

/// Holds a number against the exact one.
///
/// ```
/// use plefka::{Claim, Measured, findings::{ExactComparison, compare_with_exact}};
/// let ais = Measured { value: 245.3, claim: Claim::Estimate { std_error: 0.2 } };
/// assert_eq!(compare_with_exact(ais, 245.2).to_string(), "0.5σ from the exact value");
/// assert!(compare_with_exact(ais, 246.2).is_refuted());
/// ```
#[must_use]
pub fn compare_with_exact(Measured { value, claim }: Measured, exact: f64) -> ExactComparison {
    let by = value - exact;
    if by.abs() <= ROUNDING * exact.abs().max(1.0) {
        return ExactComparison::Same;
    }
    let within = |std_error: f64| {
        let sigmas = by.abs() / std_error;
        match sigmas {
            s if !s.is_finite() => ExactComparison::Contradicts { by },
            s if s > MAX_SIGMAS => ExactComparison::Disagrees { sigmas },
            _ => ExactComparison::Agrees { sigmas },
        }
    };
    match claim {
        Claim::Exact => ExactComparison::Contradicts { by },
        Claim::Estimate { std_error } => within(std_error),
        Claim::Bound { kind, std_error } => match (kind, std_error) {
            (BoundKind::Lower, _) if by < 0.0 => ExactComparison::Bounds { by },
            (BoundKind::Upper, _) if by > 0.0 => ExactComparison::Bounds { by },
            (_, Some(std_error)) => within(std_error),
            (_, None) => ExactComparison::Contradicts { by },
        },
        Claim::Approximation => ExactComparison::Off { by },
    }
}
