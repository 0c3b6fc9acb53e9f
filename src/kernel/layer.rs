//! One layer of many chains: its states and its fields, 32 units at a time.

/// Units that share a word of states and a block of fields.
pub(crate) const UNITS: usize = 32;

/// The states, one bit a unit, of a layer of many chains.
///
/// Words of 32 units are stored chain after chain, the first 32 units of all chains first: what the kernels pass over
/// together lies together. Bits beyond the last unit are noise and meet zero weights.
pub(crate) struct States {
    words: Vec<u32>,
    chains: usize,
}

impl States {
    /// All units 0.
    pub(crate) fn zeros(n_units: usize, chains: usize) -> Self {
        Self { words: vec![0; n_units.div_ceil(UNITS) * chains], chains }
    }

    /// The state of a unit.
    pub(crate) fn get(&self, chain: usize, unit: usize) -> bool {
        self.words[unit / UNITS * self.chains + chain] >> (unit % UNITS) & 1 == 1
    }

    /// Sets a unit to 1.
    pub(crate) fn set(&mut self, chain: usize, unit: usize) {
        self.words[unit / UNITS * self.chains + chain] |= 1 << (unit % UNITS);
    }

    pub(crate) fn chains(&self) -> usize {
        self.chains
    }

    pub(crate) fn words_mut(&mut self) -> &mut [u32] {
        &mut self.words
    }

    /// The words of all chains, by word number.
    pub(crate) fn by_word(&self) -> impl Iterator<Item = &[u32]> {
        self.words.chunks_exact(self.chains.max(1))
    }
}

/// The fields of the 32 units of a word, on a cache line's boundary: two lines, read whole.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(C, align(64))]
pub(crate) struct Block(pub(crate) [f32; UNITS]);

impl Block {
    pub(crate) const ZERO: Self = Self([0.0; UNITS]);
}

/// The fields of a layer of many chains, in the order of [`States`]. Fields beyond the last unit are zero.
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

    pub(crate) fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// The blocks of all chains, by block number.
    pub(crate) fn by_block_mut(&mut self) -> impl Iterator<Item = &mut [Block]> {
        self.blocks.chunks_exact_mut(self.chains.max(1))
    }

    /// The fields of one chain, block by block, the last one cut to the units there are.
    #[inline(always)]
    pub(crate) fn of_chain(&self, chain: usize) -> impl Iterator<Item = &[f32]> {
        let blocks = self.blocks.iter().skip(chain).step_by(self.chains);
        blocks.enumerate().map(|(b, block)| &block.0[..UNITS.min(self.n_units - b * UNITS)])
    }
}
