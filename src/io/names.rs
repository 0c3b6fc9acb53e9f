//! The words for outcomes and claims in files, the same as in JSON.

use crate::curve::{BoundKind, Claim, Status};

/// The name of an outcome: `converged`, `not_converged`, `cancelled`.
#[must_use]
pub fn status_name(status: Status) -> &'static str {
    match status {
        Status::Converged => "converged",
        Status::NotConverged => "not_converged",
        Status::Cancelled => "cancelled",
    }
}

/// The name of a claim: `exact`, `estimate`, `lower_bound`, `upper_bound`, `approximation`.
#[must_use]
pub fn claim_name(claim: Claim) -> &'static str {
    match claim {
        Claim::Exact => "exact",
        Claim::Estimate { .. } => "estimate",
        Claim::Bound { kind: BoundKind::Lower, .. } => "lower_bound",
        Claim::Bound { kind: BoundKind::Upper, .. } => "upper_bound",
        Claim::Approximation => "approximation",
    }
}
