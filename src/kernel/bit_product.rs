//! Products of a fixed matrix with bits, without a multiplication.
//!
//! The method of the four Russians (Arlazarov, Dinic, Kronrod & Faradžev, Dokl. Akad. Nauk SSSR
//! 194, 487 (1970)): the 16 sums of subsets of four rows are tabulated, and the states of four
//! units, a nibble, choose one of them. A table is built from the matrix when its turn comes and
//! serves all chains while it is in the first-level cache.

use std::ops::Range;

use nalgebra::DMatrix;
use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::{
    instruction_set::arch,
    layer::{Block, Fields, States, UNITS},
};

/// Input units of a table.
pub(super) const NIBBLE: usize = 4;
/// The sums of all subsets of four rows, for one block of outputs: 2 KB.
pub(super) type Table = [Block; 1 << NIBBLE];
/// With fewer chains than this, adding up the rows of the units that are 1 is faster than building
/// tables.
const TABLES_PAY: usize = 16;
/// Rows that are filled together from the columns of a transpose.
const TILE: usize = 16;

/// Maps the states x of one layer to the fields b + Mx of the other, in f32.
#[derive(Default)]
pub(crate) struct BitProduct {
    /// M by blocks of outputs, [block][input], padded with zeros to whole blocks and nibbles.
    rows: Vec<Block>,
    /// b by blocks of outputs.
    bias: Vec<Block>,
    inputs_stored: usize,
    /// (outputs, inputs)
    shape: (usize, usize),
}

impl BitProduct {
    /// From M of shape (outputs, inputs) and b.
    pub(crate) fn new(matrix: &DMatrix<f64>, bias: &[f64]) -> Self {
        Self::default().set(matrix, bias)
    }

    /// From the transpose of M, which has shape (inputs, outputs), and b.
    pub(crate) fn transposed(matrix: &DMatrix<f64>, bias: &[f64]) -> Self {
        Self::default().set_transposed(matrix, bias)
    }

    /// The same as [`new`](Self::new), in the memory of another.
    pub(crate) fn set(self, matrix: &DMatrix<f64>, bias: &[f64]) -> Self {
        let outputs = matrix.nrows();
        self.fill_blocks(outputs, matrix.ncols(), bias, |units, rows| {
            for (row, column) in rows.iter_mut().zip(matrix.as_slice().chunks_exact(outputs)) {
                row.0.iter_mut().zip(&column[units.clone()]).for_each(|(x, value)| *x = *value as f32);
            }
        })
    }

    /// The same as [`transposed`](Self::transposed), in the memory of another.
    pub(crate) fn set_transposed(self, matrix: &DMatrix<f64>, bias: &[f64]) -> Self {
        let inputs = matrix.nrows();
        self.fill_blocks(matrix.ncols(), inputs, bias, |units, rows| {
            let columns = &matrix.as_slice()[units.start * inputs..units.end * inputs];
            // A piece of every column at a time: rows that are written to stay in the nearest cache.
            for (first, rows) in (0..inputs).step_by(TILE).zip(rows.chunks_mut(TILE)) {
                for (unit, column) in columns.chunks_exact(inputs).enumerate() {
                    let piece = &column[first..inputs.min(first + TILE)];
                    rows.iter_mut().zip(piece).for_each(|(row, value)| row.0[unit] = *value as f32);
                }
            }
        })
    }

    /// `fill` sets the rows of the units of a block.
    fn fill_blocks(
        self,
        outputs: usize,
        inputs: usize,
        bias: &[f64],
        fill: impl Fn(Range<usize>, &mut [Block]) + Sync,
    ) -> Self {
        let inputs_stored = inputs.next_multiple_of(NIBBLE);
        let mut rows = self.rows;
        // In the same shape what is beyond the last unit is zero already.
        if self.shape != (outputs, inputs) {
            rows = vec![Block::ZERO; outputs.div_ceil(UNITS) * inputs_stored];
        }
        rows.par_chunks_mut(inputs_stored.max(1)).enumerate().for_each(|(b, rows)| {
            fill(b * UNITS..outputs.min((b + 1) * UNITS), &mut rows[..inputs]);
        });
        Self { rows, bias: Block::fill(&bias[..outputs]), inputs_stored, shape: (outputs, inputs) }
    }

    /// Sets the fields of every chain from its states.
    pub(crate) fn apply(&self, states: &States, fields: &mut Fields) {
        self.apply_range(states, 0..states.chains(), fields);
    }

    /// The same for some chains in a row.
    pub(crate) fn apply_range(&self, states: &States, range: Range<usize>, fields: &mut Fields) {
        let parts = self.parts().zip(fields.by_block_mut());
        parts.for_each(|(part, fields)| part.apply(states, range.clone(), &mut fields[range.clone()]));
    }

    /// The same with the blocks of outputs shared out among threads.
    pub(crate) fn apply_in_parallel(&self, states: &States, fields: &mut Fields) {
        let parts: Vec<_> = self.parts().zip(fields.by_block_mut()).collect();
        parts.into_par_iter().for_each(|(part, fields)| part.apply(states, 0..states.chains(), fields));
    }

