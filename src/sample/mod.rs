//! Markov kernels and the random streams that drive them.

mod gibbs;
mod streams;

pub use gibbs::{GibbsChains, GibbsSampler};
pub use streams::{BOOTSTRAP_STREAM, block_stream, stream};
