//! The random energy model: 2^N levels, independent, Gaussian with mean 0 and variance N/2.
//!
//! Source: Derrida, Phys. Rev. B 24, 2613 (1981). With variance N instead, β_c = √(2 ln 2); sources
//! mix the two.

use super::check;
use crate::Error;
use std::f64::consts::{LN_2, PI};

/// Inverse temperature of the entropy crisis, β_c = 2√(ln 2) = 1.6651….
#[must_use]
pub fn critical_beta() -> f64 {
    2.0 * LN_2.sqrt()
}

/// Per-unit quantities in the limit N → ∞.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit {
    /// ln Z/N = ln 2 + β²/4 up to β_c, β√(ln 2) beyond.
    pub log_z: f64,
    /// Entropy ln 2 − β²/4 up to β_c, 0 beyond; nats.
    pub entropy: f64,
    /// Heat capacity β²/2 up to β_c, 0 beyond.
    pub heat_capacity: f64,
}

/// The model in the limit N → ∞.
///
/// # Errors
///
/// [`Error::Config`] if `beta` is negative or not finite.
pub fn limit(beta: f64) -> Result<Limit, Error> {
    check("beta", beta, beta >= 0.0, "β is a finite number ≥ 0")?;
    let quarter = beta * beta / 4.0;
    Ok(if beta < critical_beta() {
        Limit { log_z: LN_2 + quarter, entropy: LN_2 - quarter, heat_capacity: 2.0 * quarter }
    } else {
        Limit { log_z: beta * LN_2.sqrt(), entropy: 0.0, heat_capacity: 0.0 }
    })
}

/// Means over the levels, exact at finite N.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quenched {
    /// ⟨ln Z⟩, total.
    pub log_z: f64,
    /// ⟨S⟩, total, nats.
    pub entropy: f64,
    /// Participation ratio Y₂ = ⟨Σ p²⟩.
    pub participation: f64,
}

/// Exact means over the disorder for 2^`n` levels, without sampling.
///
/// With φ(t) = ⟨exp(−t e^{−βE})⟩ and M = 2^N: ⟨ln Z⟩ = ∫ dt/t [e^{−t} − φ^M], its β-derivative
/// gives ⟨S⟩, and Y₂ = ∫ t dt M ⟨e^{−2βE} exp(−t e^{−βE})⟩ φ^{M−1}. In ln t both integrals are
/// trapezoidal sums that converge exponentially; relative errors are about 10⁻¹⁰ (against a halved
/// step). The cost grows as β√N.
///
/// # Errors
///
/// [`Error::Config`] unless 1 ≤ `n` ≤ 60 and 0 < `beta` ≤ 100.
pub fn quenched(n: u32, beta: f64) -> Result<Quenched, Error> {
    check("n", f64::from(n), (1..=60).contains(&n), "take 1 to 60 units")?;
    check("beta", beta, beta > 0.0 && beta <= 100.0, "take β above 0 and up to 100")?;
    Ok(quenched_with(n, beta, 0.25))
}

fn quenched_with(n: u32, beta: f64, step: f64) -> Quenched {
    let levels = f64::from(n).exp2();
    let width = beta * (f64::from(n) / 2.0).sqrt();
    // Low ln t: t Z is below rounding even for the mean of Z. High: t Z is large even for the
    // smallest Z.
    let annealed = f64::from(n) * LN_2 + 0.5 * width * width;
    let (first, last) = (-annealed - 40.0, 5.0 + 9.0 * width);
    let (mut log_z, mut slope, mut participation) = (0.0, 0.0, 0.0);
    for k in 0..=((last - first) / step).ceil() as usize {
        let y = first + k as f64 * step;
        let [missing, first_moment, second_moment] = level_averages(n, width, y, step);
        let log_phi = (-missing.min(1.0)).ln_1p();
        let g = (levels * log_phi).exp();
        let others = if log_phi == f64::NEG_INFINITY { 0.0 } else { levels * ((levels - 1.0) * log_phi).exp() };
        log_z += (-y.exp()).exp() - g;
        slope += others * first_moment;
        participation += others * second_moment;
    }
    Quenched { log_z: log_z * step, entropy: (log_z - slope) * step, participation: participation * step }
}

/// (1 − φ, ⟨bz e^w e^{−e^w}⟩, ⟨e^{2w} e^{−e^w}⟩) over w = y + bz, z Gaussian, b = `width`.
fn level_averages(n: u32, width: f64, y: f64, fineness: f64) -> [f64; 3] {
    // The lowest of 2^N levels lies near √(2N ln 2) deviations, and more are needed for relative
    // accuracy there.
    let reach = 9.0 + (2.0 * f64::from(n) * LN_2).sqrt();
    // exp(−e^w) is bounded for |Im w| < π/2, which sets the step.
    let step = (fineness / width).min(0.1);
    let count = (reach / step).ceil() as i64;
    let mut sums = [0.0; 3];
    for k in -count..=count {
        let z = k as f64 * step;
        let weight = (-0.5 * z * z).exp();
        let e = (y + width * z).exp();
        let decay = (-e).exp();
        sums[0] -= weight * (-e).exp_m1();
        if decay > 0.0 {
            sums[1] += weight * width * z * e * decay;
            sums[2] += weight * e * e * decay;
        }
    }
    sums.map(|sum| sum * step / (2.0 * PI).sqrt())
}

/// Total entropy in the frozen phase for N → ∞, ⟨S⟩ = ψ(1) − ψ(1 − T/T_c), nats: not extensive.
///
/// # Errors
///
/// [`Error::Config`] unless `beta` is finite and above β_c.
pub fn frozen_entropy(beta: f64) -> Result<f64, Error> {
    use statrs::function::gamma::digamma;
    Ok(digamma(1.0) - digamma(frozen_participation(beta)?))
}

/// Participation ratio in the frozen phase for N → ∞, ⟨Σ p²⟩ = 1 − T/T_c.
///
/// # Errors
///
/// [`Error::Config`] unless `beta` is finite and above β_c.
pub fn frozen_participation(beta: f64) -> Result<f64, Error> {
    check("beta", beta, beta > critical_beta(), "the frozen phase begins above β_c = 2√(ln 2) = 1.66511")?;
    Ok(1.0 - critical_beta() / beta)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_halved_step_changes_nothing() {
        for (n, beta) in [(1, 0.5), (12, 1.0), (16, 3.3)] {
            let (coarse, fine) = (quenched_with(n, beta, 0.25), quenched_with(n, beta, 0.125));
            assert!((coarse.log_z - fine.log_z).abs() < 1e-9 * fine.log_z, "{coarse:?} {fine:?}");
            assert!((coarse.entropy - fine.entropy).abs() < 1e-9, "{coarse:?} {fine:?}");
            assert!((coarse.participation - fine.participation).abs() < 1e-9, "{coarse:?} {fine:?}");
        }
    }
}
