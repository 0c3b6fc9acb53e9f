//! Markov kernels and the random streams that drive them.

mod bit_base;
mod collapsed;
mod gibbs;
mod rbm;
mod streams;

pub use collapsed::{CollapsedChains, CollapsedSampler};
pub use gibbs::{GibbsChains, GibbsSampler};
pub use streams::{BOOTSTRAP_STREAM, block_stream, stream};
