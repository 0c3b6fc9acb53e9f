//! Random streams: one seed, as many independent streams as a run has parts.

use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

/// The stream that bootstrap resampling draws from.
pub const BOOTSTRAP_STREAM: u64 = 0;

/// Streams of one part of a run, one for each block of chains.
const STREAMS_A_PART: u64 = 1 << 16;

/// The stream of the k-th block of chains.
///
/// # Panics
/// If there are 65,535 blocks or more.
#[must_use]
pub fn block_stream(block: usize) -> u64 {
    assert!((block as u64) < STREAMS_A_PART - 1, "a part of a run has streams for 65,535 blocks");
    block as u64 + 1
}

/// What to add to the number of a stream in the k-th part of a run: a run whose parts draw at random independently of
/// one another gives each of them streams of its own.
#[must_use]
pub fn part_streams(part: usize) -> u64 {
    part as u64 * STREAMS_A_PART
}

/// Stream number `stream` of `seed`: the generator, so many long jumps of 2¹⁹² draws (for the block) and jumps of 2¹²⁸
/// draws (for the part) ahead, so that no two overlap.
///
/// Work is dealt out by stream, never by thread: that is what makes a result independent of the number of threads.
#[must_use]
pub fn stream(seed: u64, stream: u64) -> Xoshiro256PlusPlus {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    (0..stream % STREAMS_A_PART).for_each(|_| rng.long_jump());
    (0..stream / STREAMS_A_PART).for_each(|_| rng.jump());
    rng
}
