//! Random streams: one seed, as many independent streams as a run has parts.

use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

/// The stream that bootstrap resampling draws from.
pub const BOOTSTRAP_STREAM: u64 = 0;

/// The stream of the k-th block of chains.
#[must_use]
pub fn block_stream(block: usize) -> u64 {
    block as u64 + 1
}

/// Stream number `stream` of `seed`: the generator, `stream` long jumps of 2¹⁹² draws ahead, so that no two overlap.
///
/// Work is dealt out by stream, never by thread: that is what makes a result independent of the number of threads.
#[must_use]
pub fn stream(seed: u64, stream: u64) -> Xoshiro256PlusPlus {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    (0..stream).for_each(|_| rng.long_jump());
    rng
}
