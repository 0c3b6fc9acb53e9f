//! The lowest eigenvalue of a tridiagonal matrix, and the end of its vector.

/// What Lanczos' method makes of a matrix.
#[derive(Default)]
pub(super) struct Tridiagonal {
    pub(super) diagonal: Vec<f64>,
    /// One less.
    pub(super) off_diagonal: Vec<f64>,
}

impl Tridiagonal {
    /// The lowest eigenvalue. NaN if an entry is not finite.
    ///
    /// It is the first zero of the last pivot δ of T − x, which falls from +∞ and is concave as
    /// long as the other pivots are positive (all of them are just below the eigenvalue: Sturm).
    /// Newton's method, kept within a bracket, finds it in a few steps.
    pub(super) fn lowest(&self) -> f64 {
        let Self { diagonal, off_diagonal } = self;
        let off = |k: usize| off_diagonal.get(k).map_or(0.0, |x| x.abs());
        // Gershgorin's circles; no diagonal entry is below the eigenvalue.
        let left = |k: usize| diagonal[k] - off(k) - if k > 0 { off(k - 1) } else { 0.0 };
        let mut below = (0..diagonal.len()).map(left).fold(f64::INFINITY, f64::min);
        let mut above = diagonal.iter().copied().fold(f64::INFINITY, f64::min);
        if !(below.is_finite() && above.is_finite() && diagonal.iter().all(|x| x.is_finite())) {
            return f64::NAN;
        }
        let rounding = f64::EPSILON * below.abs().max(above.abs());
        below -= rounding;
        let mut x = above;
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
            let newton = x - pivot / slope;
            let short = (newton - x).abs() <= rounding;
            // To the right of the zero a step is short beside a pole as well.
            let at_zero = || pivot > 0.0 || self.last_pivot(x - 4.0 * rounding).is_some_and(|(left, _)| left > 0.0);
            if short && at_zero() {
                break;
            }
            x = if !short && below < newton && newton < above { newton } else { 0.5 * (below + above) };
        }
        x
    }

    /// The size of the last component of the normalised vector of an eigenvalue.
    ///
    /// From where the pivots from above and those from below meet best, the vector falls off in
    /// both directions by products of ratios, so that the smallest component has as many digits as
    /// the largest (twisted factorisation: Dhillon & Parlett, Linear Algebra Appl. 387, 1 (2004)).
    pub(super) fn last_component(&self, eigenvalue: f64) -> f64 {
        let (n, off) = (self.diagonal.len(), &self.off_diagonal);
        let shifted: Vec<f64> = self.diagonal.iter().map(|d| d - eigenvalue).collect();
        let largest = shifted.iter().chain(off).fold(f64::MIN_POSITIVE, |largest, x| largest.max(x.abs()));
        let nonzero = |pivot: f64| if pivot == 0.0 { f64::EPSILON * largest } else { pivot };
        let (mut down, mut up) = (shifted.clone(), shifted.clone());
        for k in 1..n {
            down[k] -= off[k - 1] * (off[k - 1] / nonzero(down[k - 1]));
            up[n - 1 - k] -= off[n - 1 - k] * (off[n - 1 - k] / nonzero(up[n - k]));
        }
        let mismatch = |k: usize| (down[k] + up[k] - shifted[k]).abs();
        let Some(twist) = (0..n).min_by(|a, b| mismatch(*a).total_cmp(&mismatch(*b))) else { return f64::NAN };
        let (mut size, mut last, mut squares) = (1.0, 1.0, 1.0);
        for k in (0..twist).rev() {
            size *= off[k] / nonzero(down[k]);
            squares += size * size;
        }
        for k in twist + 1..n {
            last *= off[k - 1] / nonzero(up[k]);
            squares += last * last;
        }
        last.abs() / squares.sqrt()
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
                let last = (2.0 / (n as f64 + 1.0)).sqrt() * (n as f64 * angle).sin().abs();
                let t = Tridiagonal { diagonal: vec![2.0 * scale + shift; n], off_diagonal: vec![-scale; n - 1] };
                let value = t.lowest();
                let rounding = 1e-13 * (4.0 * scale + shift.abs());
                assert!((value - expected).abs() < rounding, "n = {n}, {scale}, {shift}: {value} against {expected}");
                let found = t.last_component(value);
                assert!((found - last).abs() < 1e-8, "n = {n}, {scale}, {shift}: {found} against {last}");
            }
        }
    }

    /// With 2 on the diagonal but for 2 − 1/q at its begin and 2 − q at its end, and −1 beside it, the
    /// vector q^k has the lowest eigenvalue, 2 − q − 1/q, for it has no change of sign.
    ///
    /// Planted bug that fails: the component from the derivative of the last pivot, in which all that
    /// is below the square root of the rounding error is lost.
    #[test]
    fn the_last_component_of_an_isolated_eigenvalue_has_all_its_digits() {
        for (n, q) in [(2, 0.5), (7, 1.0), (30, 0.1), (30, 0.7), (30, 1.4), (60, 1e-5)] {
            let mut diagonal = vec![2.0; n];
            diagonal[0] -= 1.0 / q;
            diagonal[n - 1] -= q;
            let t = Tridiagonal { diagonal, off_diagonal: vec![-1.0; n - 1] };
            let value = t.lowest();
            let expected = 2.0 - q - 1.0 / q;
            assert!((value - expected).abs() < 1e-14 * expected.abs().max(4.0), "{n}, {q}: {value} against {expected}");
            let size = (0..n as i32).map(|k| q.powi(2 * k)).sum::<f64>().sqrt();
            let (found, expected) = (t.last_component(value), q.powi(n as i32 - 1) / size);
            assert!((found / expected - 1.0).abs() < 1e-9, "{n}, {q}: {found} against {expected}");
        }
    }

    /// Where the matrix falls into parts the vector is that of one of them.
    #[test]
    fn the_vector_of_one_part_does_not_reach_into_another() {
        let in_first = Tridiagonal { diagonal: vec![-1.0, 3.0, 0.5], off_diagonal: vec![1.0, 0.0] };
        assert_eq!(in_first.last_component(in_first.lowest()), 0.0);
        let in_last = Tridiagonal { diagonal: vec![0.5, 3.0, -1.0], off_diagonal: vec![1.0, 0.0] };
        assert_eq!(in_last.last_component(in_last.lowest()), 1.0);
        assert!(Tridiagonal::default().last_component(0.0).is_nan());
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
}
