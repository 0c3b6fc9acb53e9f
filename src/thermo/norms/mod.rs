//! The size and the shape of a weight matrix.
//!
//! A norm of W is not a temperature: it becomes one only beside another model, and only if the
//! biases are scaled with the weights (see [`temperature`](crate::temperature)). The stable rank
//! and the exponent of the tail are shapes.

mod power_law;
mod spectral;
mod spectrum;

pub use power_law::{MIN_TAIL, PowerLaw, power_law};
pub(crate) use spectral::spectral;
pub use spectrum::{MarchenkoPastur, singular_values};

use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};

/// Norms and spectrum of W, of shape (n_visible, n_hidden).
///
/// # Formula
/// ‖W‖_F = √Σ Wᵢⱼ², ‖W‖₂ = σ₁ the largest singular value, ‖W‖_L1 = Σ |Wᵢⱼ| over all entries, stable
/// rank ‖W‖_F²/‖W‖₂², g = ‖W‖_F/(N_v N_h)^¼ at β = 1.
///
/// # Examples
/// ```
/// use plefka::thermo::norms::Norms;
/// let norms = Norms::of(&nalgebra::DMatrix::from_row_slice(2, 2, &[3.0, 0.0, 0.0, -4.0]));
/// assert_eq!((norms.frobenius, norms.l1), (5.0, 7.0));
/// assert!((norms.spectral - 4.0).abs() < 1e-14 && (norms.stable_rank - 25.0 / 16.0).abs() < 1e-14);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Norms {
    /// ‖W‖_F.
    pub frobenius: f64,
    /// σ₁(W).
    pub spectral: f64,
    /// Σ |Wᵢⱼ|, the entrywise norm (not the largest column sum).
    pub l1: f64,
    /// ‖W‖_F²/σ₁²: between 1 and the rank; 0 for W = 0.
    pub stable_rank: f64,
    /// ‖W‖_F/(N_v N_h)^¼: β times it is the control parameter of the bipartite
    /// Sherrington–Kirkpatrick model, whose paramagnet ends at βg = 1 for iid weights on ±1 units
    /// without biases. (On bits, with the biases that map them to such spins, at βg = 4; with other
    /// biases there is no such line.)
    pub g: f64,
    /// All singular values, the largest first.
    pub singular_values: Vec<f64>,
    /// Where the spectrum would end if the weights were independent with the variance they have.
    pub marchenko_pastur: MarchenkoPastur,
    /// How many singular values lie above that.
    pub above_edge: usize,
    /// A power law in the tail of the eigenvalues σ² of WᵀW, if there are enough of them.
    pub power_law: Option<PowerLaw>,
}

impl Norms {
    /// Measures W.
    ///
    /// Everything is computed on the scale of the largest entry, so that no square overflows or
    /// vanishes.
    #[must_use]
    pub fn of(weights: &DMatrix<f64>) -> Self {
        let singular_values = singular_values(weights);
        let frobenius = frobenius(weights);
        let spectral = singular_values.first().copied().unwrap_or(0.0);
        let marchenko_pastur = MarchenkoPastur::of(weights);
        let scale = if spectral > 0.0 { spectral } else { 1.0 };
        let eigenvalues: Vec<f64> = singular_values.iter().map(|s| (s / scale).powi(2)).collect();
        let mut power_law = power_law(&eigenvalues);
        if let Some(law) = &mut power_law {
            law.x_min *= scale * scale;
        }
        Self {
            frobenius,
            spectral,
            l1: weights.iter().map(|w| w.abs()).sum(),
            stable_rank: (frobenius / scale).powi(2),
            g: frobenius / (weights.len() as f64).powf(0.25),
            above_edge: singular_values.iter().filter(|s| **s > marchenko_pastur.upper).count(),
            power_law: power_law.filter(|law| law.x_min.is_finite()),
            singular_values,
            marchenko_pastur,
        }
    }
}

/// √Σ Wᵢⱼ² on the scale of the largest entry.
pub(crate) fn frobenius(weights: &DMatrix<f64>) -> f64 {
    match weights.amax() {
        0.0 => 0.0,
        scale => scale * (weights / scale).norm(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixture_r() -> DMatrix<f64> {
        DMatrix::from_fn(6, 4, |i, j| (1.0 + 2.0 * i as f64 + 3.0 * j as f64 + 0.5 * (i * j) as f64).cos())
    }

    /// The values of fixture R are NumPy's.
    #[test]
    fn the_norms_of_a_fixture_do_not_depend_on_the_side_and_scale_with_it() {
        for factor in [1.0, 1e-200, 1e150] {
            for weights in [fixture_r() * factor, fixture_r().transpose() * factor] {
                let norms = Norms::of(&weights);
                assert!((norms.frobenius / factor - 3.539_667_207_254).abs() < 1e-11);
                let expected = [2.587_554_274, 2.127_431_537, 1.070_063_369, 0.403_492_577];
                for (sigma, expected) in norms.singular_values.iter().zip(expected) {
                    assert!((sigma / factor - expected).abs() < 1e-9, "{sigma}");
                }
                assert!((norms.stable_rank - (3.539_667_207_254f64 / 2.587_554_274).powi(2)).abs() < 1e-8);
                assert!((norms.g / factor - 3.539_667_207_254 / 24f64.powf(0.25)).abs() < 1e-11);
                assert_eq!((norms.singular_values.len(), norms.power_law), (4, None));
            }
        }
    }

    /// W = u vᵀ has one singular value |u||v|, stable rank 1 and ‖W‖_L1 = ‖u‖₁‖v‖₁; a multiple of
    /// the identity has stable rank n.
    #[test]
    fn closed_forms() {
        let (u, v) = ([1.0, -2.0, 2.0], [3.0, 4.0]);
        let norms = Norms::of(&DMatrix::from_fn(3, 2, |i, j| u[i] * v[j]));
        assert!((norms.spectral - 15.0).abs() < 1e-13 && (norms.stable_rank - 1.0).abs() < 1e-13);
        assert!(norms.singular_values[1] < 1e-6, "a zero singular value, as far as squares can resolve it");
        assert!((norms.l1 - 35.0).abs() < 1e-13);
        let identity = Norms::of(&(DMatrix::identity(5, 5) * -0.3));
        assert!((identity.stable_rank - 5.0).abs() < 1e-13 && (identity.g - 0.3).abs() < 1e-14);
    }

    #[test]
    fn a_model_without_couplings_has_no_size_and_no_nan() {
        let norms = Norms::of(&DMatrix::zeros(30, 20));
        assert_eq!((norms.frobenius, norms.spectral, norms.l1, norms.stable_rank, norms.g), (0.0, 0.0, 0.0, 0.0, 0.0));
        assert_eq!((norms.above_edge, norms.power_law), (0, None));
    }
}
