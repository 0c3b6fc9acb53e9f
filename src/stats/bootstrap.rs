//! Resampling of whole units.

use rand::{Rng, RngExt};

/// How often each of `n` items is drawn in one bootstrap resample of size `n` (Efron 1979).
///
/// The items must be independent: whole chains, never the rungs of one.
pub fn resample_counts(n: usize, rng: &mut impl Rng) -> Vec<u32> {
    let mut counts = vec![0; n];
    for _ in 0..n {
        counts[rng.random_range(0..n)] += 1;
    }
    counts
}
