//! Linear response: how the stationary point, and with it the energy, moves with β.

use super::super::solve::{
    equations::Equations,
    factor::Factor,
    krylov::{conjugate_gradient, minimal_residual},
    linear::Linearised,
};
use crate::model::{Expand, PlefkaTerms};

/// Relative residual at which the linear system counts as solved.
const ACCURACY: f64 = 1e-12;

/// Var E = −dU/dβ along the solution, or `None` where the response diverges (a spinodal).
///
/// With g = ∂field/∂β at the stationary point and H the Hessian of −Φ, dm/dβ = H⁻¹ g, and since
/// ∂U/∂m = −g, Var E = O₂ + βO₃ + gᵀH⁻¹g. It is solved in the form Au = C^½g, which stays regular
/// where units saturate.
pub(in crate::estimator::mean_field) fn energy_variance<M: Expand + ?Sized>(
    equations: &Equations<'_, M>,
    factor: Option<&Factor>,
    terms: &PlefkaTerms,
) -> Option<f64> {
    let mut linear = Linearised::new(equations);
    let source: Vec<f64> = linear.field_slope().iter().zip(&linear.root_c).map(|(g, root)| g * root).collect();
    // Solutions of higher order may be saddle points of Φ, which conjugate gradients do not take.
    let response = conjugate_gradient(|u, out| linear.apply(u, out), factor, &source, ACCURACY)
        .or_else(|| minimal_residual(|u, out| linear.apply(u, out), &source, ACCURACY))?;
    let susceptibility: f64 = source.iter().zip(&response).map(|(g, u)| g * u).sum();
    Some(terms.second + equations.beta * terms.third + susceptibility)
}
