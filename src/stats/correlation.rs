//! Correlations.

use super::{Line, mean};

/// Pearson's correlation coefficient; `None` if one of the two does not vary or a number is not
/// finite.
#[must_use]
pub fn correlation(x: &[f64], y: &[f64]) -> Option<f64> {
    let (dx, dy) = (deviations(x), deviations(y));
    let size = dot(&dx, &dx).sqrt() * dot(&dy, &dy).sqrt();
    (x.len() == y.len() && size > 0.0 && size.is_finite()).then(|| (dot(&dx, &dy) / size).clamp(-1.0, 1.0))
}

/// What is left of the correlation of x and y when each is taken relative to its straight line in
/// z.
///
/// # Formula
/// (r_xy − r_xz r_yz)/√((1 − r_xz²)(1 − r_yz²)), computed as the correlation of the residuals.
/// `None` if nothing but rounding is left of x or y.
///
/// ```
/// // Both follow z, and apart from it they have opposite signs.
/// let z = [1.0, 2.0, 3.0, 4.0];
/// let x = [1.1, 1.9, 2.9, 4.1];
/// let y = [0.9, 2.1, 3.1, 3.9];
/// assert!(plefka::stats::correlation(&x, &y).is_some_and(|r| r > 0.98));
/// assert!(plefka::stats::partial_correlation(&x, &y, &z).is_some_and(|r| r < -0.99));
/// ```
#[must_use]
pub fn partial_correlation(x: &[f64], y: &[f64], z: &[f64]) -> Option<f64> {
    let residuals = |of: &[f64]| {
        let line = Line::fit(z.iter().copied().zip(of.iter().copied()))?;
        let left: Vec<f64> = z.iter().zip(of).map(|(z, of)| of - line.at(*z)).collect();
        let size = |xs: &[f64]| dot(xs, xs).sqrt();
        (size(&left) > 1e-12 * size(of)).then_some(left)
    };
    correlation(&residuals(x)?, &residuals(y)?)
}

/// x − ⟨x⟩: not a number where one of them is not finite.
fn deviations(x: &[f64]) -> Vec<f64> {
    let centre = mean(x);
    x.iter().map(|x| x - centre).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_of_the_partial_correlation_holds() {
        let z: Vec<f64> = (0..9).map(f64::from).collect();
        let x: Vec<f64> = z.iter().map(|z| 0.3 * z + (2.0 * z).sin()).collect();
        let y: Vec<f64> = z.iter().map(|z| 1.0 - 0.2 * z + (3.0 * z).cos() + (2.0 * z).sin()).collect();
        let r = |a, b| correlation(a, b).unwrap();
        let (xy, xz, yz) = (r(&x, &y), r(&x, &z), r(&y, &z));
        let expected = (xy - xz * yz) / ((1.0 - xz * xz) * (1.0 - yz * yz)).sqrt();
        assert!((partial_correlation(&x, &y, &z).unwrap() - expected).abs() < 1e-13);
    }

    #[test]
    fn what_does_not_vary_has_no_correlation() {
        let (x, y) = ([1.0, 1.0, 1.0], [1.0, 2.0, 3.0]);
        assert_eq!(correlation(&x, &y), None);
        assert_eq!(correlation(&y, &[1.0, f64::INFINITY, 0.0]), None);
        // x is a line in z: nothing is left of it.
        assert_eq!(partial_correlation(&y, &[1.0, 5.0, 2.0], &[2.0, 4.0, 6.0]), None);
        // The rounding of a line is no deviation from it, in any unit.
        for unit in [1e-9, 1.0, 1e9] {
            let line = [0.1, 0.2, 0.7].map(|z| unit * (0.3 + z / 3.0));
            assert_eq!(partial_correlation(&line, &[1.0, 5.0, 2.0], &[0.1, 0.2, 0.7]), None);
        }
        // Numbers whose mean or whose squares overflow.
        assert_eq!((correlation(&[1.7e308, 1.7e308, 0.0], &y), correlation(&[1e200, 0.0, 0.0], &y)), (None, None));
        assert_eq!((correlation(&[], &[]), correlation(&y, &[1.0, 2.0])), (None, None));
    }
}
