//! A number together with what may be claimed about it.

use serde::{Deserialize, Serialize};

/// Which side of the truth a bound is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BoundKind {
    /// The truth is not below the value.
    Lower,
    /// The truth is not above the value.
    Upper,
}

/// What a reported number claims about the true one.
///
/// The absence of an error bar is a fact about the method, so it is a case of this type and never
/// `0` or `NaN`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Claim {
    /// True up to rounding.
    Exact,
    /// Sampled: the standard error is that of the estimate, in the units of the value.
    Estimate {
        /// One standard error.
        std_error: f64,
    },
    /// On a known side of the truth (in expectation, where it was sampled and `std_error` is
    /// given).
    Bound {
        /// Which side.
        kind: BoundKind,
        /// One standard error, if the bound was sampled.
        std_error: Option<f64>,
    },
    /// No error control at all: mean field, TAP.
    Approximation,
}

impl Claim {
    /// One standard error, where the claim carries one.
    #[must_use]
    pub fn std_error(self) -> Option<f64> {
        match self {
            Self::Estimate { std_error } => Some(std_error),
            Self::Bound { std_error, .. } => std_error,
            Self::Exact | Self::Approximation => None,
        }
    }
}

/// A value and its [`Claim`]. In JSON: `{"value": …, "std_error": … or null, "claim": "estimate"}`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(into = "Record", try_from = "Record")]
pub struct Measured {
    /// The number, always finite.
    pub value: f64,
    /// What it claims.
    pub claim: Claim,
}

/// The JSON form of [`Measured`].
#[derive(Serialize, Deserialize)]
struct Record {
    value: f64,
    std_error: Option<f64>,
    claim: Name,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Name {
    Exact,
    Estimate,
    LowerBound,
    UpperBound,
    Approximation,
}

impl From<Measured> for Record {
    fn from(Measured { value, claim }: Measured) -> Self {
        let name = match claim {
            Claim::Exact => Name::Exact,
            Claim::Estimate { .. } => Name::Estimate,
            Claim::Bound { kind: BoundKind::Lower, .. } => Name::LowerBound,
            Claim::Bound { kind: BoundKind::Upper, .. } => Name::UpperBound,
            Claim::Approximation => Name::Approximation,
        };
        Self { value, std_error: claim.std_error(), claim: name }
    }
}

impl TryFrom<Record> for Measured {
    type Error = &'static str;

    fn try_from(Record { value, std_error, claim }: Record) -> Result<Self, Self::Error> {
        let claim = match claim {
            Name::Exact => Claim::Exact,
            Name::Estimate => {
                Claim::Estimate { std_error: std_error.ok_or("an `estimate` must have a number as `std_error`")? }
            }
            Name::LowerBound => Claim::Bound { kind: BoundKind::Lower, std_error },
            Name::UpperBound => Claim::Bound { kind: BoundKind::Upper, std_error },
            Name::Approximation => Claim::Approximation,
        };
        Ok(Self { value, claim })
    }
}
