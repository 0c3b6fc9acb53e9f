//! A function and its integral from values and slopes.

/// The piecewise cubic through values and slopes at increasing points (cubic Hermite
/// interpolation).
///
/// Its error is of the fourth order in the distance of the points, and so is that of its integral.
/// Outside the points it is that of the nearest interval.
///
/// # Examples
/// ```
/// use plefka::stats::Hermite;
/// let cube = Hermite::new(vec![0.0, 2.0], vec![0.0, 8.0], vec![0.0, 12.0]); // x³
/// assert_eq!(cube.at(1.0), 1.0);
/// assert!((cube.integral_to(2.0) - 4.0).abs() < 1e-14);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Hermite {
    xs: Vec<f64>,
    ys: Vec<f64>,
    slopes: Vec<f64>,
}

impl Hermite {
    /// Through `ys` with `slopes` at `xs`, which do not decrease.
    ///
    /// # Panics
    /// If the three differ in length, or hold fewer than two points.
    #[must_use]
    pub fn new(xs: Vec<f64>, ys: Vec<f64>, slopes: Vec<f64>) -> Self {
        assert!(
            xs.len() >= 2 && xs.len() == ys.len() && xs.len() == slopes.len(),
            "two points, each with a value and a slope"
        );
        Self { xs, ys, slopes }
    }

    /// Its value.
    #[must_use]
    pub fn at(&self, x: f64) -> f64 {
        let (k, s, h) = self.place(x);
        let cube = s * s * (3.0 - 2.0 * s);
        let bends = self.slopes[k] * s * (1.0 - s).powi(2) - self.slopes[k + 1] * s * s * (1.0 - s);
        self.ys[k] * (1.0 - cube) + self.ys[k + 1] * cube + h * bends
    }

    /// Its integral from the first point to `x`.
    #[must_use]
    pub fn integral_to(&self, x: f64) -> f64 {
        let (last, s, _) = self.place(x);
        (0..last).map(|k| self.part(k, 1.0)).sum::<f64>() + self.part(last, s)
    }

    /// The integral over the part `s` of interval `k`.
    fn part(&self, k: usize, s: f64) -> f64 {
        let h = self.xs[k + 1] - self.xs[k];
        let (s2, s3, s4) = (s * s, s.powi(3), s.powi(4));
        let values = self.ys[k] * (s - s3 + s4 / 2.0) + self.ys[k + 1] * (s3 - s4 / 2.0);
        let bends =
            self.slopes[k] * (s2 / 2.0 - 2.0 * s3 / 3.0 + s4 / 4.0) + self.slopes[k + 1] * (s4 / 4.0 - s3 / 3.0);
        h * (values + h * bends)
    }

    /// The interval of x, the part of it that is passed, and its length.
    fn place(&self, x: f64) -> (usize, f64, f64) {
        let k = self.xs.partition_point(|at| *at <= x).clamp(1, self.xs.len() - 1) - 1;
        let h = self.xs[k + 1] - self.xs[k];
        (k, if h > 0.0 { (x - self.xs[k]) / h } else { 0.0 }, h)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through(n: usize, f: impl Fn(f64) -> (f64, f64)) -> Hermite {
        // Uneven intervals.
        let xs: Vec<f64> = (0..=n).map(|k| 2.0 * (k as f64 / n as f64).powf(1.3)).collect();
        let (ys, slopes) = xs.iter().map(|x| f(*x)).unzip();
        Hermite::new(xs, ys, slopes)
    }

    #[test]
    fn a_cubic_is_itself() {
        let cubic = through(3, |x| (1.0 - 2.0 * x + x.powi(3), 3.0 * x * x - 2.0));
        for k in 0..=20 {
            let x = 0.1 * f64::from(k);
            assert!((cubic.at(x) - (1.0 - 2.0 * x + x.powi(3))).abs() < 1e-13);
            assert!((cubic.integral_to(x) - (x - x * x + x.powi(4) / 4.0)).abs() < 1e-13);
        }
    }

    /// ∫ tanh = ln cosh; half of the intervals, sixteen times the error.
    #[test]
    fn the_integral_is_of_fourth_order() {
        let error = |n| {
            let tanh = through(n, |x| (x.tanh(), 1.0 / x.cosh().powi(2)));
            (tanh.integral_to(1.7) - 1.7f64.cosh().ln()).abs()
        };
        let order = (error(8) / error(16)).log2();
        assert!((3.5..4.5).contains(&order), "{order}");
    }

    #[test]
    fn intervals_without_length_add_nothing() {
        let still = Hermite::new(vec![0.0, 0.0], vec![3.0, 3.0], vec![1.0, 1.0]);
        assert_eq!((still.at(0.0), still.integral_to(0.0)), (3.0, 0.0));
    }
}
