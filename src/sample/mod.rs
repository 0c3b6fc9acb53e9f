//! Markov kernels and the random streams that drive them.

mod bit_base;
mod collapsed;
mod exact;
mod gibbs;
mod ising;
mod levels;
mod rbm;
mod single_flip;
mod streams;

pub use collapsed::{CollapsedChains, CollapsedSampler};
pub use gibbs::{GibbsChains, GibbsSampler};
pub use streams::{BOOTSTRAP_STREAM, block_stream, part_streams, stream};
