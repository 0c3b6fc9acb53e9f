//! What has an energy.
//!
//! [`Model`] is what every model has; the capabilities are traits of their own ([`Enumerate`],
//! [`Sample`](crate::sample::Sample), [`Expand`]), so that asking an estimator for something a
//! model cannot do does not compile.

mod any;
mod cumulants;
mod data_weights;
mod draw;
mod expand;
pub mod feature;
mod ising;
mod ising_expand;
mod levels;
mod marginal;
pub mod random;
mod rbm;
mod rbm_enumerate;
mod rbm_expand;
mod sparse_expand;
mod sparse_ising;
pub mod torus;
mod units;

pub use any::AnyModel;
pub use cumulants::Cumulants;
pub use data_weights::{DataWeights, WholeState};
pub use draw::Draw;
pub use expand::{Channels, Expand, Order, PlefkaTerms};
pub use ising::Ising;
pub use levels::Levels;
pub use marginal::{KeptLayer, Marginal};
pub use rbm::Rbm;
pub use rbm_enumerate::UnitMeans;
pub(crate) use rbm_enumerate::on_units;
pub(crate) use sparse_ising::DENSE_SHARE;
#[cfg(feature = "cli")]
pub(crate) use sparse_ising::DENSE_SPINS;
pub use sparse_ising::{PairCoupled, SparseIsing};
pub use units::Units;

use crate::run::Run;

/// A system of discrete units with an energy E(x); the weight of a state at inverse temperature β
/// is e^{−βE(x)}.
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

/// What an enumeration costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EnumerationCost {
    /// log₂ of the number of states visited (those of the units that are not summed out
    /// analytically).
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
