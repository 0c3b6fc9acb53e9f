//! Sums over a matrix of couplings for its rows and its columns at once.

use std::ops::Range;

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::{
    coupling::{ROWS_A_TASK, SHARED, WIDTH, parts},
    exp::mul_add,
    instruction_set::arch,
};

/// The sums of both sides in one pass over W, which is what they cost where W does not fit into the
/// nearest caches: `first` and `second` are what the rows and the columns send and receive.
///
/// The order of additions is not that of [`coupling_sums`](super::coupling::coupling_sums).
pub(crate) fn all_coupling_sums(
    n: usize,
    weights: &[f64],
    powers: usize,
    [of_rows, of_columns]: [[&[f64]; 3]; 2],
    [to_rows, to_columns]: [[&mut [f64]; 3]; 2],
) {
    let m = weights.len() / n;
    // Each task has sums of columns of its own, over its rows.
    let task = |(k, to_rows): (usize, [&mut [f64]; 3])| {
        let rows = k * ROWS_A_TASK..n.min((k + 1) * ROWS_A_TASK);
        let mut sums = [0, 1, 2].map(|p| vec![0.0; if p < powers { m } else { 0 }]);
        let of_rows = of_rows.map(|x| x.get(rows.clone()).unwrap_or(&[]));
        let to_columns = sums.each_mut().map(|sums| &mut sums[..]);
        arch().dispatch(BothSides { n, weights, rows, powers, of_rows, of_columns, to_rows, to_columns });
        sums
    };
    let tasks = parts(to_rows, ROWS_A_TASK);
    let partial: Vec<[Vec<f64>; 3]> = match weights.len() < SHARED {
        true => tasks.into_iter().enumerate().map(task).collect(),
        false => tasks.into_par_iter().enumerate().map(task).collect(),
    };
    for (p, to) in to_columns.into_iter().enumerate().take(powers) {
        to.fill(0.0);
        partial.iter().for_each(|sums| to.iter_mut().zip(&sums[p]).for_each(|(to, sum)| *to += sum));
    }
}

struct BothSides<'a> {
    n: usize,
    weights: &'a [f64],
    rows: Range<usize>,
    powers: usize,
    of_rows: [&'a [f64]; 3],
    of_columns: [&'a [f64]; 3],
    to_rows: [&'a mut [f64]; 3],
    to_columns: [&'a mut [f64]; 3],
}

impl WithSimd for BothSides<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        match self.powers {
            1 => self.sums::<S, 1>(),
            2 => self.sums::<S, 2>(),
            _ => self.sums::<S, 3>(),
        }
    }
}

/// Columns of a step: their sums stay in registers.
const PAIR: usize = 2;

impl BothSides<'_> {
    #[inline(always)]
    fn sums<S: Simd, const POWERS: usize>(self) {
        let Self { n, weights, rows, of_rows, of_columns, mut to_rows, to_columns, .. } = self;
        to_rows[..POWERS].iter_mut().for_each(|sums| sums.fill(0.0));
        let whole = rows.len() / WIDTH * WIDTH;
        for (block, columns) in weights.chunks(n * PAIR).enumerate() {
            // A column that is missing from the last block counts with weight zero, and has no sum.
            let start = |c: usize| if (c + 1) * n <= columns.len() { c * n } else { 0 };
            let w: [&[f64]; PAIR] = std::array::from_fn(|c| &columns[start(c) + rows.start..start(c) + rows.end]);
            let x: [[f64; PAIR]; POWERS] = std::array::from_fn(|p| {
                std::array::from_fn(|c| of_columns[p].get(block * PAIR + c).copied().unwrap_or(0.0))
            });
            let mut lanes = [[[0.0; WIDTH]; PAIR]; POWERS];
            let [first, second] = w.map(|w| w.as_chunks::<WIDTH>().0);
            for (k, once) in first.iter().zip(second).enumerate() {
                let once: [[f64; WIDTH]; PAIR] = [*once.0, *once.1];
                let mut power = once;
                for p in 0..POWERS {
                    let source = &of_rows[p][k * WIDTH..(k + 1) * WIDTH];
                    let sum = &mut to_rows[p][k * WIDTH..(k + 1) * WIDTH];
                    for c in 0..PAIR {
                        for l in 0..WIDTH {
                            lanes[p][c][l] = mul_add::<S>(power[c][l], source[l], lanes[p][c][l]);
                            sum[l] = mul_add::<S>(power[c][l], x[p][c], sum[l]);
                            power[c][l] *= once[c][l];
                        }
                    }
                }
            }
            for k in whole..rows.len() {
                for c in 0..PAIR {
                    let mut power = w[c][k];
                    for p in 0..POWERS {
                        lanes[p][c][k - whole] += power * of_rows[p][k];
                        to_rows[p][k] += power * x[p][c];
                        power *= w[c][k];
                    }
                }
            }
            for p in 0..POWERS {
                for c in 0..PAIR {
                    if let Some(to) = to_columns[p].get_mut(block * PAIR + c) {
                        *to = lanes[p][c].iter().sum();
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::coupling::{Side, coupling_sums};
    use nalgebra::DMatrix;

    #[test]
    fn one_pass_for_both_sides_has_the_sums_of_two() {
        for (n, m) in [(131, 7), (5, 9), (32, 8), (1, 1), (1100, 3), (2100, 510)] {
            let w = DMatrix::from_fn(n, m, |i, j| ((1 + 3 * i + 5 * j) as f64).sin());
            let source = |count: usize| [0, 1, 2].map(|p| (0..count).map(|j| ((j + 10 * p) as f64).cos()).collect());
            let (of_rows, of_columns): ([Vec<f64>; 3], [Vec<f64>; 3]) = (source(n), source(m));
            for powers in [1, 2, 3] {
                let empty = |count: usize| [0, 1, 2].map(|p| vec![f64::NAN; if p < powers { count } else { 0 }]);
                let (mut rows, mut columns) = (empty(n), empty(m));
                all_coupling_sums(
                    n,
                    w.as_slice(),
                    powers,
                    [of_rows.each_ref().map(|x| &x[..]), of_columns.each_ref().map(|x| &x[..])],
                    [rows.each_mut().map(|x| &mut x[..]), columns.each_mut().map(|x| &mut x[..])],
                );
                let (mut two_rows, mut two_columns) = (empty(n), empty(m));
                for (side, sources, sums) in
                    [(Side::Rows, &of_columns, &mut two_rows), (Side::Columns, &of_rows, &mut two_columns)]
                {
                    let sources = sources.each_ref().map(|x| &x[..]);
                    coupling_sums(n, w.as_slice(), side, powers, sources, sums.each_mut().map(|x| &mut x[..]));
                }
                for (one, two) in
                    rows.iter().chain(&columns).flatten().zip(two_rows.iter().chain(&two_columns).flatten())
                {
                    assert!((one - two).abs() < 1e-11, "{n}×{m}, {powers}: {one} against {two}");
                }
            }
        }
    }
}
