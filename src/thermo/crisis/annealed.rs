//! The entropy of high temperatures, extrapolated.

use std::ops::RangeInclusive;

use super::MeanCurve;
use crate::stats::Line;

/// Where the entropy would run out if it went on as at high temperature: β at the zero of the line
/// of least squares of S/N against β², through the points with β in `range`.
///
/// # Formula
/// With Gaussian couplings or levels, as long as the annealed average holds, s = s₀ − cβ²; for the
/// random energy model s = ln 2 − β²/4, whose zero 2√ln 2 is the transition (Derrida, Phys. Rev. B
/// 24, 2613 (1981)). Over 0.3 ≤ β ≤ 0.65 its exact quenched means at N = 12, 16, 20 give 1.6695,
/// 1.6658, 1.6652, for 1.6651. The upper end must stay where the annealed average holds at this
/// size. In other models the zero is not by itself a transition: see the [module](super).
///
/// `None` if there are fewer than two such points, or S does not fall.
#[must_use]
pub fn annealed_zero(curve: &MeanCurve, range: RangeInclusive<f64>) -> Option<f64> {
    let points = curve.betas.iter().zip(&curve.entropy).filter(|(beta, _)| range.contains(beta));
    let points = points.map(|(beta, s)| (beta * beta, s / curve.n_units as f64));
    let squared = Line::fit(points).filter(|line| line.slope < 0.0)?.zero()?;
    (squared > 0.0).then(|| squared.sqrt())
}
