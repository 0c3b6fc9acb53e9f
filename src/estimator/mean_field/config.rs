//! The configuration of mean field.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::choices::{Report, Solver, StartFrom};
use crate::{data::Data, model::Order};

/// The Plefka expansion to first (naive mean field), second (TAP) or third order.
///
/// # Formula
/// Φ(m) = S₀(m) − β⟨E⟩₀ + (β²/2) Σ W² cᵢcⱼ + (β³/6) Σ W³ κᵢκⱼ with sums over coupled pairs, made
/// stationary over the means m; then ln Z ≈ Φ, U = ⟨E⟩₀ − β O₂ − (β²/2) O₃, S = ln Z + βU, and Var
/// E = −dU/dβ along the solution. Here c and κ are the second and third cumulants of a unit
/// (Plefka, J. Phys. A 15, 1971 (1982); Georges & Yedidia, J. Phys. A 24, 2173 (1991); for RBMs
/// Gabrié, Tramel & Krzakala, NeurIPS 2015).
///
/// First order is a lower bound of ln Z at any m (Gibbs–Bogoliubov). Higher orders bound nothing,
/// and neither does a sum over solutions.
///
/// # Certificate
/// A point is `converged` only if the residual maxᵢ |mᵢ − fᵢ(m)| of the whole set of equations is
/// at most `tolerance`; otherwise its numbers are those of the best attempt, and status and a
/// warning say so. The diagnostics, for each β: `residual_by_beta`, `iterations_by_beta`,
/// `smallest_eigenvalue_by_beta` and `stable_by_beta` (of the Hessian of −Φ), `plefka_by_beta`,
/// `converged_starts_by_beta`, `distinct_by_beta` (solutions further than `distance_threshold`
/// apart), `highest_log_z_by_beta` and `lowest_log_z_by_beta` (of these), `unseen_by_beta` (the
/// probability that one more start would find a new one), and in `solvers` who found what is
/// reported. See
/// [`Certificate`](super::Certificate) and [`Landscape`](super::Landscape).
///
/// # Errors
/// [`Error::Config`](crate::Error::Config) for a setting out of range, and for third order on a
/// model with triangles (fully connected spins).
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
    /// How many starts: the first with all units free, then those of `given`, then those that
    /// `start_from` makes. With a single one, `auto` begins one more search on a large RBM: where the
    /// best of some short Gibbs chains leads.
    pub starts: usize,
    /// How the starts after the first and the given ones are made.
    pub start_from: StartFrom,
    /// What is reported where there are several solutions.
    pub report: Report,
    /// The share of the old value in each update of the `damped` and `anderson` solvers, in [0, 1).
    pub damping: f64,
    /// Largest residual of a solution.
    pub tolerance: f64,
    /// Updates of all units, over all solvers that are tried, after which a start counts as not
    /// converged.
    pub max_iterations: usize,
    /// Means to start from, one for each unit: completed data rows, for example. Only the first
    /// `starts` − 1 are used.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub given: Vec<Vec<f64>>,
    /// The samples for [`StartFrom::Data`], as wide as the first layer of the model. They are not
    /// part of saved settings.
    #[serde(skip)]
    pub data: Option<Arc<Data>>,
}

impl Default for MeanField {
    /// Second order, one start with free units, solver `auto`, tolerance 10⁻¹⁰, at most 10,000
    /// iterations, damping ½.
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
