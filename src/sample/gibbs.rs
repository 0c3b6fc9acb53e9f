//! Block Gibbs sampling of an RBM, many chains at a time.

use super::bit_base::{BitBase, in_model_order};
use crate::{
    kernel::{
        bernoulli::sample_units,
        bit_product::{BitDot, BitProduct},
        lanes::Lanes,
        layer::{Block, Fields, States, group_size},
        softplus::{conditional_energy, softplus_difference},
    },
    model::{KeptLayer, Marginal, Rbm},
    sample::{Base, Chains, ConditionalEnergy, Rung, Sampler},
    streams::stream,
};

/// Block Gibbs on bits: the summed layer given the kept one, then the kept layer given the summed
/// one.
///
/// Fields are f32; log-weights and energies are accumulated in f64. A sweep leaves the fields of
/// the summed layer behind, which serve the weights, the energies and the next sweep.
///
/// On the kept layer a sweep is T(y → y′) = Σₓ p(x | y) p(y′ | x), which satisfies detailed
/// balance: it is its own time reversal.
pub struct GibbsSampler {
    /// y ↦ a + Wy.
    to_summed: BitProduct,
    /// x ↦ b + Wᵀx.
    to_kept: BitProduct,
    /// y ↦ b·y, and the same of the base.
    kept_bias: BitDot,
    kept_theta: BitDot,
    offset: f64,
    base: BitBase,
    /// θ of the base as the draws want it.
    summed_theta: Vec<Block>,
    kept_theta_blocks: Vec<Block>,
    kept_layer: KeptLayer,
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
    /// Prepares the kernel for a model and the paths from a base.
    #[must_use]
    pub fn new(rbm: &Rbm, base: &Base) -> Self {
        let Marginal { weights, summed_bias, kept_bias, offset, kept } = Marginal::of(rbm);
        let base = BitBase::new(base, rbm, kept);
        Self {
            to_summed: BitProduct::new(&weights, summed_bias.as_slice()),
            to_kept: BitProduct::transposed(&weights, kept_bias.as_slice()),
            kept_bias: BitDot::new(kept_bias.as_slice()),
            kept_theta: BitDot::new(&base.kept),
            offset,
            summed_theta: Block::fill(&base.summed),
            kept_theta_blocks: Block::fill(&base.kept),
            base,
            kept_layer: kept,
            n_summed: summed_bias.len(),
            n_kept: kept_bias.len(),
        }
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
    fn chains_at_base(&self, count: usize, seed: u64, number: u64) -> Box<dyn Chains + '_> {
        let mut chains = self.blank(count, seed, number);
        // On the base the units are independent: whatever the fields are, a sweep draws all of them
        // anew.
        chains.sweep(&[Rung::BASE]);
        Box::new(chains)
    }

    fn chains_from(&self, kept: &[Vec<bool>], seed: u64, number: u64) -> Box<dyn Chains + '_> {
        let mut chains = self.blank(kept.len(), seed, number);
        chains.kept = States::of_units(kept, self.n_kept);
        self.to_summed.apply(&chains.kept, &mut chains.summed_fields);
        Box::new(chains)
    }

    fn log_z_base(&self) -> f64 {
        self.base.log_z()
    }
}

impl GibbsChains<'_> {
    /// c + b·y and the same of the base, of each chain.
    fn kept_terms(&self) -> impl Iterator<Item = (f64, f64)> {
        let Self { sampler, kept, .. } = self;
        let (bias, theta) = (sampler.kept_bias.apply(kept), sampler.kept_theta.apply(kept));
        let terms = move |(bias, theta)| (sampler.offset + bias, sampler.base.offset + theta);
        bias.into_iter().zip(theta).map(terms)
    }
}

impl Chains for GibbsChains<'_> {
    fn sweep(&mut self, rungs: &[Rung]) {
        let Self { sampler, kept, summed_fields, summed, kept_fields, rng } = self;
        sample_units(summed_fields, &sampler.summed_theta, rungs, rng, summed);
        sampler.to_kept.apply(summed, kept_fields);
        sample_units(kept_fields, &sampler.kept_theta_blocks, rungs, rng, kept);
        sampler.to_summed.apply(kept, summed_fields);
    }

    fn sweep_back(&mut self, rungs: &[Rung]) {
        self.sweep(rungs);
    }

    fn add_log_ratio(&self, from: &[Rung], to: &[Rung], log_w: &mut [f64]) {
        let group = group_size(log_w.len(), to);
        for (chain, (log_w, (energy, base))) in log_w.iter_mut().zip(self.kept_terms()).enumerate() {
            let (from, to) = (from[chain / group], to[chain / group]);
            let fields = self.summed_fields.of_chain(chain);
            *log_w += to.field(energy, base) - from.field(energy, base)
                + softplus_difference(fields, &self.sampler.base.summed, from, to);
        }
    }

    fn conditional_energies(&self, rungs: &[Rung]) -> Vec<ConditionalEnergy> {
        let group = group_size(self.kept.chains(), rungs);
        let of_chain = |(chain, (kept_term, _)): (usize, (f64, f64))| {
            let fields = self.summed_fields.of_chain(chain);
            let (mean, variance) = conditional_energy(fields, &self.sampler.base.summed, rungs[chain / group]);
            ConditionalEnergy { energy: -(kept_term + mean), energy_variance: variance }
        };
        self.kept_terms().enumerate().map(of_chain).collect()
    }

    fn swap(&mut self, a: usize, b: usize) {
        self.kept.swap(a, b);
        self.summed_fields.swap(a, b);
    }

    fn kept(&self) -> Vec<Vec<bool>> {
        (0..self.kept.chains()).map(|chain| self.kept.of_chain(chain, self.sampler.n_kept)).collect()
    }

    fn states(&mut self, rungs: &[Rung]) -> Vec<Vec<bool>> {
        let Self { sampler, kept, summed_fields, summed, rng, .. } = self;
        sample_units(summed_fields, &sampler.summed_theta, rungs, rng, summed);
        let state = |chain| {
            let kept = kept.of_chain(chain, sampler.n_kept);
            in_model_order(sampler.kept_layer, kept, summed.of_chain(chain, sampler.n_summed))
        };
        (0..kept.chains()).map(state).collect()
    }
}
