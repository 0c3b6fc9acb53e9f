//! Naive mean field and TAP: stationary points of the Plefka expansion, each with its certificate.

mod anderson;
mod anneal;
mod ascent;
mod certificate;
mod damped;
mod equations;
mod explore;
mod krylov;
mod landscape;
mod linear;
mod memory;
mod minimize;
mod newton;
mod report;
mod response;
mod search;
mod starts;

use self::explore::{Along, Branch, explore};

pub use certificate::Certificate;
pub use landscape::{DISTINCT_TOLERANCE, Landscape, Solution};
pub use report::Report;
pub use search::Solver;
pub use starts::StartFrom;

use std::{sync::Arc, time::Instant};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::Estimator;
use crate::{
    Error, Units,
    curve::{Betas, Curve, Method},
    data::Data,
    model::{Expand, Order},
    run::Run,
};

/// The Plefka expansion to first (naive mean field), second (TAP) or third order.
///
/// # Formula
/// Φ(m) = S₀(m) − β⟨E⟩₀ + (β²/2) Σ W² cᵢcⱼ + (β³/6) Σ W³ κᵢκⱼ with sums over coupled pairs, made stationary over the means m; then ln Z ≈ Φ,
/// U = ⟨E⟩₀ − β O₂ − (β²/2) O₃, S = ln Z + βU, and Var E = −dU/dβ along the solution. Here c and κ are the second and
/// third cumulants of a unit (Plefka, J. Phys. A 15, 1971 (1982); Georges & Yedidia, J. Phys. A 24, 2173 (1991); for
/// RBMs Gabrié, Tramel & Krzakala, NeurIPS 2015).
///
/// First order is a lower bound of ln Z at any m (Gibbs–Bogoliubov). Higher orders bound nothing, and neither does a sum
/// over solutions.
///
/// # Certificate
/// A point is `converged` only if the residual maxᵢ |mᵢ − fᵢ(m)| of the whole set of equations is at most `tolerance`;
/// otherwise its numbers are those of the best attempt, and status and a warning say so. The diagnostics, for each β:
/// `residual_by_beta`, `iterations_by_beta`, `smallest_eigenvalue_by_beta` and `stable_by_beta` (of the Hessian of −Φ),
/// `plefka_by_beta`, `converged_starts_by_beta`, `distinct_by_beta` (solutions further than `distance_threshold` apart),
/// `highest_log_z_by_beta` and `lowest_log_z_by_beta` (of these), `unseen_by_beta` (the probability that one more start
/// would find a new one), and in `solvers` who found what is reported. See [`Certificate`] and [`Landscape`].
///
/// # Errors
/// [`Error::Config`] for a setting out of range, and for third order on a model with triangles (fully connected spins).
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
    /// How solutions are looked for.
    pub solver: Solver,
    /// How many starts: the first with all units free, then those of `given`, then those that `start_from` makes.
    pub starts: usize,
    /// How the starts after the first and the given ones are made.
    pub start_from: StartFrom,
    /// What is reported where there are several solutions.
    pub report: Report,
    /// The share of the old value in each update of the `damped` and `anderson` solvers, in [0, 1).
    pub damping: f64,
    /// Largest residual of a solution.
    pub tolerance: f64,
    /// Updates of all units, over all solvers that are tried, after which a start counts as not converged.
    pub max_iterations: usize,
    /// Means to start from, one for each unit: completed data rows, for example. Only the first `starts` − 1 are used.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub given: Vec<Vec<f64>>,
    /// The samples for [`StartFrom::Data`], as wide as the first layer of the model. They are not part of saved settings.
    #[serde(skip)]
    pub data: Option<Arc<Data>>,
}

impl Default for MeanField {
    /// Second order, one start with free units, solver `auto`, tolerance 10⁻¹⁰, at most 10,000 iterations, damping ½.
    fn default() -> Self {
        Self {
            order: Order::Second,
            solver: Solver::Auto,
            starts: 1,
            start_from: StartFrom::Random,
            report: Report::Best,
            damping: 0.5,
            tolerance: 1e-10,
            max_iterations: 10_000,
            given: Vec::new(),
            data: None,
        }
    }
}

/// A million starts hold the memory of a machine, and outlast anyone's patience.
const MAX_STARTS: usize = 1_000_000;

impl<M: Expand + ?Sized> Estimator<M> for MeanField {
    fn method(&self) -> Method {
        match self.order {
            Order::First => Method::MeanField,
            Order::Second => Method::Tap2,
            Order::Third => Method::Tap3,
        }
    }

