//! Batches of chains both ways, and of ladders, which go on in waves until the error bar is small
//! enough.

use rayon::prelude::*;

use super::paths::Trial;
use crate::{
    Error,
    estimator::{
        Share, Tempering,
        annealing::{AnnealingRun, Dependence, InitialStates, Origin, WeightedSamples, forward, reverse},
        bar::BothWays,
        tempering::{LadderEstimate, Ladders},
    },
    run::{Run, Weighted},
    streams::exchange_part,
    thresholds::MIN_ROUND_TRIPS,
};

/// Batches, each with a ladder, chains and random streams of its own.
pub(super) const BATCHES: usize = 8;
/// Waves at most.
pub(super) const MAX_WAVES: usize = 24;
/// Annealing runs that there may be at one β: the batches, the trials of the paths, and the modes.
pub(super) const RUNS: usize = BATCHES * MAX_WAVES + 16;
/// Chains of a batch each way in one wave.
const CHAINS: usize = 50;
/// Sweeps of a ladder for each of its temperatures: in its burn-in, and in a wave.
const BURN_IN: usize = 40;
const SWEEPS: usize = 160;
/// Times at which the states of a ladder are taken down, for each chain that descends from one.
const RECORDS_A_CHAIN: usize = 4;
/// Bootstrap replicates.
pub(super) const REPLICATES: usize = 100;

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
        let tempering = Tempering {
            ladders: BATCHES,
            temperatures,
            sweeps: (SWEEPS * temperatures).clamp(2000, 6000),
            burn_in: (BURN_IN * temperatures).clamp(500, 1500),
            records: RECORDS_A_CHAIN * CHAINS,
            replicates: REPLICATES,
            ..Tempering::default()
        };
        Self { rungs, tempering }
    }

    /// Sweeps of one chain in so many waves, over everything.
    pub(super) fn sweeps(&self, waves: usize) -> f64 {
        let Tempering { temperatures, sweeps, burn_in, .. } = self.tempering;
        (BATCHES * (temperatures * burn_in + waves * (temperatures * sweeps + 2 * CHAINS * self.rungs))) as f64
    }

    /// Progress to which ladders announce steps, and which counts sweeps of one chain.
    fn in_sweeps<'a>(&self, run: &Run<'a>) -> Weighted<'a> {
        Weighted { progress: run.progress, weight: self.tempering.temperatures as u64 }
    }

    /// The waves that so much work is enough for.
    pub(super) fn waves(&self, sweeps: f64) -> usize {
        let (first, both) = (self.sweeps(1), self.sweeps(2));
        let more = ((sweeps - first) / (both - first)).floor();
        if more >= 0.0 { (1 + more as usize).min(MAX_WAVES) } else { 0 }
    }
}

/// What the batches have brought so far.
pub(super) struct Batches<'a> {
    pub(super) trial: &'a Trial,
    pub(super) scale: Scale,
    beta: f64,
    /// The number of the first annealing run for its random streams.
    first_run: usize,
    going_on: Ladders<'a>,
    up: Vec<WeightedSamples>,
    down: Vec<WeightedSamples>,
    /// ln Z of each batch from its chains up and down, wave after wave.
    pub(super) by_chains: Vec<f64>,
    /// What the ladders say in each wave.
    pub(super) ladders: Vec<LadderEstimate>,
    pub(super) round_trips: f64,
    /// How many states in a row of one batch depend on one another.
    pub(super) block: usize,
}

/// Chains up and down, of one batch in one wave.
type Pair = (WeightedSamples, WeightedSamples);

impl<'a> Batches<'a> {
    /// Ladders after their burn-in on the path of a trial. `attempt` counts the paths that were
    /// gone before, and `first_run` the annealing runs. `None` if the run was cancelled.
    pub(super) fn begin(
        trial: &'a Trial,
        beta: f64,
        (attempt, first_run): (usize, usize),
        run: &Run<'_>,
    ) -> Result<Option<Self>, Error> {
        let (scale, part) = (Scale::of(trial), exchange_part(RUNS, attempt));
        let in_sweeps = &scale.in_sweeps(run);
        let run = &Run { progress: in_sweeps, ..*run };
        let going_on = Ladders::after_burn_in(&scale.tempering, &trial.path, beta, 0..BATCHES, part, run)?;
        Ok(going_on.map(|going_on| Self {
            trial,
            scale,
            beta,
            first_run,
            going_on,
            up: Vec::new(),
            down: Vec::new(),
            by_chains: Vec::new(),
            ladders: Vec::new(),
            round_trips: 0.0,
            block: 0,
        }))
    }

    /// How many waves there were.
    pub(super) fn waves(&self) -> usize {
        self.ladders.len()
    }

    /// Whether replicas do not make the way.
    pub(super) fn is_stuck(&self) -> bool {
        self.round_trips < MIN_ROUND_TRIPS
    }

    /// Runs one more wave. `false` if the run was cancelled.
    pub(super) fn add_wave(&mut self, run: &Run<'_>) -> Result<bool, Error> {
        let in_sweeps = &self.scale.in_sweeps(run);
        let Some(stretch) = self.going_on.advance(&Run { progress: in_sweeps, ..*run }) else { return Ok(false) };
        let (trial, beta, rungs, first) = (self.trial, self.beta, self.scale.rungs, self.first_run + self.up.len());
        let both_ways = |(batch, states)| {
            let number = (first + batch, RUNS);
            let annealing = AnnealingRun::to_beta(&trial.path, beta, rungs, &trial.pilot.profile, number)?;
            Ok(both_ways(&annealing, states, run))
        };
        let pairs = stretch.top(CHAINS).into_par_iter().enumerate();
        let pairs: Result<Option<Vec<Pair>>, Error> = pairs.map(both_ways).collect();
        let Some(pairs) = pairs? else { return Ok(false) };
        for (up, down) in pairs {
            let alone = BothWays::join(&up, down.clone(), Dependence::Exact)?;
            self.by_chains.push(up.log_z_base - alone.joined.delta_f);
            self.up.push(up);
            self.down.push(down);
        }
        self.ladders.push(stretch.estimate(run)?);
        self.round_trips += stretch.memories().map(|memory| memory.round_trips).sum::<f64>();
        self.block = self.block.max(stretch.dependent(CHAINS));
        Ok(true)
    }

