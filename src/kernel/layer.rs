//! One layer of many chains: its states and its fields, 32 units at a time.

use super::rung::Rung;

/// Units that share a word of states and a block of fields.
pub(crate) const UNITS: usize = 32;

/// The states, one bit a unit, of a layer of many chains.
///
/// Words of 32 units are stored chain after chain, the first 32 units of all chains first: what the
/// kernels pass over together lies together. Bits beyond the last unit are noise and meet zero
/// weights.
pub(crate) struct States {
    words: Vec<u32>,
    chains: usize,
}

impl States {
    /// All units 0.
    pub(crate) fn zeros(n_units: usize, chains: usize) -> Self {
        Self { words: vec![0; n_units.div_ceil(UNITS) * chains], chains }
    }

    /// The states of chains that are given unit by unit.
    ///
    /// # Panics
    /// If one does not have a value for each of `n_units`.
    pub(crate) fn of_units(units: &[Vec<bool>], n_units: usize) -> Self {
        let mut states = Self::zeros(n_units, units.len());
        for (chain, x) in units.iter().enumerate() {
            assert_eq!(x.len(), n_units, "the state of chain {chain} must have one value for each kept unit");
            (0..n_units).filter(|j| x[*j]).for_each(|j| states.set(chain, j));
        }
        states
    }

    /// The state of a unit.
    pub(crate) fn get(&self, chain: usize, unit: usize) -> bool {
        self.words[unit / UNITS * self.chains + chain] >> (unit % UNITS) & 1 == 1
    }

    /// Sets a unit to 1.
    pub(crate) fn set(&mut self, chain: usize, unit: usize) {
        self.words[unit / UNITS * self.chains + chain] |= 1 << (unit % UNITS);
    }

    /// The first `n` units of a chain.
    pub(crate) fn of_chain(&self, chain: usize, n: usize) -> Vec<bool> {
        (0..n).map(|unit| self.get(chain, unit)).collect()
    }

    pub(crate) fn chains(&self) -> usize {
        self.chains
    }

    /// The words of all chains, by word number, to be written to.
    pub(crate) fn by_word_mut(&mut self) -> impl Iterator<Item = &mut [u32]> {
        self.words.chunks_exact_mut(self.chains.max(1))
    }

    /// Exchanges the states of two chains.
    pub(crate) fn swap(&mut self, a: usize, b: usize) {
        self.by_word_mut().for_each(|words| words.swap(a, b));
    }

    /// Some chains, in this order.
    pub(crate) fn chosen(&self, chains: &[usize]) -> Self {
        let words = self.by_word().flat_map(|words| chains.iter().map(|chain| words[*chain])).collect();
        Self { words, chains: chains.len() }
    }

    /// The chains of several blocks of the same layer, one block after the other.
    pub(crate) fn join(blocks: &[&Self]) -> Self {
        let chains = blocks.iter().map(|block| block.chains).sum();
        let by_word: Vec<Vec<&[u32]>> = blocks.iter().map(|block| block.by_word().collect()).collect();
        let count = by_word.first().map_or(0, Vec::len);
        let words = (0..count).flat_map(|w| by_word.iter().flat_map(move |words| words[w].iter().copied())).collect();
        Self { words, chains }
    }

    /// Gives a chain the state of one of another block of the same layer.
    pub(crate) fn copy_from(&mut self, chain: usize, other: &Self, from: usize) {
        self.by_word_mut().zip(other.by_word()).for_each(|(here, there)| here[chain] = there[from]);
    }

    /// The words of all chains, by word number.
    pub(crate) fn by_word(&self) -> impl Iterator<Item = &[u32]> {
        self.words.chunks_exact(self.chains.max(1))
    }
}

/// The number of chains that share a rung, of `chains` in as many equal groups as there are rungs.
///
/// # Panics
/// If the groups are not equal: somebody has lost count of the chains.
pub(crate) fn group_size(chains: usize, rungs: &[Rung]) -> usize {
    assert!(!rungs.is_empty() && chains.is_multiple_of(rungs.len()), "{chains} chains on {} rungs", rungs.len());
    (chains / rungs.len()).max(1)
}

/// The fields of the 32 units of a word, on a cache line's boundary: two lines, read whole.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(C, align(64))]
pub(crate) struct Block(pub(crate) [f32; UNITS]);

impl Block {
    pub(crate) const ZERO: Self = Self([0.0; UNITS]);

    /// The number of blocks for so many units.
    pub(crate) fn count(n_units: usize) -> usize {
        n_units.div_ceil(UNITS)
    }

    /// Numbers in blocks, the last one filled up with zeros.
    pub(crate) fn fill(xs: &[f64]) -> Vec<Self> {
        let block = |xs: &[f64]| Self(std::array::from_fn(|k| xs.get(k).map_or(0.0, |x| *x as f32)));
        xs.chunks(UNITS).map(block).collect()
    }
}

/// The fields of a layer of many chains, in the order of [`States`]. Fields beyond the last unit
/// are zero.
pub(crate) struct Fields {
    blocks: Vec<Block>,
    n_units: usize,
    chains: usize,
}

impl Fields {
    /// All fields zero.
    pub(crate) fn zeros(n_units: usize, chains: usize) -> Self {
        Self { blocks: vec![Block::ZERO; n_units.div_ceil(UNITS) * chains], n_units, chains }
    }

    /// The blocks of all chains, by block number.
    pub(crate) fn by_block(&self) -> impl Iterator<Item = &[Block]> {
        self.blocks.chunks_exact(self.chains.max(1))
    }

    /// The blocks of all chains, by block number.
    pub(crate) fn by_block_mut(&mut self) -> impl Iterator<Item = &mut [Block]> {
        self.blocks.chunks_exact_mut(self.chains.max(1))
    }

    /// Exchanges the fields of two chains.
    pub(crate) fn swap(&mut self, a: usize, b: usize) {
        self.by_block_mut().for_each(|blocks| blocks.swap(a, b));
    }

    /// The fields of one chain, block by block, the last one cut to the units there are.
    #[inline(always)]
    pub(crate) fn of_chain(&self, chain: usize) -> impl Iterator<Item = &[f32]> {
        let blocks = self.blocks.iter().skip(chain).step_by(self.chains);
        blocks.enumerate().map(|(b, block)| &block.0[..UNITS.min(self.n_units - b * UNITS)])
    }

    /// The sum of the fields of the units of a chain that are 1.
    pub(crate) fn dot(&self, states: &States, chain: usize) -> f64 {
        let words = states.by_word().map(|words| words[chain]);
        let of_block = |(fields, word): (&[f32], u32)| -> f64 {
            fields.iter().enumerate().map(|(k, x)| if word >> k & 1 == 1 { f64::from(*x) } else { 0.0 }).sum()
        };
        self.of_chain(chain).zip(words).map(of_block).sum()
    }
}
