//! Roots of monotone functions.

/// The root of an increasing function between `lo` and `hi`, where it is negative and positive; `f` gives value and slope.
///
/// Newton's method, kept inside the bracket: a step that leaves it, or that is not half as long as the one before last, is
/// replaced by a bisection (Press et al., *Numerical Recipes*, §9.4). The bracket therefore shrinks to neighbouring numbers at
/// worst, and the loop ends for any `f`.
pub(crate) fn increasing_root(mut lo: f64, mut hi: f64, mut f: impl FnMut(f64) -> (f64, f64)) -> f64 {
    let mut x = 0.5 * (lo + hi);
    let (mut step, mut last) = (hi - lo, hi - lo);
    loop {
        let (value, slope) = f(x);
        if value == 0.0 {
            return x;
        }
        if value < 0.0 {
            lo = x
        } else {
            hi = x
        }
        let newton = value / slope;
        let bisect = !(x - newton > lo && x - newton < hi && 2.0 * newton.abs() <= last.abs());
        let next = if bisect { lo + 0.5 * (hi - lo) } else { x - newton };
        (last, step) = (step, x - next);
        // No number is left between, or Newton's step has fallen into the rounding error.
        if next == x || next <= lo || next >= hi || (!bisect && step.abs() <= 2.0 * f64::EPSILON * x.abs().max(1.0)) {
            return next;
        }
        x = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_roots_of_smooth_flat_and_broken_functions() {
        let root = increasing_root(-10.0, 10.0, |x| (x.powi(3) - 2.0, 3.0 * x * x));
        assert!((root - 2f64.cbrt()).abs() < 1e-15);
        // A Newton step from the flat ends of tanh leaves the bracket.
        assert!((increasing_root(-1e6, 2e6, |x| ((x - 0.3).tanh(), (x - 0.3).cosh().powi(-2))) - 0.3).abs() < 1e-14);
        // A jump has no root; the search ends at it. So does one with a slope that is no number.
        assert!((increasing_root(-1.0, 5.0, |x| (if x < 1.0 { -1.0 } else { 1.0 }, 0.0)) - 1.0).abs() < 1e-15);
        assert!((increasing_root(-1.0, 5.0, |x| (x - 1.5, f64::NAN)) - 1.5).abs() < 1e-15);
    }
}
