//! What an enumeration finds at one β, as far as rounding leaves it.

use crate::{kernel::scaled_sum::WeightedMoments, stats::resolved};

/// ln Z and, if they were asked for, the first two energy cumulants at one β.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cumulants {
    /// ln Z, nats.
    pub log_z: f64,
    /// ⟨E⟩.
    pub energy: Option<f64>,
    /// Var E.
    pub energy_variance: Option<f64>,
}

impl Cumulants {
    /// From the moments of `offset` less than minus the energy, as far as rounding leaves them: U
    /// and Var E are 0 within their rounding error, and none where β U and C = β² Var E are less
    /// certain than an exact number may be.
    ///
    /// `scale` is the largest energy that the parameters could add up to: what is lost of each
    /// energy is in proportion to it.
    pub(super) fn of(sum: WeightedMoments, offset: f64, beta: f64, scale: f64) -> Self {
        let lost = 16.0 * f64::EPSILON * scale;
        let of_variance = sum.rounding + lost * (2.0 * sum.variance.abs().sqrt() + lost);
        Self {
            log_z: sum.log_weight + beta * offset,
            energy: certain(-(sum.mean + offset), lost, beta),
            energy_variance: certain(sum.variance, of_variance, beta * beta),
        }
    }
}

/// A value with a rounding error, if that is small enough in units of 1/`unit`. What is not finite
/// stays so, to be refused.
fn certain(value: f64, error: f64, unit: f64) -> Option<f64> {
    if !value.is_finite() {
        return Some(value);
    }
    let value = if value.abs() <= error { 0.0 } else { value };
    resolved(unit * value, unit * error).map(|_| value)
}
