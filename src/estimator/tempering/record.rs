//! What is kept of the replicas, for the multistate acceptance ratio.

use crate::sample::{Chains, ConditionalEnergy, Rung};

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
    /// The kept units of the chain on the last rung, at every so manieth time: [time][unit].
    pub(super) top: Vec<Vec<bool>>,
    every: usize,
}

impl LadderSamples {
    /// Nothing as yet; of the states on the last rung one at every `every` times will be kept.
    pub(super) fn new(rungs: &[Rung], targets: &[Rung], every: usize) -> Self {
        Self {
            rungs: rungs.to_vec(),
            targets: targets.to_vec(),
            log_ratios: Vec::new(),
            energies: Vec::new(),
            here: vec![Vec::new(); rungs.len()],
            top: Vec::new(),
            every,
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
        if (self.here[0].len() - 1).is_multiple_of(self.every) {
            self.top.extend(chains.kept().pop());
        }
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
