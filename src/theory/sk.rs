//! The Sherrington–Kirkpatrick model: ±1 spins, E = −Σ_{i<j} J s s − h Σ s, var J = 1/N, in the
//! replica-symmetric solution.
//!
//! Sources: Sherrington & Kirkpatrick, Phys. Rev. Lett. 35, 1792 (1975); de Almeida & Thouless, J.
//! Phys. A 11, 983 (1978); for the correction above the transition, Aizenman, Lebowitz & Ruelle,
//! Commun. Math. Phys. 112, 3 (1987).

use super::{
    check,
    quadrature::{gaussian_average, gaussian_averages, ln_2cosh, sech2, spin_entropy},
};
use crate::{Error, stats::find_root};
use std::f64::consts::{LN_2, PI};

/// Replica-symmetric solution at a temperature and a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReplicaSymmetric {
    /// Overlap q = ∫Dz tanh²β(√q z + h).
    pub q: f64,
    /// C = β(1 − q), finite at T = 0.
    pub susceptibility: f64,
    /// Free energy f = −(β/4)(1 − q)² − T∫Dz ln 2cosh β(√q z + h), per spin.
    pub free_energy: f64,
    /// Entropy s = −∂f/∂T, per spin, in nats. Negative at low temperature, where the solution is
    /// not the true one.
    pub entropy: f64,
}

/// The replica-symmetric solution at temperature `t` ≥ 0 and field `h`; exact only above
/// [`at_field`].
///
/// # Errors
///
/// [`Error::Config`] if `t` is negative or not finite, or `h` is not finite.
pub fn replica_symmetric(t: f64, h: f64) -> Result<ReplicaSymmetric, Error> {
    check("t", t, t >= 0.0, "a temperature is a finite number ≥ 0")?;
    check("h", h, true, "a field is a finite number")?;
    if t < 1e-100 {
        let susceptibility = (2.0 / PI).sqrt() * (-0.5 * h * h).exp();
        let mean = gaussian_average(-h, f64::MAX.sqrt().sqrt(), |z| (z + h).abs());
        return Ok(ReplicaSymmetric {
            q: 1.0,
            susceptibility,
            free_energy: -mean,
            entropy: -susceptibility * susceptibility / 4.0,
        });
    }
    let overlap = |q: f64| over_field(t, h, q, |x| [x.tanh().powi(2)])[0];
    // The ratio falls with q, from β² at q = 0 without a field; a root of `overlap(q) − q` would be
    // found at 0 as well.
    let q = find_root(|q| overlap(q) / q - 1.0, SMALLEST_Q, 1.0).unwrap_or(0.0);
    let [one_minus_q, mean_log, entropy] = over_field(t, h, q, |x| [sech2(x), ln_2cosh(x), spin_entropy(x)]);
    let c = one_minus_q / t;
    Ok(ReplicaSymmetric {
        q,
        susceptibility: c,
        free_energy: -t * (c * c / 4.0 + mean_log),
        entropy: entropy - c * c / 4.0,
    })
}

/// Overlaps below are zero: T is within rounding of the transition.
const SMALLEST_Q: f64 = 1e-30;

/// Averages of functions of x = β(√q z + h).
fn over_field<const K: usize>(t: f64, h: f64, q: f64, f: impl Fn(f64) -> [f64; K]) -> [f64; K] {
    let root = q.sqrt();
    gaussian_averages(if h == 0.0 { 0.0 } else { -h / root.max(1e-300) }, root / t, |z| f((root * z + h) / t))
}

/// The field on the de Almeida–Thouless line at temperature `t`: β²∫Dz sech⁴β(√q z + h) = 1. Below
/// it replica symmetry is broken.
///
/// # Errors
///
/// [`Error::Config`] unless 10⁻¹⁰ ≤ `t` ≤ 1: there is no line above T = 1, and at T → 0 the field
/// grows without bound.
pub fn at_field(t: f64) -> Result<f64, Error> {
    check("t", t, (1e-10..=1.0).contains(&t), "the AT line exists for 0 < T ≤ 1; take T from 1e-10 to 1")?;
    let margin = |h: f64| {
        let Ok(solution) = replica_symmetric(t, h) else { return f64::NAN };
        over_field(t, h, solution.q, |x| [sech2(x).powi(2)])[0] / (t * t) - 1.0
    };
    Ok(find_root(margin, 0.0, 3.0 + (-2.0 * t.ln()).sqrt()).unwrap_or(0.0))
}

/// Temperature where the replica-symmetric entropy without a field is zero, 0.271602. Not a
/// transition: it says that the solution is wrong below.
#[must_use]
pub fn entropy_zero() -> f64 {
    find_root(|t| replica_symmetric(t, 0.0).map_or(f64::NAN, |s| s.entropy), 0.1, 0.9).unwrap_or(f64::NAN)
}

/// Mean of ln Z over the couplings of `n` spins above the transition and without a field, with its
/// first correction: n ln 2 + (n − 1)β²/4 + ¼[ln(1 − β²) + β²] + O(1/n). It is total, in nats.
///
/// # Errors
///
/// [`Error::Config`] unless 0 ≤ `beta` < 1.
pub fn log_z_high_temperature(n: usize, beta: f64) -> Result<f64, Error> {
    check("beta", beta, (0.0..1.0).contains(&beta), "the expansion holds for 0 ≤ β < 1")?;
    let b2 = beta * beta;
    Ok(n as f64 * LN_2 + (n as f64 - 1.0) * b2 / 4.0 + ((-b2).ln_1p() + b2) / 4.0)
}
