//! Where the entropy collapses.

use crate::{
    curve::Status,
    io::{CurveRecord, Quantity},
    thermo::{EntropyDrop, steepest_drop},
};

/// The [steepest fall](steepest_drop) of the entropy of a saved curve, over its converged points.
#[must_use]
pub fn entropy_drop(curve: &CurveRecord) -> Option<EntropyDrop> {
    let converged = curve.points.iter().filter(|p| p.status == Status::Converged);
    let points: Vec<(f64, f64)> = converged.filter_map(|p| Some((p.beta, Quantity::Entropy.of(p)?.value))).collect();
    steepest_drop(&points)
}
