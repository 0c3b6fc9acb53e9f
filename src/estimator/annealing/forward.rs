//! Annealing from the base up to the model.

use rayon::prelude::*;

use super::{
    blocks::{Block, blocks},
    run::AnnealingRun,
    samples::{ChainSample, WeightedSamples},
};
use crate::{estimator::Share, run::Run, sample::Rung, streams::Annealing};

/// Runs a share of `chains` chains from the base up the ladder of an annealing run. What they have
/// collected at each β that all of them reached.
pub(in crate::estimator) fn forward(
    annealing: &AnnealingRun,
    chains: usize,
    share: Share,
    run: &Run<'_>,
) -> Vec<WeightedSamples> {
    let sampler = annealing.path.sampler.as_ref();
    let anneal = |block: Block| {
        let (count, stream) = (block.chains.len(), annealing.stream(Annealing::Forward, block.number));
        let mut chains = sampler.chains_at_base(count, run.seed, stream);
        let mut log_w = vec![0.0; count];
        let mut samples: Vec<Vec<ChainSample>> = vec![Vec::new(); count];
        let mut here = Rung::BASE;
        for stop in annealing.ladder.stops() {
            if run.cancelled() {
                break;
            }
            // The weight of the step is taken before the move: it belongs to the state in
            // equilibrium at `here`.
            chains.add_log_ratio(&[here], &[stop.rung], &mut log_w);
            chains.sweep(&[stop.rung]);
            here = stop.rung;
            if stop.is_requested {
                let energies = chains.conditional_energies(&[here]);
                for (((samples, log_w), energy), kept) in
                    samples.iter_mut().zip(&log_w).zip(energies).zip(chains.kept())
                {
                    samples.push(ChainSample { log_w: *log_w, energy, kept });
                }
            }
            run.progress.advance(count as u64);
        }
        samples
    };
    let mut chains: Vec<Vec<ChainSample>> = blocks(chains, share).into_par_iter().flat_map_iter(anneal).collect();
    let reached_by_all = chains.iter().map(Vec::len).min().unwrap_or(0);
    let log_z_base = annealing.path.log_z_base;
    let mut at =
        |k: usize| WeightedSamples::new(log_z_base, chains.iter_mut().map(|chain| std::mem::take(&mut chain[k])));
    (0..reached_by_all).map(&mut at).collect()
}
