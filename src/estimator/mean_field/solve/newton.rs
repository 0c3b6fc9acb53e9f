//! Newton's method, for the last digits.

use super::{
    equations::Equations,
    factor::Factor,
    krylov::{conjugate_gradient, minimal_residual},
    linear::Linearised,
    search::Budget,
};
use crate::model::Expand;

/// Residual to aim at once the tolerance is met: as good as rounding lets it be.
const GOAL: f64 = 1e-12;
/// Most steps, and most halvings of one.
const STEPS: usize = 12;
const HALVINGS: usize = 6;
/// Relative residual of each linear system: every step gains as many digits.
const ACCURACY: f64 = 1e-6;
/// Residual above which only maxima of Φ are approached. A search that stands this close to a
/// saddle point means it.
const TRUSTED: f64 = 1e-6;

/// Polishes a point from `residual` to below `tolerance`, and on to 10⁻¹² if that costs no more
/// than the usual steps. Returns the residual, or `None` where that fails; the point is then as
/// before.
pub(in crate::estimator::mean_field) fn polish<M: Expand + ?Sized>(
    equations: &mut Equations<'_, M>,
    residual: f64,
    tolerance: f64,
    budget: &mut Budget<'_>,
) -> Option<f64> {
    let start = equations.logits.clone();
    let mut reached = residual;
    let mut steps = 0;
    // It is near the matrix of the next points too.
    let factor = if reached > GOAL.min(tolerance) { Factor::new(equations) } else { None };
    while reached > GOAL.min(tolerance) && steps < STEPS && budget.take() {
        let Some(lower) = step(equations, factor.as_ref(), reached) else { break };
        reached = lower;
        steps += 1;
    }
    if steps > 0 && reached <= tolerance {
        return Some(reached);
    }
    equations.move_to(&start);
    equations.residual();
    None
}

/// One step. `None`, with the point as before, if it does not lower the residual.
fn step<M: Expand + ?Sized>(equations: &mut Equations<'_, M>, near: Option<&Factor>, residual: f64) -> Option<f64> {
    let here = equations.logits.clone();
    let change = direction(equations, near, residual)?;
    for halvings in 0..HALVINGS {
        let share = 0.5f64.powi(halvings as i32);
        let there: Vec<f64> = here.iter().zip(&change).map(|(x, dx)| x + share * dx).collect();
        equations.move_to(&there);
        let reached = equations.residual();
        if reached < residual {
            return Some(reached);
        }
    }
    equations.move_to(&here);
    equations.residual();
    None
}

/// The step in θ. With g = field − θ the gradient of Φ, H dm = g, and dθ = C⁻¹dm = g + K dm, which
/// is regular where a unit saturates.
fn direction<M: Expand + ?Sized>(
    equations: &Equations<'_, M>,
    near: Option<&Factor>,
    residual: f64,
) -> Option<Vec<f64>> {
    let mut linear = Linearised::new(equations);
    let gradient: Vec<f64> = equations.field.iter().zip(&equations.logits).map(|(field, x)| field - x).collect();
    let right: Vec<f64> = gradient.iter().zip(&linear.root_c).map(|(g, root)| g * root).collect();
    let solution = conjugate_gradient(|u, out| linear.apply(u, out), near, &right, ACCURACY);
    let solution = match solution {
        None if residual <= TRUSTED => minimal_residual(|u, out| linear.apply(u, out), &right, ACCURACY),
        solution => solution,
    }?;
    let dm: Vec<f64> = solution.iter().zip(&linear.root_c).map(|(u, root)| u * root).collect();
    let mut change = vec![0.0; dm.len()];
    linear.field_change(&dm, &mut change);
    change.iter_mut().zip(&gradient).for_each(|(change, g)| *change += g);
    change.iter().all(|x| x.is_finite()).then_some(change)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Rbm, Units, model::Order};
    use nalgebra::{DMatrix, DVector};

    /// Beside the saddle point between two solutions, all means zero: a search that is not there
    /// yet is not led to it, one that is finds it.
    #[test]
    fn a_saddle_point_is_approached_only_from_close_by() {
        let (n, m) = (8, 7);
        let spins = Rbm::new(DMatrix::from_element(n, m, 0.5), DVector::zeros(n), DVector::zeros(m)).unwrap();
        let spins = spins.with_units(Units::Spin, Units::Spin);
        let mut equations = Equations::new(&spins, Order::First, 1.0);
        equations.move_to(&vec![0.01; n + m]);
        equations.residual();
        assert_eq!(direction(&equations, None, 2.0 * TRUSTED), None);
        let change = direction(&equations, None, TRUSTED).expect("a regular system");
        assert!(change.iter().all(|dx| (0.01 + dx).abs() < 1e-4), "{change:?}");
    }
}
