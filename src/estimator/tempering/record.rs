//! What is kept of the replicas, for the multistate acceptance ratio.

use crate::sample::{Chains, ConditionalEnergy, Rung};

/// Of which rungs the states are kept, and not only what they weigh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    /// Of the last.
    Top,
    /// Of all.
    All,
}

/// States of one ladder, seen from every state of interest: the rungs, and after them those
/// asked for.
pub(super) struct LadderSamples {
    rungs: Vec<Rung>,
    targets: Vec<Rung>,
    /// ln f of each sample in each state less that at the base, samples of rung 0 first at each
    /// time: [time][rung][state].
    log_ratios: Vec<f64>,
    /// ⟨E | x⟩ and Var(E | x) of each sample at each rung asked for: [time][rung][target].
    energies: Vec<ConditionalEnergy>,
    /// The energy of the chain on each rung, there: [rung][time].
    pub(super) here: Vec<Vec<ConditionalEnergy>>,
    /// The kept units of the chain on each rung, as far as they are asked for: [rung][time][unit].
    pub(super) kept: Vec<Vec<Vec<bool>>>,
    keep: Keep,
}

impl LadderSamples {
    pub(super) fn new(rungs: &[Rung], targets: &[Rung], keep: Keep) -> Self {
        Self {
            rungs: rungs.to_vec(),
            targets: targets.to_vec(),
            log_ratios: Vec::new(),
            energies: Vec::new(),
            here: vec![Vec::new(); rungs.len()],
            kept: vec![Vec::new(); rungs.len()],
            keep,
        }
    }

    /// Takes down the present states of chains, one on each rung.
    pub(super) fn take(&mut self, chains: &dyn Chains) {
        let n = self.rungs.len();
        let to: Vec<Rung> = self.rungs.iter().chain(&self.targets).copied().collect();
        let states = chains.log_ratios(Rung::BASE, &to, n);
        let energies: Vec<Vec<ConditionalEnergy>> =
            self.targets.iter().map(|target| chains.conditional_energies(std::slice::from_ref(target))).collect();
        for k in 0..n {
            self.log_ratios.extend(states.iter().map(|of_state| of_state[k]));
            self.energies.extend(energies.iter().map(|of_target| of_target[k]));
        }
        for (here, energy) in self.here.iter_mut().zip(chains.conditional_energies(&self.rungs)) {
            here.push(energy);
        }
        let first = if self.keep == Keep::All { 0 } else { n - 1 };
        let states = chains.kept().into_iter().enumerate().skip(first);
        states.for_each(|(rung, state)| self.kept[rung].push(state));
    }

    /// The kept units of the chain on the last rung: [time][unit].
    pub(super) fn top(&self) -> &[Vec<bool>] {
        self.kept.last().map_or(&[], Vec::as_slice)
    }

    /// The reduced potentials −ln f of the sample of `rung` at `time`, in each state.
    pub(super) fn potentials(&self, rung: usize, time: usize) -> impl Iterator<Item = f64> + '_ {
        let states = self.rungs.len() + self.targets.len();
        self.log_ratios[(time * self.rungs.len() + rung) * states..][..states].iter().map(|log_f| -log_f)
    }

    /// The energies of the sample of `rung` at `time`, at each rung asked for.
    pub(super) fn energies(&self, rung: usize, time: usize) -> &[ConditionalEnergy] {
        &self.energies[(time * self.rungs.len() + rung) * self.targets.len()..][..self.targets.len()]
    }
}
