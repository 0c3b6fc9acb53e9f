//! What rounding leaves of a number.

/// A value may be off by so much, absolutely and relatively, and still be called exact.
const TOLERANCE: f64 = 1e-6;

/// `value` with a rounding error of at most `error`, both in units in which 1 is a lot: 0 where the
/// value is within the error, and none where the error leaves fewer than six digits of it.
///
/// # Examples
/// ```
/// use plefka::stats::resolved;
/// assert_eq!(resolved(0.7, 1e-12), Some(0.7));
/// assert_eq!(resolved(-3e-13, 1e-12), Some(0.0));
/// assert_eq!(resolved(-2.3e10, 1e12), None);
/// ```
#[must_use]
pub fn resolved(value: f64, error: f64) -> Option<f64> {
    let known = error <= TOLERANCE * value.abs().max(1.0);
    known.then_some(if value.abs() <= error { 0.0 } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_digits_are_left_or_nothing_is() {
        assert_eq!(resolved(0.7, 1e-6), Some(0.7));
        assert_eq!(resolved(0.7, 1.1e-6), None);
        assert_eq!(resolved(-32.0, 32.0 * 1e-6), Some(-32.0));
        assert_eq!(resolved(-32.0, 32.1e-6), None);
        assert_eq!(resolved(-1e-7, 1e-7), Some(0.0));
        assert_eq!(resolved(-1.1e-7, 1e-7), Some(-1.1e-7));
        assert_eq!(resolved(1.0, f64::NAN), None);
    }
}
