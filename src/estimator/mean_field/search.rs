//! What a solver is, and how one gives way to the next.

use serde::{Deserialize, Serialize};

use super::{
    anderson::Anderson, anneal::Anneal, ascent::Ascent, damped::Damped, equations::Equations, memory::Memory,
    minimize::Minimize, newton,
};
use crate::{model::Expand, run::Run};

/// How a stationary point is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Solver {
    /// `ascent`, and if that fails `damped`, `anderson`, `anneal` and `minimize`, each from the same start, until the
    /// residual holds.
    #[default]
    Auto,
    /// Each layer in turn, or each unit of a layer that is coupled within itself, is put where Φ is largest given the
    /// others. Φ rises at every step, so it converges for any strength of the couplings.
    Ascent,
    /// The alternating iteration of the literature: each mean moves part of the way to its value in the present field.
    Damped,
    /// The alternating iteration, extrapolated from its last steps.
    Anderson,
    /// All units of a layer at once, with the reaction term at the means of the step before: the iteration of Bolthausen.
    Memory,
    /// The solution is followed from β = 0, whatever the start.
    Anneal,
    /// Quasi-Newton minimisation of −Φ over the logits.
    Minimize,
}

impl Solver {
    /// The name in settings, options and diagnostics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Ascent => "ascent",
            Self::Damped => "damped",
            Self::Anderson => "anderson",
            Self::Memory => "memory",
            Self::Anneal => "anneal",
            Self::Minimize => "minimize",
        }
    }

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

/// A way to approach a stationary point.
pub(super) trait Search<M: Expand + ?Sized> {
    /// Moves the point of `equations` until their residual is at most `goal` or the budget is spent. Returns the
    /// residual, with the sums and fields of `equations` up to date.
    fn search(&self, equations: &mut Equations<'_, M>, goal: f64, budget: &mut Budget<'_>) -> f64;
}

/// The updates of all units that a search may still make.
pub(super) struct Budget<'a> {
    pub(super) left: usize,
    pub(super) spent: usize,
    run: &'a Run<'a>,
}

impl<'a> Budget<'a> {
    pub(super) fn new(updates: usize, run: &'a Run<'a>) -> Self {
        Self { left: updates, spent: 0, run }
    }

    /// Takes one update. `false` if there is none left, or the run was cancelled.
    pub(super) fn take(&mut self) -> bool {
        if self.left == 0 || self.run.cancelled() {
            return false;
        }
        self.left -= 1;
        self.spent += 1;
        true
    }

    /// A part of what is left, to be given back with [`settle`](Self::settle).
    fn share(&self, parts: usize) -> Self {
        Self { left: self.left.div_ceil(parts.max(1)), spent: 0, run: self.run }
    }

    /// Accounts for what was spent of a share.
    fn settle(&mut self, share: &Self) {
        self.left -= share.spent.min(self.left);
        self.spent += share.spent;
    }

    pub(super) fn cancelled(&self) -> bool {
        self.run.cancelled()
    }
}

/// How a search ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outcome {
    pub(super) residual: f64,
    /// The solver that got there, or the last one that was tried.
    pub(super) solver: Solver,
    /// Whether Newton's method did the last part.
    pub(super) polished: bool,
}

/// Residuals at which Newton's method is tried; below the last of them only the solver itself goes on.
const NEAR: [f64; 3] = [1e-3, 1e-5, 1e-8];

/// Looks for a stationary point from where `equations` stand, to `tolerance`, and then polishes it to `polish`.
pub(super) fn find<M: Expand + ?Sized>(
    solver: Solver,
    damping: f64,
    tolerance: f64,
    equations: &mut Equations<'_, M>,
    budget: &mut Budget<'_>,
) -> Outcome {
    let start = equations.logits.clone();
    let stages = solver.stages(damping);
    let count = stages.len();
    let mut best: Option<(Outcome, Vec<f64>)> = None;
    for (k, (solver, search)) in stages.iter().enumerate() {
        equations.move_to(&start);
        let mut share = budget.share(count - k);
        let (residual, polished) = approach(search.as_ref(), tolerance, equations, &mut share);
        budget.settle(&share);
        let outcome = Outcome { residual, solver: *solver, polished };
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

/// One solver, with attempts to finish by Newton's method on the way: quadratic convergence instead of linear.
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
    // The last digits, where the solution is a saddle point that the search has found nevertheless, or is reached slowly.
    match newton::polish(equations, residual, tolerance, budget) {
        Some(polished) => (polished, true),
        None => (residual, false),
    }
}

/// Sweeps until the residual is within the goal or the budget is spent. Returns the residual.
///
/// `sweep` updates every layer and returns by how much a unit moved at most. That none moves by more than the goal any more
/// is a hint, since the layers moved one after the other; the residual of all equations at one and the same point is the
/// proof.
pub(super) fn iterate<M: Expand + ?Sized>(
    equations: &mut Equations<'_, M>,
    goal: f64,
    budget: &mut Budget<'_>,
    mut sweep: impl FnMut(&mut Equations<'_, M>) -> f64,
) -> f64 {
    let mut residual = equations.residual();
    let mut going = true;
    while residual > goal && going {
        loop {
            going = budget.take();
            if !going || sweep(equations) <= goal {
                break;
            }
        }
        residual = equations.residual();
    }
    residual
}
