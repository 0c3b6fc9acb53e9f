//! Whether estimates of the same β agree.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

use crate::{
    curve::Claim,
    temperature::{
        estimate::{Estimate, Estimator, Scope},
        independence::{effective_size, variance_of_mean},
    },
    thresholds::{MAX_SIGMAS_OF_TEMPERATURES, MIN_SAMPLES_OF_TEMPERATURES},
};

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
    /// is as improbable with so few samples: the data have no single temperature under this model.
    pub disagree: bool,
}

/// Every local estimate with an error bar beside every global one.
///
/// # Formula
/// The variance of β_l − β_g is that of the mean of the difference of their influences, row by row,
/// plus what does not come from the data. The errors of two estimates from the same rows are
/// correlated, and adding them in quadrature would be wrong in either direction.
///
/// The number of standard errors is held against the quantile of Student's distribution with
/// n_eff − 1 degrees of freedom that has the tail of three standard deviations of the normal one.
///
/// The micro-canonical and the entropic temperature are left out: the one differs from the others
/// in any small system, the other is a test of the curve.
#[must_use]
pub fn compare(estimates: &[Estimate]) -> Vec<Comparison> {
    let measured = |scope: Scope| {
        let usable = move |e: &&Estimate| {
            let sampled = matches!(e.beta.claim, Claim::Estimate { .. });
            let other = matches!(e.estimator, Estimator::Microcanonical | Estimator::Entropic);
            e.scope == scope && sampled && !other
        };
        estimates.iter().filter(usable)
    };
    let pair = |local: &Estimate, global: &Estimate| {
        let rows: Vec<f64> =
            local.influence.rows.iter().zip(&global.influence.rows).map(|(local, global)| local - global).collect();
        let variance = variance_of_mean(&rows) + local.influence.other + global.influence.other;
        let (difference, std_error) = (local.beta.value - global.beta.value, variance.sqrt());
        let disagree = difference.abs() > sigmas_allowed(effective_size(&rows)) * std_error;
        Comparison { local: local.estimator, global: global.estimator, difference, std_error, disagree }
    };
    measured(Scope::Local).flat_map(|local| measured(Scope::Global).map(move |global| pair(local, global))).collect()
}

/// The standard errors by which two temperatures of so many independent samples may differ.
fn sigmas_allowed(n_eff: f64) -> f64 {
    if n_eff < MIN_SAMPLES_OF_TEMPERATURES {
        return f64::INFINITY;
    }
    let tail = Normal::standard().sf(MAX_SIGMAS_OF_TEMPERATURES);
    StudentsT::new(0.0, 1.0, n_eff - 1.0).map_or(f64::INFINITY, |student| student.inverse_cdf(1.0 - tail))
}
