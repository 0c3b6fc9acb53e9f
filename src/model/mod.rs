//! What has an energy.
//!
//! [`Model`] is what every model has; the capabilities are traits of their own ([`Enumerate`], [`Sample`], [`Expand`]),
//! so that asking an estimator for something a model cannot do does not compile.

mod expand;
mod ising;
mod ising_expand;
mod levels;
mod marginal;
mod rbm;
mod rbm_enumerate;
mod rbm_expand;
mod units;

pub use expand::{Channels, Expand, Order, PlefkaTerms};
pub use ising::Ising;
pub use levels::Levels;
pub use marginal::{KeptLayer, Marginal};
pub use rbm::Rbm;
pub use rbm_enumerate::UnitMeans;
pub use units::Units;

use crate::estimator::Run;

/// A system of discrete units with an energy E(x); the weight of a state at inverse temperature β is e^{−βE(x)}.
pub trait Model: Sync {
    /// The number of units n.
    fn n_units(&self) -> usize;

    /// ln Z(0): the logarithm of the number of states, n ln 2 for two-state units.
    fn log_z_at_zero(&self) -> f64 {
        self.n_units() as f64 * std::f64::consts::LN_2
    }
}

/// What an enumeration is to sum up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sums {
    /// ln Z alone.
    LogZ,
    /// ln Z, ⟨E⟩ and Var E; several times the work.
    Cumulants,
}

/// ln Z and, if they were asked for, the first two energy cumulants at one β.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cumulants {
    /// ln Z, nats.
    pub log_z: f64,
    /// ⟨E⟩.
    pub energy: Option<f64>,
    /// Var E.
    pub energy_variance: Option<f64>,
}

/// What an enumeration costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EnumerationCost {
    /// log₂ of the number of states visited (those of the units that are not summed out analytically).
    pub log2_states: u32,
    /// Elementary factors multiplied for each state.
    pub factors_per_state: usize,
}

impl EnumerationCost {
    /// All factors of all states. (A float: it can be astronomical.)
    #[must_use]
    pub fn factors(self) -> f64 {
        2f64.powf(f64::from(self.log2_states)) * self.factors_per_state as f64
    }
}

/// A model whose states can be visited one by one: the truth, for [`Exact`](crate::Exact).
pub trait Enumerate: Model {
    /// The size of the enumeration, before it is begun.
    fn enumeration_cost(&self) -> EnumerationCost;

    /// Sums over all states at β. `None` if the run was cancelled on the way.
    ///
    /// Advances `run.progress` by one for each state visited.
    fn enumerate(&self, beta: f64, sums: Sums, run: &Run<'_>) -> Option<Cumulants>;
}

/// What one chain knows about the energy, after some units were summed out analytically.
///
/// Write f(x; β) for the unnormalised marginal weight of the kept units x. Then `energy` = −∂ln f/∂β is the mean energy
/// given x, and `energy_variance` = ∂²ln f/∂β² its variance given x.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct ConditionalEnergy {
    /// ⟨E | x⟩.
    pub energy: f64,
    /// Var(E | x).
    pub energy_variance: f64,
}

/// How the chains of a sampled model move.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kernel {
    /// [`Kernel::Collapsed`] where it is cheap, that is for at most 64 kept units; [`Kernel::Block`] otherwise.
    #[default]
    Auto,
    /// Block Gibbs: one layer given the other, and back. The cheapest sweep.
    Block,
    /// Collapsed Gibbs: the units of the smaller layer one by one, the larger layer summed out exactly. A dearer sweep
    /// that crosses barriers better.
    Collapsed,
}

/// A model that can be sampled: annealed importance sampling, tempering.
pub trait Sample: Model {
    /// Prepares a Markov kernel for this model (copies, tables), once for many sweeps.
    fn sampler(&self, kernel: Kernel) -> Box<dyn Sampler>;
}

/// A Markov kernel that leaves e^{−βE}/Z(β) invariant at any β.
pub trait Sampler: Sync {
    /// `count` chains in equilibrium at β = 0 (uniform over the states), on random stream number `stream` of `seed`.
    fn chains_at_zero(&self, count: usize, seed: u64, stream: u64) -> Box<dyn Chains + '_>;
}

/// A block of chains that advance together, with their random stream.
///
/// Their weights are marginal: a layer of units is summed out of them, which lowers their variance (Salakhutdinov &
/// Murray, ICML 2008; Yasuda & Takahashi 2022 say under which condition).
pub trait Chains: Send {
    /// One sweep of every chain at β.
    fn sweep(&mut self, beta: f64);

    /// Adds ln f(x; `to`) − ln f(x; `from`) of each chain to `log_w`, with f the unnormalised marginal weight.
    fn add_log_ratio(&self, from: f64, to: f64, log_w: &mut [f64]);

    /// The energy of each chain given its kept units, at β.
    fn conditional_energies(&self, beta: f64) -> Vec<ConditionalEnergy>;

    /// The kept units of each chain, as 0/1.
    fn kept(&self) -> Vec<Vec<f64>>;
}
