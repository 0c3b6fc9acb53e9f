//! Means of both layers, many at a time, under the Plefka expansion of an RBM at β = 1.

use nalgebra::{DMatrix, DVector};
use rayon::prelude::*;

use crate::{Rbm, Units, kernel::means::sigmoid_all, model::UnitMeans};

/// Solutions that one task iterates.
const BLOCK: usize = 25;

/// W, W∘W/2 and W∘W∘W/6 up to an order: the couplings of the means, of their variances c and of
/// their third cumulants κ.
pub(super) struct Expansion<'a> {
    rbm: &'a Rbm,
    /// One matrix for each order, and its transpose.
    couplings: Vec<DMatrix<f64>>,
    transposed: Vec<DMatrix<f64>>,
}

/// Means of the visible and of the hidden units, a solution a column.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Solutions {
    pub(super) visible: DMatrix<f64>,
    pub(super) hidden: DMatrix<f64>,
}

/// The q-th cumulant of each unit as a function of its mean: m, c, κ.
fn cumulants(means: &DMatrix<f64>, units: Units, q: usize) -> DMatrix<f64> {
    means.map(|m| units.cumulants(m)[q])
}

/// Replaces fields by the means in them: σ(x), or tanh x = 2σ(2x) − 1.
fn means_in(fields: &mut DMatrix<f64>, units: Units) {
    match units {
        Units::Bit => sigmoid_all(fields.as_mut_slice()),
        Units::Spin => {
            *fields *= 2.0;
            sigmoid_all(fields.as_mut_slice());
            fields.apply(|x| *x = 2.0 * *x - 1.0);
        }
    }
}

impl<'a> Expansion<'a> {
    pub(super) fn new(rbm: &'a Rbm, order: usize) -> Self {
        const FACTORS: [f64; 3] = [1.0, 1.0 / 2.0, 1.0 / 6.0];
        let power = |q: usize| rbm.weights().map(|w| FACTORS[q] * w.powi(q as i32 + 1));
        let couplings: Vec<_> = (0..order).map(power).collect();
        Self { rbm, transposed: couplings.iter().map(DMatrix::transpose).collect(), couplings }
    }

    /// Alternates between the layers: m_h from m_v, then m_v from m_h, each the mean in the field
    /// b + Wᵀm_v + Σ_{q>1} (∂κ_q/∂m)(W^q)ᵀκ_q(m_v)/q!, the reaction at the old means of the layer
    /// itself.
    pub(super) fn alternate(&self, solutions: &mut Solutions, steps: usize, damping: f64) {
        let blocks: Vec<_> = (solutions.visible.as_mut_slice().par_chunks_mut(BLOCK * self.rbm.n_visible()))
            .zip(solutions.hidden.as_mut_slice().par_chunks_mut(BLOCK * self.rbm.n_hidden()))
            .collect();
        blocks.into_par_iter().for_each(|(v, h)| {
            let mut visible = DMatrix::from_column_slice(self.rbm.n_visible(), v.len() / self.rbm.n_visible(), v);
            let mut hidden = DMatrix::from_column_slice(self.rbm.n_hidden(), h.len() / self.rbm.n_hidden(), h);
            for _ in 0..steps {
                let (vu, hu) = (self.rbm.visible_units(), self.rbm.hidden_units());
                let to_hidden = |q: usize| &self.transposed[q] * cumulants(&visible, vu, q);
                self.move_layer(&mut hidden, hu, self.rbm.hidden_bias(), to_hidden, damping);
                let to_visible = |q: usize| &self.couplings[q] * cumulants(&hidden, hu, q);
                self.move_layer(&mut visible, vu, self.rbm.visible_bias(), to_visible, damping);
            }
            v.copy_from_slice(visible.as_slice());
            h.copy_from_slice(hidden.as_slice());
        });
    }

    /// Moves the means of one layer towards those in its fields, `sums(q)` being what the other
    /// layer's q-th cumulants add to them.
    fn move_layer(
        &self,
        means: &mut DMatrix<f64>,
        units: Units,
        bias: &DVector<f64>,
        sums: impl Fn(usize) -> DMatrix<f64>,
        damping: f64,
    ) {
        let mut fields = sums(0);
        fields.column_iter_mut().for_each(|mut column| column += bias);
        for q in 1..self.couplings.len() {
            let reaction = means.zip_map(&sums(q), |m, sum| units.cumulant_slopes(m)[q] * sum);
            fields += reaction;
        }
        means_in(&mut fields, units);
        means.zip_apply(&fields, |m, x| *m = damping * *m + (1.0 - damping) * x);
    }

    /// L of each solution: S₀ + E₁ + Σ_{q>1} κ_qᵀ W^q κ_q/q!, nats. At order 1 a lower bound of ln
    /// Z, whatever the means.
    pub(super) fn log_z(&self, solutions: &Solutions) -> Vec<f64> {
        let (vu, hu) = (self.rbm.visible_units(), self.rbm.hidden_units());
        let mut log_z = vec![0.0; solutions.len()];
        for (q, coupling) in self.couplings.iter().enumerate() {
            let (v, sums) = (cumulants(&solutions.visible, vu, q), coupling * cumulants(&solutions.hidden, hu, q));
            log_z.iter_mut().enumerate().for_each(|(k, l)| *l += v.column(k).dot(&sums.column(k)));
        }
        for (k, l) in log_z.iter_mut().enumerate() {
            let (v, h) = (solutions.visible.column(k), solutions.hidden.column(k));
            *l += v.dot(self.rbm.visible_bias()) + h.dot(self.rbm.hidden_bias());
            *l += v.iter().map(|m| vu.entropy(*m)).sum::<f64>() + h.iter().map(|m| hu.entropy(*m)).sum::<f64>();
        }
        log_z
    }

