//! Collapsed Gibbs sampling through several models.

use rand::RngExt;
use rand_xoshiro::Xoshiro256PlusPlus;

use super::weights::{self, Seen};
use crate::{
    Rbm,
    kernel::{flip::FlipFactors, layer::group_size},
    model::Marginal,
    sample::{
        Chains, ConditionalEnergy, Rung, Sampler,
        bit_base::{BitBase, in_model_order},
        collapsed::{Chain, CollapsedSampler},
    },
    stats::sigmoid,
    streams::stream,
};

/// [`CollapsedSampler`] on the mixed model of each rung, made when chains come to it: it takes an
/// exponential of every weight there in any case.
pub(super) struct CollapsedTrajectory {
    /// The base, and the models after it.
    ends: Vec<Marginal>,
    log_z_base: f64,
}

impl CollapsedTrajectory {
    pub(super) fn new(models: &[&Rbm], base: BitBase) -> Self {
        let log_z_base = base.log_z();
        let mut ends: Vec<Marginal> = models.iter().map(|rbm| Marginal::of(rbm)).collect();
        let first = &ends[0];
        let base = Marginal {
            weights: &first.weights * 0.0,
            summed_bias: base.summed.into(),
            kept_bias: base.kept.into(),
            offset: base.offset,
            kept: first.kept,
        };
        ends.insert(0, base);
        Self { ends, log_z_base }
    }

    /// The model at a rung, with all its parameters at β = 1.
    fn mixed(&self, rung: Rung) -> Marginal {
        let (lower, upper) = (&self.ends[rung.segment], &self.ends[rung.segment + 1]);
        let (base, beta) = (rung.base, rung.beta);
        Marginal {
            weights: &lower.weights * base + &upper.weights * beta,
            summed_bias: &lower.summed_bias * base + &upper.summed_bias * beta,
            kept_bias: &lower.kept_bias * base + &upper.kept_bias * beta,
            offset: rung.field(upper.offset, lower.offset),
            kept: upper.kept,
        }
    }

    fn chains(&self, kept: Vec<Vec<bool>>, rng: Xoshiro256PlusPlus) -> Box<dyn Chains + '_> {
        Box::new(CollapsedTrajectoryChains { path: self, kept, rng, here: Vec::new() })
    }
}

impl Sampler for CollapsedTrajectory {
    fn chains_at_base(&self, count: usize, seed: u64, number: u64) -> Box<dyn Chains + '_> {
        let mut rng = stream(seed, number);
        let theta = &self.ends[0].kept_bias;
        let kept = (0..count).map(|_| theta.iter().map(|t| rng.random::<f64>() < sigmoid(*t)).collect()).collect();
        self.chains(kept, rng)
    }

    fn chains_from(&self, kept: &[Vec<bool>], seed: u64, number: u64) -> Box<dyn Chains + '_> {
        let n = self.ends[0].n_kept();
        assert!(kept.iter().all(|y| y.len() == n), "a state has one value for each of {n} kept units");
        self.chains(kept.to_vec(), stream(seed, number))
    }

    fn log_z_base(&self) -> f64 {
        self.log_z_base
    }
}

struct CollapsedTrajectoryChains<'a> {
    path: &'a CollapsedTrajectory,
    kept: Vec<Vec<bool>>,
    rng: Xoshiro256PlusPlus,
    /// The kernels of the rungs of the last sweep, for the next.
    here: Vec<(Rung, CollapsedSampler, Option<FlipFactors>)>,
}

impl CollapsedTrajectoryChains<'_> {
    fn flip_all(&mut self, rungs: &[Rung], backwards: bool) {
        let Self { path, kept, rng, here } = self;
        if !here.iter().map(|(rung, ..)| rung).eq(rungs) {
            let kernel = |rung: &Rung| {
                let sampler = CollapsedSampler::without_base(&path.mixed(*rung));
                let factors = sampler.factors(Rung::at(1.0));
                (*rung, sampler, factors)
            };
            *here = rungs.iter().map(kernel).collect();
        }
        let group = group_size(kept.len(), rungs);
        for (states, (_, sampler, factors)) in kept.chunks_mut(group).zip(here.iter()) {
            let mut room = sampler.room();
            for state in states {
                let mut chain = Chain { fields: sampler.fields_of(state), kept: std::mem::take(state) };
                sampler.flip_chain(factors.as_ref(), Rung::at(1.0), backwards, &mut chain, &mut room, rng);
                *state = chain.kept;
            }
        }
    }
}

impl Seen for CollapsedTrajectoryChains<'_> {
    fn chains(&self) -> usize {
        self.kept.len()
    }

    fn fields(&self, end: usize, chain: usize) -> Vec<f64> {
        let Marginal { weights, summed_bias, .. } = &self.path.ends[end];
        let mut fields = summed_bias.as_slice().to_vec();
        if end > 0 {
            for (column, _) in weights.column_iter().zip(&self.kept[chain]).filter(|(_, y)| **y) {
                fields.iter_mut().zip(column.iter()).for_each(|(x, w)| *x += w);
            }
        }
        fields
    }

    fn kept_term(&self, end: usize, chain: usize) -> f64 {
        let Marginal { kept_bias, offset, .. } = &self.path.ends[end];
        let on = kept_bias.iter().zip(&self.kept[chain]).filter(|(_, y)| **y);
        offset + on.map(|(b, _)| b).sum::<f64>()
    }
}

impl Chains for CollapsedTrajectoryChains<'_> {
    fn sweep(&mut self, rungs: &[Rung]) {
        self.flip_all(rungs, false);
    }

    fn sweep_back(&mut self, rungs: &[Rung]) {
        self.flip_all(rungs, true);
    }

    fn add_log_ratio(&self, from: &[Rung], to: &[Rung], log_w: &mut [f64]) {
        weights::add_log_ratio(self, from, to, log_w);
    }

    fn log_ratios(&self, from: Rung, to: &[Rung], _: usize) -> Vec<Vec<f64>> {
        weights::log_ratios(self, from, to)
    }

    fn conditional_energies(&self, rungs: &[Rung]) -> Vec<ConditionalEnergy> {
        weights::conditional_energies(self, rungs)
    }

    fn swap(&mut self, a: usize, b: usize) {
        self.kept.swap(a, b);
    }

    fn kept(&self) -> Vec<Vec<bool>> {
        self.kept.clone()
    }

    fn states(&mut self, rungs: &[Rung]) -> Vec<Vec<bool>> {
        let group = group_size(self.kept.len(), rungs);
        let layer = self.path.ends[0].kept;
        (0..self.kept.len())
            .map(|chain| {
                let rung = rungs[chain / group];
                let [lower, upper] = [rung.segment, rung.segment + 1].map(|end| self.fields(end, chain));
                let fields = upper.iter().zip(&lower).map(|(x, theta)| rung.field(*x, *theta));
                let summed = fields.map(|z| self.rng.random::<f64>() < sigmoid(z)).collect();
                in_model_order(layer, self.kept[chain].clone(), summed)
            })
            .collect()
    }
}
