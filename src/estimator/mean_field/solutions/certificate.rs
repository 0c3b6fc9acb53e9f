//! What shows that a set of means is a solution, and what kind of solution.

use serde::{Deserialize, Serialize};

use super::super::{
    choices::Solver,
    solve::{equations::Equations, factor::Factor, krylov::smallest_eigenvalue, linear::Linearised},
};
use crate::model::{Channels, Expand, Order};

/// The evidence for one solution.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Certificate {
    /// maxᵢ |mᵢ − fᵢ(m)| over all the equations, at one and the same m.
    pub residual: f64,
    /// Updates of all units that were spent on it, by every solver that was tried.
    pub iterations: usize,
    /// The solver that found it.
    pub solver: Solver,
    /// Whether Newton's method did the last part.
    pub polished: bool,
    /// The smallest eigenvalue of C^½HC^½, with H the Hessian of −Φ and C the variances of the
    /// units: 1 for free units, positive at a maximum of Φ, negative at a saddle point. (By
    /// Lanczos' method, which approaches it from above.)
    pub smallest_eigenvalue: f64,
    /// The largest eigenvalue of the matrix β² cᵢ Wᵢⱼ² cⱼ. Below 1 the expansion converges at these
    /// means (Plefka, J. Phys. A 15, 1971 (1982)); for ±1 units with independent couplings 1 is the
    /// de Almeida–Thouless line.
    pub plefka: f64,
}

impl Certificate {
    /// Whether the solution is a maximum of Φ, that is, a minimum of the free energy.
    #[must_use]
    pub fn is_stable(&self) -> bool {
        self.smallest_eigenvalue > 0.0
    }

    /// Whether the expansion converges at this solution.
    #[must_use]
    pub fn satisfies_plefka(&self) -> bool {
        self.plefka < 1.0
    }
}

/// The smallest eigenvalue of the scaled Hessian. The sums of `equations` must be up to date.
///
/// If there is a factorisation, the matrix is positive definite, and what is looked for is the
/// largest eigenvalue of its inverse, which is far from the others.
pub(in crate::estimator::mean_field) fn hessian_eigenvalue<M: Expand + ?Sized>(
    equations: &Equations<'_, M>,
    factor: Option<&Factor>,
) -> f64 {
    if let Some(factor) = factor {
        let minus_inverse = |u: &[f64], out: &mut [f64]| {
            factor.solve(u, out);
            out.iter_mut().for_each(|x| *x = -*x);
        };
        return -smallest_eigenvalue(minus_inverse, equations.means.len()).recip();
    }
    let mut linear = Linearised::new(equations);
    smallest_eigenvalue(|u, out| linear.apply(u, out), equations.means.len())
}

/// The largest eigenvalue of β² c W² c, which is symmetric with a spectrum symmetric about 0 on a
/// bipartite graph.
pub(in crate::estimator::mean_field) fn plefka_number<M: Expand + ?Sized>(equations: &Equations<'_, M>) -> f64 {
    let n = equations.means.len();
    let mut variance = vec![0.0; n];
    for (range, units) in &equations.layers {
        range.clone().for_each(|i| variance[i] = units.variance(equations.means[i]));
    }
    let (mut sources, mut sums) = (Channels::zeros(Order::Second, n), Channels::zeros(Order::Second, n));
    let negative = |x: &[f64], out: &mut [f64]| {
        for (i, x) in x.iter().enumerate() {
            sources.set(i, [0.0, variance[i] * x, 0.0]);
        }
        equations.model.all_coupling_sums(&sources, &mut sums);
        for (i, out) in out.iter_mut().enumerate() {
            *out = -equations.beta.powi(2) * variance[i] * sums.unit(i)[1];
        }
    };
    -smallest_eigenvalue(negative, n)
}
