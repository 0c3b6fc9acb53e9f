//! The largest singular value alone.

use nalgebra::{DMatrix, DVector};

use super::singular_values;

/// Up to this many singular values all of them are found as fast.
const FEW: usize = 64;

/// Steps of Lanczos between two looks at what they have found.
const STEPS: usize = 10;

/// σ₁ of W, by Lanczos' iteration on WᵀW with full reorthogonalisation (Golub & Van Loan, Matrix
/// Computations, 4th ed., §10.1 and §10.4), until it rises by no more than rounding.
pub(crate) fn spectral(weights: &DMatrix<f64>) -> f64 {
    let (rows, columns) = weights.shape();
    let scale = weights.amax();
    if rows.min(columns) <= FEW || scale == 0.0 {
        return singular_values(weights).first().copied().unwrap_or(0.0);
    }
    let unit = if columns <= rows { weights / scale } else { weights.transpose() / scale };
    let n = unit.ncols();
    // Some vector with a part along every other one.
    let start = DVector::from_fn(n, |i, _| 1.0 + 0.5 * (1.7 * i as f64).sin());
    let mut basis = vec![&start / start.norm()];
    let (mut diagonal, mut beside) = (Vec::new(), Vec::new());
    let mut largest = 0.0;
    loop {
        let last = &basis[basis.len() - 1];
        let mut next = unit.tr_mul(&(&unit * last));
        diagonal.push(next.dot(last));
        // Twice is enough.
        for _ in 0..2 {
            basis.iter().for_each(|v| next.axpy(-next.dot(v), v, 1.0));
        }
        let length = next.norm();
        let ends = diagonal.len() == n || length <= f64::EPSILON * diagonal[0].abs();
        if ends || diagonal.len() % STEPS == 0 {
            let k = diagonal.len();
            let entry = |i: usize, j: usize| match i.abs_diff(j) {
                0 => diagonal[i],
                1 => beside[i.min(j)],
                _ => 0.0,
            };
            let found = DMatrix::from_fn(k, k, entry).symmetric_eigenvalues().max();
            if ends || found - largest <= 4.0 * f64::EPSILON * found {
                return scale * found.max(0.0).sqrt();
            }
            largest = found;
        }
        beside.push(length);
        basis.push(next / length);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against all singular values, on both shapes; of random matrices, whose largest are close
    /// together, and of one that has a single one.
    #[test]
    fn it_is_the_first_of_all_singular_values() {
        use rand::RngExt;
        let mut rng = crate::streams::stream(3, 0);
        let mut random = |rows, columns| DMatrix::from_fn(rows, columns, |_, _| rng.random::<f64>() - 0.5);
        for weights in
            [random(90, 70), random(70, 130) * 1e-9, random(80, 80) * 1e100, DMatrix::from_element(70, 70, -2.0)]
        {
            let expected = singular_values(&weights)[0];
            assert!((spectral(&weights) / expected - 1.0).abs() < 1e-10, "{expected}");
        }
        assert_eq!(spectral(&DMatrix::zeros(80, 90)), 0.0);
    }
}
