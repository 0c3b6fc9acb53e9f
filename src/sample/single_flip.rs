//! Heat-bath flips of single units, for any model that knows the energy of a flip.

use rand::RngExt;
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::{
    kernel::layer::group_size,
    model::{Model, Units},
    sample::{Base, Chains, ConditionalEnergy, Rung, Sampler},
    stats::sigmoid,
    streams::stream,
};

/// A model whose units flip one by one.
pub(super) trait SingleFlip: Model + Clone + Send {
    /// A state with whatever is worth keeping beside it.
    type State: Clone + Send + Sync;

    /// The kind of its units.
    const UNITS: Units;

    /// The state with these units at their upper value.
    fn state(&self, upper: &[bool]) -> Self::State;

    /// Whether unit `i` is at its upper value.
    fn is_upper(state: &Self::State, i: usize) -> bool;

    /// E of a state.
    fn energy(&self, state: &Self::State) -> f64;

    /// By how much E grows when unit `i` flips.
    fn energy_of_flip(&self, state: &Self::State, i: usize) -> f64;

    /// Flips unit `i`.
    fn flip(&self, state: &mut Self::State, i: usize);
}

/// Glauber dynamics: each unit in turn is drawn given all others, so that no unit is summed out.
///
/// Each flip satisfies detailed balance, their sequence does not: its time reversal goes through
/// the units backwards. (Metropolis flips, which are always accepted at β = 0, would turn every
/// unit over in each sweep there.)
pub(super) struct SingleFlipSampler<M> {
    model: M,
    /// θ of the base for bits: 2θ for a spin.
    theta: Vec<f64>,
    base: Base,
}

/// The states of a block of chains.
pub(super) struct SingleFlipChains<'a, M: SingleFlip> {
    sampler: &'a SingleFlipSampler<M>,
    states: Vec<M::State>,
    rng: Xoshiro256PlusPlus,
}

impl<M: SingleFlip> SingleFlipSampler<M> {
    /// Prepares the kernel for a model and the paths from a base.
    ///
    /// # Panics
    /// If the base does not have one field for each unit.
    pub(super) fn new(model: &M, base: &Base) -> Self {
        assert_eq!(base.fields().len(), model.n_units(), "a base has one field for each unit");
        let [low, high] = M::UNITS.values();
        let theta = base.fields().iter().map(|theta| (high - low) * theta).collect();
        Self { model: model.clone(), theta, base: base.clone() }
    }

    fn chains(&self, states: Vec<M::State>, rng: Xoshiro256PlusPlus) -> SingleFlipChains<'_, M> {
        SingleFlipChains { sampler: self, states, rng }
    }

    /// θ·x.
    fn base_term(&self, state: &M::State) -> f64 {
        let values = M::UNITS.values();
        let term = |(i, theta): (usize, &f64)| theta * values[usize::from(M::is_upper(state, i))];
        self.base.fields().iter().enumerate().map(term).sum()
    }
}

impl<M: SingleFlip> Sampler for SingleFlipSampler<M> {
    fn chains_at_base(&self, count: usize, seed: u64, number: u64) -> Box<dyn Chains + '_> {
        let mut rng = stream(seed, number);
        let mut draw = || self.theta.iter().map(|t| rng.random::<f64>() < sigmoid(*t)).collect::<Vec<bool>>();
        let states = (0..count).map(|_| self.model.state(&draw())).collect();
        Box::new(self.chains(states, rng))
    }

    fn chains_from(&self, kept: &[Vec<bool>], seed: u64, number: u64) -> Box<dyn Chains + '_> {
        let n = self.model.n_units();
        assert!(kept.iter().all(|state| state.len() == n), "a state has one value for each of {n} units");
        Box::new(self.chains(kept.iter().map(|state| self.model.state(state)).collect(), stream(seed, number)))
    }

    fn log_z_base(&self) -> f64 {
        self.base.log_z(&vec![M::UNITS; self.model.n_units()])
    }
}

impl<M: SingleFlip> SingleFlipChains<'_, M> {
    /// Offers every unit of every chain a flip, in ascending order or, time reversed, in descending
    /// order.
    fn flip_all(&mut self, rungs: &[Rung], backwards: bool) {
        let Self { sampler, states, rng } = self;
        let n = sampler.model.n_units();
        let group = group_size(states.len(), rungs);
        for (states, rung) in states.chunks_mut(group).zip(rungs) {
            for state in states {
                for k in 0..n {
                    let i = if backwards { n - 1 - k } else { k };
                    let up = if M::is_upper(state, i) { -1.0 } else { 1.0 };
                    let gain = rung.field(-sampler.model.energy_of_flip(state, i), up * sampler.theta[i]);
                    if rng.random::<f64>() < sigmoid(gain) {
                        sampler.model.flip(state, i);
                    }
                }
            }
        }
    }
}

impl<M: SingleFlip> Chains for SingleFlipChains<'_, M> {
    fn sweep(&mut self, rungs: &[Rung]) {
        self.flip_all(rungs, false);
    }

    fn sweep_back(&mut self, rungs: &[Rung]) {
        self.flip_all(rungs, true);
    }

    fn add_log_ratio(&self, from: &[Rung], to: &[Rung], log_w: &mut [f64]) {
        let group = group_size(log_w.len(), to);
        for (chain, (log_w, state)) in log_w.iter_mut().zip(&self.states).enumerate() {
            let (from, to) = (from[chain / group], to[chain / group]);
            let change = Rung { beta: to.beta - from.beta, base: to.base - from.base, segment: 0 };
            *log_w += change.field(-self.sampler.model.energy(state), self.sampler.base_term(state));
        }
    }

    fn conditional_energies(&self, _: &[Rung]) -> Vec<ConditionalEnergy> {
        let energy = |state| ConditionalEnergy { energy: self.sampler.model.energy(state), energy_variance: 0.0 };
        self.states.iter().map(energy).collect()
    }

    fn swap(&mut self, a: usize, b: usize) {
        self.states.swap(a, b);
    }

    fn kept(&self) -> Vec<Vec<bool>> {
        let n = self.sampler.model.n_units();
        self.states.iter().map(|state| (0..n).map(|i| M::is_upper(state, i)).collect()).collect()
    }

    fn states(&mut self, _: &[Rung]) -> Vec<Vec<bool>> {
        self.kept()
    }
}
