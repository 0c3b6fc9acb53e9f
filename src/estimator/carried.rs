//! Chains that are annealed from model to model of a training run, without beginning anew.

use std::{sync::Arc, time::Instant};

use rayon::prelude::*;

use super::{
    BaseChoice,
    annealing::{WeightedSamples, block_sizes},
};
use crate::{
    Error, Rbm,
    curve::{Betas, Claim, Curve, Diagnostics, Method, Reliability, Series, Status},
    data::Data,
    run::Run,
    sample::{Base, Chains, ConditionalEnergy, Kernel, Rung, Sample, trajectory_sampler},
    stats::{LogWeights, resample_counts},
    streams::{Annealing, Purpose, annealing_base_part},
};

/// β beside 1 at which U is known from the same chains, by their weights there.
const BESIDE: [f64; 5] = [0.95, 0.975, 1.0, 1.025, 1.05];

/// Bootstrap replicates.
const REPLICATES: usize = 200;

/// What a step of a chain costs by collapsed Gibbs, in steps by block Gibbs.
const COLLAPSED: usize = 10;

/// Chains with annealed weights at one model of a training run.
///
/// They begin at independent units with the means of the data and are annealed to a model; from
/// there they go on to the next in a straight line of the parameters, θ(t) = (1 − t)θ_k + tθ_{k+1},
/// with their weights. So ⟨w⟩ = Z/Z₀ at every model, as of any annealing, and while a run is trained
/// near equilibrium a short way does at each of them (Béreux, Decelle, Furtlehner, Rosset & Seoane,
/// arXiv:2405.15376). Where it is not, the effective number of chains falls, and new ones must begin
/// at the data.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Carried {
    /// ln Z of the independent units.
    pub(crate) log_z_base: f64,
    /// ln w of each chain.
    pub(crate) log_w: Vec<f64>,
    /// The units that each chain keeps, `true` for the upper value.
    pub(crate) kept: Vec<Vec<bool>>,
}

impl Carried {
    /// Anneals chains from the means of data to a model in so many steps. `None` if the run was
    /// cancelled.
    pub(crate) fn from_data(
        rbm: &Rbm,
        data: &Arc<Data>,
        (chains, steps): (usize, usize),
        run: &Run<'_>,
    ) -> Result<Option<(Self, Curve)>, Error> {
        let path = BaseChoice::Data.path(rbm, Some(data), kernel(&[rbm]), 1.0, annealing_base_part(0), run)?;
        let rungs: Vec<Rung> = (0..=steps).map(|k| path.rung(k as f64 / steps as f64)).collect();
        let begin = |range: std::ops::Range<usize>, stream: u64| {
            (path.sampler.chains_at_base(range.len(), run.seed, stream), vec![0.0; range.len()])
        };
        let way = Way { number: 0, rungs, log_z_base: path.log_z_base };
        way.walk(chains, begin, run)
    }

    /// Anneals the chains on from the model at which they are to another one. `None` if the run was
    /// cancelled.
    pub(crate) fn advance(
        &self,
        from: &Rbm,
        to: &Rbm,
        steps: usize,
        run: &Run<'_>,
    ) -> Result<Option<(Self, Curve)>, Error> {
        // The path begins at the first model: the segment from a base to it is not walked.
        let unused = Base::uniform(from.n_visible() + from.n_hidden());
        let sampler = trajectory_sampler(&[from, to], kernel(&[from, to]), &unused);
        let rung = |k: usize| {
            let t = k as f64 / steps as f64;
            Rung { beta: t, base: 1.0 - t, segment: 1 }
        };
        let begin = |range: std::ops::Range<usize>, stream: u64| {
            (sampler.chains_from(&self.kept[range.clone()], run.seed, stream), self.log_w[range].to_vec())
        };
        let rungs = (0..=steps).map(rung).collect();
        let way = Way { number: 1, rungs, log_z_base: self.log_z_base };
        way.walk(self.log_w.len(), begin, run)
    }

