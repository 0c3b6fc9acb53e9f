//! From the states of all rungs to the curve.

use nalgebra::DMatrix;
use rand_xoshiro::Xoshiro256PlusPlus;
use rayon::prelude::*;

use super::{Tempering, ladders::Tempered, pt_diagnostics::PtDiagnostics, samples::TemperedSamples};
use crate::{
    Error,
    curve::{Betas, Claim, Curve, Diagnostics, Method, Series, Status, Visited},
    estimator::batches,
    sample::ConditionalEnergy,
    stats::{
        free_energy::{Mbar, MultistateSamples, Resampler},
        std_dev,
    },
};

/// The curve and its evidence, as far as they have come.
#[derive(Default)]
pub(super) struct Joined {
    pub(super) values: Series,
    pub(super) replicates: Vec<Series>,
    ess: Vec<f64>,
    share: Vec<f64>,
    trust: PtDiagnostics,
    visited: Vec<Visited>,
    connected: bool,
    /// By how much ladders differ more than their samples say, where there are enough of them.
    inflations: Vec<f64>,
}

/// Samples of all rungs of a run, as the multistate acceptance ratio takes them.
///
/// States are the rungs, and after them the β asked for, of which there are no samples. ln Z(β) =
/// `log_z_base` − f of its state, with f = 0 at the base.
#[derive(Debug, Clone, PartialEq)]
pub struct Multistate {
    /// uₖₙ = −ln f of sample n in state k, less that at the base: (states, samples), the samples in
    /// the order of their rungs, then of their ladders, then of time.
    pub potentials: DMatrix<f64>,
    /// How many samples are of each state.
    pub counts: Vec<usize>,
    /// ln Z of the base, nats.
    pub log_z_base: f64,
    /// The last states.
    pub betas: Betas,
}

impl Multistate {
    pub(super) fn of(betas: &Betas, samples: &TemperedSamples) -> Self {
        let (potentials, counts) = samples.tempered.potentials(betas.len());
        Self { potentials, counts, log_z_base: samples.log_z_base, betas: betas.clone() }
    }
}

impl Joined {
    pub(super) fn new(replicates: usize) -> Self {
        Self { replicates: vec![Series::default(); replicates], connected: true, ..Self::default() }
    }

    /// Appends the points that one run of the ladders gives.
    pub(super) fn add(
        &mut self,
        config: &Tempering,
        samples: &TemperedSamples,
        rng: &mut Xoshiro256PlusPlus,
    ) -> Result<(), Error> {
        let TemperedSamples { log_z_base, targets, tempered } = samples;
        let log_z_base = *log_z_base;
        let Tempered { rungs, ladders, .. } = tempered;
        let (n_rungs, n_targets, times) = (rungs.len(), targets.len(), config.records);
        let samples = tempered.samples();
        let (potentials, n_k) = tempered.potentials(n_targets);
        let energies: Vec<&[ConditionalEnergy]> =
            samples.iter().map(|(rung, ladder, time)| ladders[*ladder].samples.energies(*rung, *time)).collect();
        let multistate = MultistateSamples::new(&potentials, &n_k)?;
        let mbar = Mbar::solve(&multistate);
        let push = |k: usize, f: f64, weights: &[f64], series: &mut Series| {
            let mean = |of: &dyn Fn(&ConditionalEnergy) -> f64| -> f64 {
                weights.iter().zip(&energies).map(|(w, of_target)| w * of(&of_target[k])).sum()
            };
            let energy = mean(&|e| e.energy);
            // Var E = ⟨Var(E | x)⟩ + Var⟨E | x⟩.
            let variance = mean(&|e| e.energy_variance + (e.energy - energy).powi(2));
            series.push(log_z_base - f, Some(energy), Some(variance));
        };
        let push_all = |mbar: &Mbar<'_>, series: &mut Series| {
            (0..n_targets).for_each(|k| push(k, mbar.f[n_rungs + k], &mbar.state(n_rungs + k).weights, series));
        };
        push_all(&mbar, &mut self.values);

