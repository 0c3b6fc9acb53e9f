//! Whether estimates of the same β agree.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

use crate::{
    curve::Claim,
    stats::mean,
    temperature::{
        energy_curve::EnergyCurve,
        estimate::{Estimate, Estimator, Scope},
        independence::{effective_size, variance_of_mean},
        likelihood::likelihood_equation,
        local::local_equation,
        observed::Observed,
    },
    thresholds::{MAX_SIGMAS_OF_TEMPERATURES, MIN_SAMPLES_OF_TEMPERATURES},
};

/// Numbers that differ by less than this share of the largest are the same.
const SAME: f64 = 1e-10;

/// A local and a global estimate of the same data side by side.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The local estimator.
    pub local: Estimator,
    /// The global one.
    pub global: Estimator,
    /// β of the local minus β of the global one.
    pub difference: f64,
    /// The standard error of the difference, with the correlation of the two taken into account.
    pub std_error: f64,
    /// Whether they differ by more than [`MAX_SIGMAS_OF_TEMPERATURES`] standard errors, or by what
    /// is as improbable with so few samples, and neither solves the equation of the other: the data
    /// have no single temperature under this model.
    pub disagree: bool,
}

/// The equations of maximum likelihood and of the local estimators on some data, at any β.
pub struct Equations<'a> {
    /// The data beside their model.
    pub data: &'a Observed<'a>,
    /// U(β) of the model.
    pub energy: Option<&'a EnergyCurve>,
}

/// Every local estimate with an error bar beside every global one.
///
/// # Formula
/// The variance of β_l − β_g is that of the mean of the difference of their influences, row by row,
/// plus what does not come from the data. The errors of two estimates from the same rows are
/// correlated, and adding them in quadrature would be wrong in either direction.
///
/// With few rows the two estimates are not linear in what they are made of, and differ by more than
/// that variance says: of 20 samples of a cold ferromagnet of nine spins every third has a β_l that
/// is three standard errors from β_g. They disagree only if neither β solves both equations: at β_g
/// and at β_l the difference of the two equations, row by row, must be as improbable as the
/// difference of the estimates. (Without `equations` this is not asked.)
///
/// The number of standard errors is held against the quantile of Student's distribution that has
/// the tail of three standard deviations of the normal one. Its degrees of freedom are one less
/// than the independent samples, less those that repeat the most frequent value: the rows of a cold
/// sample that are in the ground state say nothing of how the others scatter.
///
/// The micro-canonical and the entropic temperature are left out: the one differs from the others
/// in any small system, the other is a test of the curve.
#[must_use]
pub fn compare(estimates: &[Estimate], equations: Option<&Equations<'_>>) -> Vec<Comparison> {
    let measured = |scope: Scope| {
        let usable = move |e: &&Estimate| {
            let sampled = matches!(e.beta.claim, Claim::Estimate { .. });
            let other = matches!(e.estimator, Estimator::Microcanonical | Estimator::Entropic);
            e.scope == scope && sampled && !other
        };
        estimates.iter().filter(usable)
    };
    let pair = |local: &Estimate, global: &Estimate| {
        let rows = difference(&local.influence.rows, &global.influence.rows);
        let variance = variance_of_mean(&rows) + local.influence.other + global.influence.other;
        let (difference, std_error) = (local.beta.value - global.beta.value, variance.sqrt());
        let beyond = difference.abs() > sigmas_allowed(&rows) * std_error;
        let disagree = beyond && equations.is_none_or(|equations| equations.disagree(local, global));
        Comparison { local: local.estimator, global: global.estimator, difference, std_error, disagree }
    };
    measured(Scope::Local).flat_map(|local| measured(Scope::Global).map(move |global| pair(local, global))).collect()
}

impl Equations<'_> {
    /// Whether neither β solves both equations. Of estimators whose equations are not here nothing
    /// speaks against it.
    fn disagree(&self, local: &Estimate, global: &Estimate) -> bool {
        if local.variant.is_some() || global.variant.is_some() {
            return true;
        }
        let beyond = |of_local: &[f64], of_global: &[f64], other: f64| {
            let rows = difference(of_local, of_global);
            mean(&rows).abs() > sigmas_allowed(&rows) * (variance_of_mean(&rows) + other).sqrt()
        };
        let at = |beta: f64| local_equation(local.estimator, self.data, beta);
        let at_global = at(global.beta.value)
            .is_none_or(|of_local| beyond(&of_local, &global.influence.rows, global.influence.other));
        let at_local = || {
            let (Estimator::MaxLikelihood, Some(energy)) = (global.estimator, self.energy) else { return true };
            let (of_global, other) =
                likelihood_equation(&self.data.energies(local.beta.value), energy, local.beta.value);
            at(local.beta.value).is_none_or(|of_local| beyond(&of_local, &of_global, other))
        };
        at_global && at_local()
    }
}

fn difference(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

/// The standard errors by which two temperatures may differ, given the difference of their
/// equations row by row.
fn sigmas_allowed(rows: &[f64]) -> f64 {
    let independent = effective_size(rows) * (1.0 - (most_frequent(rows) - 1) as f64 / rows.len() as f64);
    if independent < MIN_SAMPLES_OF_TEMPERATURES {
        return f64::INFINITY;
    }
    let tail = Normal::standard().sf(MAX_SIGMAS_OF_TEMPERATURES);
    StudentsT::new(0.0, 1.0, independent - 1.0).map_or(f64::INFINITY, |student| student.inverse_cdf(1.0 - tail))
}

/// How often the most frequent value is there, up to rounding.
fn most_frequent(rows: &[f64]) -> usize {
    let mut sorted = rows.to_vec();
    sorted.sort_by(f64::total_cmp);
    let largest = rows.iter().fold(0.0, |largest: f64, x| largest.max(x.abs()));
    sorted.chunk_by(|a, b| b - a <= SAME * largest).map(<[f64]>::len).max().unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_repeat_one_value_are_counted_once() {
        assert_eq!(most_frequent(&[1.0, 2.0, 1.0 + 1e-14, 3.0, 2.0, 1.0]), 3);
        assert_eq!(most_frequent(&[0.0; 4]), 4);
        let all_different: Vec<f64> = (0..50).map(|k| f64::from(k * k % 53)).collect();
        let mostly_one: Vec<f64> = (0..50).map(|k| if k % 5 == 0 { f64::from(k) } else { -1.0 }).collect();
        assert!(sigmas_allowed(&all_different) < 3.2 && sigmas_allowed(&mostly_one) > 3.9);
        assert_eq!(sigmas_allowed(&mostly_one[..30]), f64::INFINITY);
    }
}
