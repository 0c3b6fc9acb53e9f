//! The linearised equations of two layers, solved by elimination.

use nalgebra::{Cholesky, DMatrix, DVector, Dyn};

use super::{equations::Equations, linear::Linearised};
use crate::model::Expand;

/// The most units in the smaller layer for which a factorisation is less work than the products of
/// an iteration: it takes n·m² multiplications, as many as m/4 products.
const UNITS: usize = 1024;
/// With fewer, an iteration is over before a matrix is written out.
const WORTHWHILE: usize = 64;

/// A = C^½ H C^½ of a model of two layers, factorised where it is positive definite.
///
/// In blocks A = [[D, −B], [−Bᵀ, E]] with D and E diagonal: no two units of a layer are coupled.
/// With G = D^{−½}B the larger layer is eliminated, and what is left for the smaller one is
/// E − GᵀG, by Cholesky's method.
pub(in crate::estimator::mean_field) struct Factor {
    /// Where the units of the larger layer begin, and those of the smaller one.
    begins: [usize; 2],
    /// D^{−½}.
    inverse_root: DVector<f64>,
    /// G, of shape (larger layer, smaller layer).
    coupling: DMatrix<f64>,
    rest: Cholesky<f64, Dyn>,
}

impl Factor {
    /// At the point of `equations`, whose sums must be up to date. `None` for a model that has not
    /// two layers, or is too small or too large for it to be worthwhile, or if A is not positive
    /// definite.
    pub(in crate::estimator::mean_field) fn new<M: Expand + ?Sized>(equations: &Equations<'_, M>) -> Option<Self> {
        let weights = equations.model.couplings()?;
        let (n, m) = weights.shape();
        if !(WORTHWHILE..=UNITS).contains(&n.min(m)) {
            return None;
        }
        let linear = Linearised::new(equations);
        let (diagonal, scale) = (linear.diagonal(), linear.scales());
        let [b1, b2, b3] = equations.coefficients();
        // G by elements, the larger layer along the columns.
        let (begins, sizes) = if n >= m { ([0, n], [n, m]) } else { ([n, 0], [m, n]) };
        let [large, small] = begins;
        let inverse_root = DVector::from_fn(sizes[0], |i, _| diagonal[large + i].sqrt().recip());
        if !inverse_root.iter().all(|x| x.is_finite()) {
            return None;
        }
        let mut coupling = if n >= m { weights.clone() } else { weights.transpose() };
        for (j, mut column) in coupling.column_iter_mut().enumerate() {
            let [root, t2, t3] = scale[small + j];
            for ((w, own), inverse) in column.iter_mut().zip(&scale[large..large + sizes[0]]).zip(&inverse_root) {
                let field = *w * (b1 + *w * (b2 * own[1] * t2 + *w * (b3 * own[2] * t3)));
                *w = field * own[0] * root * inverse;
            }
        }
        let mut rest = coupling.transpose() * &coupling;
        rest.neg_mut();
        for j in 0..sizes[1] {
            rest[(j, j)] += diagonal[small + j];
        }
        Some(Self { begins, inverse_root, coupling, rest: Cholesky::new(rest)? })
    }

    /// Solves A x = b.
    pub(in crate::estimator::mean_field) fn solve(&self, b: &[f64], x: &mut [f64]) {
        let [large, small] = self.begins;
        let (n, m) = self.coupling.shape();
        let mut first = DVector::from_column_slice(&b[large..large + n]);
        let mut second = DVector::from_column_slice(&b[small..small + m]);
        first.component_mul_assign(&self.inverse_root);
        second.gemv_tr(1.0, &self.coupling, &first, 1.0);
        self.rest.solve_mut(&mut second);
        first.gemv(1.0, &self.coupling, &second, 1.0);
        first.component_mul_assign(&self.inverse_root);
        x[large..large + n].copy_from_slice(first.as_slice());
        x[small..small + m].copy_from_slice(second.as_slice());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Rbm, Units,
        estimator::mean_field::solve::{
            ascent::Ascent,
            krylov::{conjugate_gradient, smallest_eigenvalue},
            search::{Budget, Search},
        },
        model::Order,
        run::Run,
    };

    /// A model with as many units in its smaller layer as a factorisation takes, at a maximum of Φ.
    fn at_a_maximum(n: usize, m: usize, order: Order, check: impl Fn(&Equations<'_, Rbm>)) {
        let wave = |k: usize| (k as f64 * k as f64 * 0.754_877_666).sin();
        let weights = DMatrix::from_fn(n, m, |i, j| 0.1 * wave(i * m + j));
        let (visible, hidden) = (DVector::from_fn(n, |i, _| wave(i)), DVector::from_fn(m, |j, _| 0.5 * wave(j)));
        let rbm = Rbm::new(weights, visible, hidden).unwrap().with_units(Units::Bit, Units::Spin);
        let mut equations = Equations::new(&rbm, order, 1.1);
        let run = Run::quiet(0);
        Ascent.search(&mut equations, 1e-9, &mut Budget::new(1000, &run));
        check(&equations);
    }

    /// Planted bugs that fail: the layers exchanged; a power of W without its slope; the sign of B.
    #[test]
    fn elimination_solves_what_the_iteration_solves() {
        for (n, m) in [(90, 70), (66, 81)] {
            for order in [Order::First, Order::Second, Order::Third] {
                at_a_maximum(n, m, order, |equations| {
                    let factor = Factor::new(equations).expect("a maximum");
                    let mut linear = Linearised::new(equations);
                    let b: Vec<f64> = (0..n + m).map(|i| (1.0 + 3.0 * i as f64).sin()).collect();
                    let (mut x, mut back) = (vec![0.0; n + m], vec![0.0; n + m]);
                    factor.solve(&b, &mut x);
                    linear.apply(&x, &mut back);
                    assert!(b.iter().zip(&back).all(|(b, back)| (b - back).abs() < 1e-12), "{n}×{m}, {order:?}");
                    let slow = conjugate_gradient(|u, out| linear.apply(u, out), None, &b, 1e-12).unwrap();
                    let fast = conjugate_gradient(|u, out| linear.apply(u, out), Some(&factor), &b, 1e-12).unwrap();
                    assert!(slow.iter().zip(&fast).all(|(a, b)| (a - b).abs() < 1e-10), "{n}×{m}, {order:?}");
                    let inverse = smallest_eigenvalue(
                        |u, out| {
                            factor.solve(u, out);
                            out.iter_mut().for_each(|x| *x = -*x);
                        },
                        n + m,
                    );
                    let direct = smallest_eigenvalue(|u, out| linear.apply(u, out), n + m);
                    assert!((-1.0 / inverse - direct).abs() < 1e-9, "{n}×{m}, {order:?}: {direct}");
                });
            }
        }
    }

    /// Where two solutions part, the one between them is a saddle point: there is no factorisation.
    #[test]
    fn a_saddle_point_has_no_factorisation() {
        let spins = Rbm::new(DMatrix::from_element(80, 70, 0.1), DVector::zeros(80), DVector::zeros(70)).unwrap();
        let spins = spins.with_units(Units::Spin, Units::Spin);
        let paramagnet = |beta| {
            let mut equations = Equations::new(&spins, Order::First, beta);
            equations.residual();
            Factor::new(&equations).is_some()
        };
        // β‖W‖ = 7.48 β is 1 at the transition.
        assert!(paramagnet(0.13) && !paramagnet(0.14));
    }
}
