//! Anderson acceleration of the alternating iteration.

use std::collections::VecDeque;

use nalgebra::{DMatrix, DVector};

use super::{
    equations::Equations,
    search::{Budget, Search},
};
use crate::model::Expand;

/// Steps to extrapolate from.
const MEMORY: usize = 8;
/// Relative weight of the regularisation, which keeps nearly parallel steps from being combined
/// with huge coefficients.
const REGULARISATION: f64 = 1e-10;

/// Combines the last steps of the undamped iteration so that its linearised remainder is smallest,
/// and goes part of the way there (Anderson, J. ACM 12, 547 (1965); Walker & Ni, SIAM J. Numer.
/// Anal. 49, 1715 (2011)).
///
/// It is a secant method: it also converges to fixed points from which the iteration itself runs
/// away.
pub(in crate::estimator::mean_field) struct Anderson {
    /// The share of the old value in each update, in [0, 1).
    pub(in crate::estimator::mean_field) damping: f64,
}

impl<M: Expand + ?Sized> Search<M> for Anderson {
    fn search(&self, equations: &mut Equations<'_, M>, goal: f64, budget: &mut Budget<'_>) -> f64 {
        let mut residual = equations.residual();
        let mut history = History::default();
        while residual > goal && budget.take() {
            let here = equations.logits.clone();
            alternate(equations);
            let step: Vec<f64> = equations.logits.iter().zip(&here).map(|(there, here)| there - here).collect();
            let next = history.extrapolate(here, step, 1.0 - self.damping);
            equations.move_to(&next);
            residual = equations.residual();
        }
        residual
    }
}

/// One undamped update of every layer.
fn alternate<M: Expand + ?Sized>(equations: &mut Equations<'_, M>) {
    for layer in 0..equations.layers.len() {
        equations.update_field(layer);
        let range = equations.layers[layer].0.clone();
        equations.logits[range.clone()].copy_from_slice(&equations.field[range]);
        equations.refresh(layer);
    }
}

/// Differences between successive points, and between the steps of the iteration from there.
#[derive(Default)]
struct History {
    last: Option<(Vec<f64>, Vec<f64>)>,
    points: VecDeque<Vec<f64>>,
    steps: VecDeque<Vec<f64>>,
}

impl History {
    /// Where to go from `here`, where the iteration would make `step`, mixing that in with weight
    /// `mixing`.
    fn extrapolate(&mut self, here: Vec<f64>, step: Vec<f64>, mixing: f64) -> Vec<f64> {
        let difference = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a - b).collect::<Vec<f64>>();
        if let Some((last_here, last_step)) = self.last.take() {
            self.points.push_back(difference(&here, &last_here));
            self.steps.push_back(difference(&step, &last_step));
            if self.points.len() > MEMORY {
                self.points.pop_front();
                self.steps.pop_front();
            }
        }
        let mut next: Vec<f64> = here.iter().zip(&step).map(|(x, dx)| x + mixing * dx).collect();
        if let Some(weights) = self.weights(&step) {
            for ((weight, point), past) in weights.iter().zip(&self.points).zip(&self.steps) {
                for ((next, dx), ds) in next.iter_mut().zip(point).zip(past) {
                    *next -= weight * (dx + mixing * ds);
                }
            }
        }
        self.last = Some((here, step));
        next
    }

    /// The combination of past step differences closest to `step`.
    fn weights(&self, step: &[f64]) -> Option<DVector<f64>> {
        let count = self.steps.len();
        if count == 0 {
            return None;
        }
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let mut normal = DMatrix::from_fn(count, count, |i, j| dot(&self.steps[i], &self.steps[j]));
        let right = DVector::from_fn(count, |i, _| dot(&self.steps[i], step));
        let shift = REGULARISATION * normal.trace();
        (0..count).for_each(|i| normal[(i, i)] += shift);
        normal.cholesky().map(|factor| factor.solve(&right)).filter(|weights| weights.iter().all(|w| w.is_finite()))
    }
}
