//! One ladder of replicas that exchange their temperatures.

use rand::RngExt;
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::{
    Run,
    sample::{Chains, Rung},
};

/// A chain on every rung, and what became of the replicas that move through them.
pub(crate) struct Exchange<'a> {
    chains: Box<dyn Chains + 'a>,
    rng: Xoshiro256PlusPlus,
    /// Which replica stands on each rung.
    replica: Vec<usize>,
    /// The highest rung that a replica has been on since it was at the base; `None` before it first
    /// was.
    highest: Vec<Option<usize>>,
    /// Whether the next exchanges are between rungs 0 and 1, 2 and 3, … or between 1 and 2, 3 and
    /// 4, …
    even: bool,
    log: Log,
}

/// What happened since it was last asked for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Log {
    /// The sum of the probabilities to accept an exchange, for each pair of neighbouring rungs.
    pub(crate) accepted: Vec<f64>,
    /// How many exchanges were tried.
    pub(crate) tried: Vec<f64>,
    /// Journeys of a replica from the base to a rung, or beyond it, and back: for each rung.
    pub(crate) round_trips: Vec<f64>,
}

impl Log {
    pub(crate) fn empty(rungs: usize) -> Self {
        Self { accepted: vec![0.0; rungs - 1], tried: vec![0.0; rungs - 1], round_trips: vec![0.0; rungs] }
    }

    /// Both logs in one.
    pub(crate) fn merge(mut self, other: &Self) -> Self {
        let add = |to: &mut [f64], from: &[f64]| to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
        add(&mut self.accepted, &other.accepted);
        add(&mut self.tried, &other.tried);
        add(&mut self.round_trips, &other.round_trips);
        self
    }

    /// The mean probability to accept an exchange, for each pair.
    pub(crate) fn swap_rates(&self) -> Vec<f64> {
        self.accepted.iter().zip(&self.tried).map(|(accepted, tried)| accepted / tried.max(1.0)).collect()
    }
}

impl<'a> Exchange<'a> {
    /// Of chains, one for each of `rungs` rungs.
    pub(crate) fn new(chains: Box<dyn Chains + 'a>, rungs: usize, rng: Xoshiro256PlusPlus) -> Self {
        let (replica, highest) = ((0..rungs).collect(), vec![None; rungs]);
        Self { chains, rng, replica, highest, even: true, log: Log::empty(rungs) }
    }

    /// One sweep of every chain, then exchanges between half of the neighbouring pairs of rungs,
    /// alternately the one half and the other: a deterministic order, in which a replica that is
    /// not held up keeps its direction (Okabe et al., Chem. Phys. Lett. 335, 435 (2001); Syed et
    /// al., J. R. Stat. Soc. B 84, 321 (2022)).
    fn step(&mut self, rungs: &[Rung]) {
        self.chains.sweep(rungs);
        let n = rungs.len();
        let lower = || (usize::from(!self.even)..n - 1).step_by(2);
        // ln f on the rung of the other one of a pair, less ln f where the chain is.
        let (mut there, mut gain) = (rungs.to_vec(), vec![0.0; n]);
        lower().for_each(|k| there.swap(k, k + 1));
        self.chains.add_log_ratio(rungs, &there, &mut gain);
        for k in lower() {
            let probability = (gain[k] + gain[k + 1]).min(0.0).exp();
            self.log.accepted[k] += probability;
            self.log.tried[k] += 1.0;
            if self.rng.random::<f64>() < probability {
                self.chains.swap(k, k + 1);
                self.replica.swap(k, k + 1);
            }
        }
        self.even = !self.even;
        self.count_round_trips();
    }

    /// So many steps. `None` if the run was cancelled on the way.
    pub(crate) fn advance(&mut self, rungs: &[Rung], steps: usize, run: &Run<'_>) -> Option<()> {
        (0..steps).try_for_each(|_| {
            self.step(rungs);
            run.advance_or_stop(1).then_some(())
        })
    }

    fn count_round_trips(&mut self) {
        for (rung, replica) in self.replica.iter().enumerate() {
            let highest = &mut self.highest[*replica];
            *highest = highest.map(|highest| highest.max(rung));
        }
        let arrived = &mut self.highest[self.replica[0]];
        let highest = arrived.replace(0).unwrap_or(0);
        self.log.round_trips[1..=highest].iter_mut().for_each(|trips| *trips += 1.0);
    }

    /// The log so far, which begins anew.
    pub(crate) fn take_log(&mut self) -> Log {
        let rungs = self.replica.len();
        std::mem::replace(&mut self.log, Log::empty(rungs))
    }

    /// All units on each rung, in the order of the model.
    pub(crate) fn states(&mut self, rungs: &[Rung]) -> Vec<Vec<bool>> {
        self.chains.states(rungs)
    }

    pub(crate) fn chains(&self) -> &dyn Chains {
        self.chains.as_ref()
    }
}
