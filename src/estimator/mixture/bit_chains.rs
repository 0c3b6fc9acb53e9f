//! Gibbs chains of an RBM that move as bits.

use std::ops::Range;

use nalgebra::DMatrix;
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::{
    Run,
    kernel::{
        bernoulli::sample_units,
        bit_product::BitProduct,
        lanes::Lanes,
        layer::{Block, Fields, States},
        rung::Rung,
    },
    model::Units,
};

/// The products that take the bits of either layer to the fields of the other.
pub(in crate::estimator) struct BitChains {
    layers: [(Range<usize>, Units); 2],
    /// To the first layer, and to the second.
    products: [BitProduct; 2],
}

impl BitChains {
    /// A unit of layer l is at its upper value with probability σ(z), z = `biases[l]` + Σ w s over
    /// the bits s of the other layer. `weights` has the shape (first layer, second layer).
    pub(super) fn new(layers: [(Range<usize>, Units); 2], weights: &DMatrix<f64>, biases: &[Vec<f64>; 2]) -> Self {
        let products = [BitProduct::new(weights, &biases[0]), BitProduct::transposed(weights, &biases[1])];
        Self { layers, products }
    }

    /// Moves states, one in each row, by sweeps of block Gibbs sampling, beginning with the layer
    /// `first`. `None` if the run was cancelled.
    pub(in crate::estimator) fn walk(
        &self,
        points: &mut DMatrix<f64>,
        sweeps: usize,
        first: usize,
        rng: Xoshiro256PlusPlus,
        run: &Run<'_>,
    ) -> Option<()> {
        let chains = points.nrows();
        if chains == 0 {
            return Some(());
        }
        let mut rng = Lanes::new(rng);
        let sizes = self.layers.each_ref().map(|(range, _)| range.len());
        let mut states = sizes.map(|n| States::zeros(n, chains));
        let mut fields = sizes.map(|n| Fields::zeros(n, chains));
        let no_base = vec![Block::ZERO; Block::count(sizes[0].max(sizes[1]))];
        for ((range, units), states) in self.layers.iter().zip(&mut states) {
            let [low, high] = units.values();
            for (k, i) in (0..chains).flat_map(|k| range.clone().map(move |i| (k, i))) {
                if points[(k, i)] > 0.5 * (low + high) {
                    states.set(k, i - range.start);
                }
            }
        }
        for _ in 0..sweeps {
            if run.cancelled() {
                return None;
            }
            for layer in [first, 1 - first] {
                self.products[layer].apply(&states[1 - layer], &mut fields[layer]);
                sample_units(&fields[layer], &no_base, &[Rung::at(1.0)], &mut rng, &mut states[layer]);
            }
        }
        for ((range, units), states) in self.layers.iter().zip(&states) {
            for (k, i) in (0..chains).flat_map(|k| range.clone().map(move |i| (k, i))) {
                points[(k, i)] = units.values()[usize::from(states.get(k, i - range.start))];
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Rbm,
        estimator::mixture::layered::tests::{layered, models, points},
        model::{Enumerate, Sums},
        streams::stream,
    };

    /// 20,000 chains after 30 sweeps have the means of the model, from either layer: of 12 means on
    /// each of six runs one lies beyond 4.5 standard errors with probability 5·10⁻⁴. Planted bugs
    /// that fail: W without its transpose, a spin taken for a bit, the bias of spins without Σ W.
    #[test]
    fn chains_have_the_means_of_the_model() {
        let (chains, beta) = (20_000, 0.7);
        for rbm in models() {
            let h = 1e-4;
            for first in [0, 1] {
                let mut states = points(&rbm, chains);
                layered(&rbm, beta)
                    .chains
                    .walk(&mut states, 30, first, stream(7, first as u64), &Run::quiet(0))
                    .unwrap();
                for i in 0..12 {
                    // ⟨x⟩ = ∂ln Z/∂(βb).
                    let log_z = |shift: f64| {
                        let (mut a, mut b) = (rbm.visible_bias().clone(), rbm.hidden_bias().clone());
                        if i < 7 {
                            a[i] += shift
                        } else {
                            b[i - 7] += shift
                        }
                        let shifted = Rbm::new(rbm.weights().clone(), a, b).unwrap();
                        let shifted = shifted.with_units(rbm.visible_units(), rbm.hidden_units());
                        shifted.enumerate(beta, Sums::LogZ, &Run::quiet(0)).unwrap().log_z
                    };
                    let expected = (log_z(h) - log_z(-h)) / (2.0 * h * beta);
                    let column = states.column(i);
                    let z = (column.mean() - expected) / (column.variance() / chains as f64).sqrt();
                    assert!(z.abs() < 4.5, "unit {i}, from layer {first}: z = {z}");
                }
            }
        }
    }
}
