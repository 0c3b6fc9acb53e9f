//! The random RBM as a bipartite Sherrington–Kirkpatrick model: iid weights of variance w², no
//! biases, replica-symmetric.
//!
//! The strength is g = βw(N_v N_h)^{1/4} and the shape al = N_h/N_v. With A = β²w²N_h = g²√al and B
//! = β²w²N_v = g²/√al,
//!
//! ln Z/N_v = ∫Dz ln 2cosh(√(A q_h) z) + al ∫Dz ln 2cosh(√(B q_v) z) + ½A(1 − q_v)(1 − q_h).
//!
//! Sources: Barra, Genovese & Guerra, J. Phys. A 44, 245002 (2011); Decelle, Fissore & Furtlehner,
//! J. Stat. Phys. 172, 1576 (2018). The model on bits is in [`bits`](super::bits).

use super::{
    check,
    quadrature::{gaussian_averages, ln_2cosh, sech2, spin_entropy},
};
use crate::{Error, stats::find_root};

/// Replica-symmetric saddle point of the random RBM on ±1 units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SaddlePoint {
    /// Overlap of the visible layer, q_v = ∫Dz tanh²(√(A q_h) z).
    pub q_visible: f64,
    /// Overlap of the hidden layer, q_h = ∫Dz tanh²(√(B q_v) z).
    pub q_hidden: f64,
    /// ln Z/N_v.
    pub log_z_per_visible: f64,
    /// Entropy for each of the N_v + N_h units, in nats.
    pub entropy_per_unit: f64,
    /// g⁴ ∫Dz sech⁴ (visible) ∫Dz sech⁴ (hidden): replica symmetry is broken where this exceeds 1,
    /// which on ±1 units without biases is everywhere beyond g = 1.
    pub at_product: f64,
}

/// The paramagnet becomes a spin glass at this g, for every shape.
pub const CRITICAL_G: f64 = 1.0;

/// The saddle point at strength `g` ≥ 0 and shape `al` = N_h/N_v.
///
/// # Errors
///
/// [`Error::Config`] if `g` is outside [0, 10⁶] or `al` outside [10⁻⁶, 10⁶].
pub fn saddle_point(g: f64, al: f64) -> Result<SaddlePoint, Error> {
    check("g", g, (0.0..=1e6).contains(&g), "take g from 0 to 1e6")?;
    check_shape(al)?;
    let (a, b) = (g * g * al.sqrt(), g * g / al.sqrt());
    let overlap = |variance: f64| over_field(variance, |x| [x.tanh().powi(2)])[0];
    // The ratio falls with q_v, from g⁴ at 0, which is a root of the equation itself.
    let q_visible = find_root(|q| overlap(a * overlap(b * q)) / q - 1.0, 1e-30, 1.0).unwrap_or(0.0);
    let q_hidden = overlap(b * q_visible);
    let averages = |x: f64| [sech2(x), sech2(x).powi(2), ln_2cosh(x), spin_entropy(x)];
    let (v, h) = (over_field(a * q_hidden, averages), over_field(b * q_visible, averages));
    let reaction = 0.5 * a * v[0] * h[0];
    Ok(SaddlePoint {
        q_visible,
        q_hidden,
        log_z_per_visible: v[2] + al * h[2] + reaction,
        entropy_per_unit: (v[3] + al * h[3] - reaction) / (1.0 + al),
        at_product: a * b * v[1] * h[1],
    })
}

/// Averages of functions of x = √variance z.
fn over_field<const K: usize>(variance: f64, f: impl Fn(f64) -> [f64; K]) -> [f64; K] {
    let width = variance.sqrt();
    gaussian_averages(0.0, width, |z| f(width * z))
}

/// The g where the replica-symmetric entropy is zero: 3.68186 at `al` = 1.
///
/// # Errors
///
/// [`Error::Config`] if `al` is outside [10⁻⁶, 10⁶].
pub fn entropy_zero(al: f64) -> Result<f64, Error> {
    check_shape(al)?;
    let entropy = |g: f64| saddle_point(g, al).map_or(f64::NAN, |s| s.entropy_per_unit);
    // It ends at −√al/(π(1 + al)) for g → ∞.
    let mut above = 2.0;
    while entropy(above) > 0.0 && above < 5e5 {
        above *= 2.0;
    }
    find_root(entropy, 1.0, above)
        .ok_or_else(|| Error::config("al", al, "the entropy has no zero below g = 1e6; take al nearer to 1"))
}

/// The g where naive mean field at m = 0 becomes unstable, β s_max(W) = 1 with s_max = w(√N_v +
/// √N_h): g = al^{1/4}/(1 + √al), at most ½. TAP becomes unstable at g = 1, where the transition
/// is.
///
/// # Errors
///
/// [`Error::Config`] if `al` is outside [10⁻⁶, 10⁶].
pub fn naive_mean_field_g(al: f64) -> Result<f64, Error> {
    check_shape(al)?;
    Ok(al.sqrt().sqrt() / (1.0 + al.sqrt()))
}

/// Mean of ln Z over the weights below g = 1, with its first correction:
/// (N_v + N_h) ln 2 + ½g²√(N_v N_h) + ¼ ln(1 − g⁴). It is total, in nats.
///
/// # Errors
///
/// [`Error::Config`] unless 0 ≤ `g` < 1.
pub fn log_z_high_temperature(n_visible: usize, n_hidden: usize, g: f64) -> Result<f64, Error> {
    check("g", g, (0.0..1.0).contains(&g), "the expansion holds for 0 ≤ g < 1")?;
    let (n_v, n_h) = (n_visible as f64, n_hidden as f64);
    Ok((n_v + n_h) * std::f64::consts::LN_2 + 0.5 * g * g * (n_v * n_h).sqrt() + (-g.powi(4)).ln_1p() / 4.0)
}

pub(super) fn check_shape(al: f64) -> Result<(), Error> {
    check("al", al, (1e-6..=1e6).contains(&al), "the shape N_h/N_v lies from 1e-6 to 1e6")
}
