//! How many states the measure lives on, extrapolated from low temperature.

use std::ops::RangeInclusive;

use super::MeanCurve;
use crate::stats::Line;

/// Y₂ = Σₓ p(x)² = Z(2β)/Z(β)², from ln Z at β and at 2β: one over the effective number of states.
///
/// ```
/// // Eight free spins: all 256 states weigh the same.
/// let log_z = 256f64.ln();
/// assert!((plefka::thermo::crisis::participation(log_z, log_z) - 1.0 / 256.0).abs() < 1e-15);
/// ```
#[must_use]
pub fn participation(log_z: f64, log_z_at_twice: f64) -> f64 {
    (log_z_at_twice - 2.0 * log_z).exp()
}

/// The temperature T at which ⟨Y₂⟩ vanishes if it goes on as at low temperature: the zero of the
/// line of least squares of Y₂ against T = 1/β, through the points with T in `temperatures`.
///
/// # Formula
/// In the frozen phase of the random energy model ⟨Y₂⟩ = 1 − T/T_c for N → ∞ (Gross and Mézard,
/// Nucl. Phys. B 240, 431 (1984)). At finite size the estimate is biased upwards: over 0.1 ≤ T ≤
/// 0.25 the exact means at N = 12, 16, 20 give 0.687, 0.668, 0.656, for T_c = 0.6006.
///
/// `None` if there are fewer than two such points, or Y₂ does not fall with T.
#[must_use]
pub fn participation_zero(curve: &MeanCurve, temperatures: RangeInclusive<f64>) -> Option<f64> {
    let points = curve.betas.iter().zip(&curve.participation);
    let points = points.filter_map(|(beta, y2)| Some((1.0 / beta, (*y2)?)).filter(|(t, _)| temperatures.contains(t)));
    let line = Line::fit(points).filter(|line| line.slope < 0.0)?;
    line.zero().filter(|t| *t > 0.0)
}
