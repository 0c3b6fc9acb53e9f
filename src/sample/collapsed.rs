//! Collapsed Gibbs sampling of an RBM: the smaller layer alone, the larger one summed out exactly.

use rand::RngExt;
use rand_xoshiro::Xoshiro256PlusPlus;

use super::bit_base::{BitBase, in_model_order};
use crate::{
    kernel::{
        flip::{FlipFactors, FlipProblem},
        layer::{UNITS, group_size},
        softplus::{conditional_energy, softplus_difference, softplus_sum},
    },
    model::{KeptLayer, Marginal, Rbm},
    sample::{Base, Chains, ConditionalEnergy, Rung, Sampler},
    stats::sigmoid,
    streams::stream,
};

/// Heat-bath flips of the kept units, one after the other, in their marginal distribution f(y; β).
///
/// Block Gibbs draws the large layer and then asks the small one to change against it, which a
/// large layer seldom allows; with the large layer summed out (Liu, J. Am. Stat. Assoc. 89, 958
/// (1994)) the small one crosses barriers that block Gibbs does not. A sweep costs n_kept ×
/// n_summed factors, so it pays for a small kept layer.
///
/// Each flip satisfies detailed balance, their sequence does not: its time reversal goes through
/// the units backwards.
///
/// Everything is f64.
pub struct CollapsedSampler {
    problem: FlipProblem,
    n_summed: usize,
    summed_bias: Vec<f64>,
    kept_bias: Vec<f64>,
    offset: f64,
    base: BitBase,
    kept_layer: KeptLayer,
}

/// The states of a block of chains.
pub struct CollapsedChains<'a> {
    sampler: &'a CollapsedSampler,
    chains: Vec<Chain>,
    rng: Xoshiro256PlusPlus,
    /// The factors of the rungs of the last sweep, for the next: a ladder of tempering stays where
    /// it is.
    factors: Vec<(Rung, Option<FlipFactors>)>,
}

/// The kept layer of a chain, and the fields a + Wy of its summed layer, padded.
pub(super) struct Chain {
    pub(super) kept: Vec<bool>,
    pub(super) fields: Vec<f64>,
}

impl CollapsedSampler {
    /// Prepares the kernel for a model and the paths from a base.
    #[must_use]
    pub fn new(rbm: &Rbm, base: &Base) -> Self {
        let marginal = Marginal::of(rbm);
        let base = BitBase::new(base, rbm, marginal.kept);
        Self::of_marginal(&marginal, base)
    }

    /// The kernel of a model alone.
    pub(super) fn without_base(marginal: &Marginal) -> Self {
        Self::of_marginal(marginal, BitBase::none(marginal.n_summed(), marginal.n_kept()))
    }

    fn of_marginal(marginal: &Marginal, base: BitBase) -> Self {
        Self {
            problem: FlipProblem::new(marginal.weights.as_slice(), marginal.summed_bias.as_slice(), &base.summed),
            n_summed: marginal.n_summed(),
            summed_bias: marginal.summed_bias.as_slice().to_vec(),
            kept_bias: marginal.kept_bias.as_slice().to_vec(),
            offset: marginal.offset,
            base,
            kept_layer: marginal.kept,
        }
    }

