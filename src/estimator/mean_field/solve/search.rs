//! What a way to a stationary point is, and what it may spend.

use super::equations::Equations;
use crate::{model::Expand, run::Run};

/// A way to approach a stationary point.
pub(in crate::estimator::mean_field) trait Search<M: Expand + ?Sized> {
    /// Moves the point of `equations` until their residual is at most `goal` or the budget is
    /// spent. Returns the residual, with the sums and fields of `equations` up to date.
    fn search(&self, equations: &mut Equations<'_, M>, goal: f64, budget: &mut Budget<'_>) -> f64;
}

/// The updates of all units that a search may still make.
pub(in crate::estimator::mean_field) struct Budget<'a> {
    pub(in crate::estimator::mean_field) left: usize,
    pub(in crate::estimator::mean_field) spent: usize,
    run: &'a Run<'a>,
}

impl<'a> Budget<'a> {
    pub(in crate::estimator::mean_field) fn new(updates: usize, run: &'a Run<'a>) -> Self {
        Self { left: updates, spent: 0, run }
    }

    /// Takes one update. `false` if there is none left, or the run was cancelled.
    pub(in crate::estimator::mean_field) fn take(&mut self) -> bool {
        if self.left == 0 || self.run.cancelled() {
            return false;
        }
        self.left -= 1;
        self.spent += 1;
        true
    }

    /// A part of what is left, to be given back with [`settle`](Self::settle).
    pub(in crate::estimator::mean_field) fn share(&self, parts: usize) -> Self {
        Self { left: self.left.div_ceil(parts.max(1)), spent: 0, run: self.run }
    }

    /// So many updates of what is left, to be given back with [`settle`](Self::settle).
    pub(in crate::estimator::mean_field) fn up_to(&self, updates: usize) -> Self {
        Self { left: updates.min(self.left), spent: 0, run: self.run }
    }

    /// Accounts for what was spent of a share.
    pub(in crate::estimator::mean_field) fn settle(&mut self, share: &Self) {
        self.left -= share.spent.min(self.left);
        self.spent += share.spent;
    }

    pub(in crate::estimator::mean_field) fn cancelled(&self) -> bool {
        self.run.cancelled()
    }
}

/// Sweeps until the residual is within the goal or the budget is spent. Returns the residual.
///
/// `sweep` updates every layer and returns by how much a unit moved at most. That none moves by
/// more than the goal any more is a hint, since the layers moved one after the other; the residual
/// of all equations at one and the same point is the proof.
pub(in crate::estimator::mean_field) fn iterate<M: Expand + ?Sized>(
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
