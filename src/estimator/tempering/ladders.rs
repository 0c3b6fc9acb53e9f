//! Several independent ladders: first their rungs find their places, then their states are taken
//! down.

use nalgebra::DMatrix;
use rand_xoshiro::Xoshiro256PlusPlus;
use rayon::prelude::*;

use super::{
    Tempering,
    record::{Keep, LadderSamples},
};
use crate::{
    Run,
    estimator::annealing::pilot,
    path::{Path, Profile},
    sample::{
        ConditionalEnergy, Rung,
        exchange::{Exchange, Log},
    },
    stats::{IntegratedTime, block_counts, integrated_time},
    streams::{
        Exchange::{Moves, Pilot, Swaps},
        Purpose,
    },
};

/// How often the rungs are placed anew during the burn-in; after the last time it goes on with them
/// for one more such part.
const ROUNDS: usize = 5;

/// The samples of all ladders together.
pub(super) struct Tempered {
    pub(super) rungs: Vec<Rung>,
    /// One for each ladder, all of the same length.
    pub(super) records: Vec<LadderSamples>,
    /// What happened after the burn-in.
    pub(super) log: Log,
    /// The longest autocorrelation of an energy, over rungs and ladders, in records: the slowest
    /// rung decides.
    pub(super) slowest: IntegratedTime,
}

impl Tempered {
    /// uₖₙ = −ln f of sample n in state k, less that at the base, the states being the rungs and
    /// `targets` more: (states, samples). And how many samples are of each state.
    pub(super) fn potentials(&self, targets: usize) -> (DMatrix<f64>, Vec<usize>) {
        let (samples, rungs) = (self.samples(), self.rungs.len());
        let of = |(rung, ladder, time): &(usize, usize, usize)| self.records[*ladder].potentials(*rung, *time);
        let potentials = DMatrix::from_iterator(rungs + targets, samples.len(), samples.iter().flat_map(of));
        (potentials, [vec![samples.len() / rungs; rungs], vec![0; targets]].concat())
    }

    /// The rung, the ladder and the time of each sample, in this order.
    pub(super) fn samples(&self) -> Vec<(usize, usize, usize)> {
        let (ladders, times) = (self.records.len(), self.records[0].here[0].len());
        let of_rung = |rung| (0..ladders).flat_map(move |ladder| (0..times).map(move |time| (rung, ladder, time)));
        (0..self.rungs.len()).flat_map(of_rung).collect()
    }

    /// How often each time of each ladder is drawn in a resample, in blocks longer than the memory
    /// of the slowest rung.
    pub(super) fn resample(&self, rng: &mut Xoshiro256PlusPlus) -> Vec<Vec<u32>> {
        let times = self.records[0].here[0].len();
        // Fewer than four blocks would resample next to nothing, and the error bar would vanish.
        let block = self.slowest.block_length().min(times.div_ceil(4));
        self.records.iter().map(|_| block_counts(times, block, rng)).collect()
    }
}

/// Runs the ladders on a path, drawing from three parts of the run: for the chains, for the
/// exchanges, and for the pilot. `None` if the run was cancelled.
pub(super) fn temper(
    config: &Tempering,
    path: &Path,
    targets: &[Rung],
    part: usize,
    keep: Keep,
    run: &Run<'_>,
) -> Option<Tempered> {
    let purpose = |stage, ladder| Purpose::Exchange { part, stage, ladder };
    let n = config.temperatures;
    let mut ladders: Vec<Exchange<'_>> = (0..config.ladders)
        .map(|ladder| {
            let chains = path.sampler.chains_at_base(n, run.seed, purpose(Moves, ladder).number());
            Exchange::new(chains, n, purpose(Swaps, ladder).generator(run.seed))
        })
        .collect();
    let places = |profile: &Profile| (0..n).map(|k| profile.at(k as f64 / (n - 1) as f64)).collect::<Vec<f64>>();
    let mut ts = places(&pilot(path, purpose(Pilot, 0).number(), run).profile);
    for round in 1..=ROUNDS {
        let sweeps = config.burn_in * round / ROUNDS - config.burn_in * (round - 1) / ROUNDS;
        let log = advance(&mut ladders, &rungs(path, &ts), sweeps, run)?;
        if round < ROUNDS && sweeps > 0 {
            // Equal parts of the barrier Σ(1 − swap rate).
            let barrier: Vec<f64> = log.swap_rates().iter().map(|rate| 1.0 - rate).collect();
            ts = places(&Profile::of_equal_length(&ts, &barrier));
        }
    }
    let rungs = rungs(path, &ts);
    let record = |ladder: &mut Exchange<'_>| {
        let mut record = LadderSamples::new(&rungs, targets, keep);
        for k in 1..=config.records {
            let sweeps = config.sweeps * k / config.records - config.sweeps * (k - 1) / config.records;
            ladder.advance(&rungs, sweeps, run)?;
            record.take(ladder.chains());
        }
        Some((record, ladder.take_log()))
    };
    let recorded: Option<Vec<(LadderSamples, Log)>> = ladders.par_iter_mut().map(record).collect();
    let (records, logs): (Vec<LadderSamples>, Vec<Log>) = recorded?.into_iter().unzip();
    let slowest = slowest(&records);
    Some(Tempered { rungs, records, log: merged(n, &logs), slowest })
}

fn slowest(records: &[LadderSamples]) -> IntegratedTime {
    let time = |here: &Vec<ConditionalEnergy>| integrated_time(&here.iter().map(|e| e.energy).collect::<Vec<_>>());
    let times = records.iter().flat_map(|record| &record.here).map(time);
    times.max_by(|a, b| a.tau.total_cmp(&b.tau)).expect("there are rungs and ladders")
}

/// The same number of steps of every ladder. `None` if the run was cancelled.
fn advance(ladders: &mut [Exchange<'_>], rungs: &[Rung], sweeps: usize, run: &Run<'_>) -> Option<Log> {
    let advance = |ladder: &mut Exchange<'_>| {
        ladder.advance(rungs, sweeps, run)?;
        Some(ladder.take_log())
    };
    let logs: Option<Vec<Log>> = ladders.par_iter_mut().map(advance).collect();
    Some(merged(rungs.len(), &logs?))
}

fn merged(rungs: usize, logs: &[Log]) -> Log {
    logs.iter().fold(Log::empty(rungs), Log::merge)
}

fn rungs(path: &Path, ts: &[f64]) -> Vec<Rung> {
    ts.iter().map(|t| path.rung(*t)).collect()
}
