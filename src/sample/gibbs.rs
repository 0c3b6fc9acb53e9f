//! Block Gibbs sampling of an RBM, many chains at a time.

use super::stream;
use crate::{
    kernel::{
        bernoulli::sample_units,
        bit_product::{BitDot, BitProduct},
        lanes::Lanes,
        layer::{Fields, States},
        softplus::{add_softplus_differences, conditional_energies},
    },
    model::{ConditionalEnergy, Marginal, Rbm, Sample, Sampler},
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
pub struct GibbsChains {
    kept: States,
    /// a + Wy, the fields of the summed layer.
    summed_fields: Fields,
    /// Room for the summed layer, and for the fields of the kept one.
    summed: States,
    kept_fields: Fields,
    rng: Lanes,
}

impl Sample for Rbm {
    type Sampler = GibbsSampler;

    fn sampler(&self) -> GibbsSampler {
        let Marginal { weights, summed_bias, kept_bias, offset, .. } = Marginal::of(self);
        GibbsSampler {
            to_summed: BitProduct::new(&weights, summed_bias.as_slice()),
            to_kept: BitProduct::new(&weights.transpose(), kept_bias.as_slice()),
            kept_bias: BitDot::new(kept_bias.as_slice()),
            offset,
            n_summed: summed_bias.len(),
            n_kept: kept_bias.len(),
        }
    }
}

impl GibbsSampler {
    /// Chains with the given kept layers (the smaller layer, as 0/1), on random stream number `number` of `seed`.
    ///
    /// # Panics
    /// If a state does not have one value for each kept unit.
    #[must_use]
    pub fn chains_from(&self, kept: &[Vec<f64>], seed: u64, number: u64) -> GibbsChains {
        let mut chains = self.blank(kept.len(), seed, number);
        for (chain, y) in kept.iter().enumerate() {
            assert_eq!(y.len(), self.n_kept, "the state of chain {chain} must have one value for each kept unit");
            (0..self.n_kept).filter(|j| y[*j] != 0.0).for_each(|j| chains.kept.set(chain, j));
        }
        self.to_summed.apply(&chains.kept, &mut chains.summed_fields);
        chains
    }

    /// The kept layer of each chain, as 0/1.
    #[must_use]
    pub fn kept(&self, chains: &GibbsChains) -> Vec<Vec<f64>> {
        let state = |chain| (0..self.n_kept).map(|j| f64::from(u8::from(chains.kept.get(chain, j)))).collect();
        (0..chains.kept.chains()).map(state).collect()
    }

    /// Room for `count` chains.
    fn blank(&self, count: usize, seed: u64, number: u64) -> GibbsChains {
        GibbsChains {
            kept: States::zeros(self.n_kept, count),
            summed_fields: Fields::zeros(self.n_summed, count),
            summed: States::zeros(self.n_summed, count),
            kept_fields: Fields::zeros(self.n_kept, count),
            rng: Lanes::new(stream(seed, number)),
        }
    }

    /// c + b·y of each chain.
    fn kept_terms(&self, chains: &GibbsChains) -> impl Iterator<Item = f64> {
        self.kept_bias.apply(&chains.kept).into_iter().map(|sum| self.offset + sum)
    }
}

impl Sampler for GibbsSampler {
    type Chains = GibbsChains;

    fn chains_at_zero(&self, count: usize, seed: u64, number: u64) -> GibbsChains {
        let mut chains = self.blank(count, seed, number);
        // At β = 0 a sweep draws every unit uniformly, whatever the fields are.
        self.sweep(&mut chains, 0.0);
        chains
    }

    fn sweep(&self, chains: &mut GibbsChains, beta: f64) {
        let GibbsChains { kept, summed_fields, summed, kept_fields, rng } = chains;
        sample_units(summed_fields, beta as f32, rng, summed);
        self.to_kept.apply(summed, kept_fields);
        sample_units(kept_fields, beta as f32, rng, kept);
        self.to_summed.apply(kept, summed_fields);
    }

    fn add_log_ratio(&self, chains: &GibbsChains, from: f64, to: f64, log_w: &mut [f64]) {
        for (log_w, kept_term) in log_w.iter_mut().zip(self.kept_terms(chains)) {
            *log_w += (to - from) * kept_term;
        }
        add_softplus_differences(&chains.summed_fields, from, to, log_w);
    }

    fn conditional_energies(&self, chains: &GibbsChains, beta: f64) -> Vec<ConditionalEnergy> {
        let of_summed = conditional_energies(&chains.summed_fields, beta);
        let of_chain = |(kept_term, (mean, variance)): (f64, (f64, f64))| ConditionalEnergy {
            energy: -(kept_term + mean),
            energy_variance: variance,
        };
        self.kept_terms(chains).zip(of_summed).map(of_chain).collect()
    }
}
