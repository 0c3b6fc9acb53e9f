//! Straight lines through points.

use super::mean;

/// y = intercept + slope · x.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    /// y at x = 0.
    pub intercept: f64,
    /// dy/dx.
    pub slope: f64,
}

impl Line {
    /// Where y = 0; `None` if the line is level.
    #[must_use]
    pub fn zero(&self) -> Option<f64> {
        Some(-self.intercept / self.slope).filter(|x| x.is_finite())
    }
}

/// The line of least squares through points that all weigh the same; `None` for fewer than two different x.
///
/// ```
/// let line = plefka::stats::fit_line(&[(0.0, 3.0), (1.0, 2.0), (2.0, 1.0)]).expect("three points");
/// assert_eq!((line.intercept, line.slope, line.zero()), (3.0, -1.0, Some(3.0)));
/// ```
#[must_use]
pub fn fit_line(points: &[(f64, f64)]) -> Option<Line> {
    let centre = |of: fn(&(f64, f64)) -> f64| mean(&points.iter().map(of).collect::<Vec<_>>());
    let (x0, y0) = (centre(|p| p.0), centre(|p| p.1));
    // About the means: nothing cancels, however far from zero the points lie.
    let xx: f64 = points.iter().map(|(x, _)| (x - x0).powi(2)).sum();
    let xy: f64 = points.iter().map(|(x, y)| (x - x0) * (y - y0)).sum();
    let slope = xy / xx;
    (points.len() > 1 && xx > 0.0 && slope.is_finite()).then(|| Line { intercept: y0 - slope * x0, slope })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_on_a_line_give_it_back_and_too_few_give_nothing() {
        let far = [1e6, 1e6 + 1.0, 1e6 + 3.0].map(|x| (x, 2.0 - 0.5 * x));
        let line = fit_line(&far).unwrap();
        assert!((line.slope + 0.5).abs() < 1e-9 && (line.zero().unwrap() - 4.0).abs() < 1e-3, "{line:?}");
        for points in [&[][..], &[(1.0, 2.0)], &[(1.0, 2.0), (1.0, 3.0)], &[(0.0, f64::NAN), (1.0, 1.0)]] {
            assert_eq!(fit_line(points), None);
        }
        assert_eq!(fit_line(&[(0.0, 1.0), (1.0, 1.0)]).unwrap().zero(), None);
    }
}
