//! Annealing from the model down to the base.

use rayon::prelude::*;

use super::{
    blocks::Block,
    initial_states::InitialStates,
    run::AnnealingRun,
    samples::{ChainSample, WeightedSamples},
};
use crate::{run::Run, sample::Rung, streams::Annealing};

/// Runs chains from their initial states, in equilibrium at the last β of an annealing run, down to
/// its base: the time reversal of [`forward`](super::forward()), move by move. Their weights are
/// Σ [ln f(x; lower) − ln f(x; higher)], so that ⟨e^Σ⟩ = Z(base)/Z(top). `None` if the run was
/// cancelled.
pub(in crate::estimator) fn reverse(
    annealing: &AnnealingRun,
    initial: &InitialStates,
    run: &Run<'_>,
) -> Option<WeightedSamples> {
    let rungs: Vec<Rung> = annealing.ladder.stops().map(|stop| stop.rung).rev().chain([Rung::BASE]).collect();
    let sampler = annealing.path.sampler.as_ref();
    let anneal = |(block, kept): (&Block, &[Vec<bool>])| {
        let mut chains = sampler.chains_from(kept, run.seed, annealing.stream(Annealing::Reverse, block.number));
        let mut log_w = vec![0.0; kept.len()];
        let energies = chains.conditional_energies(&rungs[..1]);
        for step in rungs.windows(2) {
            if !run.advance_or_stop(kept.len() as u64) {
                return None;
            }
            // Upwards the weight comes before the move; backwards in time it comes after it.
            chains.sweep_back(&step[..1]);
            chains.add_log_ratio(&step[..1], &step[1..], &mut log_w);
        }
        let chains = log_w.into_iter().zip(energies).zip(kept.iter());
        Some(
            chains.map(|((log_w, energy), kept)| ChainSample { log_w, energy, kept: kept.clone() }).collect::<Vec<_>>(),
        )
    };
    let blocks: Option<Vec<_>> = initial.by_block().into_par_iter().map(anneal).collect();
    Some(WeightedSamples::new(annealing.path.log_z_base, blocks?.concat().into_iter()))
}
