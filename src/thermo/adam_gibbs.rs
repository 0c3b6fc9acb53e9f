//! How a relaxation time grows as the temperature falls: the laws of Arrhenius, of Vogel, Fulcher
//! and Tammann, and of Adam and Gibbs, and which of them predicts what it has not seen.

use crate::stats::{Line, correlation, find_maximum, mean, partial_correlation};

/// A system at one temperature.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Relaxing {
    /// T = 1/β, positive.
    pub temperature: f64,
    /// ln τ. Of a disordered system the average of ln τ, and not ln of the average τ, which the
    /// slowest sample makes alone.
    pub log_time: f64,
    /// S_c, the configurational entropy, nats; positive for the law of Adam and Gibbs.
    pub entropy: f64,
}

impl Relaxing {
    /// 1/(T S_c), the variable of Adam and Gibbs.
    #[must_use]
    pub fn adam_gibbs(&self) -> f64 {
        (self.temperature * self.entropy).recip()
    }
}

/// A law for ln τ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Law {
    /// ln τ = A + B/T: one barrier B.
    Arrhenius,
    /// ln τ = A + B/(T − T₀), 0 ≤ T₀ < T (Vogel 1921; Fulcher 1925; Tammann & Hesse 1926):
    /// Arrhenius at T₀ = 0, and faster than that otherwise.
    Vft,
    /// ln τ = A + B/(T S_c): the barrier grows as the states become fewer (Adam & Gibbs, J. Chem.
    /// Phys. 43, 139 (1965), eq. 21).
    AdamGibbs,
}

/// A law with its constants.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fit {
    /// Which law.
    pub law: Law,
    /// A and B.
    pub line: Line,
    /// T₀ of [`Law::Vft`], otherwise 0.
    pub t0: f64,
}

/// T₀ stays below this share of the lowest temperature: at T₀ = T the law is infinite.
const HIGHEST_T0: f64 = 0.99;
/// Values of T₀ that are tried before the best is refined.
const T0_GRID: usize = 100;

impl Law {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Arrhenius, Self::Vft, Self::AdamGibbs];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Arrhenius => "Arrhenius",
            Self::Vft => "VFT",
            Self::AdamGibbs => "Adam-Gibbs",
        }
    }

    /// The number of constants.
    #[must_use]
    pub fn constants(self) -> usize {
        if self == Self::Vft { 3 } else { 2 }
    }

    /// The constants of least squares in ln τ. `None` if there are fewer points than constants, or
    /// these do not determine them.
    ///
    /// ```
    /// use plefka::thermo::{Law, Relaxing};
    /// let at = |t: f64| Relaxing { temperature: t, log_time: -1.0 + 2.0 / (t - 0.3), entropy: 1.0 };
    /// let fit = Law::Vft.fit(&[0.5, 0.6, 0.8, 1.0, 1.5].map(at)).expect("enough points");
    /// assert!((fit.t0 - 0.3).abs() < 1e-5);
    /// ```
    #[must_use]
    pub fn fit(self, points: &[Relaxing]) -> Option<Fit> {
        self.fit_below(points, lowest_temperature(points))
    }

    /// The same, with T₀ of VFT below some temperature.
    fn fit_below(self, points: &[Relaxing], lowest: f64) -> Option<Fit> {
        let line = |t0| Line::fit(points.iter().map(|p| self.variable(p, t0)).zip(log_times(points)));
        if points.len() < self.constants() || points.iter().any(|p| p.temperature.is_nan() || p.temperature <= 0.0) {
            return None;
        }
        let t0 = if self == Self::Vft {
            // For a given T₀ it is a straight line; over T₀ the sum of squares may have more than
            // one minimum.
            let score = |t0: f64| {
                let fit = line(t0).map(|line| Fit { law: self, line, t0 });
                fit.map_or(f64::MIN, |fit| -points.iter().map(|p| (p.log_time - fit.at(p)).powi(2)).sum::<f64>())
            };
            let grid = |k: usize| HIGHEST_T0 * lowest * k as f64 / T0_GRID as f64;
            let best = (0..=T0_GRID).max_by(|a, b| score(grid(*a)).total_cmp(&score(grid(*b))))?;
            let refined = find_maximum(score, grid(best.saturating_sub(1)), grid((best + 1).min(T0_GRID)))?;
            // At an end of the range the search only approaches it.
            if score(refined) > score(grid(best)) { refined } else { grid(best) }
        } else {
            0.0
        };
        Some(Fit { law: self, line: line(t0)?, t0 })
    }

    /// What ln τ is a straight line in.
    fn variable(self, point: &Relaxing, t0: f64) -> f64 {
        match self {
            Self::Arrhenius => point.temperature.recip(),
            Self::Vft => (point.temperature - t0).recip(),
            Self::AdamGibbs => point.adam_gibbs(),
        }
    }

    /// The root mean square of ln τ minus what the law predicts for each point from all the others.
    /// `None` if a fit fails.
    ///
    /// A law with more constants always fits better; it does not always predict better. T₀ stays
    /// below all temperatures, that of the point left out included.
    #[must_use]
    pub fn held_out_error(self, points: &[Relaxing]) -> Option<f64> {
        let lowest = lowest_temperature(points);
        let error = |k: usize| {
            let others: Vec<Relaxing> = (0..points.len()).filter(|j| *j != k).map(|j| points[j]).collect();
            Some(self.fit_below(&others, lowest)?.at(&points[k]) - points[k].log_time)
        };
        let squares: Option<Vec<f64>> = (0..points.len()).map(|k| error(k).map(|e| e * e)).collect();
        squares.map(|squares| mean(&squares).sqrt()).filter(|error| error.is_finite())
    }
}

