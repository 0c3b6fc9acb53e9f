//! One ladder of replicas that exchange their temperatures.

use rand::RngExt;
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::model::{Chains, Rung};

/// A chain on every rung, and what became of the replicas that move through them.
pub(super) struct Replicas<'a> {
    chains: Box<dyn Chains + 'a>,
    rng: Xoshiro256PlusPlus,
    /// Which replica stands on each rung.
    replica: Vec<usize>,
    /// Whether a replica has last been at the base (`Some(true)`) or at the top.
    from_base: Vec<Option<bool>>,
    /// Whether the next exchanges are between rungs 0 and 1, 2 and 3, … or between 1 and 2, 3 and 4, …
    even: bool,
    log: Log,
}

/// What happened since it was last asked for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Log {
    /// The sum of the probabilities to accept an exchange, for each pair of neighbouring rungs.
    pub(super) accepted: Vec<f64>,
    /// How many exchanges were tried.
    pub(super) tried: Vec<f64>,
    /// Journeys of a replica from the base to the top and back.
    pub(super) round_trips: usize,
}

impl Log {
    fn empty(pairs: usize) -> Self {
        Self { accepted: vec![0.0; pairs], tried: vec![0.0; pairs], round_trips: 0 }
    }

    /// Both logs in one.
    pub(super) fn merge(mut self, other: &Self) -> Self {
        let add = |to: &mut [f64], from: &[f64]| to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
        add(&mut self.accepted, &other.accepted);
        add(&mut self.tried, &other.tried);
        self.round_trips += other.round_trips;
        self
    }

    /// The mean probability to accept an exchange, for each pair.
    pub(super) fn swap_rates(&self) -> Vec<f64> {
        self.accepted.iter().zip(&self.tried).map(|(accepted, tried)| accepted / tried.max(1.0)).collect()
    }
}

impl<'a> Replicas<'a> {
    /// Of chains, one for each of `rungs` rungs.
    pub(super) fn new(chains: Box<dyn Chains + 'a>, rungs: usize, rng: Xoshiro256PlusPlus) -> Self {
        let (replica, from_base) = ((0..rungs).collect(), vec![None; rungs]);
        Self { chains, rng, replica, from_base, even: true, log: Log::empty(rungs - 1) }
    }

    /// One sweep of every chain, then exchanges between half of the neighbouring pairs of rungs, alternately the one half and
    /// the other: a deterministic order, in which a replica that is not held up keeps its direction (Okabe et al., Chem.
    /// Phys. Lett. 335, 435 (2001); Syed et al., J. R. Stat. Soc. B 84, 321 (2022)).
    pub(super) fn step(&mut self, rungs: &[Rung]) {
        self.chains.sweep(rungs);
        let n = rungs.len();
        // ln f on the next rung up, and on the next down, less ln f where the chain is.
        let (mut up, mut down) = (vec![0.0; n], vec![0.0; n]);
        let above: Vec<Rung> = (0..n).map(|k| rungs[(k + 1).min(n - 1)]).collect();
        let below: Vec<Rung> = (0..n).map(|k| rungs[k.saturating_sub(1)]).collect();
        self.chains.add_log_ratio(rungs, &above, &mut up);
        self.chains.add_log_ratio(rungs, &below, &mut down);
        for k in (usize::from(!self.even)..n - 1).step_by(2) {
            let probability = (up[k] + down[k + 1]).min(0.0).exp();
            self.log.accepted[k] += probability;
            self.log.tried[k] += 1.0;
            if self.rng.random::<f64>() < probability {
                self.chains.swap(k, k + 1);
                self.replica.swap(k, k + 1);
            }
        }
        self.even = !self.even;
        self.watch_the_ends();
    }

    fn watch_the_ends(&mut self) {
        let (base, top) = (self.replica[0], self.replica[self.replica.len() - 1]);
        if self.from_base[base] == Some(false) {
            self.log.round_trips += 1;
        }
        self.from_base[base] = Some(true);
        // Only what has been at the base can be on its way back.
        if self.from_base[top].is_some() {
            self.from_base[top] = Some(false);
        }
    }

    /// The log so far, which begins anew.
    pub(super) fn take_log(&mut self) -> Log {
        let pairs = self.log.accepted.len();
        std::mem::replace(&mut self.log, Log::empty(pairs))
    }

    pub(super) fn chains(&self) -> &dyn Chains {
        self.chains.as_ref()
    }
}
