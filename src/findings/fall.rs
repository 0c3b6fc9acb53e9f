//! Where the entropy collapses.

use crate::{
    curve::Status,
    io::{CurveRecord, Quantity},
    thermo::{Fall, steepest_fall},
};

/// The [steepest fall](steepest_fall) of the entropy of a saved curve, over its converged points.
#[must_use]
pub fn entropy_fall(curve: &CurveRecord) -> Option<Fall> {
    let converged = curve.points.iter().filter(|p| p.status == Status::Converged);
    let points: Vec<(f64, f64)> = converged.filter_map(|p| Some((p.beta, Quantity::Entropy.of(p)?.value))).collect();
    steepest_fall(&points)
}
