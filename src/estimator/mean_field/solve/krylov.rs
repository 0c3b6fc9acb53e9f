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
            let short = (newton - x).abs() <= rounding;
            // To the right of the zero a step is short beside a pole as well.
            let at_zero = || pivot > 0.0 || self.last_pivot(x - 4.0 * rounding).is_some_and(|(left, _)| left > 0.0);
            if short && at_zero() {
                break;
            }
            x = if !short && below < newton && newton < above { newton } else { 0.5 * (below + above) };
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
    use std::cell::Cell;

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

    /// The product with a matrix, counted.
    fn counted<'a>(matrix: &'a DMatrix<f64>, count: &'a Cell<usize>) -> impl Symmetric + 'a {
        let mut product = product(matrix);
        move |x, out| {
            count.set(count.get() + 1);
            product(x, out);
        }
    }

    /// 2 on the diagonal and −1 beside it has the eigenvalues 2 − 2cos(kπ/(n + 1)), and the vector
    /// sin(ikπ/(n + 1))·√(2/(n + 1)). A scale and a shift move them as they should.
    ///
    /// Planted bug that fails: a short step beside a pole taken for the zero, as for n = 3, where
    /// bisection hits one.
    #[test]
    fn tridiagonal_matrices_have_the_spectra_known_of_them() {
        for n in [1, 2, 3, 8, 50, 200] {
            for (scale, shift) in [(1.0, 0.0), (1.0, -2.0), (1e6, 3e5), (1e-6, 0.0), (0.3, -50.0)] {
                let angle = std::f64::consts::PI / (n as f64 + 1.0);
                let expected = scale * (2.0 - 2.0 * angle.cos()) + shift;
                let last = (2.0 / (n as f64 + 1.0)).sqrt() * (n as f64 * angle).sin();
                let t = Tridiagonal { diagonal: vec![2.0 * scale + shift; n], off_diagonal: vec![-scale; n - 1] };
                let (value, share) = t.lowest();
                let rounding = 1e-13 * (4.0 * scale + shift.abs());
                assert!((value - expected).abs() < rounding, "n = {n}, {scale}, {shift}: {value} against {expected}");
                assert!((share - last).abs() < 1e-5, "n = {n}, {scale}, {shift}: {share} against {last}");
            }
        }
    }

    /// δ of a matrix of two rows is d₂ − x − e²/(d₁ − x), and its derivative −1 − e²/(d₁ − x)².
    #[test]
    fn the_last_pivot_is_the_ratio_of_determinants() {
        let t = Tridiagonal { diagonal: vec![3.0, 5.0], off_diagonal: vec![0.5] };
        for x in [-4.0, 0.0, 1.0, 2.5] {
            let (pivot, slope) = t.last_pivot(x).unwrap();
            let first = 3.0 - x;
            assert!((pivot - (5.0 - x - 0.25 / first)).abs() < 1e-14, "{x}: {pivot}");
            assert!((slope - (-1.0 - 0.25 / (first * first))).abs() < 1e-14, "{x}: {slope}");
        }
        assert_eq!(t.last_pivot(3.0), None);
        let t = Tridiagonal { diagonal: vec![2.0, 3.0, 5.0], off_diagonal: vec![0.5, 0.7] };
        let (pivot, slope) = t.last_pivot(0.2).unwrap();
        let (two, three) = (1.8 * 2.8 - 0.25, 4.8 * (1.8 * 2.8 - 0.25) - 0.49 * 1.8);
        assert!((pivot - three / two).abs() < 1e-14, "{pivot}");
        let near = |x: f64| t.last_pivot(x).unwrap().0;
        assert!((slope - (near(0.2 + 1e-5) - near(0.2 - 1e-5)) / 2e-5).abs() < 1e-8, "{slope}");
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

    /// What cannot be solved to the accuracy asked for is given up after 2n + 10 products.
    #[test]
    fn conjugate_gradients_are_given_up() {
        let n = 20;
        let a = DMatrix::from_diagonal(&DVector::from_fn(n, |i, _| 10f64.powf(0.7 * i as f64)));
        let count = Cell::new(0);
        assert_eq!(conjugate_gradient(counted(&a, &count), None, &vec![1.0; n], 1e-14), None);
        assert_eq!(count.get(), 2 * n + 10);
    }
}
