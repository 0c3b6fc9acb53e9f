//! How chains are dealt out to blocks that advance together.

use std::ops::Range;

use crate::estimator::Share;

/// Chains that advance together, on a random stream of their own.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::estimator) struct Block {
    /// Which of all blocks it is.
    pub(in crate::estimator) number: usize,
    /// Which of all chains it holds.
    pub(in crate::estimator) chains: Range<usize>,
}

/// How many blocks so many chains make.
pub(in crate::estimator) fn block_count(chains: usize) -> usize {
    chains.div_ceil(125).max((chains / 50).clamp(1, 8))
}

/// The blocks of so many chains that a share of the run has: nearly equal parts.
///
/// They depend on the number of chains alone, so that results do not depend on the number of
/// threads. A block pays for building its tables of sums once a sweep, so it should hold 50 chains
/// at least, and has no more to gain beyond 125; between the two, eight blocks leave work for as
/// many threads.
pub(in crate::estimator) fn blocks(chains: usize, share: Share) -> Vec<Block> {
    let blocks = block_count(chains);
    let first = |number: usize| chains * number / blocks;
    share.of(blocks).map(|number| Block { number, chains: first(number)..first(number + 1) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_nearly_equal_and_hold_every_chain() {
        for chains in (1..2000).chain([99_999, 1_000_000]) {
            let blocks = blocks(chains, Share::WHOLE);
            let sizes: Vec<usize> = blocks.iter().map(|block| block.chains.len()).collect();
            let (least, most) = (*sizes.iter().min().unwrap(), *sizes.iter().max().unwrap());
            assert_eq!(sizes.iter().sum::<usize>(), chains);
            assert!(most <= 125 && most - least <= 1 && least >= 50.min(chains), "{chains}: {least}..{most}");
        }
        assert_eq!([50, 100, 1000].map(block_count), [1, 2, 8]);
    }

    #[test]
    fn the_shares_of_a_run_have_every_block_once() {
        for (chains, shares) in [(1000, 3), (1000, 8), (5000, 7)] {
            let of = |share| blocks(chains, Share::new(share, shares).unwrap());
            let dealt: Vec<Block> = (1..=shares).flat_map(of).collect();
            assert_eq!(dealt, blocks(chains, Share::WHOLE));
        }
    }
}
