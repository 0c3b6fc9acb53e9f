//! Outer products of bits with numbers, summed over samples, without a multiplication.
//!
//! Σₛ xₛyₛᵀ has a bit side: row i is the sum of the yₛ of those samples in which xᵢ is 1. Four
//! samples at a time have 16 partial sums, which are tabulated once and serve all rows (as in
//! [`bit_product`](super::bit_product), with samples in the place of inputs).

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::{
    bit_product::{NIBBLE, Table, add, load, store, tabulate},
    instruction_set::arch,
    layer::{Block, Fields, States, UNITS},
};

/// Tables that are in use at once: 24 KB, which the first-level cache holds.
const TABLES: usize = 12;

/// The states of a layer by unit: for each unit, the bits of four samples at a time.
pub(crate) struct Columns {
    /// [unit][group of four samples]
    nibbles: Vec<u8>,
    groups: usize,
}

impl Columns {
    /// Transposes the states of `units` units.
    pub(crate) fn of(states: &States, units: usize) -> Self {
        let groups = states.chains().div_ceil(NIBBLE);
        let mut nibbles = vec![0u8; units * groups];
        let by_word: Vec<&[u32]> = states.by_word().collect();
        nibbles.par_chunks_mut(UNITS * groups.max(1)).zip(by_word).for_each(|(rows, words)| {
            for (sample, word) in words.iter().enumerate() {
                let (group, place) = (sample / NIBBLE, sample % NIBBLE);
                for (k, row) in rows.chunks_exact_mut(groups).enumerate() {
                    row[group] |= ((word >> k & 1) as u8) << place;
                }
            }
        });
        Self { nibbles, groups }
    }

    /// In how many samples each unit is 1.
    pub(crate) fn counts(&self) -> impl Iterator<Item = u32> {
        self.nibbles.chunks_exact(self.groups).map(|row| row.iter().map(|n| n.count_ones()).sum())
    }
}

/// Σₛ xₛyₛᵀ by blocks of y: entry i of block b is row i of the sum over the units 32b to 32b + 31.
///
/// # Panics
/// If the numbers of samples differ.
pub(crate) fn outer(x: &Columns, y: &Fields) -> Vec<Vec<Block>> {
    let blocks: Vec<&[Block]> = y.by_block().collect();
    let sums = |y: &&[Block]| {
        assert_eq!(y.len().div_ceil(NIBBLE), x.groups, "as many samples on either side");
        let mut sums = vec![Block::ZERO; x.nibbles.len() / x.groups];
        arch().dispatch(AddOuter { x, y, sums: &mut sums });
        sums
    };
    blocks.par_iter().map(sums).collect()
}

struct AddOuter<'a> {
    x: &'a Columns,
    /// One block of each sample.
    y: &'a [Block],
    sums: &'a mut [Block],
}

impl WithSimd for AddOuter<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match S::F32_LANES {
            16 => self.in_vectors::<S, 2>(simd),
            8 => self.in_vectors::<S, 4>(simd),
            4 => self.in_vectors::<S, 8>(simd),
            _ => self.in_vectors::<pulp::Scalar, UNITS>(pulp::Scalar::new()),
        }
    }
}

impl AddOuter<'_> {
    #[inline(always)]
    fn in_vectors<S: Simd, const V: usize>(self, simd: S) {
        let Self { x, y, sums } = self;
        let mut tables: [Table; TABLES] = [[Block::ZERO; 1 << NIBBLE]; TABLES];
        for (part, samples) in y.chunks(TABLES * NIBBLE).enumerate() {
            for (table, samples) in tables.iter_mut().zip(samples.chunks(NIBBLE)) {
                let mut four = [Block::ZERO; NIBBLE];
                four[..samples.len()].copy_from_slice(samples);
                tabulate::<S, V>(simd, &four, table);
            }
            let (first, count) = (part * TABLES, samples.len().div_ceil(NIBBLE));
            for (row, sum) in x.nibbles.chunks_exact(x.groups).zip(sums.iter_mut()) {
                let mut total = load::<S, V>(sum);
                for (nibble, table) in row[first..first + count].iter().zip(&tables) {
                    total = add(simd, total, load::<S, V>(&table[usize::from(nibble & 0xf)]));
                }
                store::<S, V>(sum, total);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::streams::stream;
    use rand::RngExt;

    /// Small integers have exact sums in f32, whatever their order: any deviation is a fault.
    #[test]
    fn sums_of_small_integers_are_exact() {
        let mut rng = stream(4, 0);
        for (n, m, samples) in [(1, 1, 1), (3, 33, 4), (33, 31, 5), (65, 64, 100), (784, 20, 49)] {
            let (mut x, mut y) = (States::zeros(n, samples), Fields::zeros(m, samples));
            for (s, i) in (0..samples).flat_map(|s| (0..n).map(move |i| (s, i))) {
                if rng.random() {
                    x.set(s, i);
                }
            }
            for block in y.by_block_mut().flatten() {
                block.0.iter_mut().for_each(|y| *y = rng.random_range(-9..9) as f32);
            }
            let columns = Columns::of(&x, n);
            let sums = outer(&columns, &y);
            for (i, count) in columns.counts().enumerate() {
                assert_eq!(count as usize, (0..samples).filter(|s| x.get(*s, i)).count());
                for j in 0..m {
                    let of = |s: usize| y.by_block().nth(j / UNITS).unwrap()[s].0[j % UNITS];
                    let expected: f32 = (0..samples).filter(|s| x.get(*s, i)).map(of).sum();
                    assert_eq!(sums[j / UNITS][i].0[j % UNITS], expected, "{n}×{m}, {samples}: {i}, {j}");
                }
            }
        }
    }
}
