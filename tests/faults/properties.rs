//! What must hold of every model, by every method without chance: symmetries, scaling and bounds.

use nalgebra::{DMatrix, DVector};
use plefka::{Betas, Method, Rbm, Run, estimator::MethodConfig, model::Units};
use proptest::prelude::*;

/// Methods that are functions of the model.
const DETERMINISTIC: [Method; 5] = [Method::Exact, Method::MeanField, Method::Tap2, Method::Tap3, Method::Bethe];

fn log_z(method: Method, rbm: &Rbm, beta: f64) -> f64 {
    let config = MethodConfig::of(method);
    let curve = config.prepare(rbm).unwrap().curve(&Betas::one(beta).unwrap(), &Run::quiet(1)).unwrap();
    curve.values.log_z[0]
}

/// Couplings so weak that each expansion has one solution: what is compared is then the method and
/// not the choice among solutions.
fn rbms() -> impl Strategy<Value = Rbm> {
    let units = prop_oneof![Just(Units::Bit), Just(Units::Spin)];
    (1usize..6, 1usize..5, units.clone(), units).prop_flat_map(|(n, m, visible, hidden)| {
        let numbers = |count: usize, size: f64| prop::collection::vec(-size..size, count);
        (numbers(n * m, 0.3), numbers(n, 1.5), numbers(m, 1.5)).prop_map(move |(w, a, b)| {
            let rbm = Rbm::new(DMatrix::from_vec(n, m, w), DVector::from_vec(a), DVector::from_vec(b)).unwrap();
            rbm.with_units(visible, hidden)
        })
    })
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-7 * (1.0 + a.abs())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// E → kE at β is E at kβ.
    #[test]
    fn a_scale_of_the_energy_is_one_of_beta(rbm in rbms(), k in 0.2f64..1.5) {
        let scaled = rbm.scaled_temperature(k).unwrap();
        for method in DETERMINISTIC {
            let (a, b) = (log_z(method, &scaled, 1.0), log_z(method, &rbm, k));
            prop_assert!(close(a, b), "{method}: {a} and {b}");
        }
    }

    /// The names of the units mean nothing.
    #[test]
    fn units_in_another_order_are_the_same_model(rbm in rbms()) {
        let (n, m) = (rbm.n_visible(), rbm.n_hidden());
        let w = DMatrix::from_fn(n, m, |i, j| rbm.weights()[(n - 1 - i, (j + 1) % m)]);
        let a = DVector::from_fn(n, |i, _| rbm.visible_bias()[n - 1 - i]);
        let b = DVector::from_fn(m, |j, _| rbm.hidden_bias()[(j + 1) % m]);
        let moved = Rbm::new(w, a, b).unwrap().with_units(rbm.visible_units(), rbm.hidden_units());
        for method in DETERMINISTIC {
            let (a, b) = (log_z(method, &rbm, 1.0), log_z(method, &moved, 1.0));
            prop_assert!(close(a, b), "{method}: {a} and {b}");
        }
    }

    /// s → −s of one unit, with its bias and its couplings.
    #[test]
    fn the_sign_of_a_spin_is_a_convention(rbm in rbms(), which in 0usize..6) {
        let rbm = rbm.with_units(Units::Spin, Units::Spin);
        let which = which % rbm.n_visible();
        let sign = |i: usize| if i == which { -1.0 } else { 1.0 };
        let w = DMatrix::from_fn(rbm.n_visible(), rbm.n_hidden(), |i, j| sign(i) * rbm.weights()[(i, j)]);
        let a = DVector::from_fn(rbm.n_visible(), |i, _| sign(i) * rbm.visible_bias()[i]);
        let flipped = Rbm::new(w, a, rbm.hidden_bias().clone()).unwrap().with_units(Units::Spin, Units::Spin);
        for method in DETERMINISTIC {
            let (a, b) = (log_z(method, &rbm, 1.0), log_z(method, &flipped, 1.0));
            prop_assert!(close(a, b), "{method}: {a} and {b}");
        }
    }

    /// s = 2x − 1: W → 4W, a → 2a − 2Σⱼ Wᵢⱼ, b likewise, and a constant.
    #[test]
    fn spins_are_bits_with_other_parameters(rbm in rbms()) {
        let spins = rbm.with_units(Units::Spin, Units::Spin);
        let (w, a, b) = (spins.weights(), spins.visible_bias(), spins.hidden_bias());
        let rows = DVector::from_fn(a.len(), |i, _| w.row(i).sum());
        let columns = DVector::from_fn(b.len(), |j, _| w.column(j).sum());
        let bits = Rbm::new(w * 4.0, (a - rows) * 2.0, (b - columns) * 2.0).unwrap();
        let shift = w.sum() - a.sum() - b.sum();
        for method in DETERMINISTIC {
            let (there, here) = (log_z(method, &spins, 1.0), log_z(method, &bits, 1.0) + shift);
            prop_assert!(close(there, here), "{method}: {there} and {here}");
        }
    }

    /// Certain lower bounds, at any strength of the couplings.
    #[test]
    fn lower_bounds_are_below_the_exact_value(rbm in rbms(), strength in 0.1f64..20.0) {
        let rbm = rbm.scaled_weights(strength).unwrap();
        let exact = log_z(Method::Exact, &rbm, 1.0);
        for method in [Method::MeanField, Method::Mixture] {
            let bound = log_z(method, &rbm, 1.0);
            prop_assert!(bound <= exact + 1e-9 * exact.abs().max(1.0), "{method}: {bound} above {exact}");
        }
    }
}
