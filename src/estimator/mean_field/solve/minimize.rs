//! Minimisation of the free energy by a general optimiser.

use std::cell::RefCell;

use argmin::{
    core::{CostFunction, Error, Executor, Gradient},
    solver::{linesearch::MoreThuenteLineSearch, quasinewton::LBFGS},
};

use super::{
    equations::Equations,
    search::{Budget, Search},
};
use crate::model::Expand;

/// Pairs of vectors from which the curvature is estimated.
const MEMORY: usize = 10;
/// Iterations between two looks at the residual.
const ROUND: u64 = 50;

/// L-BFGS on −Φ(m(θ)) over θ, with the gradient C(θ − field).
///
/// It only finds minima of −Φ, as the ascent does, but takes all units along at once. The gradient
/// vanishes wherever units saturate, so a small gradient is no proof: only the residual is.
pub(in crate::estimator::mean_field) struct Minimize;

impl<M: Expand + ?Sized> Search<M> for Minimize {
    fn search(&self, equations: &mut Equations<'_, M>, goal: f64, budget: &mut Budget<'_>) -> f64 {
        let mut residual = equations.residual();
        let mut cost = -equations.terms().log_z(equations.beta);
        while residual > goal && budget.left > 0 && !budget.cancelled() {
            let start = equations.logits.clone();
            let best = Best { cost, logits: start.clone() };
            let state = RefCell::new(State { equations: &mut *equations, budget: &mut *budget, goal, best });
            // The optimiser ends with an error where its line search fails, the budget is spent or
            // the goal is reached; the best point it has seen is what counts.
            let _ = lbfgs(Landscape { state: &state }, start);
            let State { best, .. } = state.into_inner();
            equations.move_to(&best.logits);
            residual = equations.residual();
            if best.cost >= cost {
                break;
            }
            cost = best.cost;
        }
        residual
    }
}

/// Some iterations of L-BFGS from `start`.
fn lbfgs<M: Expand + ?Sized>(landscape: Landscape<'_, '_, '_, '_, M>, start: Vec<f64>) -> Result<(), Error> {
    let solver = LBFGS::new(MoreThuenteLineSearch::new(), MEMORY).with_tolerance_grad(0.0)?;
    let executor = Executor::new(landscape, solver).configure(|state| state.param(start).max_iters(ROUND));
    executor.timer(false).run().map(|_| ())
}

/// The lowest point seen.
struct Best {
    cost: f64,
    logits: Vec<f64>,
}

struct State<'e, 'a, 'r, M: ?Sized> {
    equations: &'e mut Equations<'a, M>,
    budget: &'e mut Budget<'r>,
    goal: f64,
    best: Best,
}

/// −Φ and its gradient, as the optimiser sees them: it hands out shared references only.
struct Landscape<'c, 'e, 'a, 'r, M: ?Sized> {
    state: &'c RefCell<State<'e, 'a, 'r, M>>,
}

impl<M: Expand + ?Sized> CostFunction for Landscape<'_, '_, '_, '_, M> {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, logits: &Vec<f64>) -> Result<f64, Error> {
        let State { equations, budget, goal, best } = &mut *self.state.borrow_mut();
        if !budget.take() {
            return Err(Error::msg("the budget is spent"));
        }
        equations.move_to(logits);
        let solved = equations.residual() <= *goal;
        let cost = -equations.terms().log_z(equations.beta);
        if cost < best.cost || solved {
            best.cost = cost;
            best.logits.copy_from_slice(logits);
        }
        // Close to the solution Φ changes by less than its rounding error, and a line search would
        // go on for ever.
        if solved { Err(Error::msg("the goal is reached")) } else { Ok(cost) }
    }
}

impl<M: Expand + ?Sized> Gradient for Landscape<'_, '_, '_, '_, M> {
    type Param = Vec<f64>;
    type Gradient = Vec<f64>;

    fn gradient(&self, logits: &Vec<f64>) -> Result<Vec<f64>, Error> {
        let State { equations, .. } = &mut *self.state.borrow_mut();
        // The optimiser asks for the gradient where it has just asked for the value.
        if equations.logits != *logits {
            equations.move_to(logits);
            equations.residual();
        }
        let mut gradient = vec![0.0; logits.len()];
        for (range, units) in &equations.layers {
            for i in range.clone() {
                gradient[i] = units.variance(equations.means[i]) * (equations.logits[i] - equations.field[i]);
            }
        }
        Ok(gradient)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Rbm, Units, model::Order, run::Run};

    /// −∂Φ/∂θ against differences of Φ, also at a point whose value was not asked for before.
    #[test]
    fn the_gradient_is_the_derivative_at_whatever_point_is_asked_for() {
        let rbm = Rbm::from_rows(&[[0.5, -0.7], [0.3, 0.4], [1.0, 0.2]], &[0.1, -0.3, 0.2], &[-0.2, 0.4]).unwrap();
        for order in [Order::First, Order::Second, Order::Third] {
            let rbm = rbm.clone().with_units(Units::Bit, Units::Spin);
            let (mut equations, run) = (Equations::new(&rbm, order, 0.8), Run::quiet(0));
            let best = Best { cost: f64::INFINITY, logits: vec![0.0; 5] };
            let (mut budget, goal) = (Budget::new(1000, &run), 0.0);
            let state = RefCell::new(State { equations: &mut equations, budget: &mut budget, goal, best });
            let landscape = Landscape { state: &state };
            // The optimiser begins with a value.
            landscape.cost(&vec![0.1; 5]).unwrap();
            for point in [[0.0; 5], [0.3, -0.4, 1.0, 0.2, -0.6], [-2.0, 0.1, 0.5, -0.3, 1.5]] {
                let gradient = landscape.gradient(&point.to_vec()).unwrap();
                for (i, slope) in gradient.iter().enumerate() {
                    let cost = |step: f64| {
                        let mut there = point.to_vec();
                        there[i] += step;
                        landscape.cost(&there).unwrap()
                    };
                    let difference = (cost(1e-5) - cost(-1e-5)) / 2e-5;
                    assert!((slope - difference).abs() < 1e-8, "{order:?}, {i}: {slope} against {difference}");
                }
            }
        }
    }
}
