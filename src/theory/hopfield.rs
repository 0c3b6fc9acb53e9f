//! The Hopfield model with αN patterns, replica-symmetric: E = −(1/2N) Σ_μ Σ_{i≠j} ξ_i^μ ξ_j^μ s_i
//! s_j on ±1 spins.
//!
//! Source: Amit, Gutfreund & Sompolinsky, Phys. Rev. Lett. 55, 1530 (1985) and Ann. Phys. 173, 30
//! (1987). With x = β(m + σz):
//!
//! m = ∫Dz tanh x, q = ∫Dz tanh² x, C = β(1 − q), r = q/(1 − C)², σ² = αr.
//!
//! # Method
//!
//! Iterating the equations at fixed α is critically slow near the end of the retrieval phase, where
//! two solutions meet. At fixed σ, however, the equation for m has one positive root, because its
//! right-hand side is odd and concave for m > 0; then √α = σ(1 − C)/√q is known. The retrieval
//! phase ends at the maximum of α over σ, α_M, and a state at given α is a root on the side of
//! small σ. The same works at T = 0, where m = erf(m/(√2 σ)).

use super::{
    check,
    quadrature::{gaussian_averages, ln_2cosh, sech2, spin_entropy},
};
use crate::{
    Error,
    stats::{find_maximum, find_root},
};

/// Order parameters and free energy of a state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct State {
    /// Overlap with the retrieved pattern; 0 in the spin glass.
    pub m: f64,
    /// Overlap q of two replicas.
    pub q: f64,
    /// Noise r of the other patterns.
    pub r: f64,
    /// C = β(1 − q), finite at T = 0.
    pub susceptibility: f64,
    /// f = m²/2 + (α/2)[1 + T ln(1 − C) − q/(1 − C) + rC] − T∫Dz ln 2cosh x, per spin.
    pub free_energy: f64,
    /// s = −∂f/∂T, per spin, nats.
    pub entropy: f64,
}

/// Where the retrieval phase ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Capacity {
    /// Largest α with a retrieval state, α_M(T); 0.137906 at T = 0.
    pub alpha: f64,
    /// Overlap of that state, to about 10⁻⁸.
    pub m: f64,
    sigma: f64,
}

/// Temperature below which there is a spin glass, T_g = 1 + √α.
///
/// # Errors
///
/// [`Error::Config`] if `alpha` is negative or not finite.
pub fn glass_temperature(alpha: f64) -> Result<f64, Error> {
    check_alpha(alpha)?;
    Ok(1.0 + alpha.sqrt())
}

/// The retrieval state at temperature `t` and load `alpha`; `None` beyond α_M(T). At `alpha` = 0 it
/// is that of Curie and Weiss.
///
/// # Errors
///
/// [`Error::Config`] if `t` or `alpha` is negative or not finite.
pub fn retrieval(t: f64, alpha: f64) -> Result<Option<State>, Error> {
    check_temperature(t)?;
    check_alpha(alpha)?;
    if t >= 1.0 {
        return Ok(None);
    }
    let capacity = capacity(t)?;
    let sigma = if alpha == 0.0 {
        Some(0.0)
    } else if alpha > capacity.alpha {
        None
    } else {
        find_root(|sigma| root_alpha(t, sigma, overlap(t, sigma)) - alpha.sqrt(), 0.0, capacity.sigma)
            .or(Some(capacity.sigma))
    };
    Ok(sigma.map(|sigma| state(t, alpha, sigma, overlap(t, sigma))))
}

/// The spin-glass state (m = 0) at temperature `t` and load `alpha`; paramagnetic, q = 0, at T ≥
/// 1 + √α.
///
/// # Errors
///
/// [`Error::Config`] if `t` or `alpha` is negative or not finite, or if `alpha` = 0 and `t` < 1,
/// where there is none.
pub fn spin_glass(t: f64, alpha: f64) -> Result<State, Error> {
    check_temperature(t)?;
    check(
        "alpha",
        alpha,
        alpha > 0.0 || (alpha == 0.0 && t > 1.0),
        "a load is a finite number > 0 (0 only above T = 1)",
    )?;
    let sigma = find_root(|sigma| root_alpha(t, sigma, 0.0) - alpha.sqrt(), 1e-14, alpha.sqrt() + 1.0).unwrap_or(0.0);
    Ok(state(t, alpha, sigma, 0.0))
}

