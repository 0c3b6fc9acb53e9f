//! Whether a number may be believed.

use std::fmt;

use super::words::signed;
use crate::{
    curve::{BoundKind, Claim, Measured, Method, Reliability, Status},
    io::{CurveRecord, Quantity, ResultFile},
};

/// Beyond this many standard errors an estimate disagrees with the truth.
///
/// For a Gaussian error the false-alarm rate is 6.3e−5 a point, 0.3 % for a curve of 41 independent points. (Points of
/// one annealed run are strongly correlated, which makes it less.)
pub(super) const MAX_SIGMAS: f64 = 4.0;

/// Two numbers this close, relative to the larger of 1 and the truth, are equal up to rounding.
///
/// At β = 0 every chain has the same weight, the standard error is zero or a rounding error, and a ratio of two
/// rounding errors says nothing.
pub(super) const ROUNDING: f64 = 1e-9;

/// What the saved evidence says about one number.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Verdict {
    /// It is the exact value.
    Truth,
    /// An estimate within four standard errors of the truth, or any value equal to it up to rounding.
    Agrees {
        /// The distance in standard errors.
        sigmas: f64,
    },
    /// An estimate further than that from the truth: its error bar is wrong.
    Disagrees {
        /// The distance in standard errors.
        sigmas: f64,
    },
    /// It contradicts the truth whatever its error: a bound on the wrong side, or a value without error that differs.
    Contradicts {
        /// Value minus truth.
        by: f64,
    },
    /// A bound on the right side of the truth.
    Bounds {
        /// Value minus truth.
        by: f64,
    },
    /// An approximation without error control, measured against the truth.
    Off {
        /// Value minus truth; nats for ln Z and S.
        by: f64,
    },
    /// The iteration did not reach its goal: the number is the best so far.
    NotConverged,
    /// Its own evidence says that the error bar means little.
    Untrustworthy {
        /// In a few words.
        reason: String,
    },
    /// There is no exact value to hold it against.
    Unchecked,
    /// The run was stopped before it got here.
    Cancelled,
    /// The method did not give this quantity.
    Missing,
}

impl Verdict {
    /// Whether the number may be used for what it claims to be. (An approximation claims little.)
    #[must_use]
    pub fn is_sound(&self) -> bool {
        match self {
            Self::Truth | Self::Agrees { .. } | Self::Bounds { .. } | Self::Off { .. } | Self::Unchecked => true,
            Self::Disagrees { .. } | Self::Contradicts { .. } | Self::NotConverged => false,
            Self::Untrustworthy { .. } | Self::Cancelled | Self::Missing => false,
        }
    }

    /// Whether the truth refutes what the number claims.
    #[must_use]
    pub fn is_refuted(&self) -> bool {
        matches!(self, Self::Disagrees { .. } | Self::Contradicts { .. })
    }
}

/// A few words, such as `agrees (0.4σ)` or `off by −6.2`.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Truth => "exact".into(),
            Self::Agrees { sigmas: 0.0 } => "agrees".into(),
            Self::Agrees { sigmas } => format!("agrees ({sigmas:.1}σ)"),
            Self::Disagrees { sigmas } if *sigmas < 1e4 => format!("disagrees ({sigmas:.1}σ)"),
            Self::Disagrees { sigmas } => format!("disagrees ({sigmas:.0e}σ)"),
            Self::Contradicts { by } => format!("wrong by {}", signed(*by)),
            Self::Bounds { by } => format!("bound, off by {}", signed(*by)),
            Self::Off { by } => format!("off by {}", signed(*by)),
            Self::NotConverged => "not converged".into(),
            Self::Untrustworthy { reason } => format!("untrustworthy: {reason}"),
            Self::Unchecked => "unchecked".into(),
            Self::Cancelled => "cancelled".into(),
            Self::Missing => "no value".into(),
        };
        f.pad(&text)
    }
}

/// The verdict on one number of a method other than exact enumeration.
///
/// Being refuted by the truth comes before everything else, so that no excuse hides it; then what the method admits
/// itself (not converged, poor evidence), even where the number happens to be right; then how it compares.
///
/// ```
/// use plefka::{Claim, Measured, Status, curve::Reliability, findings::{Verdict, judge}};
/// let ais = Measured { value: 245.3, claim: Claim::Estimate { std_error: 0.1 } };
/// let verdict = judge(Some(ais), Status::Converged, Reliability::default(), Some(245.2));
/// assert_eq!(verdict.to_string(), "agrees (1.0σ)");
/// let poor = Reliability { ess: Some(3.0), ..Reliability::default() };
/// assert!(!judge(Some(ais), Status::Converged, poor, Some(245.2)).is_sound());
/// ```
#[must_use]
pub fn judge(number: Option<Measured>, status: Status, evidence: Reliability, truth: Option<f64>) -> Verdict {
    let Some(number) = number else {
        return if status == Status::Cancelled { Verdict::Cancelled } else { Verdict::Missing };
    };
    let compared = truth.map(|truth| compare(number, truth));
    if let Some(refuted) = compared.clone().filter(Verdict::is_refuted) {
        return refuted;
    }
    match status {
        Status::Cancelled => return Verdict::Cancelled,
        Status::NotConverged => return Verdict::NotConverged,
        Status::Converged => {}
    }
    if let Some(reason) = evidence.objection() {
        return Verdict::Untrustworthy { reason };
    }
    compared.unwrap_or(Verdict::Unchecked)
}

/// Holds a number against the truth, by what it claims.
fn compare(Measured { value, claim }: Measured, truth: f64) -> Verdict {
    let by = value - truth;
    if by.abs() <= ROUNDING * truth.abs().max(1.0) {
        return Verdict::Agrees { sigmas: 0.0 };
    }
    let within = |std_error: f64| {
        let sigmas = by.abs() / std_error;
        match sigmas {
            s if !s.is_finite() => Verdict::Contradicts { by },
            s if s > MAX_SIGMAS => Verdict::Disagrees { sigmas },
            _ => Verdict::Agrees { sigmas },
        }
    };
    match claim {
        Claim::Exact => Verdict::Contradicts { by },
        Claim::Estimate { std_error } => within(std_error),
        Claim::Bound { kind, std_error } => match (kind, std_error) {
            (BoundKind::Lower, _) if by < 0.0 => Verdict::Bounds { by },
            (BoundKind::Upper, _) if by > 0.0 => Verdict::Bounds { by },
            (_, Some(std_error)) => within(std_error),
            (_, None) => Verdict::Contradicts { by },
        },
        Claim::Approximation => Verdict::Off { by },
    }
}

/// The verdicts on `quantity` at each point of `curve`, held against the exact values in `results`.
#[must_use]
pub fn verdicts(results: &ResultFile, curve: &CurveRecord, quantity: Quantity) -> Vec<Verdict> {
    let verdict = |(k, point)| {
        let point: &crate::thermo::Point = point;
        let number = quantity.of(point);
        if curve.method == Method::Exact && point.status == Status::Converged && number.is_some() {
            return Verdict::Truth;
        }
        judge(number, point.status, Reliability::at(&curve.diagnostics, k), results.exact(quantity, point.beta))
    };
    curve.points.iter().enumerate().map(verdict).collect()
}
