//! Linear response: how the stationary point, and with it the energy, moves with β.

use nalgebra::{DMatrix, DVector};

use crate::model::{Expand, Order, PlefkaTerms};

/// Relative residual at which the linear system counts as solved.
const TOLERANCE: f64 = 1e-12;

/// Var E = −dU/dβ along the solution, or `None` where the response diverges (a spinodal).
///
/// With g = ∂field/∂β and K = ∂field/∂m at the stationary point, C = diag(c) the variances of the units:
/// dm/dβ = (C⁻¹ − K)⁻¹ g, and since ∂U/∂m = −g, Var E = O₂ + βO₃ + gᵀ(C⁻¹ − K)⁻¹g. It is solved in the form
/// (1 − C^½ K C^½)u = C^½ g, which stays regular where units saturate (c → 0).
pub(super) fn energy_variance<M: Expand + ?Sized>(
    model: &M,
    order: Order,
    beta: f64,
    means: &[f64],
    terms: &PlefkaTerms,
) -> Option<f64> {
    let n = means.len();
    let root_c = model.layers().into_iter().fold(DVector::zeros(n), |mut root_c, (range, units)| {
        range.for_each(|i| root_c[i] = units.variance(means[i]).max(0.0).sqrt());
        root_c
    });
    let along = |d_beta: f64, dm: &DVector<f64>| {
        let mut d_field = DVector::zeros(n);
        for (layer, (range, _)) in model.layers().into_iter().enumerate() {
            let out = &mut d_field.as_mut_slice()[range];
            model.effective_field_along(order, (beta, means), (d_beta, dm.as_slice()), layer, out);
        }
        d_field
    };
    let source = along(1.0, &DVector::zeros(n)).component_mul(&root_c);
    let operator = |u: &DVector<f64>| u - along(0.0, &u.component_mul(&root_c)).component_mul(&root_c);
    let response = conjugate_gradient(operator, &source).or_else(|| direct(operator, &source))?;
    Some(terms.second + beta * terms.third + source.dot(&response))
}

/// Solves A x = b for a symmetric positive A; `None` if A turns out not to be positive.
fn conjugate_gradient(a: impl Fn(&DVector<f64>) -> DVector<f64>, b: &DVector<f64>) -> Option<DVector<f64>> {
    let mut x = DVector::zeros(b.len());
    let (mut residual, mut direction) = (b.clone(), b.clone());
    let mut norm = residual.norm_squared();
    let goal = norm * TOLERANCE * TOLERANCE;
    for _ in 0..2 * b.len() {
        if norm <= goal {
            return Some(x);
        }
        let image = a(&direction);
        let curvature = direction.dot(&image);
        if curvature <= 0.0 {
            return None;
        }
        let step = norm / curvature;
        x.axpy(step, &direction, 1.0);
        residual.axpy(-step, &image, 1.0);
        let previous = std::mem::replace(&mut norm, residual.norm_squared());
        direction = &residual + direction * (norm / previous);
    }
    None
}

/// Solves A x = b by elimination, for the solutions of higher order that are saddle points of Φ.
fn direct(a: impl Fn(&DVector<f64>) -> DVector<f64>, b: &DVector<f64>) -> Option<DVector<f64>> {
    let n = b.len();
    let mut matrix = DMatrix::zeros(n, n);
    let mut unit = DVector::zeros(n);
    for j in 0..n {
        unit[j] = 1.0;
        matrix.set_column(j, &a(&unit));
        unit[j] = 0.0;
    }
    matrix.lu().solve(b).filter(|x| x.iter().all(|x| x.is_finite()))
}
