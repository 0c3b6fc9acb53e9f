//! The RBM with independent Gaussian weights: the bipartite Sherrington–Kirkpatrick model.

use nalgebra::{DMatrix, DVector};
use rand::RngExt;
use rand_distr::StandardNormal;

use super::{check_size, disorder};
use crate::{Error, Rbm, Units};

/// An RBM on spins with independent weights Wᵢⱼ ~ N(0, w²), w = g/(N_v N_h)^{1/4}, and no biases.
///
/// # Formula
/// E = −vᵀWh. The control parameter is βg = βw(N_v N_h)^{1/4}; for large layers the paramagnet
/// becomes a spin glass at βg = 1, whatever the ratio of the layers (Korenblit & Shender, Sov.
/// Phys. JETP 62, 1030 (1985)).
///
/// # Errors
/// [`Error::Model`] if a layer is empty, W would have more than 10⁸ entries, or g is negative or
/// not finite.
///
/// # Examples
/// ```
/// let rbm = plefka::model::random::bipartite_sk(8, 4, 0.7, 1)?;
/// assert_eq!((rbm.n_visible(), rbm.n_hidden()), (8, 4));
/// # Ok::<(), plefka::Error>(())
/// ```
pub fn bipartite_sk(n_visible: usize, n_hidden: usize, g: f64, seed: u64) -> Result<Rbm, Error> {
    let weights = weights(n_visible, n_hidden, g, seed)?;
    let rbm = Rbm::new(weights, DVector::zeros(n_visible), DVector::zeros(n_hidden))?;
    Ok(rbm.with_units(Units::Spin, Units::Spin))
}

/// The same weights on bits, with the biases aᵢ = −½ ΣⱼWᵢⱼ, bⱼ = −½ ΣᵢWᵢⱼ that make up for the mean
/// of a bit.
///
/// It is [`bipartite_sk`] with a quarter of g, up to the constant energy ¼ ΣW, so the spin glass
/// begins at βg = 4. Without these biases, weights on bits act as random fields, and there is no
/// such line.
///
/// # Errors
/// As [`bipartite_sk`].
pub fn bipartite_sk_on_bits(n_visible: usize, n_hidden: usize, g: f64, seed: u64) -> Result<Rbm, Error> {
    let weights = weights(n_visible, n_hidden, g, seed)?;
    let (a, b) = (weights.column_sum() * -0.5, weights.row_sum_tr() * -0.5);
    Rbm::new(weights, a, b)
}

fn weights(n_visible: usize, n_hidden: usize, g: f64, seed: u64) -> Result<DMatrix<f64>, Error> {
    check_size(["visible units", "hidden units"], n_visible, n_hidden)?;
    if !(g.is_finite() && g >= 0.0) {
        return Err(Error::model(format!("g = {g} is no strength of weights"), "give a finite g, at least 0"));
    }
    let width = g / (n_visible as f64 * n_hidden as f64).powf(0.25);
    let mut rng = disorder(seed);
    Ok(DMatrix::from_fn(n_visible, n_hidden, |_, _| width * rng.sample::<f64, _>(StandardNormal)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_spins_with_a_quarter_of_the_weights() {
        let bits = bipartite_sk_on_bits(3, 2, 2.0, 5).unwrap();
        let spins = bipartite_sk(3, 2, 0.5, 5).unwrap();
        let constant = bits.weights().sum() / 4.0;
        for state in 0..32u32 {
            let x: Vec<f64> = (0..5).map(|k| f64::from(state >> k & 1)).collect();
            let s: Vec<f64> = x.iter().map(|x| 2.0 * x - 1.0).collect();
            let (on_bits, on_spins) = (bits.energy(&x[..3], &x[3..]), spins.energy(&s[..3], &s[3..]));
            assert!((on_bits - on_spins - constant).abs() < 1e-14, "{on_bits} against {on_spins} + {constant}");
        }
    }
}