        let resamples: Vec<Vec<u32>> = (0..self.replicates.len())
            .map(|_| {
                let by_ladder = tempered.resample(rng);
                samples.iter().map(|(_, ladder, time)| by_ladder[*ladder][*time]).collect()
            })
            .collect();
        let resampler = Resampler::new(&mbar, n_rungs..n_rungs + n_targets);
        let resolved: Result<Vec<()>, Error> = (self.replicates.par_iter_mut().zip(&resamples))
            .map(|(series, counts)| {
                match resampler.resample(counts) {
                    Some(states) => (0..n_targets).for_each(|k| push(k, states[k].f, &states[k].weights, series)),
                    None => push_all(&mbar.resolve(&multistate.with_counts(counts)?), series),
                }
                Ok(())
            })
            .collect();
        resolved?;

        let points = self.values.log_z.len() - n_targets..self.values.log_z.len();
        if ladders.len() >= batches::LEAST {
            let alone = |batch: usize| -> Result<Vec<f64>, Error> {
                let counts: Vec<u32> = samples.iter().map(|(_, ladder, _)| u32::from(*ladder == batch)).collect();
                Ok(mbar.resolve(&multistate.with_counts(&counts)?).f[n_rungs..].to_vec())
            };
            let each: Vec<Vec<f64>> = (0..ladders.len()).into_par_iter().map(alone).collect::<Result<_, _>>()?;
            for (k, point) in points.clone().enumerate() {
                let of_point: Vec<f64> = each.iter().map(|f| log_z_base - f[k]).collect();
                self.inflations.push(batches::widen_to(&of_point, &self.values, &mut self.replicates, point));
            }
        }

        self.trust.add(config, targets, tempered);
        let half = |first: bool| -> Result<Vec<f64>, Error> {
            let counts: Vec<u32> = samples.iter().map(|(_, _, time)| u32::from((*time < times / 2) == first)).collect();
            Ok(mbar.resolve(&multistate.with_counts(&counts)?).f[n_rungs..].to_vec())
        };
        let (before, after) = (half(true)?, half(false)?);
        for (k, place) in points.enumerate() {
            let std_error = std_dev(&self.replicates.iter().map(|series| series.log_z[place]).collect::<Vec<_>>());
            self.trust.add_halves(targets[k].beta, [before[k], after[k]], std_error);
        }

        let tau = tempered.slowest.tau;
        // The states of the last rung are those of the last target.
        self.visited.resize(self.values.log_z.len() - 1, Visited::default());
        let top: Vec<Vec<bool>> = ladders.iter().flat_map(|ladder| ladder.samples.top.iter().cloned()).collect();
        let independent = top.len() as f64 / (2.0 * tau).max(1.0);
        self.visited.push(Visited::equally(top, Some(independent)));
        for k in 0..n_targets {
            let state = mbar.state(n_rungs + k);
            self.ess.push(state.effective_size() / (2.0 * tau).max(1.0));
            self.share.push(state.weights.iter().copied().fold(0.0, f64::max));
        }
        self.connected &= mbar.is_connected() && mbar.converged;
        Ok(())
    }

    /// What is known of one target alone.
    pub(super) fn of_target(&self, k: usize) -> Self {
        Self {
            values: self.values.point(k),
            replicates: self.replicates.iter().map(|series| series.point(k)).collect(),
            ess: vec![self.ess[k]],
            share: vec![self.share[k]],
            trust: self.trust.of_target(k),
            visited: vec![self.visited[k].clone()],
            connected: self.connected,
            inflations: self.inflations.get(k).copied().into_iter().collect(),
        }
    }

    pub(super) fn into_curve(self, config: &Tempering, betas: &Betas, seconds: f64) -> Curve {
        let unconnected = "neighbouring temperatures have too few states in common, and the equations that join them say nothing \
                           across that gap; try more temperatures";
        let warnings = (!self.connected).then(|| unconnected.into()).into_iter().chain(self.trust.warnings(betas));
        let status = if self.connected { Status::Converged } else { Status::NotConverged };
        let least = self.ess.iter().copied().fold(f64::INFINITY, f64::min);
        let weights = Diagnostics::default().number("ess", least).evidence(self.ess, self.share);
        Curve {
            method: Method::Tempering,
            betas: betas.clone(),
            reached: vec![status; self.values.log_z.len()],
            values: self.values,
            replicates: self.replicates,
            log_z_claim: Claim::Approximation, // never used: the replicates make it an estimate
            warnings: warnings.collect(),
            visited: self.visited,
            diagnostics: self.trust.diagnostics(config, weights).batch_spread(self.inflations),
            seconds,
        }
    }
}
