//! Thermodynamics: pure functions of a [`Curve`], of samples of the energy, of means over the
//! disorder ([`crisis`]), of weights ([`norms`]), and of relaxation times ([`Law`]).
//!
//! Units: k_B = 1, entropies in nats, everything a total over the system.

mod adam_gibbs;
mod coexistence;
mod complexity;
pub mod crisis;
mod entropy_drop;
pub mod norms;
mod peak;
mod point;

pub use adam_gibbs::{Fit, Law, Relaxing, adam_gibbs_correlation};
pub use coexistence::{Coexistence, EnergyHistogram, coexistence};
pub use complexity::{Level, complexity};
pub use entropy_drop::{EntropyDrop, steepest_drop};
pub use peak::{Peak, heat_capacity_peak};
pub use point::{Point, points};

use crate::{
    curve::{Claim, Curve, Measured},
    stats::resolved,
};

/// U(β) = ⟨E⟩ at each point that was reached, in the model's energy units. Empty if only ln Z was
/// estimated.
#[must_use]
pub fn energy(curve: &Curve) -> Vec<Option<Measured>> {
    curve.derive(|_, s| s.energy.clone())
}

/// What the two terms of S have lost by rounding, relative to them, at most.
const LOST: f64 = 8.0 * f64::EPSILON;

/// S(β) = ln Z + βU, in nats. It is 0 within its rounding error, and none where the two terms are so
/// large that rounding leaves fewer than six digits of it.
///
/// For a Plefka expansion this is S₀ − (β²/2)O₂ − (β³/3)O₃ at a stationary point, *not* the entropy
/// S₀ of the magnetisations (Georges & Yedidia, J. Phys. A 24, 2173 (1991)).
///
/// ```
/// use plefka::{Betas, Estimator, Exact, Rbm, Run, thermo};
/// let rbm = Rbm::from_rows(&[[0.0, 0.0], [0.0, 0.0]], &[0.0, 0.0], &[0.0, 0.0])?;
/// let curve = Exact::default().curve(&rbm, &Betas::one(1.0)?, &Run::quiet(1))?;
/// let entropy = thermo::entropy(&curve)[0].expect("was computed");
/// assert!((entropy.value - 4.0 * 2f64.ln()).abs() < 1e-12); // free units: n ln 2
/// # Ok::<(), plefka::Error>(())
/// ```
#[must_use]
pub fn entropy(curve: &Curve) -> Vec<Option<Measured>> {
    let entropy = curve.derive(|betas, s| {
        let entropy = |k: usize| {
            let (log_z, heat) = (s.log_z[k], betas[k] * s.energy[k]?);
            resolved(log_z + heat, LOST * (log_z.abs() + heat.abs()))
        };
        (0..betas.len()).map(entropy).collect()
    });
    known_at_zero(curve, entropy)
}

/// C(β) = β² Var E = −β² ∂U/∂β, dimensionless.
#[must_use]
pub fn heat_capacity(curve: &Curve) -> Vec<Option<Measured>> {
    let capacity = curve.derive(|betas, s| {
        let capacity = |k: usize| s.energy_variance[k].map(|variance| betas[k] * betas[k] * variance);
        (0..betas.len()).map(capacity).collect()
    });
    known_at_zero(curve, capacity)
}

/// At β = 0 every method knows that S = ln Z(0) and C = 0, whatever it knows elsewhere.
fn known_at_zero(curve: &Curve, mut values: Vec<Option<Measured>>) -> Vec<Option<Measured>> {
    if let (0.0, Some(Some(first))) = (curve.betas[0], values.first_mut()) {
        first.claim = Claim::Exact;
    }
    values
}
