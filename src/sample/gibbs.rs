//! Block Gibbs sampling of an RBM, many chains at a time.

use super::stream;
use crate::{
    kernel::{
        bernoulli::sample_units,
        bit_product::{BitDot, BitProduct},
        lanes::Lanes,
        layer::{Fields, States},
        softplus::{conditional_energy, softplus_difference},
    },
    model::{Chains, ConditionalEnergy, Marginal, Rbm, Sampler},
};

/// Block Gibbs on bits: the summed layer given the kept one, then the kept layer given the summed one.
///
/// Fields are f32; log-weights and energies are accumulated in f64. A sweep leaves the fields of the summed layer
/// behind, which serve the weights, the energies and the next sweep.
pub struct GibbsSampler {
    /// y ↦ a + Wy.
    to_summed: BitProduct,
    /// x ↦ b + Wᵀx.
    to_kept: BitProduct,
    /// y ↦ b·y.
    kept_bias: BitDot,
    offset: f64,
    n_summed: usize,
    n_kept: usize,
}

/// The states of a block of chains.
pub struct GibbsChains<'a> {
    sampler: &'a GibbsSampler,
    kept: States,
    /// a + Wy, the fields of the summed layer.
    summed_fields: Fields,
    /// Room for the summed layer, and for the fields of the kept one.
    summed: States,
    kept_fields: Fields,
    rng: Lanes,
}

impl GibbsSampler {
    /// Prepares the kernel for a model.
    #[must_use]
    pub fn new(rbm: &Rbm) -> Self {
        let Marginal { weights, summed_bias, kept_bias, offset, .. } = Marginal::of(rbm);
        Self {
            to_summed: BitProduct::new(&weights, summed_bias.as_slice()),
            to_kept: BitProduct::new(&weights.transpose(), kept_bias.as_slice()),
            kept_bias: BitDot::new(kept_bias.as_slice()),
            offset,
            n_summed: summed_bias.len(),
            n_kept: kept_bias.len(),
        }
    }

    /// Chains with the given kept layers (the smaller layer, as 0/1), on random stream number `number` of `seed`.
    ///
    /// # Panics
    /// If a state does not have one value for each kept unit.
    #[must_use]
    pub fn chains_from(&self, kept: &[Vec<f64>], seed: u64, number: u64) -> GibbsChains<'_> {
        let mut chains = self.blank(kept.len(), seed, number);
        for (chain, y) in kept.iter().enumerate() {
            assert_eq!(y.len(), self.n_kept, "the state of chain {chain} must have one value for each kept unit");
            (0..self.n_kept).filter(|j| y[*j] != 0.0).for_each(|j| chains.kept.set(chain, j));
        }
        self.to_summed.apply(&chains.kept, &mut chains.summed_fields);
        chains
    }

    /// Room for `count` chains.
    fn blank(&self, count: usize, seed: u64, number: u64) -> GibbsChains<'_> {
        GibbsChains {
            sampler: self,
            kept: States::zeros(self.n_kept, count),
            summed_fields: Fields::zeros(self.n_summed, count),
            summed: States::zeros(self.n_summed, count),
            kept_fields: Fields::zeros(self.n_kept, count),
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
    /// c + b·y of each chain.
    fn kept_terms(&self) -> impl Iterator<Item = f64> {
        self.sampler.kept_bias.apply(&self.kept).into_iter().map(|sum| self.sampler.offset + sum)
    }
}

impl Chains for GibbsChains<'_> {
    fn sweep(&mut self, beta: f64) {
        let Self { sampler, kept, summed_fields, summed, kept_fields, rng } = self;
        sample_units(summed_fields, beta as f32, rng, summed);
        sampler.to_kept.apply(summed, kept_fields);
        sample_units(kept_fields, beta as f32, rng, kept);
        sampler.to_summed.apply(kept, summed_fields);
    }

    fn add_log_ratio(&self, from: f64, to: f64, log_w: &mut [f64]) {
        for (chain, (log_w, kept_term)) in log_w.iter_mut().zip(self.kept_terms()).enumerate() {
            *log_w += (to - from) * kept_term + softplus_difference(self.summed_fields.of_chain(chain), from, to);
        }
    }

    fn conditional_energies(&self, beta: f64) -> Vec<ConditionalEnergy> {
        let of_chain = |(chain, kept_term): (usize, f64)| {
            let (mean, variance) = conditional_energy(self.summed_fields.of_chain(chain), beta);
            ConditionalEnergy { energy: -(kept_term + mean), energy_variance: variance }
        };
        self.kept_terms().enumerate().map(of_chain).collect()
    }

    fn kept(&self) -> Vec<Vec<f64>> {
        let state = |chain| (0..self.sampler.n_kept).map(|j| f64::from(u8::from(self.kept.get(chain, j)))).collect();
        (0..self.kept.chains()).map(state).collect()
    }
}
