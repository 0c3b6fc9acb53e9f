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

/// A root of `f` between `low` and `high` to the rounding error of x; `None` if `f` has the same sign, or no value, at both ends.
#[must_use]
pub fn find_root(f: impl Fn(f64) -> f64, low: f64, high: f64) -> Option<f64> {
    let (at_low, at_high) = (f(low), f(high));
    if at_low == 0.0 || at_high == 0.0 {
        return Some(if at_low == 0.0 { low } else { high });
    }
    if at_low.is_nan() || at_high.is_nan() || (at_low > 0.0) == (at_high > 0.0) {
        return None;
    }
    let solver = BrentRoot::new(low, high, f64::MIN_POSITIVE);
    let outcome = Executor::new(Problem(f), solver).configure(|state| state.max_iters(500)).run().ok()?;
    outcome.state.get_best_param().copied()
}

/// Where `f`, with one maximum between `low` and `high`, has it: to about 10⁻⁸, the square root of the rounding error.
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
        let top = find_maximum(f64::sin, 0.5, 3.0).expect("it has one");
        assert!((top - std::f64::consts::FRAC_PI_2).abs() < 1e-7);
    }
}
