//! What is kept of the replicas, for the multistate acceptance ratio.

use crate::{
    curve::Betas,
    sample::{Chains, ConditionalEnergy, Rung},
};

/// States of one ladder, seen from every state of interest: the rungs, and after them the β asked
/// for.
pub(super) struct LadderSamples {
    rungs: Vec<Rung>,
    betas: Vec<Rung>,
    /// ln f of each sample in each state less that at the base, samples of rung 0 first at each
    /// time: [time][rung][state].
    log_ratios: Vec<f64>,
    /// ⟨E | x⟩ and Var(E | x) of each sample at each β asked for: [time][rung][β].
    energies: Vec<ConditionalEnergy>,
    /// The energy of the chain on each rung, there: [rung][time].
    pub(super) here: Vec<Vec<ConditionalEnergy>>,
    /// The kept units of the chain on the last rung: [time][unit].
    pub(super) top: Vec<Vec<bool>>,
}

impl LadderSamples {
    pub(super) fn new(rungs: &[Rung], betas: &Betas) -> Self {
        Self {
            rungs: rungs.to_vec(),
            betas: betas.iter().map(|beta| Rung::at(*beta)).collect(),
            log_ratios: Vec::new(),
            energies: Vec::new(),
            here: vec![Vec::new(); rungs.len()],
            top: Vec::new(),
        }
    }

    /// Takes down the present states of chains, one on each rung.
    pub(super) fn take(&mut self, chains: &dyn Chains) {
        let n = self.rungs.len();
        let states: Vec<Vec<f64>> = (self.rungs.iter().chain(&self.betas))
            .map(|state| {
                let mut log_ratio = vec![0.0; n];
                chains.add_log_ratio(&[Rung::BASE], std::slice::from_ref(state), &mut log_ratio);
                log_ratio
            })
            .collect();
        let energies: Vec<Vec<ConditionalEnergy>> =
            self.betas.iter().map(|beta| chains.conditional_energies(std::slice::from_ref(beta))).collect();
        for k in 0..n {
            self.log_ratios.extend(states.iter().map(|of_state| of_state[k]));
            self.energies.extend(energies.iter().map(|of_beta| of_beta[k]));
        }
        for (here, energy) in self.here.iter_mut().zip(chains.conditional_energies(&self.rungs)) {
            here.push(energy);
        }
        self.top.extend(chains.kept().pop());
    }

    /// The reduced potentials −ln f of the sample of `rung` at `time`, in each state.
    pub(super) fn potentials(&self, rung: usize, time: usize) -> impl Iterator<Item = f64> + '_ {
        let states = self.rungs.len() + self.betas.len();
        self.log_ratios[(time * self.rungs.len() + rung) * states..][..states].iter().map(|log_f| -log_f)
    }

    /// The energies of the sample of `rung` at `time`, at each β asked for.
    pub(super) fn energies(&self, rung: usize, time: usize) -> &[ConditionalEnergy] {
        &self.energies[(time * self.rungs.len() + rung) * self.betas.len()..][..self.betas.len()]
    }
}
