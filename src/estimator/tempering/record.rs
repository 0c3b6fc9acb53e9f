//! What is kept of the replicas, for the multistate acceptance ratio.

use crate::{
    estimator::arrays::{Arrays, from_bits, get, get_rows, put, to_bits},
    sample::{Chains, ConditionalEnergy, Rung},
};

/// Of which rungs the states are kept, and not only what they weigh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    /// Of the last, at most so many of them, equally far apart.
    Tops(usize),
    /// Of all, at every time.
    All,
}

/// States of one ladder, seen from every state of interest: the rungs, and after them those
/// asked for.
#[derive(Debug)]
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
    /// Those on the rungs below it, if they are asked for: [rung][time][unit].
    below: Option<Vec<Vec<Vec<bool>>>>,
}

impl LadderSamples {
    /// Nothing as yet, of `records` times that are to come.
    pub(super) fn new(rungs: &[Rung], targets: &[Rung], records: usize, keep: Keep) -> Self {
        let every = match keep {
            Keep::Tops(count) => records.div_ceil(count),
            Keep::All => 1,
        };
        Self {
            rungs: rungs.to_vec(),
            targets: targets.to_vec(),
            log_ratios: Vec::new(),
            energies: Vec::new(),
            here: vec![Vec::new(); rungs.len()],
            top: Vec::new(),
            every,
            below: (keep == Keep::All).then(|| vec![Vec::new(); rungs.len() - 1]),
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
        let mut kept = chains.kept();
        let top = kept.pop();
        if (self.here[0].len() - 1).is_multiple_of(self.every) {
            self.top.extend(top);
        }
        for (below, state) in self.below.iter_mut().flatten().zip(kept) {
            below.push(state);
        }
    }

    /// The kept units of the sample of `rung` at `time`. `None` if they were not asked for.
    pub(super) fn kept(&self, rung: usize, time: usize) -> Option<&[bool]> {
        let below = self.below.as_ref()?;
        let of_rung = if rung + 1 == self.rungs.len() { &self.top } else { below.get(rung)? };
        of_rung.get(time).map(Vec::as_slice)
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

    /// Adds the arrays of one ladder.
    pub(super) fn put(&self, arrays: &mut Arrays, prefix: &str) {
        let states = self.rungs.len() + self.targets.len();
        put(arrays, prefix, "log_ratios", &self.log_ratios.chunks(states).map(<[f64]>::to_vec).collect::<Vec<_>>());
        put(arrays, prefix, "energies", &rows(&self.energies));
        put(arrays, prefix, "here", &rows(&self.here.concat()));
        put(arrays, prefix, "top", &from_bits(&self.top));
    }

    /// The arrays of one ladder, as they were put; `None` if some are missing or of another shape.
    pub(super) fn get(arrays: &Arrays, prefix: &str, rungs: &[Rung], targets: &[Rung]) -> Option<Self> {
        let log_ratios = get(arrays, prefix, "log_ratios")?;
        let top = to_bits(get(arrays, prefix, "top")?);
        let of = |name| {
            let energy = |[energy, energy_variance]: [f64; 2]| ConditionalEnergy { energy, energy_variance };
            Some(get_rows(arrays, prefix, name)?.into_iter().map(energy).collect::<Vec<_>>())
        };
        let (energies, here) = (of("energies")?, of("here")?);
        let (n, states) = (rungs.len(), rungs.len() + targets.len());
        let times = here.len() / n.max(1);
        let whole = times > 0
            && (1..=times).contains(&top.len())
            && log_ratios.len() == n * times
            && log_ratios.iter().all(|row| row.len() == states)
            && energies.len() == n * times * targets.len()
            && here.len() == n * times;
        whole.then(|| Self {
            rungs: rungs.to_vec(),
            targets: targets.to_vec(),
            log_ratios: log_ratios.concat(),
            energies,
            here: here.chunks(times).map(<[ConditionalEnergy]>::to_vec).collect(),
            every: times.div_ceil(top.len()),
            top,
            below: None,
        })
    }
}

fn rows(energies: &[ConditionalEnergy]) -> Vec<Vec<f64>> {
    energies.iter().map(|e| vec![e.energy, e.energy_variance]).collect()
}
