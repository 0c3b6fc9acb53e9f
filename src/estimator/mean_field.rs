//! Naive mean field and TAP: stationary points of the Plefka expansion.

mod response;
mod solve;

use std::time::Instant;

use serde::{Deserialize, Serialize};

use self::{response::energy_variance, solve::solve};
use super::{Estimator, Run};
use crate::{
    Error,
    curve::{Betas, Claim, Curve, Diagnostics, Method, Series, Side, Status},
    model::{Expand, Order, PlefkaTerms},
};

/// The Plefka expansion to first (naive mean field), second (TAP) or third order.
///
/// # Formula
/// Φ(m) = S₀(m) − β⟨E⟩₀ + (β²/2) Σ W² cᵛcʰ + (β³/6) Σ W³ κᵛκʰ, made stationary over the means m; then ln Z ≈ Φ,
/// U = ⟨E⟩₀ − β O₂ − (β²/2) O₃, S = ln Z + βU, and Var E = −dU/dβ along the solution. Here c and κ are the second and
/// third cumulants of a unit (Plefka, J. Phys. A 15, 1971 (1982); Georges & Yedidia, J. Phys. A 24, 2173 (1991); for
/// RBMs Gabrié, Tramel & Krzakala, NeurIPS 2015).
///
/// First order is a lower bound of ln Z at any m (Gibbs–Bogoliubov). Higher orders bound nothing.
///
/// A damped alternating iteration of the layers looks for the stationary point. A point is `converged` only if the
/// residual maxᵢ |mᵢ − fᵢ(m)| of the whole set of equations is at most `tolerance`; otherwise its numbers are those of
/// the last iterate, and status and a warning say so.
///
/// # Errors
/// [`Error::Config`] for a setting out of range.
///
/// # Examples
/// ```
/// use plefka::{Betas, Estimator, MeanField, Rbm, Run, Status};
/// let rbm = Rbm::from_rows(&[[0.5, -0.3]], &[0.1], &[0.0, 0.2])?;
/// let curve = MeanField::default().curve(&rbm, &Betas::one(1.0)?, &Run::quiet(0))?;
/// assert_eq!(curve.status(), Status::Converged);
/// # Ok::<(), plefka::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MeanField {
    /// Where the expansion is cut.
    pub order: Order,
    /// The share of the old value in each update, in [0, 1). Without damping the iteration oscillates on strongly
    /// coupled models, and its value depends on when it is stopped.
    pub damping: f64,
    /// Largest residual of a converged solution.
    pub tolerance: f64,
    /// Updates of both layers after which a solution counts as not converged.
    pub max_iterations: usize,
    /// Where the iteration starts.
    pub start: Start,
}

/// Where a mean-field iteration starts.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// All means as at β = 0, for every β afresh.
    #[default]
    Uniform,
    /// The solution at the previous β of the grid; the first starts uniform.
    Annealed,
    /// These means, one for each unit, for every β.
    Given(Vec<f64>),
}

impl Default for MeanField {
    /// Second order, damping ½, tolerance 10⁻¹⁰, at most 10,000 iterations, uniform start.
    fn default() -> Self {
        Self { order: Order::Second, damping: 0.5, tolerance: 1e-10, max_iterations: 10_000, start: Start::Uniform }
    }
}

/// A (hoped-for) stationary point at one β.
#[derive(Debug, Clone)]
struct Solution {
    means: Vec<f64>,
    residual: f64,
    iterations: usize,
    status: Status,
}

impl<M: Expand + ?Sized> Estimator<M> for MeanField {
    fn method(&self) -> Method {
        match self.order {
            Order::First => Method::MeanField,
            Order::Second => Method::Tap2,
            Order::Third => Method::Tap3,
        }
    }

    fn check(&self, model: &M) -> Result<(), Error> {
        if !(0.0..1.0).contains(&self.damping) {
            return Err(Error::config("damping", self.damping, "choose a value in [0, 1), such as 0.5"));
        }
        if !(self.tolerance > 0.0 && self.tolerance < 1.0) {
            return Err(Error::config("tolerance", self.tolerance, "choose a value in (0, 1), such as 1e-10"));
        }
        if self.max_iterations == 0 {
            return Err(Error::config("max_iterations", 0, "allow at least one iteration"));
        }
        if let Start::Given(means) = &self.start {
            let ranges_over = |units: crate::Units, m: f64| (units.values()[0]..=units.values()[1]).contains(&m);
            let fits = means.len() == model.n_units()
                && model.layers().into_iter().all(|(range, units)| means[range].iter().all(|m| ranges_over(units, *m)));
            if !fits {
                let remedy = format!("give {} means within the range of the units", model.n_units());
                return Err(Error::config("start", format!("{} given means", means.len()), remedy));
            }
        }
        Ok(())
    }