    /// The chains of all batches in one.
    pub(super) fn pooled(&self) -> Result<BothWays, Error> {
        let dependence =
            Dependence::Tempering { ladders: self.down.len(), block: self.block, round_trips: self.round_trips };
        BothWays::join(&WeightedSamples::concat(&self.up), WeightedSamples::concat(&self.down), dependence)
    }

    /// ln Z of each batch, the mean over its waves of what chains and ladders say, `mix`ed.
    pub(super) fn each(&self, mix: impl Fn(f64, f64) -> f64) -> Vec<f64> {
        let of_ladders: Vec<f64> = self.ladders.iter().flat_map(|wave| wave.each.iter().copied()).collect();
        let of_batch = |batch: usize| {
            let mixed = |wave: usize| mix(self.by_chains[wave * BATCHES + batch], of_ladders[wave * BATCHES + batch]);
            (0..self.waves()).map(mixed).sum::<f64>() / self.waves() as f64
        };
        (0..BATCHES).map(of_batch).collect()
    }
}

/// Chains up from the base, and chains down from states of a ladder. `None` if the run was
/// cancelled.
fn both_ways(annealing: &AnnealingRun, states: Vec<Vec<bool>>, run: &Run<'_>) -> Option<Pair> {
    let up = forward(annealing, CHAINS, Share::WHOLE, run).pop()?;
    let down = reverse(annealing, &InitialStates::whole(states, Origin::Exact), run)?;
    Some((up, down))
}

#[cfg(test)]
mod tests {
    use super::{super::paths::tests::trial, *};
    use crate::{
        Rbm,
        path::{Path, Profile},
        sample::{Base, Kernel},
    };

    /// Chains down start where they are told to, not where those up have arrived: two directions that
    /// share their states miss the same modes and agree. Planted bug that fails: the states of
    /// the chains up.
    #[test]
    fn chains_down_start_from_the_states_of_ladders() {
        let rbm = Rbm::from_rows(&[[0.5, -0.5], [0.3, 0.4], [1.0, 0.2]], &[0.1; 3], &[-0.2; 2]).unwrap();
        let path = std::sync::Arc::new(Path::from_base(&rbm, &Base::uniform(5), Kernel::Block, 1.0));
        let annealing = AnnealingRun::to_beta(&path, 1.0, 20, &Profile::even(), (0, 1)).unwrap();
        // States that chains up would hardly bring all together.
        let states = vec![vec![true, false]; CHAINS];
        let (up, down) = both_ways(&annealing, states.clone(), &Run::quiet(1)).unwrap();
        assert_eq!(down.kept, states);
        assert!(up.kept != states && up.kept.len() == states.len());
    }

    /// 2 L² steps and 1.25 L temperatures, within limits, and sweeps for each temperature.
    #[test]
    fn a_longer_path_has_more_steps_and_more_temperatures() {
        for (length, rungs, temperatures, sweeps, burn_in) in [
            (0.0, 500, 8, 2000, 500),
            (15.9, 505, 19, 3040, 760),
            (20.0, 800, 25, 4000, 1000),
            (30.0, 1800, 37, 5920, 1480),
            (60.0, 2000, 48, 6000, 1500),
        ] {
            let scale = Scale::of(&trial("uniform", 1.0, 10.0, 50.0, length));
            let found = &scale.tempering;
            assert_eq!((scale.rungs, found.temperatures), (rungs, temperatures), "{length}");
            assert_eq!((found.sweeps, found.burn_in), (sweeps, burn_in), "{length}");
            assert_eq!((found.ladders, found.records, found.replicates), (8, 200, 100));
        }
    }

    /// By hand for 25 temperatures, 1,000 and 4,000 sweeps, and 50 chains each way of 800 steps.
    #[test]
    fn work_is_the_sweeps_of_ladders_and_of_chains_both_ways() {
        let scale = Scale::of(&trial("uniform", 1.0, 10.0, 50.0, 20.0));
        let waves = |waves: f64| 8.0 * (25_000.0 + waves * (100_000.0 + 80_000.0));
        for count in [1, 2, 3, 24] {
            assert_eq!(scale.sweeps(count), waves(count as f64));
            assert_eq!(scale.waves(waves(count as f64)), count);
            assert_eq!(scale.waves(waves(count as f64) - 1.0), count - 1);
        }
        assert_eq!((scale.waves(0.0), scale.waves(1e12)), (0, MAX_WAVES));
    }

    /// As many round trips as are enough are enough.
    #[test]
    fn ladders_are_stuck_below_the_least_round_trips() {
        let (trial, run) = (trial("uniform", 1.0, 10.0, 50.0, 1.0), Run::quiet(1));
        let mut batches = Batches::begin(&trial, 1.0, (0, 0), &run).unwrap().unwrap();
        assert_eq!(batches.waves(), 0);
        for (trips, stuck) in [(0.0, true), (MIN_ROUND_TRIPS - 0.5, true), (MIN_ROUND_TRIPS, false), (1e3, false)] {
            batches.round_trips = trips;
            assert_eq!(batches.is_stuck(), stuck, "{trips}");
        }
    }
}
