//! One solver after the other, and Newton's method to finish.

use super::{
    anderson::Anderson,
    anneal::Anneal,
    ascent::Ascent,
    damped::Damped,
    equations::Equations,
    memory::Memory,
    minimize::Minimize,
    newton,
    search::{Budget, Search},
};
use crate::{estimator::mean_field::choices::Solver, model::Expand};

impl Solver {
    /// The solvers to try, in this order.
    fn stages<M: Expand + ?Sized>(self, damping: f64) -> Vec<(Self, Box<dyn Search<M>>)> {
        match self {
            Self::Auto => [Self::Ascent, Self::Damped, Self::Anderson, Self::Anneal, Self::Minimize]
                .into_iter()
                .flat_map(|solver| solver.stages(damping))
                .collect(),
            Self::Ascent => vec![(self, Box::new(Ascent))],
            Self::Damped => vec![(self, Box::new(Damped { damping }))],
            Self::Anderson => vec![(self, Box::new(Anderson { damping }))],
            Self::Memory => vec![(self, Box::new(Memory))],
            Self::Anneal => vec![(self, Box::new(Anneal))],
            Self::Minimize => vec![(self, Box::new(Minimize))],
        }
    }
}

/// How a search ended.
#[derive(Debug, Clone, Copy)]
pub(in crate::estimator::mean_field) struct SearchEnd {
    pub(in crate::estimator::mean_field) residual: f64,
    /// The solver that got there, or the last one that was tried.
    pub(in crate::estimator::mean_field) solver: Solver,
    /// Whether Newton's method did the last part.
    pub(in crate::estimator::mean_field) polished: bool,
}

/// Residuals at which Newton's method is tried; below the last of them only the solver itself goes
/// on.
pub(in crate::estimator::mean_field) const NEAR: [f64; 3] = [1e-3, 1e-5, 1e-8];

/// Looks for a stationary point from where `equations` stand, to `tolerance`, and then polishes it
/// to `polish`.
pub(in crate::estimator::mean_field) fn find<M: Expand + ?Sized>(
    solver: Solver,
    damping: f64,
    tolerance: f64,
    equations: &mut Equations<'_, M>,
    budget: &mut Budget<'_>,
) -> SearchEnd {
    let start = equations.logits.clone();
    let stages = solver.stages(damping);
    let count = stages.len();
    let mut best: Option<(SearchEnd, Vec<f64>)> = None;
    for (k, (solver, search)) in stages.iter().enumerate() {
        equations.move_to(&start);
        let mut share = budget.share(count - k);
        let (residual, polished) = approach(search.as_ref(), tolerance, equations, &mut share);
        budget.settle(&share);
        let outcome = SearchEnd { residual, solver: *solver, polished };
        if residual <= tolerance || count == 1 {
            return outcome;
        }
        if best.as_ref().is_none_or(|(best, _)| residual < best.residual) {
            best = Some((outcome, equations.logits.clone()));
        }
        if budget.cancelled() {
            break;
        }
    }
    let (outcome, logits) = best.expect("there is at least one stage");
    equations.move_to(&logits);
    equations.residual();
    outcome
}

/// One solver, with attempts to finish by Newton's method on the way: quadratic convergence instead
/// of linear.
fn approach<M: Expand + ?Sized>(
    search: &dyn Search<M>,
    tolerance: f64,
    equations: &mut Equations<'_, M>,
    budget: &mut Budget<'_>,
) -> (f64, bool) {
    for near in NEAR.into_iter().filter(|near| *near > tolerance) {
        let residual = search.search(equations, near, budget);
        if residual > near {
            return (residual, false);
        }
        if let Some(residual) = newton::polish(equations, residual, tolerance, budget) {
            return (residual, true);
        }
    }
    let residual = search.search(equations, tolerance, budget);
    // The last digits, where the solution is a saddle point that the search has found nevertheless,
    // or is reached slowly.
    match newton::polish(equations, residual, tolerance, budget) {
        Some(polished) => (polished, true),
        None => (residual, false),
    }
}