    fn curve(&self, model: &M, betas: &Betas, run: &Run<'_>) -> Result<Curve, Error> {
        self.check(model)?;
        let method = Estimator::<M>::method(self);
        let clock = Instant::now();
        run.progress.begin(method.name(), betas.len() as u64);
        let mut values = Series::default();
        let mut solutions: Vec<Solution> = Vec::new();
        for &beta in betas.iter() {
            let start = match (&self.start, solutions.last()) {
                (Start::Given(means), _) => means.clone(),
                (Start::Annealed, Some(previous)) => previous.means.clone(),
                _ => uniform_means(model),
            };
            let solution = solve(self, model, beta, start, run);
            if solution.status == Status::Cancelled {
                break;
            }
            let terms = model.plefka_terms(self.order, &solution.means);
            let log_z = if beta == 0.0 { model.log_z_at_zero() } else { log_z(beta, &terms) };
            // The variance of E is a response of the solution to β, and has no meaning off a stationary point.
            let stationary = solution.status == Status::Converged;
            let variance =
                stationary.then(|| energy_variance(model, self.order, beta, &solution.means, &terms)).flatten();
            values.push(log_z, Some(energy(beta, &terms)), variance);
            solutions.push(solution);
            run.progress.advance(1);
        }
        run.progress.end();
        let first_order_bound = Claim::Bound { side: Side::Lower, std_error: None };
        Curve {
            method,
            betas: betas.clone(),
            reached: solutions.iter().map(|s| s.status).collect(),
            values,
            replicates: Vec::new(),
            log_z_claim: if self.order == Order::First { first_order_bound } else { Claim::Approximation },
            diagnostics: Diagnostics::default()
                .number("residual", solutions.iter().map(|s| s.residual).fold(0.0, f64::max))
                .per_beta("residual_by_beta", solutions.iter().map(|s| s.residual).collect())
                .per_beta("iterations_by_beta", solutions.iter().map(|s| s.iterations as f64).collect())
                .number("damping", self.damping)
                .number("tolerance", self.tolerance),
            warnings: warning(self, betas, &solutions).into_iter().collect(),
            seconds: clock.elapsed().as_secs_f64(),
        }
        .checked()
    }
}

/// The means at β = 0.
fn uniform_means<M: Expand + ?Sized>(model: &M) -> Vec<f64> {
    let mut means = vec![0.0; model.n_units()];
    for (range, units) in model.layers() {
        means[range].fill(units.uniform_mean());
    }
    means
}

/// Φ = S₀ − β⟨E⟩₀ + (β²/2)O₂ + (β³/6)O₃.
fn log_z(beta: f64, terms: &PlefkaTerms) -> f64 {
    terms.entropy - beta * terms.energy + beta.powi(2) / 2.0 * terms.second + beta.powi(3) / 6.0 * terms.third
}

/// U = −∂Φ/∂β at fixed means, which is the total derivative where Φ is stationary.
fn energy(beta: f64, terms: &PlefkaTerms) -> f64 {
    terms.energy - beta * terms.second - beta.powi(2) / 2.0 * terms.third
}

/// Says at which β there is no solution, and what to try.
fn warning(config: &MeanField, betas: &Betas, solutions: &[Solution]) -> Option<String> {
    let failed: Vec<usize> = (0..solutions.len()).filter(|k| solutions[*k].status != Status::Converged).collect();
    let (first, last) = (*failed.first()?, *failed.last()?);
    let worst = failed.iter().map(|k| solutions[*k].residual).fold(0.0, f64::max);
    Some(format!(
        "not converged at {} of {} β (from {} to {}), largest residual {worst:.1e}: the numbers there are not those of a \
         stationary point; try more damping than {} or an annealed start",
        failed.len(),
        betas.len(),
        betas[first],
        betas[last],
        config.damping,
    ))
}
