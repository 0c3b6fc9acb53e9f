//! Markov kernels and the random streams that drive them; how fast they forget, and where a state
//! flows to at zero temperature.

mod any;
mod base;
mod basins;
mod bit_base;
mod capability;
mod chains;
mod collapsed;
pub(crate) mod equilibrium;
mod exact;
pub(crate) mod exchange;
mod gibbs;
mod ising;
mod levels;
mod mixture;
mod mixture_base;
mod overlap;
mod precision;
mod quench;
mod rbm;
mod relaxation;
mod single_flip;
mod sparse_ising;
mod trajectory;

pub use crate::kernel::rung::Rung;
pub use any::{Capabilities, Kind};
pub use base::Base;
pub use basins::Basins;
pub use capability::{Kernel, Sample};
pub use chains::{Chains, ConditionalEnergy, Sampler};
pub use mixture_base::{Component, MixtureBase};
pub use overlap::{OverlapTime, overlap_time};
pub use quench::{InherentStructures, Minimum, Quench, Unit, quench};
pub use relaxation::Relaxation;
pub(crate) use trajectory::trajectory_sampler;
