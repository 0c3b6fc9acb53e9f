//! Block Gibbs sampling of an RBM, many chains at a time.

use nalgebra::DMatrix;

use super::stream;
use crate::{
    kernel::{
        bernoulli::sample_units,
        lanes::Lanes,
        softplus::{conditional_energy, softplus_sum},
    },
    model::{Chains, ConditionalEnergy, Marginal, Rbm, Sampler},
};

/// Block Gibbs on bits: the summed layer given the kept one, then the kept layer given the summed one.
///
/// States and fields are f32; log-weights and energies are accumulated in f64. A sweep leaves the fields of the summed
/// layer behind, which serve the weights, the energies and the next sweep.
pub struct GibbsSampler {
    weights: DMatrix<f32>,
    weights_transposed: DMatrix<f32>,
    summed_bias: Vec<f32>,
    kept_bias: Vec<f32>,
    offset: f64,
}

/// The states of a block of chains.
pub struct GibbsChains<'a> {
    sampler: &'a GibbsSampler,
    /// The kept layer, 0 or 1, of shape (n_kept, chains).
    kept: DMatrix<f32>,
    /// The fields a + Wy of the summed layer, of shape (n_summed, chains).
    summed_fields: DMatrix<f32>,
    /// Room for the summed layer, of shape (n_summed, chains), and for the fields of the kept one.
    summed: DMatrix<f32>,
    kept_fields: DMatrix<f32>,
    rng: Lanes,
}

impl GibbsSampler {
    /// Prepares the kernel for a model.
    #[must_use]
    pub fn new(rbm: &Rbm) -> Self {
        let marginal = Marginal::of(rbm);
        let narrow = |values: &[f64]| values.iter().map(|x| *x as f32).collect();
        let weights = marginal.weights.map(|w| w as f32);
        Self {
            weights_transposed: weights.transpose(),
            weights,
            summed_bias: narrow(marginal.summed_bias.as_slice()),
            kept_bias: narrow(marginal.kept_bias.as_slice()),
            offset: marginal.offset,
        }
    }

    /// Chains with the given kept layers (the smaller layer, as 0/1), on random stream number `number` of `seed`.
    ///
    /// # Panics
    /// If a state does not have one value for each kept unit.
    #[must_use]
    pub fn chains_from(&self, kept: &[Vec<f64>], seed: u64, number: u64) -> GibbsChains<'_> {
        let mut chains = self.blank(kept.len(), seed, number);
        for (mut to, from) in chains.kept.column_iter_mut().zip(kept) {
            to.copy_from_slice(&from.iter().map(|y| *y as f32).collect::<Vec<_>>());
        }
        fields(&self.weights, &chains.kept, &self.summed_bias, &mut chains.summed_fields);
        chains
    }

    /// Room for `count` chains.
    fn blank(&self, count: usize, seed: u64, number: u64) -> GibbsChains<'_> {
        let (n_summed, n_kept) = self.weights.shape();
        GibbsChains {
            sampler: self,
            kept: DMatrix::zeros(n_kept, count),
            summed_fields: DMatrix::zeros(n_summed, count),
            summed: DMatrix::zeros(n_summed, count),
            kept_fields: DMatrix::zeros(n_kept, count),
            rng: Lanes::new(stream(seed, number)),
        }
    }
}

impl Sampler for GibbsSampler {
    fn chains_at_zero(&self, count: usize, seed: u64, number: u64) -> Box<dyn Chains + '_> {
        let mut chains = self.blank(count, seed, number);
        // At β = 0 a sweep draws every unit uniformly, whatever the fields are.
        chains.sweep(0.0);
        Box::new(chains)
    }
}

impl GibbsChains<'_> {
    /// c + b·y and the fields of the summed layer, chain by chain.
    fn terms(&self) -> impl Iterator<Item = (f64, &[f32])> {
        let sampler = self.sampler;
        let bias = |y: &[f32]| y.iter().zip(&sampler.kept_bias).map(|(y, b)| f64::from(y * b)).sum::<f64>();
        let kept_terms =
            self.kept.as_slice().chunks_exact(sampler.kept_bias.len()).map(move |y| sampler.offset + bias(y));
        kept_terms.zip(self.summed_fields.as_slice().chunks_exact(sampler.summed_bias.len()))
    }
}

impl Chains for GibbsChains<'_> {
    fn sweep(&mut self, beta: f64) {
        let Self { sampler, kept, summed_fields, summed, kept_fields, rng } = self;
        sample_units(summed_fields.as_slice(), beta as f32, rng, summed.as_mut_slice());
        fields(&sampler.weights_transposed, summed, &sampler.kept_bias, kept_fields);
        sample_units(kept_fields.as_slice(), beta as f32, rng, kept.as_mut_slice());
        fields(&sampler.weights, kept, &sampler.summed_bias, summed_fields);
    }

    fn add_log_ratio(&self, from: f64, to: f64, log_w: &mut [f64]) {
        for (log_w, (kept_term, x)) in log_w.iter_mut().zip(self.terms()) {
            *log_w += (to - from) * kept_term + softplus_sum(x, to) - softplus_sum(x, from);
        }
    }

    fn conditional_energies(&self, beta: f64) -> Vec<ConditionalEnergy> {
        let of_chain = |(kept_term, x): (f64, &[f32])| {
            let (mean, variance) = conditional_energy(x, beta);
            ConditionalEnergy { energy: -(kept_term + mean), energy_variance: variance }
        };
        self.terms().map(of_chain).collect()
    }

    fn kept(&self) -> Vec<Vec<f64>> {
        self.kept.column_iter().map(|y| y.iter().map(|y| f64::from(*y)).collect()).collect()
    }
}

/// out = bias + weights × units, chain by chain.
fn fields(weights: &DMatrix<f32>, units: &DMatrix<f32>, bias: &[f32], out: &mut DMatrix<f32>) {
    for mut chain in out.column_iter_mut() {
        chain.copy_from_slice(bias);
    }
    out.gemm(1.0, weights, units, 1.0);
}
