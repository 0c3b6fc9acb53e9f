//! Roots and maxima of functions of one variable, by the methods of Brent (argmin).

use argmin::{
    core::{CostFunction, Executor, State},
    solver::brent::{BrentOpt, BrentRoot},
};

struct Problem<F>(F);

impl<F: Fn(f64) -> f64> CostFunction for Problem<F> {
    type Param = f64;
    type Output = f64;

    fn cost(&self, x: &f64) -> Result<f64, argmin::core::Error> {
        Ok((self.0)(*x))
    }
}

/// A root of `f` between `low` and `high` to the rounding error of x; `None` if `f` has the same
/// sign, or no value, at both ends.
#[must_use]
pub fn find_root(f: impl Fn(f64) -> f64, low: f64, high: f64) -> Option<f64> {
    let ends = [low, high].map(|x| (x, f(x)));
    find_root_within(f, ends, f64::MIN_POSITIVE)
}

/// The same to a given tolerance of x, between two points (x, f(x)).
///
/// Where every value costs a pass over data, the last digits are the dear ones: `f` is a sum, its
/// sign near the root is that of the rounding errors, and the interval shrinks to a few units in
/// the last place only after dozens of steps.
pub(crate) fn find_root_within(f: impl Fn(f64) -> f64, ends: [(f64, f64); 2], tolerance: f64) -> Option<f64> {
    let [(low, at_low), (high, at_high)] = ends;
    if at_low == 0.0 || at_high == 0.0 {
        return Some(if at_low == 0.0 { low } else { high });
    }
    if at_low.is_nan() || at_high.is_nan() || (at_low > 0.0) == (at_high > 0.0) {
        return None;
    }
    // The solver asks for the ends again.
    let known = |x: f64| ends.iter().find(|end| end.0 == x).map_or_else(|| f(x), |end| end.1);
    let solver = BrentRoot::new(low, high, tolerance);
    let outcome = Executor::new(Problem(known), solver).configure(|state| state.max_iters(500)).run().ok()?;
    outcome.state.get_best_param().copied()
}

/// Where `f`, with one maximum between `low` and `high`, has it: to about 10⁻⁸, the square root of
/// the rounding error.
#[must_use]
pub fn find_maximum(f: impl Fn(f64) -> f64, low: f64, high: f64) -> Option<f64> {
    let solver = BrentOpt::new(low, high).set_tolerance(1e-9, 1e-12);
    let outcome = Executor::new(Problem(|x| -f(x)), solver).configure(|state| state.max_iters(500)).run().ok()?;
    outcome.state.get_best_param().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_and_maxima() {
        let root = find_root(|x| x * x - 2.0, 0.0, 2.0).expect("the sign changes");
        assert!((root - 2f64.sqrt()).abs() < 4e-16);
        assert_eq!(find_root(|x| x * x + 1.0, 0.0, 2.0), None);
        assert_eq!(find_root(|_| f64::NAN, 0.0, 2.0), None);
        assert_eq!(find_root(|x| x, 0.0, 2.0), Some(0.0));
        // A zero at an end is a root, whatever the sign at the other one.
        assert_eq!((find_root(|x| -x, 0.0, 2.0), find_root(|x| x, -2.0, 0.0)), (Some(0.0), Some(0.0)));
        for sign in [-1.0, 1.0] {
            assert_eq!(find_root(|x| if x < 1.0 { f64::NAN } else { sign }, 0.0, 2.0), None);
            assert_eq!(find_root(|x| if x > 1.0 { f64::NAN } else { sign }, 0.0, 2.0), None);
        }
        let calls = std::cell::Cell::new(0);
        let counted = |x: f64| {
            calls.set(calls.get() + 1);
            x * x - 2.0
        };
        let root = find_root_within(counted, [(0.0, -2.0), (2.0, 2.0)], 1e-9).expect("the sign changes");
        assert!((root - 2f64.sqrt()).abs() < 1e-9 && calls.get() < 12, "{root} after {} values", calls.get());
        let top = find_maximum(f64::sin, 0.5, 3.0).expect("it has one");
        assert!((top - std::f64::consts::FRAC_PI_2).abs() < 1e-7);
    }
}
