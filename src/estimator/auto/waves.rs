//! Batches of chains both ways, and of ladders, until the error bar is small enough.

use super::paths::Trial;
use crate::{
    Error,
    estimator::{
        Share, Tempering,
        annealing::{AnnealingRun, Dependence, InitialStates, Origin, WeightedSamples, forward, reverse},
        bar::BothWays,
        tempering::{LadderEstimate, Ladders},
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
/// Times at which the states of a ladder are taken down, for each chain that descends from one.
const RECORDS_A_CHAIN: usize = 4;
/// Bootstrap replicates.
pub(super) const REPLICATES: usize = 200;

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
        let rungs = (2.0 * trial.pilot.length.powi(2)).clamp(500.0, 2000.0) as usize;
        let temperatures = (1.25 * trial.pilot.length).clamp(8.0, 48.0) as usize;
        // Long ladders rather than many: what a ladder has not left since its start is an error that
        // more of the same length do not average out.
        let sweeps = (160 * temperatures).clamp(2000, 6000);
        let tempering = Tempering {
            ladders: BATCHES,
            temperatures,
            sweeps,
            burn_in: sweeps / 3,
            records: RECORDS_A_CHAIN * CHAINS,
            replicates: REPLICATES,
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
    /// ln Z of each batch from its chains up and down.
    pub(super) by_chains: Vec<f64>,
    /// What the ladders of each wave say.
    pub(super) ladders: Vec<LadderEstimate>,
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
        let Some(ladders) = Ladders::run(&scale.tempering, &trial.path, beta, 0..BATCHES, part, run)? else {
            return Ok(false);
        };
        for (batch, states) in ladders.top(CHAINS).into_iter().enumerate() {
            let number = (wave * BATCHES + batch, RUNS);
            let annealing = AnnealingRun::to_beta(&trial.path, beta, scale.rungs, &trial.pilot.profile, number)?;
            let Some(up) = forward(&annealing, CHAINS, Share::WHOLE, run).pop() else { return Ok(false) };
            let initial = InitialStates::whole(states, Origin::Exact);
            let Some(down) = reverse(&annealing, &initial, run) else { return Ok(false) };
            let alone = BothWays::join(&up, down.clone(), Dependence::Exact)?;
            self.by_chains.push(up.log_z_base - alone.joined.delta_f);
            self.up.push(up);
            self.down.push(down);
        }
        self.ladders.push(ladders.estimate(run)?);
        self.round_trips += ladders.memories().map(|memory| memory.round_trips).sum::<f64>();
        self.block = self.block.max(ladders.dependent(CHAINS));
        Ok(true)
    }

    /// The chains of all batches in one.
    pub(super) fn pooled(&self) -> Result<BothWays, Error> {
        let dependence =
            Dependence::Tempering { ladders: self.down.len(), block: self.block, round_trips: self.round_trips };
        BothWays::join(&WeightedSamples::concat(&self.up), WeightedSamples::concat(&self.down), dependence)
    }
}
