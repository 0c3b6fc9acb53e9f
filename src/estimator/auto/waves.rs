//! Batches of chains both ways, until the error bar is small enough.

use super::paths::Trial;
use crate::{
    Error,
    estimator::{
        Share, Tempering,
        annealing::{AnnealingRun, Dependence, InitialStates, Origin, WeightedSamples, forward, reverse},
        bar::BothWays,
        batches::spread,
        tempering::{TopStates, slowest, top_states},
    },
    run::Run,
    streams::exchange_part,
};

/// Batches of a wave, each with a ladder, chains and random streams of its own.
pub(super) const BATCHES: usize = 8;
/// Waves at most.
pub(super) const MAX_WAVES: usize = 8;
/// Annealing runs that there may be at one β: the batches, the trials of the paths, and the modes.
pub(super) const RUNS: usize = BATCHES * MAX_WAVES + 16;
/// Chains of a batch each way.
const CHAINS: usize = 50;

/// How the batches are run, from what the trial of the path has shown.
pub(super) struct Scale {
    rungs: usize,
    tempering: Tempering,
}

impl Scale {
    /// Steps for a work that varies by about 1, and a ladder whose neighbours exchange often
    /// enough.
    pub(super) fn of(trial: &Trial) -> Self {
        // Var w ≈ (length)²/rungs for chains that keep up with the path; slow ones need more.
        let rungs = (3.0 * trial.pilot.length.powi(2)).clamp(500.0, 3000.0) as usize;
        let temperatures = (1.5 * trial.pilot.length).clamp(8.0, 48.0) as usize;
        let sweeps = (60 * temperatures).clamp(1000, 3000);
        let tempering = Tempering {
            ladders: BATCHES,
            temperatures,
            sweeps,
            burn_in: sweeps / 3,
            records: CHAINS,
            ..Tempering::default()
        };
        Self { rungs, tempering }
    }

    /// Sweeps of one chain in a wave, over everything.
    pub(super) fn sweeps(&self) -> f64 {
        let Tempering { temperatures, sweeps, burn_in, .. } = self.tempering;
        (BATCHES * (temperatures * (sweeps + burn_in) + 2 * CHAINS * self.rungs)) as f64
    }
}

/// What the batches have brought so far.
#[derive(Default)]
pub(super) struct Batches {
    up: Vec<WeightedSamples>,
    down: Vec<WeightedSamples>,
    /// ln Z of each batch by itself.
    pub(super) log_z: Vec<f64>,
    pub(super) round_trips: f64,
    /// How many states in a row of one batch depend on one another.
    pub(super) block: usize,
}

impl Batches {
    /// Runs one more wave. `false` if the run was cancelled.
    pub(super) fn add_wave(
        &mut self,
        trial: &Trial,
        scale: &Scale,
        beta: f64,
        wave: usize,
        run: &Run<'_>,
    ) -> Result<bool, Error> {
        let part = exchange_part(RUNS, wave);
        let ladders = 0..BATCHES;
        let top = top_states(&scale.tempering, &trial.path, beta, CHAINS, ladders, part, run)?;
        let Some(TopStates { kept, seen }) = top else { return Ok(false) };
        for (batch, states) in kept.chunks(CHAINS).enumerate() {
            let number = (wave * BATCHES + batch, RUNS);
            let annealing = AnnealingRun::to_beta(&trial.path, beta, scale.rungs, &trial.pilot.profile, number)?;
            let Some(up) = forward(&annealing, CHAINS, Share::WHOLE, run).pop() else { return Ok(false) };
            let initial = InitialStates::whole(states.to_vec(), Origin::Exact);
            let Some(down) = reverse(&annealing, &initial, run) else { return Ok(false) };
            let alone = BothWays::join(&up, down.clone(), Dependence::Exact)?;
            self.log_z.push(up.log_z_base - alone.joined.delta_f);
            self.up.push(up);
            self.down.push(down);
        }
        self.round_trips += seen.iter().map(|memory| memory.round_trips).sum::<f64>();
        let memory = slowest(seen.iter().map(|memory| memory.slowest)).block_length();
        self.block = self.block.max(memory.min(CHAINS));
        Ok(true)
    }

    /// All batches in one.
    pub(super) fn pooled(&self) -> Result<BothWays, Error> {
        let dependence =
            Dependence::Tempering { ladders: self.down.len(), block: self.block, round_trips: self.round_trips };
        BothWays::join(&WeightedSamples::concat(&self.up), WeightedSamples::concat(&self.down), dependence)
    }

    /// The standard error of ln Z from the spread of the batches.
    pub(super) fn spread(&self) -> f64 {
        spread(&self.log_z)
    }
}
