//! Sums over a matrix of couplings, through W, W∘W and W∘W∘W in one pass over W.

use std::ops::Range;

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::{exp::mul_add, instruction_set::arch};

/// Partial sums of a column: two vectors of the widest kind. A single one would pin the order of
/// the additions.
pub(super) const WIDTH: usize = 16;
/// Columns that are added to the row sums together, so that these are loaded and stored once for
/// all of them.
const COLUMNS: usize = 4;

/// Which sums are wanted.
#[derive(Clone, Copy)]
pub(crate) enum Side {
    /// One for each row of W, over the columns.
    Rows,
    /// One for each column of W, over the rows.
    Columns,
}

/// From so many couplings on, which fill the caches of several cores, they are shared out among
/// threads: by so many columns, or rows, at a time.
pub(super) const SHARED: usize = 1 << 20;
const COLUMNS_A_TASK: usize = 64;
pub(super) const ROWS_A_TASK: usize = 1024;

/// Writes Σⱼ Wᵢⱼᵖ x⁽ᵖ⁾ⱼ into sums⁽ᵖ⁾ᵢ for the powers p = 1, 2, 3 up to `powers`; the slices of
/// higher powers are not touched, and may be empty.
///
/// W has `n` rows and is given by columns, of which there may be a single one.
pub(crate) fn coupling_sums(
    n: usize,
    weights: &[f64],
    side: Side,
    powers: usize,
    sources: [&[f64]; 3],
    sums: [&mut [f64]; 3],
) {
    let pass = |weights, rows, sums| Pass { n, weights, rows, side, powers, sources, sums };
    if weights.len() < SHARED {
        return arch().dispatch(pass(weights, 0..n, sums));
    }
    // Each sum is added up in the same order, however they are shared out.
    match side {
        Side::Columns => weights
            .par_chunks(n * COLUMNS_A_TASK)
            .zip(parts(sums, COLUMNS_A_TASK))
            .for_each(|(weights, sums)| arch().dispatch(pass(weights, 0..n, sums))),
        Side::Rows => parts(sums, ROWS_A_TASK).into_par_iter().enumerate().for_each(|(k, sums)| {
            let rows = k * ROWS_A_TASK..n.min((k + 1) * ROWS_A_TASK);
            arch().dispatch(pass(weights, rows, sums));
        }),
    }
}

/// So many numbers of each slice at a time.
pub(super) fn parts(sums: [&mut [f64]; 3], size: usize) -> Vec<[&mut [f64]; 3]> {
    let count = sums[0].len().div_ceil(size);
    let mut parts = sums.map(|sums| sums.chunks_mut(size));
    (0..count).map(|_| parts.each_mut().map(|parts| parts.next().unwrap_or_default())).collect()
}

struct Pass<'a> {
    n: usize,
    weights: &'a [f64],
    /// The rows that have a sum, where it is these that have one.
    rows: Range<usize>,
    side: Side,
    powers: usize,
    sources: [&'a [f64]; 3],
    sums: [&'a mut [f64]; 3],
}

impl WithSimd for Pass<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        match (self.side, self.powers) {
            (Side::Rows, 1) => self.rows::<S, 1>(),
            (Side::Rows, 2) => self.rows::<S, 2>(),
            (Side::Rows, _) => self.rows::<S, 3>(),
            (Side::Columns, 1) => self.columns::<S, 1>(),
            (Side::Columns, 2) => self.columns::<S, 2>(),
            (Side::Columns, _) => self.columns::<S, 3>(),
        }
    }
}

impl Pass<'_> {
    #[inline(always)]
    fn rows<S: Simd, const POWERS: usize>(self) {
        let Self { n, weights, rows, sources, mut sums, .. } = self;
        sums[..POWERS].iter_mut().for_each(|sums| sums.fill(0.0));
        for (block, columns) in weights.chunks(n * COLUMNS).enumerate() {
            // A column that is missing from the last block counts with weight zero.
            let column = |c: usize| {
                let start = if (c + 1) * n <= columns.len() { c * n } else { 0 };
                &columns[start + rows.start..start + rows.end]
            };
            let w: [&[f64]; COLUMNS] = std::array::from_fn(column);
            let x: [[f64; COLUMNS]; POWERS] = std::array::from_fn(|p| {
                std::array::from_fn(|c| sources[p].get(block * COLUMNS + c).copied().unwrap_or(0.0))
            });
            let [s1, s2, s3] = &mut sums;
            for i in 0..rows.len() {
                let mut terms = [0.0; POWERS];
                for c in 0..COLUMNS {
                    let mut power = w[c][i];
                    for p in 0..POWERS {
                        terms[p] = mul_add::<S>(power, x[p][c], terms[p]);
                        power *= w[c][i];
                    }
                }
                s1[i] += terms[0];
                if POWERS >= 2 {
                    s2[i] += terms[1];
                }
                if POWERS >= 3 {
                    s3[i] += terms[2];
                }
            }
        }
    }

    #[inline(always)]
    fn columns<S: Simd, const POWERS: usize>(self) {
        let Self { n, weights, sources, sums, .. } = self;
        for (j, column) in weights.chunks_exact(n).enumerate() {
            let mut lanes = [[0.0; WIDTH]; POWERS];
            let (chunks, rest) = column.as_chunks::<WIDTH>();
            let x: [&[f64]; POWERS] = std::array::from_fn(|p| sources[p]);
            for (k, w) in chunks.iter().enumerate() {
                let mut power = *w;
                for p in 0..POWERS {
                    let x = &x[p][k * WIDTH..(k + 1) * WIDTH];
                    for l in 0..WIDTH {
                        lanes[p][l] = mul_add::<S>(power[l], x[l], lanes[p][l]);
                        power[l] *= w[l];
                    }
                }
            }
            for (l, w) in rest.iter().enumerate() {
                let mut power = *w;
                for p in 0..POWERS {
                    lanes[p][l] += power * x[p][n - rest.len() + l];
                    power *= w;
                }
            }
            for p in 0..POWERS {
                sums[p][j] = lanes[p].iter().sum();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::DMatrix;

    #[test]
    fn both_sides_agree_with_plain_matrix_products() {
        for (rows, columns) in [(131, 7), (5, 9), (32, 8), (1, 1), (2100, 510)] {
            let w = DMatrix::from_fn(rows, columns, |i, j| ((1 + 3 * i + 5 * j) as f64).sin());
            for (side, matrix) in [(Side::Rows, w.clone()), (Side::Columns, w.transpose())] {
                let source = |p: usize| (0..matrix.ncols()).map(|j| ((j + 10 * p) as f64).cos()).collect::<Vec<_>>();
                let sources = [0, 1, 2].map(source);
                for powers in [1, 2, 3] {
                    let mut sums = [0, 1, 2].map(|_| vec![f64::NAN; matrix.nrows()]);
                    let [s1, s2, s3] = &mut sums;
                    coupling_sums(
                        w.nrows(),
                        w.as_slice(),
                        side,
                        powers,
                        [0, 1, 2].map(|p| &sources[p][..]),
                        [s1, s2, s3],
                    );
                    for p in 0..3 {
                        for i in 0..matrix.nrows() {
                            let terms = (0..matrix.ncols()).map(|j| matrix[(i, j)].powi(p as i32 + 1) * sources[p][j]);
                            let plain: f64 = terms.sum();
                            let close = (plain - sums[p][i]).abs() < 1e-11;
                            assert!(close == (p < powers), "row {i} of {rows}×{columns}, power {}", p + 1);
                        }
                    }
                }
            }
        }
    }
}
