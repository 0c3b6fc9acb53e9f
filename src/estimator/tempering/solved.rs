//! The multistate equations of one run of the ladders, solved for all samples, for resamples, and
//! for parts of them.

use rand_xoshiro::Xoshiro256PlusPlus;
use rayon::prelude::*;

use super::{ladders::Tempered, samples::TemperedSamples};
use crate::{
    Error,
    curve::Series,
    estimator::batches,
    sample::ConditionalEnergy,
    stats::free_energy::{Mbar, MultistateSamples, Resampler},
};

/// ln Z, U and Var E at each β asked for, and what they rest on.
pub(super) struct Solved {
    pub(super) values: Series,
    /// From blocks of time drawn anew in each ladder.
    pub(super) replicates: Vec<Series>,
    /// ln Z of each ladder by itself, where there are enough for their spread: [target][ladder].
    pub(super) each: Vec<Vec<f64>>,
    /// ln Z of the first half of the time and of the second: [target].
    pub(super) halves: [Vec<f64>; 2],
    /// The effective number of states behind each, as if all were independent.
    pub(super) ess: Vec<f64>,
    /// The largest share of one state.
    pub(super) share: Vec<f64>,
    /// Whether neighbouring rungs have states in common, and the equations a solution.
    pub(super) connected: bool,
}

/// Solves the equations; `replicates` times for resamples.
pub(super) fn solve(
    samples: &TemperedSamples,
    replicates: usize,
    rng: &mut Xoshiro256PlusPlus,
) -> Result<Solved, Error> {
    let TemperedSamples { log_z_base, targets, tempered } = samples;
    let Tempered { rungs, ladders, .. } = tempered;
    let (n_rungs, n_targets, times) = (rungs.len(), targets.len(), tempered.times());
    let samples = tempered.samples();
    let (potentials, n_k) = tempered.potentials(n_targets);
    let energies: Vec<&[ConditionalEnergy]> =
        samples.iter().map(|(rung, ladder, time)| ladders[*ladder].samples.energies(*rung, *time)).collect();
    if potentials.iter().any(|potential| !potential.is_finite()) {
        let beta = targets.iter().fold(0.0, |most: f64, target| most.max(target.beta));
        return Err(Error::NotFinite { quantity: "the weight of a state", beta });
    }
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
    let mut values = Series::default();
    push_all(&mbar, &mut values);

    let resample = |_| -> Vec<u32> {
        let by_ladder = tempered.resample(rng);
        samples.iter().map(|(_, ladder, time)| by_ladder[*ladder][*time]).collect()
    };
    let resamples: Vec<Vec<u32>> = (0..replicates).map(resample).collect();
    let resampler = Resampler::new(&mbar, n_rungs..n_rungs + n_targets);
    let resolved = |counts: &Vec<u32>| -> Result<Series, Error> {
        let mut series = Series::default();
        match resampler.resample(counts) {
            Some(states) => (0..n_targets).for_each(|k| push(k, states[k].f, &states[k].weights, &mut series)),
            None => push_all(&mbar.resolve(&multistate.with_counts(counts)?), &mut series),
        }
        Ok(series)
    };
    let replicates = resamples.par_iter().map(resolved).collect::<Result<_, _>>()?;

    // ln Z of the samples of some ladders at some times.
    let part = |is_in: &dyn Fn(usize, usize) -> bool| -> Result<Vec<f64>, Error> {
        let counts: Vec<u32> = samples.iter().map(|(_, ladder, time)| u32::from(is_in(*ladder, *time))).collect();
        let f = &mbar.resolve(&multistate.with_counts(&counts)?).f;
        Ok(f[n_rungs..].iter().map(|f| log_z_base - f).collect())
    };
    let batches = if ladders.len() < batches::LEAST { 0 } else { ladders.len() };
    let alone: Vec<Vec<f64>> =
        (0..batches).into_par_iter().map(|batch| part(&|ladder, _| ladder == batch)).collect::<Result<_, _>>()?;
    let states: Vec<_> = (0..n_targets).map(|k| mbar.state(n_rungs + k)).collect();
    Ok(Solved {
        values,
        replicates,
        each: (0..n_targets).map(|k| alone.iter().map(|log_z| log_z[k]).collect()).collect(),
        halves: [part(&|_, time| time < times / 2)?, part(&|_, time| time >= times / 2)?],
        ess: states.iter().map(|state| state.effective_size()).collect(),
        share: states.iter().map(|state| state.weights.iter().copied().fold(0.0, f64::max)).collect(),
        connected: mbar.is_connected() && mbar.converged,
    })
}
