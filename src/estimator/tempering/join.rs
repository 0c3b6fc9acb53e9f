//! From the states of all rungs to the curve.

use nalgebra::DMatrix;
use rand_xoshiro::Xoshiro256PlusPlus;
use rayon::prelude::*;

use super::{Tempering, ladders::Tempered};
use crate::{
    Error,
    curve::{Betas, Claim, Curve, Diagnostics, Evidence, Method, Series, Status},
    estimator::annealing::Path,
    model::ConditionalEnergy,
    stats::{
        block_counts,
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
    round_trips: Vec<f64>,
    drift: Vec<f64>,
    /// Over all parts of the run: the lowest swap rate, the longest autocorrelation time in sweeps.
    swap_rate: Option<f64>,
    tau: f64,
    /// Of the last part.
    rungs: Vec<f64>,
    connected: bool,
    too_short: bool,
}

impl Joined {
    pub(super) fn new(replicates: usize) -> Self {
        Self { replicates: vec![Series::default(); replicates], connected: true, ..Self::default() }
    }

    /// Appends the points that one run of the ladders gives.
    pub(super) fn add(
        &mut self,
        config: &Tempering,
        path: &Path,
        betas: &Betas,
        tempered: &Tempered,
        rng: &mut Xoshiro256PlusPlus,
    ) -> Result<(), Error> {
        let Tempered { rungs, records, log } = tempered;
        let (n_rungs, n_betas, times) = (rungs.len(), betas.len(), config.records);
        // Samples in the order of their rungs, then of their ladders, then of time.
        let samples: Vec<(usize, usize, usize)> = (0..n_rungs)
            .flat_map(|rung| {
                (0..records.len()).flat_map(move |ladder| (0..times).map(move |time| (rung, ladder, time)))
            })
            .collect();
        let potentials = samples.iter().flat_map(|(rung, ladder, time)| records[*ladder].potentials(*rung, *time));
        let potentials = DMatrix::from_iterator(n_rungs + n_betas, samples.len(), potentials);
        let energies: Vec<&[ConditionalEnergy]> =
            samples.iter().map(|(rung, ladder, time)| records[*ladder].energies(*rung, *time)).collect();
        let sampled = records.len() * times;
        let n_k: Vec<usize> = (0..n_rungs + n_betas).map(|k| if k < n_rungs { sampled } else { 0 }).collect();
        let multistate = MultistateSamples::new(&potentials, &n_k)?;
        let mbar = Mbar::solve(&multistate);
        let push = |k: usize, f: f64, weights: &[f64], series: &mut Series| {
            let mean = |of: &dyn Fn(&ConditionalEnergy) -> f64| -> f64 {
                weights.iter().zip(&energies).map(|(w, of_beta)| w * of(&of_beta[k])).sum()
            };
            let energy = mean(&|e| e.energy);
            // Var E = ⟨Var(E | x)⟩ + Var⟨E | x⟩.
            let variance = mean(&|e| e.energy_variance + (e.energy - energy).powi(2));
            series.push(path.log_z_base - f, Some(energy), Some(variance));
        };
        let push_all = |mbar: &Mbar<'_>, series: &mut Series| {
            (0..n_betas).for_each(|k| push(k, mbar.f[n_rungs + k], &mbar.state(n_rungs + k).weights, series));
        };
        push_all(&mbar, &mut self.values);

        let slowest = tempered.slowest();
        // Fewer than four blocks would resample next to nothing, and the error bar would vanish.
        let (tau, block) = (slowest.tau, slowest.block_length().min(times.div_ceil(4)));
        let resamples: Vec<Vec<u32>> = (0..self.replicates.len())
            .map(|_| {
                let by_ladder: Vec<Vec<u32>> = records.iter().map(|_| block_counts(times, block, rng)).collect();
                samples.iter().map(|(_, ladder, time)| by_ladder[*ladder][*time]).collect()
            })
            .collect();
        let resampler = Resampler::new(&mbar, n_rungs..n_rungs + n_betas);
        let resolved: Result<Vec<()>, Error> = (self.replicates.par_iter_mut().zip(&resamples))
            .map(|(series, counts)| {
                match resampler.resample(counts) {
                    Some(states) => (0..n_betas).for_each(|k| push(k, states[k].f, &states[k].weights, series)),
                    None => push_all(&mbar.resolve(&multistate.with_counts(counts)?), series),
                }
                Ok(())
            })
            .collect();
        resolved?;

        // What the two halves of the run differ by, in standard errors: half of the samples, twice the variance, of each.
        let half = |first: bool| -> Result<Vec<f64>, Error> {
            let counts: Vec<u32> = samples.iter().map(|(_, _, time)| u32::from((*time < times / 2) == first)).collect();
            Ok(mbar.resolve(&multistate.with_counts(&counts)?).f[n_rungs..].to_vec())
        };
        let (before, after) = (half(true)?, half(false)?);
        for k in 0..n_betas {
            let place = self.values.log_z.len() - n_betas + k;
            let std_error = std_dev(&self.replicates.iter().map(|series| series.log_z[place]).collect::<Vec<_>>());
            let drift = (before[k] - after[k]).abs() / (2.0 * std_error);
            // At β = 0 ln Z is known, and the difference is a rounding error.
            self.drift.push(if betas[k] == 0.0 || !drift.is_finite() { 0.0 } else { drift });
        }

        for (k, beta) in betas.iter().enumerate() {
            let state = mbar.state(n_rungs + k);
            self.ess.push(state.effective_size() / (2.0 * tau).max(1.0));
            self.share.push(state.weights.iter().copied().fold(0.0, f64::max));
            let above = rungs.iter().position(|rung| rung.beta >= *beta).unwrap_or(n_rungs - 1);
            // Nothing needs to travel to the base itself.
            self.round_trips.push(log.round_trips[above.max(1)]);
        }
        let lowest = log.swap_rates().into_iter().fold(1.0, f64::min);
        self.swap_rate = Some(self.swap_rate.map_or(lowest, |rate| rate.min(lowest)));
        self.tau = self.tau.max(tau * config.sweeps as f64 / times as f64);
        self.rungs = rungs.iter().map(|rung| rung.beta).collect();
        self.connected &= mbar.is_connected() && mbar.converged;
        self.too_short |= !slowest.is_long_enough();
        Ok(())
    }

    pub(super) fn into_curve(self, config: &Tempering, betas: &Betas, seconds: f64) -> Curve {
        let warnings = self.warnings(betas);
        let rungs: Vec<String> = self.rungs.iter().map(|beta| format!("{beta:.4}")).collect();
        let status = if self.connected { Status::Converged } else { Status::NotConverged };
        Curve {
            method: Method::Tempering,
            betas: betas.clone(),
            reached: vec![status; self.values.log_z.len()],
            values: self.values,
            replicates: self.replicates,
            log_z_claim: Claim::Approximation, // never used: the replicates make it an estimate
            diagnostics: Diagnostics::default()
                .number("ess", self.ess.iter().copied().fold(f64::INFINITY, f64::min))
                .evidence(self.ess, self.share)
                .round_trips(self.round_trips)
                .drift(self.drift)
                .number("lowest_swap_rate", self.swap_rate.unwrap_or(f64::NAN))
                .number("autocorrelation_sweeps", self.tau)
                .number("ladders", config.ladders as f64)
                .number("sweeps", config.sweeps as f64)
                .text("temperatures", rungs.join(" ")),
            warnings,
            seconds,
        }
    }

    /// What the reader should know, each with a remedy.
    fn warnings(&self, betas: &Betas) -> Vec<String> {
        let mut warnings = Vec::new();
        if !self.connected {
            warnings.push(
                "neighbouring temperatures have too few states in common, and the equations that join them say nothing \
                 across that gap; try more temperatures"
                    .into(),
            );
        }
        let stalled = |trips: &f64| Evidence { round_trips: Some(*trips), ..Evidence::default() }.objection().is_some();
        if let Some(first) = self.round_trips.iter().position(stalled) {
            warnings.push(format!(
                "tempering stalls: only {} round trips between the base and β = {} or beyond; states may be missing there that \
                 no error bar knows of; try more sweeps, more temperatures, or another base",
                self.round_trips[first], betas[first],
            ));
        }
        let drifting = |drift: &f64| Evidence { drift: Some(*drift), ..Evidence::default() }.objection().is_some();
        if let Some(first) = self.drift.iter().position(drifting) {
            warnings.push(format!(
                "the two halves of the run differ by {:.1} standard errors at β = {}: it had not arrived when its samples began; \
                 try more sweeps",
                self.drift[first], betas[first],
            ));
        }
        if self.too_short {
            warnings.push(format!(
                "the run is shorter than 50 autocorrelation times ({:.0} sweeps): error bars are too small; try more sweeps",
                self.tau,
            ));
        }
        warnings
    }
}
