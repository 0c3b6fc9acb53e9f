//! Continuation in β.

use super::{
    ascent::Ascent,
    equations::Equations,
    search::{Budget, Search},
};
use crate::model::Expand;

/// Temperatures on the way from β = 0; fewer, if it begins later.
const STEPS: usize = 24;
/// Residual to which the solution is followed on the way.
const LOOSE: f64 = 1e-4;

/// Follows the one solution at β = 0 to the β of the equations, in equal steps; the start is
/// forgotten.
///
/// It ends on the branch that is reached by slow cooling, unless that branch ends on the way: then
/// on the one that the ascent falls to from there.
pub(in crate::estimator::mean_field) struct Anneal;

impl<M: Expand + ?Sized> Search<M> for Anneal {
    fn search(&self, equations: &mut Equations<'_, M>, goal: f64, budget: &mut Budget<'_>) -> f64 {
        let free = vec![0.0; equations.logits.len()];
        equations.move_to(&free);
        follow(equations, 0.0, goal, budget)
    }
}

/// Takes the point of `equations`, which solves them at β = `from`, to their own β. Returns the
/// residual there.
pub(in crate::estimator::mean_field) fn follow<M: Expand + ?Sized>(
    equations: &mut Equations<'_, M>,
    from: f64,
    goal: f64,
    budget: &mut Budget<'_>,
) -> f64 {
    let target = equations.beta;
    let steps = ((target - from) / target * STEPS as f64).ceil() as usize;
    for step in 1..steps {
        equations.beta = from + (target - from) * step as f64 / steps as f64;
        Ascent.search(equations, goal.max(LOOSE), budget);
    }
    equations.beta = target;
    Ascent.search(equations, goal, budget)
}