    /// The products of a state with W that a step of one chain takes, from data and on a segment
    /// between two models: two and four, and more where W is too large for block Gibbs.
    pub(crate) fn products(rbm: &Rbm) -> [usize; 2] {
        let dearer = if kernel(&[rbm]) == Kernel::Block { 1 } else { COLLAPSED };
        [2 * dearer, 4 * dearer]
    }
}

/// Block Gibbs, the cheapest, where single precision is enough.
fn kernel(models: &[&Rbm]) -> Kernel {
    let fits = models.iter().all(|rbm| rbm.check_kernel(Kernel::Block).is_ok());
    if fits { Kernel::Block } else { Kernel::Collapsed }
}

/// A ladder to a model.
struct Way {
    /// Which annealing run it is, for its random streams.
    number: usize,
    rungs: Vec<Rung>,
    log_z_base: f64,
}

/// What a block of chains has at the end: kept units, and at each β the log-weights and energies.
type Block = (Vec<Vec<bool>>, Vec<(Vec<f64>, Vec<ConditionalEnergy>)>);

impl Way {
    fn walk<'s>(
        &self,
        chains: usize,
        begin: impl Fn(std::ops::Range<usize>, u64) -> (Box<dyn Chains + 's>, Vec<f64>) + Sync,
        run: &Run<'_>,
    ) -> Result<Option<(Carried, Curve)>, Error> {
        let clock = Instant::now();
        let sizes = block_sizes(chains);
        let firsts: Vec<usize> =
            sizes.iter().scan(0, |next, size| Some(std::mem::replace(next, *next + size))).collect();
        let end = self.rungs[self.rungs.len() - 1];
        let beside = BESIDE.map(|beta| Rung { beta, ..end });
        let block = |(block, first): (usize, &usize)| -> Option<Block> {
            let stream = Purpose::Annealing { run: self.number, stage: Annealing::Forward, block };
            let (mut chains, mut log_w) = begin(*first..first + sizes[block], stream.number());
            for step in self.rungs.windows(2) {
                if !run.advance_or_stop(log_w.len() as u64) {
                    return None;
                }
                // The weight belongs to the state in equilibrium before the move.
                chains.add_log_ratio(&step[..1], &step[1..], &mut log_w);
                chains.sweep(&step[1..]);
            }
            let at = |rung: &Rung| {
                let mut log_w = log_w.clone();
                chains.add_log_ratio(&[end], &[*rung], &mut log_w);
                (log_w, chains.conditional_energies(&[*rung]))
            };
            Some((chains.kept(), beside.iter().map(at).collect()))
        };
        let blocks: Option<Vec<Block>> = firsts.par_iter().enumerate().map(block).collect();
        let Some(blocks) = blocks else { return Ok(None) };
        let kept: Vec<Vec<bool>> = blocks.iter().flat_map(|(kept, _)| kept.iter().cloned()).collect();
        let at_beta = |k: usize| WeightedSamples {
            log_z_base: self.log_z_base,
            log_w: blocks.iter().flat_map(|(_, at)| at[k].0.iter().copied()).collect(),
            energies: blocks.iter().flat_map(|(_, at)| at[k].1.iter().copied()).collect(),
            kept: Vec::new(),
        };
        let samples: Vec<WeightedSamples> = (0..BESIDE.len()).map(at_beta).collect();
        let one = BESIDE.len() / 2;
        let carried = Carried { log_z_base: self.log_z_base, log_w: samples[one].log_w.clone(), kept };
        let curve = curve(samples, self.rungs.len() - 1, clock.elapsed().as_secs_f64(), run)?;
        Ok(Some((carried, curve)))
    }
}

