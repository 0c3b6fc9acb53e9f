//! Several independent ladders: first their rungs find their places, then their states are taken
//! down.

use std::ops::Range;

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

/// What ladders have brought: all of them, or those of a share of the run.
#[derive(Debug)]
pub(super) struct Tempered {
    pub(super) rungs: Vec<Rung>,
    pub(super) ladders: Vec<Ladder>,
    /// The longest autocorrelation of an energy, over rungs and ladders, in records.
    pub(super) slowest: IntegratedTime,
}

/// One ladder after its burn-in.
#[derive(Debug)]
pub(super) struct Ladder {
    /// As many as of any other.
    pub(super) samples: LadderSamples,
    pub(super) log: Log,
    pub(super) memory: LadderMemory,
}

/// How one ladder was mixed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::estimator) struct LadderMemory {
    /// Which of the run's.
    pub(in crate::estimator) ladder: usize,
    /// The longest autocorrelation of an energy over its rungs, in records.
    pub(in crate::estimator) slowest: IntegratedTime,
    /// Journeys of a replica between the base and the top.
    pub(in crate::estimator) round_trips: f64,
}

impl Ladder {
    /// The `number`-th of the run.
    pub(super) fn new(number: usize, samples: LadderSamples, log: Log) -> Self {
        let time = |here: &Vec<ConditionalEnergy>| integrated_time(&here.iter().map(|e| e.energy).collect::<Vec<_>>());
        let memory = LadderMemory {
            ladder: number,
            slowest: slowest(samples.here.iter().map(time)),
            round_trips: log.round_trips.last().copied().unwrap_or(0.0),
        };
        Self { samples, log, memory }
    }
}

/// The longest of some autocorrelation times: the slowest rung decides.
///
/// # Panics
/// If there are none.
pub(in crate::estimator) fn slowest(times: impl Iterator<Item = IntegratedTime>) -> IntegratedTime {
    times.max_by(|a, b| a.tau.total_cmp(&b.tau)).expect("there are rungs and ladders")
}

impl Tempered {
    /// # Panics
    /// If there are no ladders.
    pub(super) fn new(rungs: Vec<Rung>, ladders: Vec<Ladder>) -> Self {
        let slowest = slowest(ladders.iter().map(|ladder| ladder.memory.slowest));
        Self { rungs, ladders, slowest }
    }

    /// What happened after the burn-in, on all ladders.
    pub(super) fn log(&self) -> Log {
        merged(self.rungs.len(), self.ladders.iter().map(|ladder| &ladder.log))
    }

    /// How many samples there are of each rung of each ladder.
    pub(super) fn times(&self) -> usize {
        self.ladders[0].samples.here[0].len()
    }

    /// uₖₙ = −ln f of sample n in state k, less that at the base, the states being the rungs and
    /// `targets` more: (states, samples). And how many samples are of each state.
    pub(super) fn potentials(&self, targets: usize) -> (DMatrix<f64>, Vec<usize>) {
        let (samples, rungs) = (self.samples(), self.rungs.len());
        let of = |(rung, ladder, time): &(usize, usize, usize)| self.ladders[*ladder].samples.potentials(*rung, *time);
        let potentials = DMatrix::from_iterator(rungs + targets, samples.len(), samples.iter().flat_map(of));
        (potentials, [vec![samples.len() / rungs; rungs], vec![0; targets]].concat())
    }

    /// The rung, the ladder and the time of each sample, in this order.
    pub(super) fn samples(&self) -> Vec<(usize, usize, usize)> {
        let (ladders, times) = (self.ladders.len(), self.times());
        let of_rung = |rung| (0..ladders).flat_map(move |ladder| (0..times).map(move |time| (rung, ladder, time)));
        (0..self.rungs.len()).flat_map(of_rung).collect()
    }

    /// How often each time of each ladder is drawn in a resample, in blocks longer than the memory
    /// of the slowest rung.
    pub(super) fn resample(&self, rng: &mut Xoshiro256PlusPlus) -> Vec<Vec<u32>> {
        let times = self.times();
        // Fewer than four blocks would resample next to nothing, and the error bar would vanish.
        let block = self.slowest.block_length().min(times.div_ceil(4));
        self.ladders.iter().map(|_| block_counts(times, block, rng)).collect()
    }
}

/// Ladders on a path whose rungs have found their places.
pub(super) struct Placed<'a> {
    rungs: Vec<Rung>,
    /// Those that go on, with their numbers in the run.
    ladders: Vec<(usize, Exchange<'a>)>,
}

impl<'a> Placed<'a> {
    /// All ladders of `config` find the places of the rungs together, in the burn-in; after that only those
    /// asked for go on. They draw from three parts of the run: for the chains, for the exchanges,
    /// and for the pilot. `None` if the run was cancelled.
    pub(super) fn find(
        config: &Tempering,
        path: &'a Path,
        going_on: Range<usize>,
        part: usize,
        run: &Run<'_>,
    ) -> Option<Self> {
        let purpose = |stage, ladder| Purpose::Exchange { part, stage, ladder };
        let n = config.temperatures;
        let mut ladders: Vec<Exchange<'a>> = (0..config.ladders)
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
        let ladders = ladders.into_iter().enumerate().filter(|(number, _)| going_on.contains(number)).collect();
        Some(Self { rungs: rungs(path, &ts), ladders })
    }

    /// What the next sweeps of `config` bring, for the rungs and the targets; of the states at the top as many as `keep` says,
    /// equally far apart. `None` if the run was cancelled.
    pub(super) fn record(
        &mut self,
        config: &Tempering,
        targets: &[Rung],
        keep: Keep,
        run: &Run<'_>,
    ) -> Option<Tempered> {
        let rungs = &self.rungs;
        let record = |(number, ladder): &mut (usize, Exchange<'_>)| {
            let mut samples = LadderSamples::new(rungs, targets, config.records, keep);
            for k in 1..=config.records {
                let sweeps = config.sweeps * k / config.records - config.sweeps * (k - 1) / config.records;
                ladder.advance(rungs, sweeps, run)?;
                samples.take(ladder.chains());
            }
            Some(Ladder::new(*number, samples, ladder.take_log()))
        };
        let ladders: Option<Vec<Ladder>> = self.ladders.par_iter_mut().map(record).collect();
        Some(Tempered::new(rungs.clone(), ladders?))
    }
}

/// Runs the ladders asked for: they find the places of the rungs, and are recorded. `None` if the run was
/// cancelled.
pub(super) fn temper(
    config: &Tempering,
    path: &Path,
    targets: &[Rung],
    recorded: Range<usize>,
    part: usize,
    keep: Keep,
    run: &Run<'_>,
) -> Option<Tempered> {
    Placed::find(config, path, recorded, part, run)?.record(config, targets, keep, run)
}

/// The same number of steps of every ladder. `None` if the run was cancelled.
fn advance(ladders: &mut [Exchange<'_>], rungs: &[Rung], sweeps: usize, run: &Run<'_>) -> Option<Log> {
    let advance = |ladder: &mut Exchange<'_>| {
        ladder.advance(rungs, sweeps, run)?;
        Some(ladder.take_log())
    };
    let logs: Option<Vec<Log>> = ladders.par_iter_mut().map(advance).collect();
    Some(merged(rungs.len(), logs?.iter()))
}

fn merged<'a>(rungs: usize, logs: impl Iterator<Item = &'a Log>) -> Log {
    logs.fold(Log::empty(rungs), Log::merge)
}

fn rungs(path: &Path, ts: &[f64]) -> Vec<Rung> {
    ts.iter().map(|t| path.rung(*t)).collect()
}
