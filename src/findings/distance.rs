//! How far two numbers contradict each other.

use crate::{
    curve::{BoundKind, Claim, Measured},
    thresholds::ROUNDING,
};

/// The distance of two numbers in standard errors of their difference: 0 where a bound lies on its
/// right side, or where they are equal up to rounding; infinite if they differ and neither has an
/// error bar.
pub(super) fn distance(a: Measured, b: Measured) -> f64 {
    let excess = a.value - b.value;
    let (lower, upper) = (|m: Measured| is_bound(m, BoundKind::Lower), |m: Measured| is_bound(m, BoundKind::Upper));
    // A bound says nothing about what lies on its far side.
    if (excess < 0.0 && (lower(a) || upper(b))) || (excess > 0.0 && (upper(a) || lower(b))) {
        return 0.0;
    }
    if excess.abs() <= ROUNDING * a.value.abs().max(1.0) {
        return 0.0;
    }
    let error = [a, b].map(|m| m.claim.std_error().unwrap_or(0.0));
    excess.abs() / error[0].hypot(error[1])
}

fn is_bound(m: Measured, on: BoundKind) -> bool {
    matches!(m.claim, Claim::Bound { kind, .. } if kind == on)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn measured(value: f64, claim: Claim) -> Measured {
        Measured { value, claim }
    }

    #[test]
    fn distances_know_what_a_number_claims() {
        let estimate = |value| measured(value, Claim::Estimate { std_error: 0.3 });
        let bound = |value, kind| measured(value, Claim::Bound { kind, std_error: Some(0.4) });
        assert!((distance(estimate(1.0), estimate(2.0)) - 1.0 / 0.3f64.hypot(0.3)).abs() < 1e-12);
        // Below an upper bound and above a lower one there is nothing to object to.
        assert_eq!(distance(estimate(1.0), bound(9.0, BoundKind::Upper)), 0.0);
        assert_eq!(distance(bound(9.0, BoundKind::Upper), estimate(1.0)), 0.0);
        assert_eq!(distance(bound(1.0, BoundKind::Lower), bound(9.0, BoundKind::Upper)), 0.0);
        assert!((distance(estimate(9.0), bound(8.5, BoundKind::Upper)) - 1.0).abs() < 1e-12);
        assert!((distance(bound(9.0, BoundKind::Lower), estimate(8.5)) - 1.0).abs() < 1e-12);
        let exact = |value| measured(value, Claim::Exact);
        assert_eq!((distance(exact(1.0), exact(1.0)), distance(exact(1.0), exact(2.0))), (0.0, f64::INFINITY));
    }
}
