//! F(q) = −ln p(q) along a coordinate: by MBAR over tempering, and exactly.

use plefka::stats::{mean, std_dev};

/// Bins of a coordinate, of equal width.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bins {
    pub low: f64,
    pub width: f64,
    pub count: usize,
}

impl Bins {
    /// As many bins over the range of these values.
    pub fn over(values: impl Iterator<Item = f64> + Clone, count: usize) -> Self {
        let low = values.clone().fold(f64::INFINITY, f64::min);
        let high = values.fold(f64::NEG_INFINITY, f64::max);
        // A hair wider, so that the largest value is within.
        Self { low, width: ((high - low) * (1.0 + 1e-9)).max(1e-12) / count as f64, count }
    }

    pub fn middle(&self, bin: usize) -> f64 {
        self.low + (bin as f64 + 0.5) * self.width
    }

    /// The probability of each bin, from values with weights. What lies outside counts in none.
    pub fn fill(&self, weighted: impl Iterator<Item = (f64, f64)>) -> Vec<f64> {
        let mut bins = vec![0.0; self.count];
        for (value, weight) in weighted {
            let bin = ((value - self.low) / self.width).floor();
            if bin >= 0.0 && (bin as usize) < self.count {
                bins[bin as usize] += weight;
            }
        }
        bins
    }
}

/// A probability and its standard error, bin by bin.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    pub p: Vec<f64>,
    pub std_error: Vec<f64>,
}

impl Profile {
    /// From independent runs: their mean, with the error from their spread.
    pub fn of_runs(runs: &[Vec<f64>]) -> Self {
        let bin = |k: usize| runs.iter().map(|run| run[k]).collect::<Vec<f64>>();
        let bins = 0..runs[0].len();
        Self {
            p: bins.clone().map(|k| mean(&bin(k))).collect(),
            std_error: bins.map(|k| std_dev(&bin(k)) / (runs.len() as f64).sqrt()).collect(),
        }
    }

    /// From independent draws: multinomial.
    pub fn of_draws(p: Vec<f64>, draws: usize) -> Self {
        let std_error = p.iter().map(|p| (p * (1.0 - p) / draws as f64).sqrt()).collect();
        Self { p, std_error }
    }

    /// F in a bin, relative to the most probable one, and its standard error. `None` where it is not
    /// known to 50 %.
    pub fn free_energy(&self, bin: usize) -> Option<(f64, f64)> {
        let most = self.p.iter().copied().fold(0.0, f64::max);
        let (p, error) = (self.p[bin], self.std_error[bin]);
        (p > 0.0 && error < 0.5 * p).then(|| ((most / p).ln(), error / p))
    }

    /// The mean square of (this − other) in standard errors over the bins that both know to 30 %,
    /// and how many these are.
    pub fn chi_square(&self, other: &Self) -> (f64, usize) {
        let (mut sum, mut bins) = (0.0, 0);
        for k in 0..self.p.len() {
            let ((p, e), (q, d)) = ((self.p[k], self.std_error[k]), (other.p[k], other.std_error[k]));
            if e < 0.3 * p && d < 0.3 * q {
                sum += (p - q).powi(2) / (e * e + d * d);
                bins += 1;
            }
        }
        (sum / f64::from(bins.max(1)), bins as usize)
    }

    /// The minima of F that are deeper than `least` and than four standard errors, and the deepest
    /// dip that parts one of them from the lowest, with its error; 0 where there is but one.
    pub fn minima(&self, least: f64) -> (usize, f64, f64) {
        let known: Vec<(f64, f64)> = (0..self.p.len()).filter_map(|k| self.free_energy(k)).collect();
        let mut dips: Vec<(f64, f64)> = Vec::new();
        let lowest = (0..known.len()).min_by(|a, b| known[*a].0.total_cmp(&known[*b].0));
        for k in 0..known.len() {
            let f = known[k].0;
            let is_minimum = (k == 0 || known[k - 1].0 > f) && (k + 1 == known.len() || known[k + 1].0 >= f);
            if !is_minimum || Some(k) == lowest {
                continue;
            }
            // To each side: the highest place on the way to something lower.
            let way = |side: &mut dyn Iterator<Item = usize>| {
                let mut top = (f, known[k].1);
                for j in side {
                    if known[j].0 > top.0 {
                        top = known[j];
                    }
                    if known[j].0 < f {
                        return Some(top);
                    }
                }
                None
            };
            let ways = [way(&mut (0..k).rev()), way(&mut (k + 1..known.len()))];
            let saddle = ways.into_iter().flatten().min_by(|a, b| a.0.total_cmp(&b.0));
            if let Some((top, error)) = saddle {
                dips.push((top - f, error.hypot(known[k].1)));
            }
        }
        dips.retain(|(dip, error)| *dip > least && *dip > 4.0 * error);
        let deepest = dips.iter().copied().max_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or((0.0, 0.0));
        (dips.len() + 1, deepest.0, deepest.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dip_counts_if_it_is_deeper_than_its_error() {
        let f = [0.0, 1.0, 2.0, 0.5, 0.6, 0.55, 4.0];
        let p: Vec<f64> = f.iter().map(|f: &f64| (-f).exp()).collect();
        let known = Profile { std_error: p.iter().map(|p| 0.01 * p).collect(), p: p.clone() };
        let (minima, dip, error) = known.minima(0.2);
        assert_eq!(minima, 2);
        assert!((dip - 1.5).abs() < 1e-12 && (error - 0.01 * 2f64.sqrt()).abs() < 1e-12);
        let vague = Profile { std_error: p.iter().map(|p| 0.45 * p).collect(), p };
        assert_eq!(vague.minima(0.2), (1, 0.0, 0.0));
    }
}