impl Fit {
    /// ln τ of the law at the temperature and S_c of a point.
    #[must_use]
    pub fn at(&self, point: &Relaxing) -> f64 {
        self.line.at(self.law.variable(point, self.t0))
    }
}

/// The correlation of ln τ with 1/(T S_c), and what is left of it at given 1/T. Both rise on
/// cooling whatever they have to do with each other, so that the first is always near 1; the second
/// tests Adam and Gibbs. `None` where nothing varies.
#[must_use]
pub fn adam_gibbs_correlation(points: &[Relaxing]) -> [Option<f64>; 2] {
    let x: Vec<f64> = points.iter().map(Relaxing::adam_gibbs).collect();
    let z: Vec<f64> = points.iter().map(|p| p.temperature.recip()).collect();
    let y = log_times(points);
    [correlation(&x, &y), partial_correlation(&x, &y, &z)]
}

fn log_times(points: &[Relaxing]) -> Vec<f64> {
    points.iter().map(|p| p.log_time).collect()
}

fn lowest_temperature(points: &[Relaxing]) -> f64 {
    points.iter().map(|p| p.temperature).fold(f64::INFINITY, f64::min)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S_c that falls on cooling, not as a power of T.
    fn entropy(t: f64) -> f64 {
        2.0 * t / (0.4 + t)
    }

    fn points(log_time: impl Fn(f64) -> f64) -> Vec<Relaxing> {
        let at = |k: i32| {
            let t = 2.0 / f64::from(k);
            Relaxing { temperature: t, log_time: log_time(t), entropy: entropy(t) }
        };
        (1..=8).map(at).collect()
    }

    /// Constants come back, and the law that made the points predicts them best.
    ///
    /// Planted bug that fails: S_c without T in the variable of Adam and Gibbs.
    #[test]
    fn planted_constants_are_found_and_the_right_law_predicts_best() {
        let arrhenius = points(|t| -1.0 + 1.5 / t);
        let vft = points(|t| -0.5 + 0.7 / (t - 0.1234));
        let adam_gibbs = points(|t| -2.0 + 0.8 / (t * entropy(t)));
        for (law, points, a, b, t0) in [
            (Law::Arrhenius, &arrhenius, -1.0, 1.5, 0.0),
            (Law::Vft, &vft, -0.5, 0.7, 0.1234),
            (Law::Vft, &arrhenius, -1.0, 1.5, 0.0),
            (Law::AdamGibbs, &adam_gibbs, -2.0, 0.8, 0.0),
        ] {
            let fit = law.fit(points).unwrap();
            let found = [fit.line.intercept - a, fit.line.slope - b, fit.t0 - t0];
            assert!(found.iter().all(|x| x.abs() < 1e-5), "{}: {fit:?}", law.name());
            assert!(law.held_out_error(points).unwrap() < 1e-4, "{}", law.name());
            for other in Law::ALL.into_iter().filter(|other| *other != law && *other != Law::Vft) {
                let wins = (law, other) == (Law::Vft, Law::Arrhenius) && t0 == 0.0;
                let error = other.held_out_error(points).unwrap();
                assert!(wins || error > 0.05, "{} on the points of {}: {error}", other.name(), law.name());
            }
        }
        let [total, partial] = adam_gibbs_correlation(&adam_gibbs).map(Option::unwrap);
        assert!(total > 1.0 - 1e-12 && partial > 1.0 - 1e-9, "{total} {partial}");
        // 1/(T S_c) here is 0.5/T + 0.2/T²; in a law of Arrhenius nothing is left of it but the
        // trivial correlation.
        let [total, partial] = adam_gibbs_correlation(&arrhenius);
        assert!(total.unwrap() > 0.9 && partial.is_none_or(|r| r.abs() < 0.9), "{total:?} {partial:?}");
    }

    /// The point left out must not help to predict itself: one far off the line is predicted as if
    /// it were on it.
    #[test]
    fn held_out_means_held_out() {
        let mut points = points(|t| 1.0 / t);
        points[3].log_time += 10.0;
        let fitted = Law::Arrhenius.fit(&points).unwrap();
        let inside = mean(&points.iter().map(|p| (fitted.at(p) - p.log_time).powi(2)).collect::<Vec<_>>()).sqrt();
        assert!(Law::Arrhenius.held_out_error(&points).unwrap() > 1.1 * inside);
        let others: Vec<Relaxing> = (0..8).filter(|k| *k != 3).map(|k| points[k]).collect();
        assert!((Law::Arrhenius.fit(&others).unwrap().at(&points[3]) + 10.0 - points[3].log_time).abs() < 1e-12);
    }

    #[test]
    fn what_cannot_be_fitted_is_none() {
        let good = points(|t| 1.0 / t);
        assert_eq!(Law::Arrhenius.fit(&good[..1]), None);
        assert_eq!(Law::Vft.fit(&good[..2]), None);
        assert_eq!(Law::Vft.held_out_error(&good[..3]), None);
        assert_eq!(Law::Arrhenius.fit(&[]), None);
        let mut bad = good.clone();
        bad[2].entropy = 0.0;
        assert_eq!(Law::AdamGibbs.fit(&bad), None);
        assert_eq!(adam_gibbs_correlation(&bad), [None, None]);
        bad[2].temperature = 0.0;
        assert_eq!(Law::Arrhenius.fit(&bad), None);
    }
}
