//! The random RBM on 0/1 units without biases, replica-symmetric.
//!
//! On bits a missing bias is a random field on the spins, so there is no transition at g = 4 (where
//! biases that cancel the fields put it), only a line where replica symmetry breaks. With A =
//! g²√al, B = g²/√al, the means Q and overlaps q obey
//!
//! Q_v = ∫Dz σ(H_v), q_v = ∫Dz σ(H_v)², H_v = √(A q_h) z + ½A(Q_h − q_h), and the mirror with B for
//! h;
//!
//! the drift ½A(Q − q) is there because v² = v.

use super::{bipartite::check_shape, check, quadrature::gaussian_averages};
use crate::{
    Error,
    stats::{find_root, sigmoid},
};

/// Saddle point of the random RBM on bits without biases.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SaddlePoint {
    /// Means (Q_v, Q_h).
    pub means: [f64; 2],
    /// Overlaps (q_v, q_h).
    pub overlaps: [f64; 2],
    /// AB ∫Dz c² (visible) ∫Dz c² (hidden), c = σ(1 − σ): replica symmetry is broken where this
    /// exceeds 1.
    pub at_product: f64,
}

/// The saddle point at strength `g` = βw(N_v N_h)^{1/4} and shape `al` = N_h/N_v.
///
/// # Errors
///
/// [`Error::Config`] if `g` is outside [0, 100], `al` outside [10⁻⁶, 10⁶], or the iteration does
/// not settle.
pub fn saddle_point(g: f64, al: f64) -> Result<SaddlePoint, Error> {
    check("g", g, (0.0..=100.0).contains(&g), "take g from 0 to 100")?;
    check_shape(al)?;
    let (a, b) = (g * g * al.sqrt(), g * g / al.sqrt());
    let mut hidden = [0.5, 0.25, 0.0625];
    // Fields at work everywhere: the map contracts, and no damping is needed.
    for _ in 0..100_000 {
        let visible = layer(a, hidden);
        let next = layer(b, visible);
        let change = next.iter().zip(hidden).map(|(x, y)| (x - y).abs()).fold(0.0, f64::max);
        hidden = next;
        if change < 1e-14 {
            return Ok(SaddlePoint {
                means: [visible[0], hidden[0]],
                overlaps: [visible[1], hidden[1]],
                at_product: a * b * visible[2] * hidden[2],
            });
        }
    }
    Err(Error::config("g", g, "the saddle-point equations do not settle here; take a smaller g"))
}

/// (Q, q, mean of c²) of a layer whose neighbour has these.
fn layer(variance: f64, [mean, overlap, _]: [f64; 3]) -> [f64; 3] {
    let (width, drift) = ((variance * overlap).sqrt(), 0.5 * variance * (mean - overlap));
    // σ(x) = ½ + ½ tanh(x/2), hence the half.
    gaussian_averages(-drift / width.max(1e-300), 0.5 * width, |z| {
        let s = sigmoid(width * z + drift);
        [s, s * s, (s * sigmoid(-width * z - drift)).powi(2)]
    })
}

/// The g beyond which replica symmetry is broken: 12.1668 for `al` = 1.
///
/// # Errors
///
/// [`Error::Config`] if `al` is outside [10⁻⁶, 10⁶] or the line lies beyond g = 100.
pub fn at_g(al: f64) -> Result<f64, Error> {
    check_shape(al)?;
    find_root(|g| saddle_point(g, al).map_or(f64::NAN, |s| s.at_product - 1.0), 1.0, 100.0)
        .ok_or_else(|| Error::config("al", al, "the line lies beyond g = 100; take al nearer to 1"))
}
