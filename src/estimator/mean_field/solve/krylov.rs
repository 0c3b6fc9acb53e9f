//! Symmetric linear systems and the lowest eigenvalue of a matrix that is known by its products
//! only.

use super::factor::Factor;

/// A symmetric matrix: writes its product with the first vector into the second.
pub(in crate::estimator::mean_field) trait Symmetric:
    FnMut(&[f64], &mut [f64])
{
}
impl<F: FnMut(&[f64], &mut [f64])> Symmetric for F {}

/// In eight partial sums: one would have to be added up in order.
pub(in crate::estimator::mean_field) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    let mut sums = [0.0; 8];
    for (a, b) in a.iter().zip(b) {
        for l in 0..8 {
            sums[l] += a[l] * b[l];
        }
    }
    sums.iter().sum::<f64>() + a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum::<f64>()
}

fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

/// a ← a + s b.
fn add(a: &mut [f64], s: f64, b: &[f64]) {
    a.iter_mut().zip(b).for_each(|(a, b)| *a += s * b);
}

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
            let (value, share) = matrix.lowest();
            if ended || next.is_nan() || next * share <= FOUND * value.abs().max(1.0) {
                return value;
            }
        }
        matrix.off_diagonal.push(next);
        basis.extend(image.iter().map(|x| x / next));
    }
    f64::NAN
}

/// What Lanczos' method makes of a matrix.
#[derive(Default)]
struct Tridiagonal {
    diagonal: Vec<f64>,
    /// One less.
    off_diagonal: Vec<f64>,
}

impl Tridiagonal {
    /// The lowest eigenvalue, and the size of the last component of its normalised vector. NaN if
    /// an entry is not finite.
    ///
    /// It is the first zero of the last pivot δ of T − x, which falls from +∞ and is concave as
    /// long as the other pivots are positive (all of them are just below the eigenvalue: Sturm).
    /// Newton's method, kept within a bracket, finds it in a few steps; and 1/√(−δ′) there is the
    /// last component of the vector.
    fn lowest(&self) -> (f64, f64) {
        let Self { diagonal, off_diagonal } = self;
        let off = |k: usize| off_diagonal.get(k).map_or(0.0, |x| x.abs());
        // Gershgorin's circles; no diagonal entry is below the eigenvalue.
        let left = |k: usize| diagonal[k] - off(k) - if k > 0 { off(k - 1) } else { 0.0 };
        let mut below = (0..diagonal.len()).map(left).fold(f64::INFINITY, f64::min);
        let mut above = diagonal.iter().copied().fold(f64::INFINITY, f64::min);
        if !(below.is_finite() && above.is_finite() && diagonal.iter().all(|x| x.is_finite())) {
            return (f64::NAN, f64::NAN);
        }
        let rounding = f64::EPSILON * below.abs().max(above.abs());
        below -= rounding;
        let (mut x, mut share) = (above, 1.0);
        while above - below > 2.0 * rounding {
            let Some((pivot, slope)) = self.last_pivot(x) else {
                above = x;
                x = 0.5 * (below + above);
                continue;
            };
            if pivot > 0.0 {
                below = x;
            } else {
                above = x;
            }
            share = (-slope).sqrt().recip();
            let newton = x - pivot / slope;
            if (newton - x).abs() <= rounding {
                break;
            }
            x = if below < newton && newton < above { newton } else { 0.5 * (below + above) };
        }
        (x, share)
    }

    /// The last pivot of T − x and its derivative; `None` if one before it is not positive.
    fn last_pivot(&self, x: f64) -> Option<(f64, f64)> {
        let (mut pivot, mut slope) = (self.diagonal[0] - x, -1.0);
        for (diagonal, off) in self.diagonal[1..].iter().zip(&self.off_diagonal) {
            if pivot <= 0.0 {
                return None;
            }
            let ratio = off / pivot;
            slope = -1.0 + ratio * ratio * slope;
            pivot = diagonal - x - ratio * off;
        }
        Some((pivot, slope))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::{DMatrix, DVector};

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
}
