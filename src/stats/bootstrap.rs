//! Resampling of whole units, and of blocks of a correlated series.

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

/// How often each step of a series of length `n` is drawn if blocks of `block` neighbouring steps
/// are, n steps in all.
///
/// Blocks start anywhere and run on from the end to the beginning, so that every step is as likely
/// as any other (the circular block bootstrap, Politis and Romano 1992); the last block is cut to
/// fit. For the length see [`IntegratedTime::block_length`](super::IntegratedTime::block_length).
/// Series that belong together, such as the rungs of one tempering run, share one list of counts.
pub fn block_counts(n: usize, block: usize, rng: &mut impl Rng) -> Vec<u32> {
    let block = block.clamp(1, n.max(1));
    let mut counts = vec![0; n];
    let mut left = n;
    while left > 0 {
        let start = rng.random_range(0..n);
        let length = block.min(left);
        (start..start + length).for_each(|i| counts[i % n] += 1);
        left -= length;
    }
    counts
}

/// What leaving out each block in turn says of a statistic.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Jackknife {
    /// The statistic of everything, less its bias to first order in 1/n.
    pub value: f64,
    /// The bias that was taken off.
    pub bias: f64,
    /// The standard error.
    pub std_error: f64,
}

/// The block jackknife (Künsch 1989): `statistic` is called with the counts of all `n` steps, then
/// of all but one block.
///
/// The steps are cut into as many blocks of at least `block` steps as there is room for; `None` if
/// these are fewer than two.
pub fn jackknife(n: usize, block: usize, mut statistic: impl FnMut(&[u32]) -> f64) -> Option<Jackknife> {
    let blocks = n / block.max(1);
    if blocks < 2 {
        return None;
    }
    let mut counts = vec![1; n];
    let all = statistic(&counts);
    let without: Vec<f64> = (0..blocks)
        .map(|b| {
            let range = b * n / blocks..(b + 1) * n / blocks;
            counts[range.clone()].fill(0);
            let value = statistic(&counts);
            counts[range].fill(1);
            value
        })
        .collect();
    let (m, centre) = (blocks as f64, super::mean(&without));
    let bias = (m - 1.0) * (centre - all);
    let spread: f64 = without.iter().map(|x| (x - centre).powi(2)).sum();
    Some(Jackknife { value: all - bias, bias, std_error: ((m - 1.0) / m * spread).sqrt() })
}