    fn chains_of(&self, kept: Vec<Vec<bool>>, rng: Xoshiro256PlusPlus) -> CollapsedChains<'_> {
        let chain = |kept: Vec<bool>| Chain { fields: self.fields_of(&kept), kept };
        CollapsedChains { sampler: self, chains: kept.into_iter().map(chain).collect(), rng, factors: Vec::new() }
    }

    /// a + Wy, padded with zeros.
    pub(super) fn fields_of(&self, kept: &[bool]) -> Vec<f64> {
        let mut fields = self.summed_bias.clone();
        fields.resize(self.problem.padded(), 0.0);
        for j in (0..kept.len()).filter(|j| kept[*j]) {
            add(&mut fields, self.problem.column(j), 1.0);
        }
        fields
    }

    /// The field of kept unit `j`, without what the summed layer adds to it.
    fn own_field(&self, rung: Rung, j: usize) -> f64 {
        rung.field(self.kept_bias[j], self.base.kept[j])
    }

    /// c + b·y, and the same of the base.
    fn kept_terms(&self, kept: &[bool]) -> (f64, f64) {
        let dot = |weights: &[f64]| weights.iter().zip(kept).filter(|(_, y)| **y).map(|(b, _)| b).sum::<f64>();
        (self.offset + dot(&self.kept_bias), self.base.offset + dot(&self.base.kept))
    }

    /// The factors of a rung; `None` if one could leave the range of f64.
    pub(super) fn factors(&self, rung: Rung) -> Option<FlipFactors> {
        self.problem.factors(rung)
    }

    /// Room for the fields of a chain.
    pub(super) fn room(&self) -> Vec<f64> {
        vec![0.0; self.problem.padded()]
    }

    /// Flips every kept unit of a chain once, in ascending order or, time reversed, in descending
    /// order.
    pub(super) fn flip_chain(
        &self,
        factors: Option<&FlipFactors>,
        rung: Rung,
        backwards: bool,
        chain: &mut Chain,
        room: &mut [f64],
        rng: &mut Xoshiro256PlusPlus,
    ) {
        let n = self.kept_bias.len();
        let order = (0..n).map(|k| if backwards { n - 1 - k } else { k });
        match factors {
            Some(factors) => self.flip_by_products(factors, rung, order, chain, room, rng),
            None => self.flip_in_logs(rung, order, chain, room, rng),
        }
    }

    /// Flips of one chain in the given order, by products of factors.
    fn flip_by_products(
        &self,
        factors: &FlipFactors,
        rung: Rung,
        order: impl Iterator<Item = usize>,
        Chain { kept, fields }: &mut Chain,
        field_factors: &mut [f64],
        rng: &mut Xoshiro256PlusPlus,
    ) {
        self.problem.field_factors(fields, rung, field_factors);
        let mut log_product = factors.log_product(field_factors, None);
        for j in order {
            let on = !kept[j];
            let sign = if on { 1.0 } else { -1.0 };
            let flip = factors.column(j, on);
            let flipped = factors.log_product(field_factors, Some(flip));
            if rng.random::<f64>() < sigmoid(flipped - log_product + sign * self.own_field(rung, j)) {
                kept[j] = on;
                log_product = flipped;
                field_factors.iter_mut().zip(flip).for_each(|(e, f)| *e *= f);
            }
        }
    }

    /// The same where factors could overflow: with a softplus for each unit. Slow.
    fn flip_in_logs(
        &self,
        rung: Rung,
        order: impl Iterator<Item = usize>,
        Chain { kept, fields }: &mut Chain,
        flipped: &mut [f64],
        rng: &mut Xoshiro256PlusPlus,
    ) {
        for j in order {
            let sign = if kept[j] { -1.0 } else { 1.0 };
            flipped.copy_from_slice(fields);
            add(flipped, self.problem.column(j), sign);
            let sum = |fields: &[f64]| softplus_sum(&fields[..self.n_summed], &self.base.summed, rung);
            if rng.random::<f64>() < sigmoid(sum(flipped) - sum(fields) + sign * self.own_field(rung, j)) {
                kept[j] = !kept[j];
                fields.copy_from_slice(flipped);
            }
        }
    }
}

impl Sampler for CollapsedSampler {
    fn chains_at_base(&self, count: usize, seed: u64, number: u64) -> Box<dyn Chains + '_> {
        let mut rng = stream(seed, number);
        let kept =
            (0..count).map(|_| self.base.kept.iter().map(|t| rng.random::<f64>() < sigmoid(*t)).collect()).collect();
        Box::new(self.chains_of(kept, rng))
    }

    fn chains_from(&self, kept: &[Vec<bool>], seed: u64, number: u64) -> Box<dyn Chains + '_> {
        for (chain, y) in kept.iter().enumerate() {
            let n = self.kept_bias.len();
            assert_eq!(y.len(), n, "the state of chain {chain} must have one value for each kept unit");
        }
        Box::new(self.chains_of(kept.to_vec(), stream(seed, number)))
    }

    fn log_z_base(&self) -> f64 {
        self.base.log_z()
    }
}