/// The end of the retrieval phase at temperature `t`.
///
/// # Errors
///
/// [`Error::Config`] unless 0 ≤ `t` < 1.
pub fn capacity(t: f64) -> Result<Capacity, Error> {
    check("t", t, (0.0..1.0).contains(&t), "there is retrieval for 0 ≤ T < 1 only")?;
    // An overlap exists while C > 1 at m = 0, which is up to σ = √(2/π) at T = 0 and less above.
    // Beyond, σ belongs to spin glasses, whose α grows without bound.
    let sigma = find_root(|sigma| averages(t, sigma, 0.0).c - 1.0, 1e-12, 0.8)
        .and_then(|last| find_maximum(|sigma| root_alpha(t, sigma, overlap(t, sigma)), 0.0, last))
        .ok_or_else(|| Error::config("t", t, "no maximum was found; take T away from 1"))?;
    let m = overlap(t, sigma);
    Ok(Capacity { alpha: root_alpha(t, sigma, m).powi(2), m, sigma })
}

/// The load α_c1(T) up to which retrieval has the lowest free energy; 0.051854 at T = 0.
///
/// # Errors
///
/// [`Error::Config`] unless 0 ≤ `t` < 1.
pub fn global_minimum_alpha(t: f64) -> Result<f64, Error> {
    let top = capacity(t)?.alpha;
    let excess = |alpha: f64| match (retrieval(t, alpha), spin_glass(t, alpha)) {
        (Ok(Some(retrieval)), Ok(glass)) => retrieval.free_energy - glass.free_energy,
        _ => f64::NAN,
    };
    find_root(excess, 1e-3 * top, top * (1.0 - 1e-12))
        .ok_or_else(|| Error::config("t", t, "the two free energies do not cross within rounding; take T away from 1"))
}

/// √α = σ(1 − C)/√q of the state with these σ and m. It is 0 where the equation for m has lost its
/// root, and negative where C > 1, which no state has.
fn root_alpha(t: f64, sigma: f64, m: f64) -> f64 {
    let Averages { q, c, .. } = averages(t, sigma, m);
    if sigma == 0.0 || q == 0.0 { 0.0 } else { sigma * (1.0 - c) / q.sqrt() }
}

/// The positive root of m = ∫Dz tanh β(m + σz), or 0.
fn overlap(t: f64, sigma: f64) -> f64 {
    find_root(|m| averages(t, sigma, m).tanh / m - 1.0, 1e-12, 1.0).unwrap_or(0.0)
}

struct Averages {
    tanh: f64,
    q: f64,
    c: f64,
    /// T∫Dz ln 2cosh x.
    t_log: f64,
    entropy: f64,
}

fn averages(t: f64, sigma: f64, m: f64) -> Averages {
    if t < COLD {
        // Zero temperature: tanh is a sign, and all has a closed form.
        if sigma == 0.0 {
            return Averages { tanh: if m > 0.0 { 1.0 } else { 0.0 }, q: 1.0, c: 0.0, t_log: m, entropy: 0.0 };
        }
        let y = m / sigma;
        let peak = (2.0 / std::f64::consts::PI).sqrt() * (-0.5 * y * y).exp();
        let tanh = statrs::function::erf::erf(y / std::f64::consts::SQRT_2);
        return Averages { tanh, q: 1.0, c: peak / sigma, t_log: m * tanh + sigma * peak, entropy: 0.0 };
    }
    let centre = if m == 0.0 { 0.0 } else { -m / sigma.max(1e-300) };
    let [tanh, q, one_minus_q, log, entropy] = gaussian_averages(centre, sigma / t, |z| {
        let x = (m + sigma * z) / t;
        [x.tanh(), x.tanh().powi(2), sech2(x), ln_2cosh(x), spin_entropy(x)]
    });
    Averages { tanh, q, c: one_minus_q / t, t_log: t * log, entropy }
}

/// Below this the difference from T = 0 is of order T² and less than rounding.
const COLD: f64 = 1e-9;

fn state(t: f64, alpha: f64, sigma: f64, m: f64) -> State {
    let Averages { q, c, t_log, entropy, .. } = averages(t, sigma, m);
    let r = q / (1.0 - c).powi(2);
    let noise = 1.0 + t * (-c).ln_1p() - q / (1.0 - c) + r * c;
    let loss = (-c).ln_1p() + c / (1.0 - c);
    State {
        m,
        q,
        r,
        susceptibility: c,
        free_energy: 0.5 * m * m + 0.5 * alpha * noise - t_log,
        entropy: entropy - 0.5 * alpha * loss,
    }
}

fn check_temperature(t: f64) -> Result<(), Error> {
    check("t", t, t >= 0.0, "a temperature is a finite number ≥ 0")
}

fn check_alpha(alpha: f64) -> Result<(), Error> {
    check("alpha", alpha, alpha >= 0.0, "a load is a finite number ≥ 0")
}
