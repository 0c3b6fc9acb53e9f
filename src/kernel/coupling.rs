//! Sums over the couplings of a bipartite graph, through W, W² and W³ in one pass over W.

use nalgebra::DMatrix;

use crate::model::Order;

/// Rows of W whose partial sums stay in registers and the nearest cache while the columns go by.
const CHUNK: usize = 64;

/// What every unit of one layer sends to the other: through W, and from second order through W∘W and W∘W∘W.
pub(crate) struct Sources {
    order: Order,
    by_power: [Vec<f64>; 3],
}

impl Sources {
    /// Collects the contributions of the units, in order.
    pub(crate) fn collect(order: Order, units: impl Iterator<Item = [f64; 3]>) -> Self {
        let mut by_power = [const { Vec::new() }; 3];
        for unit in units {
            for (power, value) in by_power.iter_mut().zip(unit) {
                power.push(value);
            }
        }
        Self { order, by_power }
    }
}

/// W as seen from one of its sides.
pub(crate) struct Coupling<'a> {
    weights: &'a DMatrix<f64>,
    by_rows: bool,
}

impl<'a> Coupling<'a> {
    /// The sums run over the columns, one for each row.
    pub(crate) fn rows(weights: &'a DMatrix<f64>) -> Self {
        Self { weights, by_rows: true }
    }

    /// The sums run over the rows, one for each column.
    pub(crate) fn columns(weights: &'a DMatrix<f64>) -> Self {
        Self { weights, by_rows: false }
    }

    /// Calls `f(i, [Σⱼ Wᵢⱼ xⱼ, Σⱼ Wᵢⱼ² yⱼ, Σⱼ Wᵢⱼ³ zⱼ])` for each i. Powers above the order of the sources sum to 0.
    pub(crate) fn for_each_sum(&self, sources: &Sources, f: impl FnMut(usize, [f64; 3])) {
        match (self.by_rows, sources.order) {
            (true, Order::First) => self.sum_rows::<1>(sources, f),
            (true, Order::Second) => self.sum_rows::<2>(sources, f),
            (true, Order::Third) => self.sum_rows::<3>(sources, f),
            (false, Order::First) => self.sum_columns::<1>(sources, f),
            (false, Order::Second) => self.sum_columns::<2>(sources, f),
            (false, Order::Third) => self.sum_columns::<3>(sources, f),
        }
    }

    fn sum_rows<const POWERS: usize>(&self, sources: &Sources, mut f: impl FnMut(usize, [f64; 3])) {
        let n = self.weights.nrows();
        for start in (0..n).step_by(CHUNK) {
            let len = CHUNK.min(n - start);
            let mut sums = [[0.0; CHUNK]; 3];
            for (j, column) in self.weights.as_slice().chunks_exact(n).enumerate() {
                let [s1, s2, s3] = &mut sums;
                let source: [f64; 3] = std::array::from_fn(|p| if p < POWERS { sources.by_power[p][j] } else { 0.0 });
                for (k, &w) in column[start..start + len].iter().enumerate() {
                    s1[k] += w * source[0];
                    if POWERS >= 2 {
                        s2[k] += w * w * source[1];
                    }
                    if POWERS >= 3 {
                        s3[k] += w * w * w * source[2];
                    }
                }
            }
            for k in 0..len {
                f(start + k, [sums[0][k], sums[1][k], sums[2][k]]);
            }
        }
    }

    fn sum_columns<const POWERS: usize>(&self, sources: &Sources, mut f: impl FnMut(usize, [f64; 3])) {
        let n = self.weights.nrows();
        let [x, y, z] = &sources.by_power;
        for (j, column) in self.weights.as_slice().chunks_exact(n).enumerate() {
            // Eight partial sums let the compiler use vectors; a single one would pin the order of the additions.
            let mut sums = [[0.0; 8]; 3];
            for (i, &w) in column.iter().enumerate() {
                let lane = i % 8;
                sums[0][lane] += w * x[i];
                if POWERS >= 2 {
                    sums[1][lane] += w * w * y[i];
                }
                if POWERS >= 3 {
                    sums[2][lane] += w * w * w * z[i];
                }
            }
            f(j, sums.map(|lanes| lanes.iter().sum()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_agree_with_plain_matrix_products() {
        let w = DMatrix::from_fn(131, 7, |i, j| ((1 + 3 * i + 5 * j) as f64).sin());
        for (coupling, matrix) in [(Coupling::rows(&w), w.clone()), (Coupling::columns(&w), w.transpose())] {
            let sources = Sources::collect(
                Order::Third,
                (0..matrix.ncols()).map(|j| [0, 1, 2].map(|p| ((j + 10 * p) as f64).cos())),
            );
            coupling.for_each_sum(&sources, |i, sums| {
                for p in 0..3 {
                    let plain: f64 =
                        (0..matrix.ncols()).map(|j| matrix[(i, j)].powi(p as i32 + 1) * sources.by_power[p][j]).sum();
                    assert!((plain - sums[p]).abs() < 1e-12, "row {i}, power {}", p + 1);
                }
            });
        }
    }
}
