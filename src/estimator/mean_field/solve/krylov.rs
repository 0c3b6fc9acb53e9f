//! Symmetric linear systems and the lowest eigenvalue of a matrix that is known by its products
//! only.

use nalgebra::DMatrix;

/// A symmetric matrix: writes its product with the first vector into the second.
pub(in crate::estimator::mean_field) trait Symmetric:
    FnMut(&[f64], &mut [f64])
{
}
impl<F: FnMut(&[f64], &mut [f64])> Symmetric for F {}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

/// a ← a + s b.
fn add(a: &mut [f64], s: f64, b: &[f64]) {
    a.iter_mut().zip(b).for_each(|(a, b)| *a += s * b);
}

/// Solves A x = b by conjugate gradients, to the relative residual `accuracy`. `None` if A turns
/// out not to be positive definite, or the residual does not get there.
pub(in crate::estimator::mean_field) fn conjugate_gradient(
    mut a: impl Symmetric,
    b: &[f64],
    accuracy: f64,
) -> Option<Vec<f64>> {
    let mut x = vec![0.0; b.len()];
    let (mut residual, mut direction, mut image) = (b.to_vec(), b.to_vec(), vec![0.0; b.len()]);
    let mut square = dot(b, b);
    let goal = square * accuracy * accuracy;
    for _ in 0..2 * b.len() + 10 {
        if square <= goal {
            return Some(x);
        }
        a(&direction, &mut image);
        let curvature = dot(&direction, &image);
        if curvature <= 0.0 || curvature.is_nan() {
            return None;
        }
        add(&mut x, square / curvature, &direction);
        add(&mut residual, -square / curvature, &image);
        let previous = std::mem::replace(&mut square, dot(&residual, &residual));
        direction.iter_mut().zip(&residual).for_each(|(d, r)| *d = r + *d * (square / previous));
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

/// Up to this size a matrix is written out.
const DENSE: usize = 64;
/// The most steps of Lanczos' method.
const STEPS: usize = 200;

/// The smallest eigenvalue of a symmetric n×n matrix near the identity: to rounding error for small
/// n, otherwise by Lanczos' method with full reorthogonalisation, which approaches it from above.
pub(in crate::estimator::mean_field) fn smallest_eigenvalue(mut a: impl Symmetric, n: usize) -> f64 {
    if n <= DENSE {
        let mut matrix = DMatrix::zeros(n, n);
        let mut unit = vec![0.0; n];
        for j in 0..n {
            unit[j] = 1.0;
            a(&unit, matrix.column_mut(j).as_mut_slice());
            unit[j] = 0.0;
        }
        return lowest(&matrix);
    }
    // Any start will do that is not orthogonal to the eigenvector: one without a pattern.
    let start: Vec<f64> = (0..n).map(|i| 1.0 + (1.7 * i as f64 * (i as f64 + 3.1)).sin()).collect();
    let size = norm(&start);
    let mut basis: Vec<Vec<f64>> = vec![start.into_iter().map(|x| x / size).collect()];
    let (mut diagonal, mut off_diagonal): (Vec<f64>, Vec<f64>) = (Vec::new(), Vec::new());
    let mut image = vec![0.0; n];
    let mut last = f64::INFINITY;
    for step in 1..=STEPS.min(n) {
        let v = &basis[step - 1];
        a(v, &mut image);
        diagonal.push(dot(v, &image));
        // Twice is enough (Parlett).
        for _ in 0..2 {
            for v in &basis {
                let overlap = dot(v, &image);
                add(&mut image, -overlap, v);
            }
        }
        let next = norm(&image);
        let ended = next < 1e-12 || step == STEPS.min(n);
        if step % 10 == 0 || ended {
            let mut tridiagonal = DMatrix::zeros(step, step);
            for k in 0..step {
                tridiagonal[(k, k)] = diagonal[k];
                if k + 1 < step {
                    tridiagonal[(k, k + 1)] = off_diagonal[k];
                    tridiagonal[(k + 1, k)] = off_diagonal[k];
                }
            }
            let value = lowest(&tridiagonal);
            if ended || last - value <= 1e-9 * value.abs() {
                return value;
            }
            last = value;
        }
        off_diagonal.push(next);
        basis.push(image.iter().map(|x| x / next).collect());
    }
    last
}

/// The lowest eigenvalue of a matrix, NaN if it is not finite.
fn lowest(matrix: &DMatrix<f64>) -> f64 {
    if !matrix.iter().all(|x| x.is_finite()) {
        return f64::NAN;
    }
    matrix.symmetric_eigenvalues().min()
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::DVector;

    /// A symmetric matrix with a spectrum around 1 whose lowest eigenvalue is near 1 − `depth`.
    fn matrix(n: usize, depth: f64) -> DMatrix<f64> {
        let b = DMatrix::from_fn(n, n, |i, j| ((1 + 3 * i + 5 * j + i * j) as f64).sin());
        let symmetric = &b + b.transpose();
        let size = symmetric.symmetric_eigenvalues().amax();
        DMatrix::identity(n, n) - symmetric * (depth / size)
    }

    fn product(matrix: &DMatrix<f64>) -> impl Symmetric + '_ {
        move |x, out| out.copy_from_slice((matrix * DVector::from_column_slice(x)).as_slice())
    }

    #[test]
    fn both_solvers_agree_with_elimination_where_they_apply() {
        let b: Vec<f64> = (0..30).map(|i| (i as f64).cos()).collect();
        for (depth, positive) in [(0.9, true), (3.0, false)] {
            let a = matrix(30, depth);
            let expected = a.clone().lu().solve(&DVector::from_column_slice(&b)).unwrap();
            let close = |x: Vec<f64>| (DVector::from_vec(x) - &expected).amax() < 1e-8 * expected.amax();
            assert!(close(minimal_residual(product(&a), &b, 1e-12).unwrap()), "depth {depth}");
            let solution = conjugate_gradient(product(&a), &b, 1e-12);
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

    #[test]
    fn lanczos_finds_the_lowest_eigenvalue() {
        for n in [3, 40, 100] {
            let a = matrix(n, 1.7);
            let expected = a.symmetric_eigenvalues().min();
            let found = smallest_eigenvalue(product(&a), n);
            assert!((found - expected).abs() < 1e-7, "n = {n}: {found} against {expected}");
        }
    }
}
