//! The lowest eigenvalue of a symmetric matrix.

use super::{Symmetric, add, dot, norm, tridiagonal::Tridiagonal};

/// The most steps of Lanczos' method.
const STEPS: usize = 200;
/// The first look at the eigenvalue, and steps between two.
const FIRST_LOOK: usize = 8;
const STEPS_A_LOOK: usize = 4;
/// The residual of an eigenvector, relative to the matrix, at which its eigenvalue counts as found:
/// the error of that is of the order of the square, over the distance to the next one.
const FOUND: f64 = 1e-6;

/// The smallest eigenvalue of a symmetric n×n matrix, by Lanczos' method with full
/// reorthogonalisation: to rounding error for small n, otherwise from above.
pub(in crate::estimator::mean_field) fn smallest_eigenvalue(mut a: impl Symmetric, n: usize) -> f64 {
    // Any start will do that is not orthogonal to the eigenvector: one without a pattern.
    let start: Vec<f64> = (0..n).map(|i| 1.0 + (1.7 * i as f64 * (i as f64 + 3.1)).sin()).collect();
    let size = norm(&start);
    // The vectors one after the other.
    let mut basis: Vec<f64> = start.into_iter().map(|x| x / size).collect();
    let mut matrix = Tridiagonal::default();
    let mut image = vec![0.0; n];
    for step in 1..=STEPS.min(n) {
        let v = &basis[(step - 1) * n..];
        a(v, &mut image);
        matrix.diagonal.push(dot(v, &image));
        // Twice is enough (Parlett).
        for _ in 0..2 {
            for v in basis.chunks_exact(n) {
                let overlap = dot(v, &image);
                add(&mut image, -overlap, v);
            }
        }
        let next = norm(&image);
        let last = step == STEPS.min(n);
        let ended = next < 1e-12 || last;
        if step >= FIRST_LOOK && step.is_multiple_of(STEPS_A_LOOK) || ended || next.is_nan() {
            let value = matrix.lowest();
            let residual = || next * matrix.last_component(value);
            if ended || next.is_nan() || residual() <= FOUND * value.abs().max(1.0) {
                return value;
            }
        }
        matrix.off_diagonal.push(next);
        basis.extend(image.iter().map(|x| x / next));
    }
    f64::NAN
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use nalgebra::{DMatrix, DVector};

    use super::{
        super::tests::{counted, matrix, product},
        *,
    };

    #[test]
    fn lanczos_finds_the_lowest_eigenvalue() {
        for n in [1, 2, 3, 20, 40, 100] {
            let a = matrix(n, 1.7);
            let expected = a.symmetric_eigenvalues().min();
            let found = smallest_eigenvalue(product(&a), n);
            let tolerance = if n <= 20 { 1e-13 } else { 1e-9 };
            assert!((found - expected).abs() < tolerance, "n = {n}: {found} against {expected}");
        }
    }

    /// Several eigenvalues that are the same, and a matrix that falls into parts.
    #[test]
    fn degenerate_matrices_have_their_lowest_eigenvalue() {
        for diagonal in [vec![1.0; 12], vec![3.0, -2.0, -2.0, 5.0, 5.0], vec![0.0; 5], vec![1e-8, 2e8, 1.0]] {
            let a = DMatrix::from_diagonal(&DVector::from_column_slice(&diagonal));
            let lowest = diagonal.iter().copied().fold(f64::INFINITY, f64::min);
            let found = smallest_eigenvalue(product(&a), diagonal.len());
            assert!((found - lowest).abs() <= 1e-14 * a.amax(), "{diagonal:?}: {found}");
        }
        let nothing = smallest_eigenvalue(|_, out| out.fill(f64::NAN), 5);
        assert!(nothing.is_nan());
    }

    /// Krylov spaces end with the number of different eigenvalues. Where they do not end, there is
    /// a look after eight steps and after every fourth from there.
    #[test]
    fn lanczos_takes_the_steps_that_it_needs() {
        let diagonal = |n: usize, of: &dyn Fn(usize) -> f64| DMatrix::from_diagonal(&DVector::from_fn(n, |i, _| of(i)));
        let steps = |a: &DMatrix<f64>| {
            let count = Cell::new(0);
            let value = smallest_eigenvalue(counted(a, &count), a.nrows());
            assert!((value - a.diagonal().min()).abs() < 1e-10 * a.amax(), "{value}");
            count.get()
        };
        for different in 1..=4 {
            assert_eq!(steps(&diagonal(60, &|i| (i % different) as f64 - 1.0)), different);
        }
        // One below all others: the farther, the sooner.
        let with_gap = |gap: f64| diagonal(150, &|i| if i == 7 { -gap } else { (i as f64 / 150.0).powi(2) });
        assert_eq!([3.0, 1.0, 0.3, 0.1].map(|gap| steps(&with_gap(gap))), [8, 12, 16, 28]);
        // The residual counts in units of the eigenvalue.
        assert_eq!(steps(&(with_gap(3.0) * 1024.0)), 8);
        // Where the steps are not enough, the value is one from above.
        let dense = diagonal(800, &|i| (i as f64 / 800.0).powi(3));
        let count = Cell::new(0);
        let value = smallest_eigenvalue(counted(&dense, &count), 800);
        assert!(count.get() == STEPS && (0.0..1e-3).contains(&value), "{} steps, {value}", count.get());
    }
}
