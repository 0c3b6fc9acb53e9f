//! Symmetric linear systems.

use super::{Symmetric, add, dot, norm};
use crate::estimator::mean_field::solve::factor::Factor;

/// Solves A x = b by conjugate gradients, to the relative residual `accuracy`; with the inverse of
/// a matrix near A, if there is one, in a few steps. `None` if A turns out not to be positive
/// definite, or the residual does not get there.
pub(in crate::estimator::mean_field) fn conjugate_gradient(
    mut a: impl Symmetric,
    near: Option<&Factor>,
    b: &[f64],
    accuracy: f64,
) -> Option<Vec<f64>> {
    let precondition = |residual: &[f64], out: &mut [f64]| match near {
        Some(factor) => factor.solve(residual, out),
        None => out.copy_from_slice(residual),
    };
    let mut x = vec![0.0; b.len()];
    let (mut residual, mut image, mut step) = (b.to_vec(), vec![0.0; b.len()], vec![0.0; b.len()]);
    let goal = dot(b, b) * accuracy * accuracy;
    precondition(&residual, &mut step);
    let (mut direction, mut product) = (step.clone(), dot(&residual, &step));
    for _ in 0..2 * b.len() + 10 {
        if dot(&residual, &residual) <= goal {
            return Some(x);
        }
        a(&direction, &mut image);
        let curvature = dot(&direction, &image);
        if curvature <= 0.0 || curvature.is_nan() {
            return None;
        }
        add(&mut x, product / curvature, &direction);
        add(&mut residual, -product / curvature, &image);
        precondition(&residual, &mut step);
        let previous = std::mem::replace(&mut product, dot(&residual, &step));
        direction.iter_mut().zip(&step).for_each(|(d, s)| *d = s + *d * (product / previous));
    }
    None
}