/// The curve at β = 1, and beside it as far as the same weights reach in one piece.
fn curve(mut samples: Vec<WeightedSamples>, steps: usize, seconds: f64, run: &Run<'_>) -> Result<Curve, Error> {
    let evidence = |samples: &WeightedSamples| {
        let weights = LogWeights::new(&samples.log_w);
        (weights.effective_size(), weights.largest_share())
    };
    let sound = |samples: &WeightedSamples| {
        let (ess, share) = evidence(samples);
        let reliability = Reliability { ess: Some(ess), largest_share: Some(share), ..Reliability::default() };
        reliability.objection().is_none()
    };
    let one = BESIDE.len() / 2;
    let first = (0..one).rev().take_while(|k| sound(&samples[*k])).last().unwrap_or(one);
    let last = (one + 1..BESIDE.len()).take_while(|k| sound(&samples[*k])).last().unwrap_or(one);
    samples = samples.drain(first..=last).collect();
    let chains = samples[0].log_w.len();
    let point = |counts: &[u32]| {
        let mut series = Series::default();
        samples.iter().for_each(|samples| samples.push_forward(counts, &mut series));
        series
    };
    let mut rng = Purpose::Bootstrap.generator(run.seed);
    let resamples: Vec<Vec<u32>> = (0..REPLICATES).map(|_| resample_counts(chains, &mut rng)).collect();
    let (ess, share) = samples.iter().map(evidence).unzip();
    Curve {
        method: Method::Ais,
        betas: Betas::new(BESIDE[first..=last].to_vec())?,
        reached: vec![Status::Converged; samples.len()],
        values: point(&vec![1; chains]),
        replicates: resamples.par_iter().map(|counts| point(counts)).collect(),
        log_z_claim: Claim::Approximation, // never used: the replicates make it an estimate
        warnings: Vec::new(),
        visited: Vec::new(),
        diagnostics: Diagnostics::default()
            .evidence(ess, share)
            .number("chains", chains as f64)
            .number("rungs", steps as f64),
        seconds,
    }
    .checked()
}

#[cfg(test)]
mod tests {
    use nalgebra::{DMatrix, DVector};

    use super::*;
    use crate::{Estimator, Exact, Units};

    /// Models of 12 × 5 units on the way to strong couplings.
    fn model(k: usize, units: Units) -> Rbm {
        let strength = 0.35 * k as f64;
        let w = |i: usize, j: usize| strength * (1.0 + 2.0 * i as f64 + 3.0 * j as f64 + 0.5 * (i * j) as f64).cos();
        let a = DVector::from_fn(12, |i, _| 0.3 * (i as f64 + k as f64).sin());
        let b = DVector::from_fn(5, |j, _| -0.2 * (j as f64 + 1.0).cos());
        Rbm::new(DMatrix::from_fn(12, 5, w), a, b).unwrap().with_units(units, units)
    }

    /// ln Z, U and ln Z beside β = 1 at every model that chains are carried to, against
    /// enumeration: 60 numbers within 4.5 standard errors, by chance exceeded in one of 2,500 runs;
    /// the seed is fixed.
    ///
    /// Planted bugs that fail: weights that begin anew at each model; a rung of the segment from
    /// the base; the weight of a step after its move.
    #[test]
    fn chains_carried_from_model_to_model_keep_their_weights() {
        for units in [Units::Bit, Units::Spin] {
            let data = Data::new(12, (0..240).map(|k| u8::from(k % 3 == 0)).collect(), None).unwrap();
            let data = Arc::new(data);
            let quiet = Run::quiet(5);
            let (mut carried, first) = Carried::from_data(&model(0, units), &data, (2000, 5), &quiet).unwrap().unwrap();
            let mut curves = vec![(0, first)];
            for k in 1..4 {
                let (next, curve) = carried
                    .advance(&model(k - 1, units), &model(k, units), 20, &Run::quiet(50 + k as u64))
                    .unwrap()
                    .unwrap();
                carried = next;
                curves.push((k, curve));
            }
            for (k, curve) in curves {
                let exact = Exact::default().curve(&model(k, units), &curve.betas, &quiet).unwrap();
                assert_eq!(curve.betas.to_vec(), BESIDE, "{units}, model {k}");
                let sampled = curve.log_z().into_iter().chain(crate::thermo::energy(&curve));
                let truth = exact.log_z().into_iter().chain(crate::thermo::energy(&exact));
                for (sampled, truth) in sampled.zip(truth) {
                    let (sampled, truth) = (sampled.unwrap(), truth.unwrap().value);
                    let error = sampled.claim.std_error().unwrap();
                    assert!(
                        (sampled.value - truth).abs() < 4.5 * error && error < 0.1,
                        "{units}, {k}: {sampled:?}, {truth}"
                    );
                }
            }
        }
    }
}
