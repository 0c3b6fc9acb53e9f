//! Error bars from independent batches.
//!
//! A bootstrap knows how chains differ that were run together; what all chains of a run have in
//! common, such as a slow mode that none of them has left, it cannot know. Batches with starts and
//! random streams of their own differ by that as well.

use crate::{
    curve::{Diagnostics, Series},
    stats::std_dev,
};

/// The fewest batches whose spread counts: that of fewer is itself known too badly.
pub(super) const LEAST: usize = 8;

/// The standard error of the mean of batches from their spread, with Student's factor for a 68 %
/// interval. 0 for fewer than two.
pub(super) fn spread(batches: &[f64]) -> f64 {
    let n = batches.len() as f64;
    if n < 2.0 { 0.0 } else { std_dev(batches) / n.sqrt() * student_factor(n - 1.0) }
}

/// Puts the replicates of the `k`-th point as far from the estimate as the batches differ, where
/// that is farther. How many times as far.
pub(super) fn widen_to(batches: &[f64], values: &Series, replicates: &mut [Series], k: usize) -> f64 {
    widen_to_error(spread(batches), values, replicates, k)
}

/// The same with a standard error that the `k`-th ln Z has at least.
pub(super) fn widen_to_error(least: f64, values: &Series, replicates: &mut [Series], k: usize) -> f64 {
    let factor = inflation(replicates, k, least);
    widen(values, replicates, k, factor);
    factor
}

/// How many times as large the error of the `k`-th ln Z must be than its replicates say.
fn inflation(replicates: &[Series], k: usize, least: f64) -> f64 {
    let bootstrap = std_dev(&replicates.iter().map(|series| series.log_z[k]).collect::<Vec<_>>());
    let ratio = least / bootstrap;
    if ratio.is_finite() { ratio.max(1.0) } else { 1.0 }
}

/// Puts the replicates of the `k`-th point so many times as far from the estimate.
fn widen(values: &Series, replicates: &mut [Series], k: usize, factor: f64) {
    let wide = |replicate: f64, value: f64| value + factor * (replicate - value);
    let each = |replicate: &mut Option<f64>, value: Option<f64>, least: f64| {
        *replicate = replicate.zip(value).map(|(replicate, value)| wide(replicate, value).max(least));
    };
    for series in replicates {
        series.log_z[k] = wide(series.log_z[k], values.log_z[k]);
        each(&mut series.energy[k], values.energy[k], f64::NEG_INFINITY);
        each(&mut series.energy_variance[k], values.energy_variance[k], 0.0);
    }
}

impl Diagnostics {
    /// Adds by how much batches differ more than their chains say, at each β, where there are
    /// batches.
    pub(super) fn batch_spread(self, inflations: Vec<f64>) -> Self {
        if inflations.is_empty() { self } else { self.per_beta("batch_spread_by_beta", inflations) }
    }
}

/// The quantile of Student's distribution that one standard deviation is of the normal one, to
/// three digits from four degrees of freedom on (Abramowitz & Stegun 26.7.5 at x = 1).
fn student_factor(degrees: f64) -> f64 {
    1.0 + 1.0 / (2.0 * degrees) + 13.0 / (48.0 * degrees.powi(2)) + 1.0 / (16.0 * degrees.powi(3))
}

#[cfg(test)]
mod tests {
    use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

    use super::*;

    #[test]
    fn the_factor_of_student_covers_what_one_sigma_covers() {
        let level = Normal::standard().cdf(1.0);
        for degrees in [7.0, 15.0, 63.0] {
            let exact = StudentsT::new(0.0, 1.0, degrees).unwrap().inverse_cdf(level);
            assert!((student_factor(degrees) - exact).abs() < 1e-3, "{degrees}: {exact}");
        }
    }

    #[test]
    fn replicates_are_widened_about_the_estimate_where_batches_differ_by_more() {
        let point = |log_z, energy, variance| {
            let mut series = Series::default();
            series.push(log_z, Some(energy), Some(variance));
            series
        };
        let values = point(1.0, -2.0, 3.0);
        let mut replicates = vec![point(0.9, -2.5, 1.0), point(1.1, -1.5, 5.0)];
        let batches = [0.0, 1.0, 2.0, 1.0];
        // Spread √(2/3)/2 × 1.199, bootstrap √0.02.
        let factor = inflation(&replicates, 0, spread(&batches));
        assert!((factor - (2.0 / 3.0f64).sqrt() / 2.0 * 1.19907 / 0.02f64.sqrt()).abs() < 1e-3, "{factor}");
        widen(&values, &mut replicates, 0, 2.0);
        assert!((replicates[0].log_z[0] - 0.8).abs() < 1e-12 && (replicates[1].log_z[0] - 1.2).abs() < 1e-12);
        assert_eq!((replicates[0].energy[0], replicates[0].energy_variance[0]), (Some(-3.0), Some(0.0)));
        assert_eq!(inflation(&replicates, 0, spread(&[1.0, 1.0 + 1e-9])), 1.0);
        assert_eq!(inflation(&replicates, 0, spread(&[1.0])), 1.0);
        assert_eq!((spread(&[]), spread(&[1.0])), (0.0, 0.0));
        // √2/√2 × 1.833 for two: with one degree of freedom the series is not yet that of Student.
        assert!((spread(&[1.0, 3.0]) - student_factor(1.0)).abs() < 1e-12);
    }
}
