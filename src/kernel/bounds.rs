//! How large the fields of a summed layer can become, whatever the kept layer does.

use crate::stats::softplus;

/// Largest |ln factor| of a product of factors e^{βa}, e^{βW}: e^700 and e^−700 are normal numbers.
const MAX_LOG_FACTOR: f64 = 700.0;
/// Binary orders by which a running product of 1 + e^{βx} may grow before its exponent must be
/// taken out. Far below 1023, so that derivatives of the product, larger by powers of the fields,
/// have room.
pub(super) const MAX_GROWTH: f64 = 900.0;

/// Bounds on the fields xᵢ = aᵢ + Wᵢ·y over all y.
pub(super) struct FieldBounds {
    /// The largest xᵢ.
    largest: Vec<f64>,
    /// The largest sum of |aᵢ| and |Wᵢⱼ|, which bounds every partial sum of a field.
    widest: f64,
}

impl FieldBounds {
    /// Of weights (n, m), column-major, and n biases.
    pub(super) fn new(weights: &[f64], bias: &[f64]) -> Self {
        let n = bias.len();
        let (mut largest, mut total) = (bias.to_vec(), bias.iter().map(|a| a.abs()).collect::<Vec<_>>());
        for column in weights.chunks_exact(n) {
            for (i, w) in column.iter().enumerate() {
                largest[i] += w.max(0.0);
                total[i] += w.abs();
            }
        }
        Self { largest, widest: total.into_iter().fold(0.0, f64::max) }
    }

    /// Whether every product of factors of one unit is a normal f64 at β, also if the fields βxᵢ
    /// are shifted by as much as `shift`.
    pub(super) fn fit(&self, beta: f64, shift: f64) -> bool {
        beta * self.widest + shift <= MAX_LOG_FACTOR
    }

    /// Binary orders by which the factor 1 + e^{βxᵢ + shift} can multiply a product.
    pub(super) fn growth(&self, i: usize, beta: f64, shift: f64) -> f64 {
        softplus(beta * self.largest[i] + shift) / std::f64::consts::LN_2
    }
}
