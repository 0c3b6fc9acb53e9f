//! Singular values, and where they would lie if the weights were independent.

use nalgebra::DMatrix;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// The singular values of W, the largest first: min(n_visible, n_hidden) of them.
///
/// They are the roots of the eigenvalues of the smaller of WᵀW and WWᵀ, which is fast for the
/// shapes of RBMs. Below 1e−8 of the largest they are rounding error.
#[must_use]
pub fn singular_values(weights: &DMatrix<f64>) -> Vec<f64> {
    let scale = weights.amax();
    if scale == 0.0 {
        return vec![0.0; weights.nrows().min(weights.ncols())];
    }
    let unit = weights / scale;
    let gram = gram(&if unit.nrows() < unit.ncols() { unit.transpose() } else { unit });
    let eigenvalues = gram.symmetric_eigenvalues();
    let mut values: Vec<f64> = eigenvalues.iter().map(|x| scale * x.max(0.0).sqrt()).collect();
    values.sort_by(|a, b| b.total_cmp(a));
    values
}

/// Columns of a Gram matrix that are computed together.
const COLUMNS: usize = 128;

/// The lower triangle of XᵀX, which is all that its eigenvalues are computed from, and a little more.
fn gram(x: &DMatrix<f64>) -> DMatrix<f64> {
    let m = x.ncols();
    let transpose = x.transpose();
    let block = |start: usize| transpose.rows(start, m - start) * x.columns(start, COLUMNS.min(m - start));
    let starts: Vec<usize> = (0..m).step_by(COLUMNS).collect();
    let blocks: Vec<DMatrix<f64>> = starts.par_iter().map(|start| block(*start)).collect();
    let mut gram = DMatrix::zeros(m, m);
    for (start, block) in starts.into_iter().zip(blocks) {
        gram.view_mut((start, start), block.shape()).copy_from(&block);
    }
    gram
}

/// The ends of the singular spectrum of a large matrix of independent weights with mean zero and
/// the variance of W.
///
/// # Formula
/// w|√N_v − √N_h| ≤ σ ≤ w(√N_v + √N_h), with w² the variance of the entries about their mean
/// (Marchenko & Pastur, Math. USSR Sbornik 1, 457 (1967)). At finite size the largest singular
/// value fluctuates about the edge by a relative N^(−2/3). A mean different from zero adds one
/// singular value near |mean|√(N_v N_h) beyond the edge.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct MarchenkoPastur {
    /// w, the standard deviation of the entries.
    pub std_dev: f64,
    /// The lower edge.
    pub lower: f64,
    /// The upper edge.
    pub upper: f64,
}

impl MarchenkoPastur {
    /// The edges for the shape and the variance of W.
    #[must_use]
    pub fn of(weights: &DMatrix<f64>) -> Self {
        let scale = weights.amax();
        let std_dev = if scale == 0.0 { 0.0 } else { scale * (weights / scale).variance().max(0.0).sqrt() };
        let (rows, columns) = ((weights.nrows() as f64).sqrt(), (weights.ncols() as f64).sqrt());
        Self { std_dev, lower: std_dev * (rows - columns).abs(), upper: std_dev * (rows + columns) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::streams::stream;
    use rand::RngExt;

    /// Standard normal weights by Box and Muller's transformation.
    pub(crate) fn gaussian(rows: usize, columns: usize, seed: u64) -> DMatrix<f64> {
        let mut rng = stream(seed, 0);
        DMatrix::from_fn(rows, columns, |_, _| {
            let (u, angle): (f64, f64) = (1.0 - rng.random::<f64>(), std::f64::consts::TAU * rng.random::<f64>());
            (-2.0 * u.ln()).sqrt() * angle.cos()
        })
    }

    /// The ends of the spectrum of 400 × 100 normal weights lie within 3 % of the edges: the
    /// fluctuation is of relative order 100^(−2/3) ≈ 5 % times a number below 1. Planted bugs that
    /// fail: √(N_v + N_h) in place of the sum (33 % off); the variance in place of its root.
    #[test]
    fn independent_weights_end_at_the_edges() {
        let weights = gaussian(400, 100, 3) * 0.5;
        let (edges, sigma) = (MarchenkoPastur::of(&weights), singular_values(&weights));
        assert!((edges.std_dev - 0.5).abs() < 0.01);
        assert!((sigma[0] / edges.upper - 1.0).abs() < 0.03, "{} against {}", sigma[0], edges.upper);
        assert!((sigma[99] / edges.lower - 1.0).abs() < 0.06, "{} against {}", sigma[99], edges.lower);
        // A planted direction stands out.
        let mut spiked = weights;
        spiked.column_mut(0).add_scalar_mut(2.0);
        assert!(singular_values(&spiked)[0] > 1.2 * MarchenkoPastur::of(&spiked).upper);
    }
}
