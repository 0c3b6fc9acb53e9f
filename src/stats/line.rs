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
    /// The line of least squares through points that all weigh the same; `None` for fewer than two
    /// different x, or numbers that are not finite.
    ///
    /// ```
    /// use plefka::stats::Line;
    /// let line = Line::fit([(0.0, 3.0), (1.0, 2.0), (2.0, 1.0)]).expect("three points");
    /// assert_eq!((line.intercept, line.slope, line.zero()), (3.0, -1.0, Some(3.0)));
    /// ```
    #[must_use]
    pub fn fit(points: impl IntoIterator<Item = (f64, f64)>) -> Option<Self> {
        let (x, y): (Vec<f64>, Vec<f64>) = points.into_iter().unzip();
        let (x0, y0) = (mean(&x), mean(&y));
        // About the means: nothing cancels, however far from zero the points lie.
        let xx: f64 = x.iter().map(|x| (x - x0).powi(2)).sum();
        let xy: f64 = x.iter().zip(&y).map(|(x, y)| (x - x0) * (y - y0)).sum();
        // Without two different x the slope is 0/0, and no slope but a finite one leaves a finite intercept.
        let line = Self { intercept: y0 - xy / xx * x0, slope: xy / xx };
        line.intercept.is_finite().then_some(line)
    }

    /// y of the line at x.
    #[must_use]
    pub fn at(&self, x: f64) -> f64 {
        self.intercept + self.slope * x
    }

    /// Where y = 0; `None` if the line is level.
    #[must_use]
    pub fn zero(&self) -> Option<f64> {
        Some(-self.intercept / self.slope).filter(|x| x.is_finite())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_on_a_line_give_it_back_and_too_few_give_nothing() {
        let far = [1e6, 1e6 + 1.0, 1e6 + 3.0].map(|x| (x, 2.0 - 0.5 * x));
        let line = Line::fit(far).unwrap();
        assert!((line.slope + 0.5).abs() < 1e-9 && (line.zero().unwrap() - 4.0).abs() < 1e-3, "{line:?}");
        assert!((line.at(2e6) - (2.0 - 1e6)).abs() < 1e-3);
        for points in [&[][..], &[(1.0, 2.0)], &[(1.0, 2.0), (1.0, 3.0)], &[(0.0, f64::NAN), (1.0, 1.0)]] {
            assert_eq!(Line::fit(points.iter().copied()), None);
        }
        assert_eq!(Line::fit([(0.0, 1.0), (1.0, 1.0)]).unwrap().zero(), None);
    }
}
