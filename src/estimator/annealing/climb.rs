//! Many chains on a ladder, up or down, and the weights that they collect.

use rayon::prelude::*;

use super::ladder::Ladder;
use crate::{
    Run,
    sample::{ConditionalEnergy, Rung, Sampler},
    streams::block_stream,
};

/// The numbers of chains that advance together, each on one random stream: nearly equal parts.
///
/// They depend on the number of chains alone, so that results do not depend on the number of threads. A block pays for
/// building its tables of sums once a sweep, so it should hold 50 chains at least, and has no more to gain beyond 125;
/// between the two, eight blocks leave work for as many threads.
pub(in crate::estimator) fn block_sizes(chains: usize) -> Vec<usize> {
    let blocks = chains.div_ceil(125).max((chains / 50).clamp(1, 8));
    (0..blocks).map(|k| chains * (k + 1) / blocks - chains * k / blocks).collect()
}

/// What one chain has to say at one knot.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sighting {
    /// ln w, collected on the way there.
    pub(super) log_w: f64,
    /// The energy of its state there.
    pub(super) energy: ConditionalEnergy,
}

/// Runs `chains` chains from the base up the ladder. For each chain, its sightings at the knots it reached (the same
/// number for all). `first_stream` is the number of the first random stream that may be used.
pub(super) fn climb(
    sampler: &dyn Sampler,
    ladder: &Ladder,
    chains: usize,
    first_stream: u64,
    run: &Run<'_>,
) -> Vec<Vec<Sighting>> {
    let climb_block = |(block, count): (usize, usize)| {
        let mut chains = sampler.chains_at_base(count, run.seed, first_stream + block_stream(block));
        let mut log_w = vec![0.0; count];
        let mut sightings = vec![Vec::new(); count];
        let mut here = Rung::BASE;
        for stop in ladder.stops() {
            if run.cancelled() {
                break;
            }
            // The weight of the step is taken before the move: it belongs to the state in equilibrium at `here`.
            chains.add_log_ratio(&[here], &[stop.rung], &mut log_w);
            chains.sweep(&[stop.rung]);
            here = stop.rung;
            if stop.is_knot {
                let energies = chains.conditional_energies(&[here]);
                for ((sightings, log_w), energy) in sightings.iter_mut().zip(&log_w).zip(energies) {
                    sightings.push(Sighting { log_w: *log_w, energy });
                }
            }
            run.progress.advance(count as u64);
        }
        sightings
    };
    let mut chains: Vec<Vec<Sighting>> =
        block_sizes(chains).into_par_iter().enumerate().flat_map_iter(climb_block).collect();
    let reached_by_all = chains.iter().map(Vec::len).min().unwrap_or(0);
    chains.iter_mut().for_each(|chain| chain.truncate(reached_by_all));
    chains
}

/// Runs chains that stand in equilibrium on the last stop of the ladder down to the base: the time reversal of
/// [`climb`], move by move. For each chain Σ [ln f(x; lower) − ln f(x; higher)], so that ⟨e^Σ⟩ = Z(base)/Z(top), and the
/// energy it started with. `None` if the run was cancelled.
pub(super) fn descend(
    sampler: &dyn Sampler,
    kept: &[Vec<bool>],
    ladder: &Ladder,
    first_stream: u64,
    run: &Run<'_>,
) -> Option<Vec<Sighting>> {
    let sizes = block_sizes(kept.len());
    let firsts = sizes.iter().scan(0, |next, size| Some(std::mem::replace(next, *next + size)));
    let blocks: Vec<&[Vec<bool>]> = firsts.zip(&sizes).map(|(first, size)| &kept[first..][..*size]).collect();
    let descend_block = |(block, kept): (usize, &&[Vec<bool>])| {
        let mut chains = sampler.chains_from(kept, run.seed, first_stream + block_stream(block));
        let mut log_w = vec![0.0; kept.len()];
        let rungs: Vec<Rung> = ladder.stops().map(|stop| stop.rung).rev().chain([Rung::BASE]).collect();
        let energies = chains.conditional_energies(&rungs[..1]);
        for step in rungs.windows(2) {
            if !run.advance_or_stop(kept.len() as u64) {
                return None;
            }
            // Upwards the weight comes before the move; backwards in time it comes after it.
            chains.sweep_back(&step[..1]);
            chains.add_log_ratio(&step[..1], &step[1..], &mut log_w);
        }
        Some(log_w.into_iter().zip(energies).map(|(log_w, energy)| Sighting { log_w, energy }).collect::<Vec<_>>())
    };
    let blocks: Option<Vec<_>> = blocks.par_iter().enumerate().map(descend_block).collect();
    Some(blocks?.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_nearly_equal_and_hold_every_chain() {
        for chains in (1..2000).chain([99_999, 100_000_000]) {
            let sizes = block_sizes(chains);
            let (least, most) = (*sizes.iter().min().unwrap(), *sizes.iter().max().unwrap());
            assert_eq!(sizes.iter().sum::<usize>(), chains);
            assert!(most <= 125 && most - least <= 1 && least >= 50.min(chains), "{chains}: {least}..{most}");
        }
        assert_eq!([50, 100, 1000].map(|chains| block_sizes(chains).len()), [1, 2, 8]);
    }
}