    /// What each block of outputs is computed from.
    fn parts(&self) -> impl Iterator<Item = Part<'_>> {
        let rows = self.rows.chunks_exact(self.inputs_stored);
        rows.zip(&self.bias).map(|(rows, bias)| Part { rows, bias })
    }
}

/// M and b of one block of outputs.
struct Part<'a> {
    rows: &'a [Block],
    bias: &'a Block,
}

impl Part<'_> {
    fn apply(&self, states: &States, range: Range<usize>, fields: &mut [Block]) {
        arch().dispatch(Apply { part: self, states, range, fields });
    }
}

struct Apply<'a> {
    part: &'a Part<'a>,
    states: &'a States,
    /// Which chains.
    range: Range<usize>,
    /// The block of each of them.
    fields: &'a mut [Block],
}

impl WithSimd for Apply<'_> {
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

impl Apply<'_> {
    /// With blocks in V vectors.
    #[inline(always)]
    fn in_vectors<S: Simd, const V: usize>(self, simd: S) {
        let Self { part, states, range, fields } = self;
        // The tables of a word: 16 KB.
        let mut tables: [Table; UNITS / NIBBLE] = [[Block::ZERO; 1 << NIBBLE]; UNITS / NIBBLE];
        fields.fill(*part.bias);
        for (rows, words) in part.rows.chunks(UNITS).zip(states.by_word()) {
            let words = &words[range.clone()];
            if words.len() < TABLES_PAY {
                add_rows::<S, V>(simd, rows, words, fields);
                continue;
            }
            let (rows, _) = rows.as_chunks::<NIBBLE>();
            for (table, rows) in tables.iter_mut().zip(rows) {
                tabulate::<S, V>(simd, rows, table);
            }
            // A loop of known length is unrolled.
            if rows.len() == tables.len() {
                add_entries::<S, V>(simd, &tables, words, fields);
            } else {
                add_entries::<S, V>(simd, &tables[..rows.len()], words, fields);
            }
        }
    }
}

/// Fills a table with the sums of all subsets of four rows.
///
/// One vector of all entries after the other: the eight partial sums of a vector fit into sixteen
/// registers, those of all vectors do not.
#[inline(always)]
pub(super) fn tabulate<S: Simd, const V: usize>(simd: S, rows: &[Block; NIBBLE], table: &mut Table) {
    let [a, b, c, d] = rows.each_ref().map(|row| load::<S, V>(row));
    let none = simd.splat_f32s(0.0);
    for v in 0..V {
        let low = [none, a[v], b[v], simd.add_f32s(a[v], b[v])];
        let high = [none, c[v], d[v], simd.add_f32s(c[v], d[v])];
        for h in 0..4 {
            for l in 0..4 {
                let (entry, _) = S::as_mut_simd_f32s(&mut table[4 * h + l].0);
                entry[v] = simd.add_f32s(low[l], high[h]);
            }
        }
    }
}

/// Adds to the fields of each chain the table entries that the nibbles of its word choose.
#[inline(always)]
fn add_entries<S: Simd, const V: usize>(simd: S, tables: &[Table], words: &[u32], fields: &mut [Block]) {
    for (word, field) in words.iter().zip(fields) {
        let mut sum = load::<S, V>(field);
        for (k, table) in tables.iter().enumerate() {
            let nibble = word >> (NIBBLE * k) & 0xf;
            sum = add(simd, sum, load::<S, V>(&table[nibble as usize]));
        }
        store::<S, V>(field, sum);
    }
}

/// Adds to the fields of each chain the rows of the units that are 1.
#[inline(always)]
fn add_rows<S: Simd, const V: usize>(simd: S, rows: &[Block], words: &[u32], fields: &mut [Block]) {
    for (word, field) in words.iter().zip(fields) {
        let mut sum = load::<S, V>(field);
        let mut ones = *word;
        while ones != 0 {
            // Noise beyond the last unit finds no row.
            if let Some(row) = rows.get(ones.trailing_zeros() as usize) {
                sum = add(simd, sum, load::<S, V>(row));
            }
            ones &= ones - 1;
        }
        store::<S, V>(field, sum);
    }
}

#[inline(always)]
pub(super) fn load<S: Simd, const V: usize>(block: &Block) -> [S::f32s; V] {
    let (vectors, _) = S::as_simd_f32s(&block.0);
    std::array::from_fn(|v| vectors[v])
}

#[inline(always)]
pub(super) fn store<S: Simd, const V: usize>(block: &mut Block, values: [S::f32s; V]) {
    let (vectors, _) = S::as_mut_simd_f32s(&mut block.0);
    vectors.copy_from_slice(&values);
}

#[inline(always)]
pub(super) fn add<S: Simd, const V: usize>(simd: S, a: [S::f32s; V], b: [S::f32s; V]) -> [S::f32s; V] {
    std::array::from_fn(|v| simd.add_f32s(a[v], b[v]))
}

