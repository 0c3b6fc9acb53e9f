//! What an estimator reports: a whole β-curve, with its claims and its evidence.

mod betas;
mod diagnostics;
mod measured;
mod method;
mod reliability;
mod series;
mod verdict;
mod visited;

pub use betas::Betas;
pub use diagnostics::{Diagnostic, Diagnostics};
pub use measured::{BoundKind, Claim, Measured};
pub use method::Method;
pub use reliability::Reliability;
pub use series::Series;
pub use verdict::Verdict;
pub use visited::Visited;

use serde::{Deserialize, Serialize};

use crate::{Error, stats};

/// How a run ended. The worst of the points' is the curve's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It did what it set out to do.
    Converged,
    /// The numbers are the best so far; the warnings say what to try.
    NotConverged,
    /// It was stopped; points that were not reached have no values.
    Cancelled,
}

/// ln Z(β) and its derivatives on a grid, as one estimator sees them.
///
/// The curve is the primitive: everything else (entropy, heat capacity, …) is a function of it,
/// computed in [`thermo`](crate::thermo) through [`Curve::derive`], which maps the same function
/// over the bootstrap replicates, so that correlated errors are right without propagating any by
/// hand.
#[derive(Debug, Clone)]
pub struct Curve {
    /// Which estimator.
    pub method: Method,
    /// The β asked for.
    pub betas: Betas,
    /// The outcome at each point that was reached.
    pub reached: Vec<Status>,
    /// The estimated series, over the points that were reached.
    pub values: Series,
    /// Bootstrap copies of `values`; empty for a deterministic method.
    pub replicates: Vec<Series>,
    /// What ln Z claims. With replicates a bound is a sampled one, and everything else a
    /// [`Claim::Estimate`].
    pub log_z_claim: Claim,
    /// The states at each point that was reached; empty where nothing was sampled. Not part of
    /// result files.
    pub visited: Vec<Visited>,
    /// The evidence.
    pub diagnostics: Diagnostics,
    /// What the reader should know, each with a remedy.
    pub warnings: Vec<String>,
    /// Wall-clock time of the estimation, in seconds.
    pub seconds: f64,
}

impl Curve {
    /// How the run ended as a whole.
    #[must_use]
    pub fn status(&self) -> Status {
        let unreached = (self.reached.len() < self.betas.len()).then_some(Status::Cancelled);
        self.reached.iter().copied().chain(unreached).max().unwrap_or(Status::Cancelled)
    }

    /// The status of the `k`-th point.
    #[must_use]
    pub fn status_at(&self, k: usize) -> Status {
        self.reached.get(k).copied().unwrap_or(Status::Cancelled)
    }

    /// ln Z in nats at each point that was reached.
    #[must_use]
    pub fn log_z(&self) -> Vec<Option<Measured>> {
        let mut log_z = self.measure(self.log_z_claim, |_, s| s.log_z.iter().copied().map(Some).collect());
        // At β = 0 every method knows ln Z: it is the logarithm of the number of states.
        if let (0.0, Some(Some(first))) = (self.betas[0], log_z.first_mut()) {
            first.claim = Claim::Exact;
        }
        log_z
    }

    /// Any function of the curve, with the error bar that its replicates give it.
    ///
    /// `f` receives the grid (as far as it was reached) and a series, and returns as many values as
    /// it likes. For a method without replicates the result is as exact as the curve:
    /// [`Claim::Exact`] stays exact, and a function of a bound or an approximation is an
    /// [`Claim::Approximation`].
    pub fn derive(&self, f: impl Fn(&[f64], &Series) -> Vec<Option<f64>>) -> Vec<Option<Measured>> {
        let claim = if self.log_z_claim == Claim::Exact { Claim::Exact } else { Claim::Approximation };
        self.measure(claim, f)
    }

    fn measure(&self, claim: Claim, f: impl Fn(&[f64], &Series) -> Vec<Option<f64>>) -> Vec<Option<Measured>> {
        let betas = &self.betas[..self.reached.len()];
        let replicates: Vec<Vec<Option<f64>>> = self.replicates.iter().map(|s| f(betas, s)).collect();
        let claim_at = |k: usize| {
            let spread: Vec<f64> = replicates.iter().filter_map(|r| r[k]).collect();
            match (spread.is_empty(), claim) {
                (true, claim) => claim,
                (false, Claim::Bound { kind, .. }) => Claim::Bound { kind, std_error: Some(stats::std_dev(&spread)) },
                (false, _) => Claim::Estimate { std_error: stats::std_dev(&spread) },
            }
        };
        let measured = |(k, value): (usize, Option<f64>)| value.map(|value| Measured { value, claim: claim_at(k) });
        f(betas, &self.values).into_iter().enumerate().map(measured).collect()
    }

    /// Refuses a curve that holds a number which is not finite.
    ///
    /// # Errors
    /// [`Error::NotFinite`] with the quantity and the β.
    pub fn checked(self) -> Result<Self, Error> {
        let Series { log_z, energy, energy_variance } = &self.values;
        for (k, &beta) in self.betas.iter().enumerate().take(log_z.len()) {
            let row = [("ln Z", Some(log_z[k])), ("U", energy[k]), ("Var E", energy_variance[k])];
            for (quantity, value) in row {
                if value.is_some_and(|x| !x.is_finite()) {
                    return Err(Error::NotFinite { quantity, beta });
                }
            }
        }
        Ok(self)
    }
}