    /// The derivatives of Σ_k w_k L_k with respect to W, a and b at fixed means: ⟨v⟩, ⟨h⟩, and
    /// Σ_k w_k [m_v m_hᵀ + W∘c_v c_hᵀ + ½W∘W∘κ_v κ_hᵀ].
    pub(super) fn moments(&self, solutions: &Solutions, weights: &[f64]) -> UnitMeans {
        let (vu, hu) = (self.rbm.visible_units(), self.rbm.hidden_units());
        let weights = DVector::from_column_slice(weights);
        let product = |q: usize| {
            let mut v = cumulants(&solutions.visible, vu, q);
            v.column_iter_mut().zip(weights.iter()).for_each(|(mut column, w)| column *= *w);
            v * cumulants(&solutions.hidden, hu, q).transpose()
        };
        let mut pairs = product(0);
        // d(W^q/q!)/dW = W^{q−1}/(q−1)!, the coupling of one order less.
        for q in 1..self.couplings.len() {
            pairs += self.couplings[q - 1].component_mul(&product(q));
        }
        UnitMeans { visible: &solutions.visible * &weights, hidden: &solutions.hidden * &weights, pairs }
    }
}

impl Solutions {
    pub(super) fn len(&self) -> usize {
        self.visible.ncols()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::Parameters;

    fn model(units: Units) -> Rbm {
        let w = |i: usize, j: usize| (1.0 + 2.0 * i as f64 + 3.0 * j as f64 + 0.5 * (i * j) as f64).cos();
        let a = DVector::from_fn(6, |i, _| 0.3 * (i as f64 + 1.0).sin());
        let b = DVector::from_fn(4, |j, _| -0.2 * (j as f64 + 1.0).cos());
        Rbm::new(0.5 * DMatrix::from_fn(6, 4, w), a, b).unwrap().with_units(units, units)
    }

    fn start(units: Units) -> Solutions {
        let mean = |k: usize| units.mean(0.3 * (k as f64).sin());
        Solutions {
            visible: DMatrix::from_fn(6, 3, |i, k| mean(i + 7 * k)),
            hidden: DMatrix::from_fn(4, 3, |j, k| mean(3 * j + k)),
        }
    }

    /// The envelope theorem: where the means solve their equations, the moments are the gradient of
    /// L with the solution followed. Central differences, all parameters, every order, both kinds
    /// of units; and damping leads to the same solution.
    ///
    /// Planted bugs that fail: m²(1−m) in the third-order term; a reaction term without its ½ or
    /// with the wrong sign; moments without W∘c_v c_hᵀ.
    #[test]
    fn moments_are_the_gradient_of_the_free_energy() {
        for (units, order) in [Units::Bit, Units::Spin].into_iter().flat_map(|u| [1, 2, 3].map(|order| (u, order))) {
            let solved = |rbm: &Rbm| {
                let expansion = Expansion::new(rbm, order);
                let mut solutions = start(units);
                expansion.alternate(&mut solutions, 800, 0.3);
                (expansion.log_z(&solutions)[0], expansion.moments(&solutions, &[1.0, 0.0, 0.0]))
            };
            let rbm = model(units);
            let moments = solved(&rbm).1;
            let expected = Parameters { weights: moments.pairs, visible: moments.visible, hidden: moments.hidden };
            let h = 1e-5;
            for (part, (_, values)) in expected.named().into_iter().enumerate() {
                for (k, expected) in values.iter().enumerate() {
                    let at = |shift: f64| {
                        let mut moved = rbm.clone();
                        let change = |w: &mut DMatrix<f64>, a: &mut DVector<f64>, b: &mut DVector<f64>| match part {
                            0 => w[k] += shift,
                            1 => a[k] += shift,
                            _ => b[k] += shift,
                        };
                        moved.change(change).unwrap();
                        solved(&moved).0
                    };
                    let slope = (at(h) - at(-h)) / (2.0 * h);
                    assert!((slope - expected).abs() < 1e-8, "{units} order {order}: {slope} against {expected}");
                }
            }
        }
    }

    /// At order 1 L is a lower bound of ln Z at any means.
    #[test]
    fn the_first_order_is_a_bound_without_convergence() {
        use crate::model::{Enumerate, Sums};
        for units in [Units::Bit, Units::Spin] {
            let rbm = model(units);
            let exact = rbm.enumerate(1.0, Sums::LogZ, &crate::Run::quiet(1)).unwrap().log_z;
            for steps in [0, 1, 50] {
                let (expansion, mut solutions) = (Expansion::new(&rbm, 1), start(units));
                expansion.alternate(&mut solutions, steps, 0.0);
                assert!(expansion.log_z(&solutions).into_iter().all(|l| l < exact && l > exact - 5.0));
            }
        }
    }
}