/// Solves A x = b for a symmetric A of any signature by minimal residuals (Paige & Saunders, SIAM
/// J. Numer. Anal. 12, 617 (1975)). `None` if the relative residual does not reach `accuracy`: A is
/// close to singular.
pub(in crate::estimator::mean_field) fn minimal_residual(
    mut a: impl Symmetric,
    b: &[f64],
    accuracy: f64,
) -> Option<Vec<f64>> {
    let n = b.len();
    let size = norm(b);
    let mut x = vec![0.0; n];
    if size == 0.0 {
        return Some(x);
    }
    // The Lanczos vectors, and the directions that the plane rotations (c, s) make of them.
    let (mut v, mut v_old, mut image) = (b.iter().map(|b| b / size).collect::<Vec<_>>(), vec![0.0; n], vec![0.0; n]);
    let (mut d, mut d_old, mut d_new) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
    let (mut off_diagonal, mut residual) = (0.0, size);
    let ([mut c, mut s], [mut c_old, mut s_old]) = ([1.0f64, 0.0f64], [1.0f64, 0.0f64]);
    for _ in 0..5 * n + 10 {
        a(&v, &mut image);
        let diagonal = dot(&v, &image);
        add(&mut image, -diagonal, &v);
        add(&mut image, -off_diagonal, &v_old);
        let next = norm(&image);
        // A column of the tridiagonal matrix, under the last two rotations and a new one that
        // clears its lowest entry.
        let upper = s_old * off_diagonal;
        let middle = c * c_old * off_diagonal + s * diagonal;
        let lower = c * diagonal - s * c_old * off_diagonal;
        let length = lower.hypot(next);
        if length <= 0.0 || length.is_nan() {
            break;
        }
        [c_old, s_old] = [c, s];
        [c, s] = [lower / length, next / length];
        for i in 0..n {
            d_new[i] = (v[i] - middle * d[i] - upper * d_old[i]) / length;
        }
        add(&mut x, c * residual, &d_new);
        residual *= -s;
        if residual.abs() <= accuracy * size || residual.is_nan() || next == 0.0 {
            break;
        }
        std::mem::swap(&mut d_old, &mut d);
        std::mem::swap(&mut d, &mut d_new);
        std::mem::swap(&mut v_old, &mut v);
        v.iter_mut().zip(&image).for_each(|(v, image)| *v = image / next);
        off_diagonal = next;
    }
    // The recurrence may have lost touch with the truth.
    a(&x, &mut image);
    add(&mut image, -1.0, b);
    let solved = norm(&image) <= 1e3 * accuracy * size && x.iter().all(|x| x.is_finite());
    solved.then_some(x)
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
    fn both_solvers_agree_with_elimination_where_they_apply() {
        let b: Vec<f64> = (0..30).map(|i| (i as f64).cos()).collect();
        for (depth, positive) in [(0.9, true), (3.0, false)] {
            let a = matrix(30, depth);
            let expected = a.clone().lu().solve(&DVector::from_column_slice(&b)).unwrap();
            let close = |x: Vec<f64>| (DVector::from_vec(x) - &expected).amax() < 1e-8 * expected.amax();
            assert!(close(minimal_residual(product(&a), &b, 1e-12).unwrap()), "depth {depth}");
            let solution = conjugate_gradient(product(&a), None, &b, 1e-12);
            assert_eq!(solution.is_some(), positive);
            assert!(solution.is_none_or(close));
        }
    }

    #[test]
    fn a_singular_system_has_no_solution() {
        let mut a = DMatrix::identity(5, 5);
        a[(2, 2)] = 0.0;
        assert_eq!(minimal_residual(product(&a), &[1.0; 5], 1e-12), None);
    }

    /// Both solvers take as many steps as there are different eigenvalues, in whatever unit the
    /// system is written: powers of two change no digit.
    #[test]
    fn the_size_of_a_system_does_not_matter() {
        let n = 24;
        let eigenvalue = |i: usize| [2.0_f64, -1.0, 0.5, -3.0][i % 4];
        let indefinite = DMatrix::from_diagonal(&DVector::from_fn(n, |i, _| eigenvalue(i)));
        let definite = DMatrix::from_diagonal(&DVector::from_fn(n, |i, _| eigenvalue(i).abs()));
        for exponent in [-40, -20, 0, 20, 40] {
            let size = 2f64.powi(exponent);
            let b: Vec<f64> = (0..n).map(|i| size * (1.0 + i as f64)).collect();
            let count = Cell::new(0);
            let x = minimal_residual(counted(&indefinite, &count), &b, 1e-10).unwrap();
            // One more for the true residual.
            assert_eq!(count.get(), 5, "{exponent}");
            let y = conjugate_gradient(counted(&definite, &count), None, &b, 1e-10).unwrap();
            assert_eq!(count.get(), 9, "{exponent}");
            for i in 0..n {
                assert!((x[i] * eigenvalue(i) - b[i]).abs() < 1e-9 * size, "{exponent}, {i}: {}", x[i]);
                assert!((y[i] * eigenvalue(i).abs() - b[i]).abs() < 1e-9 * size, "{exponent}, {i}: {}", y[i]);
            }
        }
        assert_eq!(minimal_residual(product(&indefinite), &vec![0.0; n], 1e-10), Some(vec![0.0; n]));
        assert_eq!(conjugate_gradient(product(&definite), None, &vec![0.0; n], 1e-10), Some(vec![0.0; n]));
    }

    /// A singular system whose right-hand side is an image has a solution, the one without a part
    /// in the kernel; any other has none.
    #[test]
    fn a_singular_system_is_solved_where_it_can_be() {
        let diagonal = [0.0, 2.0, -1.0, 4.0, 0.0, -0.5];
        let a = DMatrix::from_diagonal(&DVector::from_column_slice(&diagonal));
        let b = [0.0, 1.0, 1.0, 1.0, 0.0, 1.0];
        let x = minimal_residual(product(&a), &b, 1e-11).unwrap();
        for (x, expected) in x.iter().zip([0.0, 0.5, -1.0, 0.25, 0.0, -2.0]) {
            assert!((x - expected).abs() < 1e-9, "{x} against {expected}");
        }
        assert_eq!(minimal_residual(product(&a), &[1e-3, 1.0, 1.0, 1.0, 0.0, 1.0], 1e-11), None);
        assert_eq!(minimal_residual(product(&DMatrix::zeros(4, 4)), &[1.0; 4], 1e-6), None);
        assert_eq!(conjugate_gradient(product(&DMatrix::zeros(4, 4)), None, &[1.0; 4], 1e-6), None);
    }

    /// What cannot be solved to the accuracy asked for is given up after 2n + 10 products, and after
    /// 5n + 10 with one more for the true residual.
    #[test]
    fn both_solvers_give_up() {
        let n = 20;
        let a = DMatrix::from_diagonal(&DVector::from_fn(n, |i, _| 10f64.powf(0.7 * i as f64)));
        let count = Cell::new(0);
        assert_eq!(conjugate_gradient(counted(&a, &count), None, &vec![1.0; n], 1e-14), None);
        assert_eq!(count.get(), 2 * n + 10);
        count.set(0);
        assert_eq!(minimal_residual(counted(&a, &count), &vec![1.0; n], 0.0), None);
        assert_eq!(count.get(), 5 * n + 11);
    }
}
