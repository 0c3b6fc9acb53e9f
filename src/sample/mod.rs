//! Markov kernels and the random streams that drive them; how fast they forget, and where a state flows to at zero temperature.

mod basins;
mod bit_base;
mod collapsed;
mod exact;
mod gibbs;
mod ising;
mod levels;
mod overlap;
mod quench;
mod rbm;
mod relaxation;
mod single_flip;
mod streams;

pub use basins::Basins;
pub use collapsed::{CollapsedChains, CollapsedSampler};
pub use gibbs::{GibbsChains, GibbsSampler};
pub use overlap::{OverlapTime, overlap_time};
pub use quench::{InherentStructures, Minimum, Quench, Unit, quench};
pub use relaxation::Relaxation;
pub use streams::{BOOTSTRAP_STREAM, block_stream, part_streams, stream};