/// Scalar products of a fixed vector with bits, in f64, by the same tables.
pub(crate) struct BitDot {
    tables: Vec<[[f64; 1 << NIBBLE]; UNITS / NIBBLE]>,
}

impl BitDot {
    /// With the vector b.
    pub(crate) fn new(vector: &[f64]) -> Self {
        let element = |j: usize| vector.get(j).copied().unwrap_or(0.0);
        let subset_sum = |first: usize, subset: usize| -> f64 {
            (0..NIBBLE).filter(|k| subset >> k & 1 == 1).map(|k| element(first + k)).sum()
        };
        let table = |first: usize| std::array::from_fn(|subset| subset_sum(first, subset));
        let of_word = |w: usize| std::array::from_fn(|k| table(w * UNITS + k * NIBBLE));
        Self { tables: (0..vector.len().div_ceil(UNITS)).map(of_word).collect() }
    }

    /// b·x of one chain.
    pub(crate) fn of_chain(&self, states: &States, chain: usize) -> f64 {
        let of_word = |(tables, words): (&[[f64; 1 << NIBBLE]; UNITS / NIBBLE], &[u32])| -> f64 {
            let entry = |(k, table): (usize, &[f64; 16])| table[(words[chain] >> (NIBBLE * k) & 0xf) as usize];
            tables.iter().enumerate().map(entry).sum()
        };
        self.tables.iter().zip(states.by_word()).map(of_word).sum()
    }

    /// b·x of each chain.
    pub(crate) fn apply(&self, states: &States) -> Vec<f64> {
        let mut sums = vec![0.0; states.chains()];
        for (tables, words) in self.tables.iter().zip(states.by_word()) {
            for (sum, word) in sums.iter_mut().zip(words) {
                let entry = |(k, table): (usize, &[f64; 16])| table[(word >> (NIBBLE * k) & 0xf) as usize];
                *sum += tables.iter().enumerate().map(entry).sum::<f64>();
            }
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::streams::stream;
    use rand::RngExt;

    /// Random states, and the fields that the plain sums b + Mx give, in f64.
    fn check(outputs: usize, inputs: usize, chains: usize, tolerance: f64, element: impl Fn(f64) -> f64) {
        let mut rng = stream(9, 0);
        let mut draw = || element(rng.random::<f64>() - 0.5);
        let matrix = DMatrix::from_fn(outputs, inputs, |_, _| draw());
        let bias: Vec<f64> = (0..outputs).map(|_| draw()).collect();
        let vector: Vec<f64> = (0..inputs).map(|_| draw()).collect();
        let mut states = States::zeros(inputs, chains);
        for (chain, unit) in (0..chains).flat_map(|c| (0..inputs).map(move |j| (c, j))) {
            if rng.random() {
                states.set(chain, unit);
            }
        }
        let mut fields = Fields::zeros(outputs, chains);
        BitProduct::new(&matrix, &bias).apply(&states, &mut fields);
        let dots = BitDot::new(&vector).apply(&states);
        for (chain, dot) in dots.into_iter().enumerate() {
            let on: Vec<usize> = (0..inputs).filter(|j| states.get(chain, *j)).collect();
            let got: Vec<f32> = fields.of_chain(chain).flatten().copied().collect();
            assert_eq!(got.len(), outputs);
            for (i, got) in got.into_iter().enumerate() {
                let expected = bias[i] + on.iter().map(|j| matrix[(i, *j)]).sum::<f64>();
                let error = (f64::from(got) - expected).abs();
                assert!(error <= tolerance, "{outputs}×{inputs}, chain {chain}, unit {i}: {got} against {expected}");
            }
            assert!((dot - on.iter().map(|j| vector[*j]).sum::<f64>()).abs() <= tolerance.min(1e-13));
        }
    }

    const SHAPES: [(usize, usize); 9] =
        [(1, 1), (4, 6), (8, 12), (31, 33), (32, 32), (33, 31), (65, 127), (100, 3), (784, 500)];
    /// Without and with tables.
    const CHAINS: [usize; 3] = [1, TABLES_PAY - 1, TABLES_PAY + 1];

    #[test]
    fn sums_of_small_integers_are_exact() {
        for ((outputs, inputs), chains) in SHAPES.into_iter().flat_map(|shape| CHAINS.map(|chains| (shape, chains))) {
            check(outputs, inputs, chains, 0.0, |x| (x * 200.0).round());
        }
    }

    /// A sum of n terms below ½ in f32 is off by √n roundings of size √n·2⁻²⁵ in the mean, ten
    /// times that at most.
    #[test]
    fn sums_agree_to_single_precision() {
        for ((outputs, inputs), chains) in SHAPES.into_iter().flat_map(|shape| CHAINS.map(|chains| (shape, chains))) {
            check(outputs, inputs, chains, inputs as f64 * 10.0 / (1 << 25) as f64, |x| x);
        }
    }
}
