//! How chains are dealt out to blocks that advance together.

/// The numbers of chains that advance together, each on one random stream: nearly equal parts.
///
/// They depend on the number of chains alone, so that results do not depend on the number of
/// threads. A block pays for building its tables of sums once a sweep, so it should hold 50 chains
/// at least, and has no more to gain beyond 125; between the two, eight blocks leave work for as
/// many threads.
pub(in crate::estimator) fn block_sizes(chains: usize) -> Vec<usize> {
    let blocks = chains.div_ceil(125).max((chains / 50).clamp(1, 8));
    (0..blocks).map(|k| chains * (k + 1) / blocks - chains * k / blocks).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_nearly_equal_and_hold_every_chain() {
        for chains in (1..2000).chain([99_999, 100_000_000]) {
            let sizes = block_sizes(chains);
            let (least, most) = (*sizes.iter().min().unwrap(), *sizes.iter().max().unwrap());
            assert_eq!(sizes.iter().sum::<usize>(), chains);
            assert!(most <= 125 && most - least <= 1 && least >= 50.min(chains), "{chains}: {least}..{most}");
        }
        assert_eq!([50, 100, 1000].map(|chains| block_sizes(chains).len()), [1, 2, 8]);
    }
}
