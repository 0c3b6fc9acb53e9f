//! The solutions that several starts lead to, sorted out.

use super::certificate::Certificate;
use crate::{
    stats::{LogWeights, log_sum_exp},
    thresholds::NEGATIVE_ENTROPY,
};

/// Solutions whose means differ by no more than this anywhere are one and the same.
pub(super) const DISTINCT_TOLERANCE: f64 = 1e-4;

/// A stationary point of the expansion.
#[derive(Debug, Clone, PartialEq)]
pub struct Solution {
    /// The mean of each unit.
    pub means: Vec<f64>,
    /// Φ there: the approximation to ln Z, nats.
    pub log_z: f64,
    /// U there.
    pub energy: f64,
    /// Var E = −dU/dβ along the solution; `None` where it diverges.
    pub energy_variance: Option<f64>,
    /// The evidence.
    pub certificate: Certificate,
    /// How many starts led to it.
    pub hits: usize,
}

impl Solution {
    /// S = Φ + βU there, at the β of the landscape.
    #[must_use]
    pub fn entropy(&self, beta: f64) -> f64 {
        self.log_z + beta * self.energy
    }

    /// Whether the entropy is one that discrete units can have, which is to say not negative. Only
    /// first order guarantees it.
    #[must_use]
    pub fn is_possible(&self, beta: f64) -> bool {
        self.entropy(beta) >= -NEGATIVE_ENTROPY
    }

    /// Whether the means are those of `other`, up to [`DISTINCT_TOLERANCE`].
    pub(in crate::estimator::mean_field) fn is(&self, other: &[f64]) -> bool {
        self.means.iter().zip(other).all(|(a, b)| (a - b).abs() <= DISTINCT_TOLERANCE)
    }
}

/// All that is known about the stationary points at one β.
#[derive(Debug, Clone, PartialEq)]
pub struct Landscape {
    /// The inverse temperature.
    pub beta: f64,
    /// The distinct solutions, lowest free energy (largest ln Z) first. Each holds its residual to
    /// the tolerance.
    pub distinct: Vec<Solution>,
    /// How many searches were made: the starts, and for `auto` one more, along the branch from β = 0
    /// or from the best scout, unless that one leads to where the start has led.
    pub starts: usize,
    /// How many of them led to a solution.
    pub converged: usize,
    /// Where the first start led to, if that is a solution: its place in `distinct`.
    pub first: Option<usize>,
    /// The best attempt, if no start led to a solution.
    pub attempt: Option<Solution>,
}

/// What is reported of a landscape.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::estimator::mean_field) struct Reported<'a> {
    pub(in crate::estimator::mean_field) log_z: f64,
    pub(in crate::estimator::mean_field) energy: f64,
    pub(in crate::estimator::mean_field) energy_variance: Option<f64>,
    /// The solution itself, or the one with the largest share.
    pub(in crate::estimator::mean_field) solution: &'a Solution,
    pub(in crate::estimator::mean_field) converged: bool,
}

impl Landscape {
    /// The solutions that are minima of the free energy.
    pub fn stable(&self) -> impl Iterator<Item = &Solution> {
        self.distinct.iter().filter(|solution| solution.certificate.is_stable())
    }

    /// The solutions that may be phases of the system: stable, and with an entropy that is not
    /// negative.
    ///
    /// Where the expansion does not converge, its largest Φ is often at means of large variances
    /// and an entropy far below zero, and above the true ln Z by as much: that solution describes
    /// nothing.
    pub fn phases(&self) -> impl Iterator<Item = &Solution> {
        self.stable().filter(|solution| solution.is_possible(self.beta))
    }

    /// The Good–Turing estimate of the probability that one more start would lead to a solution not
    /// yet seen: the share of the converged starts whose solution no other start has found.
    #[must_use]
    pub fn unseen(&self) -> f64 {
        let single = self.distinct.iter().filter(|solution| solution.hits == 1).count();
        single as f64 / self.converged.max(1) as f64
    }

    /// The phase of lowest free energy; if there is none, the stable solution of lowest free
    /// energy; if none is stable, the lowest of all.
    #[must_use]
    pub fn best(&self) -> Option<&Solution> {
        self.phases().next().or(self.stable().next()).or(self.distinct.first())
    }

    /// One solution as it is, or the best attempt.
    pub(in crate::estimator::mean_field) fn one<'a>(&'a self, choice: Option<&'a Solution>) -> Option<Reported<'a>> {
        let solution = choice.or(self.best()).or(self.attempt.as_ref())?;
        Some(Reported {
            log_z: solution.log_z,
            energy: solution.energy,
            energy_variance: solution.energy_variance,
            solution,
            converged: choice.is_some(),
        })
    }

    /// ln Σ e^Φ over the distinct phases, as if each were a phase of its own, with the U and Var E
    /// that are its derivatives: the mean of U, and the mean of Var E plus the variance of U, under
    /// the weights e^Φ.
    pub(in crate::estimator::mean_field) fn sum(&self) -> Option<Reported<'_>> {
        let solutions: Vec<&Solution> = self.phases().collect();
        let Some(&solution) = solutions.first() else { return self.one(self.best()) };
        let log_z: Vec<f64> = solutions.iter().map(|solution| solution.log_z).collect();
        let weights = LogWeights::new(&log_z);
        let energy = weights.mean(solutions.iter().map(|solution| solution.energy));
        let variances: Option<Vec<f64>> = solutions
            .iter()
            .map(|solution| Some(solution.energy_variance? + (solution.energy - energy).powi(2)))
            .collect();
        Some(Reported {
            log_z: log_sum_exp(&log_z),
            energy,
            energy_variance: variances.map(|variances| weights.mean(variances)),
            solution,
            converged: true,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimator::mean_field::choices::Solver;

    fn solution(log_z: f64, energy: f64, smallest_eigenvalue: f64, plefka: f64) -> Solution {
        let certificate = Certificate {
            residual: 0.0,
            iterations: 1,
            solver: Solver::Auto,
            polished: false,
            smallest_eigenvalue,
            plefka,
        };
        Solution { means: vec![0.5], log_z, energy, energy_variance: None, certificate, hits: 1 }
    }

    /// S = Φ + βU, negative by rounding only; flat is not yet a maximum, and one is not below one.
    #[test]
    fn what_a_solution_may_be() {
        assert_eq!(solution(3.0, -1.0, 1.0, 0.5).entropy(2.0), 1.0);
        let possible = |entropy: f64| solution(2.0 + entropy, -1.0, 1.0, 0.5).is_possible(2.0);
        assert!(possible(1.0) && possible(0.0) && possible(-0.5e-6));
        assert!(!possible(-2e-6) && !possible(-1.0));
        let of = |eigenvalue, plefka| solution(0.0, 0.0, eigenvalue, plefka).certificate;
        assert_eq!([1.0, 1e-300, 0.0, -0.1].map(|x| of(x, 0.5).is_stable()), [true, true, false, false]);
        assert_eq!([0.0, 0.99, 1.0, 1.1].map(|x| of(1.0, x).satisfies_plefka()), [true, true, false, false]);
    }
}