    fn check(&self, model: &M) -> Result<(), Error> {
        if self.order > model.highest_order() {
            let remedy = "this model has triangles of couplings, which third order here leaves out: choose first or second order";
            return Err(Error::config("order", "third", remedy));
        }
        if !(1..=MAX_STARTS).contains(&self.starts) {
            return Err(Error::config("starts", self.starts, format!("choose a number from 1 to {MAX_STARTS}")));
        }
        if !(0.0..1.0).contains(&self.damping) {
            return Err(Error::config("damping", self.damping, "choose a value in [0, 1), such as 0.5"));
        }
        if !(self.tolerance > 0.0 && self.tolerance < 1.0) {
            return Err(Error::config("tolerance", self.tolerance, "choose a value in (0, 1), such as 1e-10"));
        }
        if self.max_iterations == 0 {
            return Err(Error::config("max_iterations", 0, "allow at least one iteration"));
        }
        let layers = model.layers();
        let ranges_over = |units: Units, m: f64| (units.values()[0]..=units.values()[1]).contains(&m);
        let fits = |means: &[f64]| {
            let mut layers = layers.iter();
            means.len() == model.n_units()
                && layers.all(|(range, units)| means[range.clone()].iter().all(|m| ranges_over(*units, *m)))
        };
        if let Some(bad) = self.given.iter().find(|means| !fits(means)) {
            let remedy = format!("give {} means within the range of the units", model.n_units());
            return Err(Error::config("given", format!("{} means", bad.len()), remedy));
        }
        starts::check(self, model)
    }

    fn curve(&self, model: &M, betas: &Betas, run: &Run<'_>) -> Result<Curve, Error> {
        self.check(model)?;
        let clock = Instant::now();
        run.progress.begin(Estimator::<M>::method(self).name(), betas.len() as u64);
        let starts = starts::starts(self, model, run.seed);
        let landscapes = self.landscapes(model, betas, &starts, run);
        run.progress.end();
        let method = Estimator::<M>::method(self);
        report::curve(self, method, betas, &landscapes, model.log_z_at_zero(), clock.elapsed().as_secs_f64()).checked()
    }
}

impl MeanField {
    /// All solutions that the starts lead to at one β, with their certificates. `None` if the run was cancelled.
    ///
    /// # Errors
    /// [`Error::Config`] for a setting out of range.
    pub fn landscape<M: Expand + ?Sized>(
        &self,
        model: &M,
        beta: f64,
        run: &Run<'_>,
    ) -> Result<Option<Landscape>, Error> {
        self.check(model)?;
        let starts = starts::starts(self, model, run.seed);
        Ok(self.landscapes(model, &Betas::one(beta)?, &starts, run).pop())
    }

    /// The landscape at each β, as far as the run was not cancelled.
    fn landscapes<M: Expand + ?Sized>(
        &self,
        model: &M,
        betas: &Betas,
        starts: &[Vec<f64>],
        run: &Run<'_>,
    ) -> Vec<Landscape> {
        if self.report == Report::Annealed {
            return self.follow(model, betas, starts, run).into_iter().map(|(landscape, _)| landscape).collect();
        }
        // `auto` also looks where the solution of free units leads as β grows: it may have left every start's reach.
        let branches = match self.solver {
            Solver::Auto => self.follow(model, betas, &starts[..1], run),
            _ => Vec::new(),
        };
        let explore = |(k, beta): (usize, &f64)| {
            let along = branches.get(k).map_or(Along::Nothing, |(_, branch)| Along::Join(branch));
            let found = explore(self, model, *beta, starts, along, run);
            run.progress.advance(1);
            found
        };
        let found: Vec<_> = betas.par_iter().enumerate().map(explore).collect();
        found.into_iter().map_while(|found| Some(found?.0)).collect()
    }

    /// The landscape at each β with the first search continuing from the β before, and where that search ended.
    fn follow<M: Expand + ?Sized>(
        &self,
        model: &M,
        betas: &Betas,
        starts: &[Vec<f64>],
        run: &Run<'_>,
    ) -> Vec<(Landscape, Branch)> {
        let mut found: Vec<(Landscape, Branch)> = Vec::with_capacity(betas.len());
        let free = Branch::free(model);
        for &beta in betas.iter() {
            let before = found.last().map_or(&free, |(_, branch)| branch);
            let Some(next) = explore(self, model, beta, starts, Along::Continue(before), run) else { break };
            found.push(next);
            if self.report == Report::Annealed {
                run.progress.advance(1);
            }
        }
        found
    }
}