impl CollapsedChains<'_> {
    /// Flips every kept unit of every chain once.
    fn flip_all(&mut self, rungs: &[Rung], backwards: bool) {
        let sampler = self.sampler;
        if !self.factors.iter().map(|(rung, _)| rung).eq(rungs) {
            self.factors = rungs.iter().map(|rung| (*rung, sampler.factors(*rung))).collect();
        }
        let mut room = sampler.room();
        let group = group_size(self.chains.len(), rungs);
        for (chains, (rung, factors)) in self.chains.chunks_mut(group).zip(&self.factors) {
            for chain in chains {
                sampler.flip_chain(factors.as_ref(), *rung, backwards, chain, &mut room, &mut self.rng);
                // Anew from the weights, so that rounding does not pile up over many flips.
                chain.fields = sampler.fields_of(&chain.kept);
            }
        }
    }

    /// c + b·y, the same of the base, and the fields of the summed layer, chain by chain.
    fn terms(&self) -> impl Iterator<Item = ((f64, f64), &[f64])> {
        let (sampler, n) = (self.sampler, self.sampler.n_summed);
        self.chains.iter().map(move |chain| (sampler.kept_terms(&chain.kept), &chain.fields[..n]))
    }
}

impl Chains for CollapsedChains<'_> {
    fn sweep(&mut self, rungs: &[Rung]) {
        self.flip_all(rungs, false);
    }

    fn sweep_back(&mut self, rungs: &[Rung]) {
        self.flip_all(rungs, true);
    }

    fn add_log_ratio(&self, from: &[Rung], to: &[Rung], log_w: &mut [f64]) {
        let group = group_size(log_w.len(), to);
        for (chain, (log_w, ((energy, base), fields))) in log_w.iter_mut().zip(self.terms()).enumerate() {
            let (from, to) = (from[chain / group], to[chain / group]);
            *log_w += to.field(energy, base) - from.field(energy, base)
                + softplus_difference(fields.chunks(UNITS), &self.sampler.base.summed, from, to);
        }
    }

    fn conditional_energies(&self, rungs: &[Rung]) -> Vec<ConditionalEnergy> {
        let group = group_size(self.chains.len(), rungs);
        let of_chain = |(chain, ((kept_term, _), fields)): (usize, ((f64, f64), &[f64]))| {
            let theta = &self.sampler.base.summed;
            let (mean, variance) = conditional_energy(fields.chunks(UNITS), theta, rungs[chain / group]);
            ConditionalEnergy { energy: -(kept_term + mean), energy_variance: variance }
        };
        self.terms().enumerate().map(of_chain).collect()
    }

    fn swap(&mut self, a: usize, b: usize) {
        self.chains.swap(a, b);
    }

    fn kept(&self) -> Vec<Vec<bool>> {
        self.chains.iter().map(|chain| chain.kept.clone()).collect()
    }

    fn states(&mut self, rungs: &[Rung]) -> Vec<Vec<bool>> {
        let Self { sampler, chains, rng, .. } = self;
        let group = group_size(chains.len(), rungs);
        let state = |(k, chain): (usize, &Chain)| {
            let rung = rungs[k / group];
            let fields = chain.fields[..sampler.n_summed].iter().zip(&sampler.base.summed);
            let summed = fields.map(|(x, theta)| rng.random::<f64>() < sigmoid(rung.field(*x, *theta))).collect();
            in_model_order(sampler.kept_layer, chain.kept.clone(), summed)
        };
        chains.iter().enumerate().map(state).collect()
    }
}

/// to += sign × from.
fn add(to: &mut [f64], from: &[f64], sign: f64) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to += sign * from);
}
