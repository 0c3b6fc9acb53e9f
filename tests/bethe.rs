//! Belief propagation against exact sums on trees, an independent fixed point, the Plefka
//! expansion, and identities.

mod common;

use common::{assert_close, curve, fixture_r, on_spins, twelve_by_eight};
use nalgebra::{DMatrix, DVector};
use plefka::{Bethe, Claim, Exact, MeanField, Rbm, Status, Units, model::Order};

fn tight() -> Bethe {
    Bethe { tolerance: 1e-13, ..Bethe::default() }
}

/// An RBM with one unit in one layer has no cycle, so that Bethe is exact on it, for every kind of
/// units.
///
/// Planted bugs that fail here: messages that are not cavity messages (the field without −u, to
/// either layer), a coupling or a message with the wrong sign, the pair term left out or with the
/// wrong sign, the bias of a spin without the factor of its step or the constant of spins left out,
/// ⟨v⟩⟨h⟩ for ⟨vh⟩ in U, and the wrong sign of Var E.
#[test]
fn it_is_exact_on_stars() {
    let parameters = DMatrix::from_fn(7, 1, |i, _| 1.5 * (2.0 + 3.0 * i as f64).cos());
    let many = DVector::from_fn(7, |i, _| 0.6 * (1.0 + i as f64).sin());
    let one = DVector::from_element(1, 0.4);
    for weights in [parameters.clone(), parameters.transpose()] {
        let (a, b) = if weights.ncols() == 1 { (&many, &one) } else { (&one, &many) };
        for visible in [Units::Bit, Units::Spin] {
            for hidden in [Units::Bit, Units::Spin] {
                let star = Rbm::new(weights.clone(), a.clone(), b.clone()).unwrap().with_units(visible, hidden);
                let betas = [0.0, 0.5, 1.0, 3.0];
                let (bethe, exact) = (curve(&tight(), &star, &betas), curve(&Exact::default(), &star, &betas));
                assert_eq!(bethe.status(), Status::Converged);
                for k in 0..betas.len() {
                    assert_close("ln Z", bethe.values.log_z[k], exact.values.log_z[k], 1e-12);
                    assert_close("U", bethe.values.energy[k].unwrap(), exact.values.energy[k].unwrap(), 1e-12);
                    let [found, truth] = [&bethe, &exact].map(|curve| curve.values.energy_variance[k].unwrap());
                    assert_close("Var E", found, truth, 1e-5);
                }
            }
        }
    }
}

/// Computed with NumPy from the same equations in another form: damped flooding, all messages at
/// once.
#[test]
fn fixture_r_has_its_reference_values() {
    for (beta, log_z) in [(0.5, 6.903308815633), (1.0, 7.172099790015), (2.0, 8.450503925718)] {
        let bethe = curve(&tight(), &fixture_r(), &[beta]);
        assert_close("ln Z", bethe.values.log_z[0], log_z, 1e-11);
        assert!(matches!(bethe.log_z_claim, Claim::Approximation));
    }
}

/// All single-coupling terms are in Bethe: it leaves second order as the third power of the
/// couplings, and third order as the fourth.
///
/// Planted bugs: with the messages ln[(1 + e^{x+k/2})/(1 + e^{x−k/2})] the slope is 2.04, without
/// the pair term 1.06.
#[test]
fn it_leaves_the_plefka_expansion_at_the_right_power_of_the_couplings() {
    let difference = |order, scale| {
        let rbm = Rbm::new(
            // No cancellations: couplings of one sign, and biases that make all third cumulants of
            // one sign.
            DMatrix::from_fn(6, 4, |i, j| scale * (1.0 + 0.5 * fixture_r().weights()[(i, j)])),
            fixture_r().visible_bias().add_scalar(-1.0),
            fixture_r().hidden_bias().add_scalar(-1.0),
        )
        .unwrap();
        let plefka = MeanField { order, tolerance: 1e-14, ..MeanField::default() };
        curve(&tight(), &rbm, &[1.0]).values.log_z[0] - curve(&plefka, &rbm, &[1.0]).values.log_z[0]
    };
    for (order, power) in [(Order::Second, 3.0), (Order::Third, 4.0)] {
        let slope = (difference(order, 0.04) / difference(order, 0.02)).abs().log2();
        assert!((slope - power).abs() < 0.1, "order {order:?}: slope {slope}, not {power}");
    }
}

#[test]
fn the_energy_is_the_derivative_of_log_z_and_the_variance_that_of_the_energy() {
    let mixed = fixture_r().with_units(Units::Spin, Units::Bit);
    for rbm in [fixture_r(), mixed] {
        for beta in [0.5, 1.0] {
            let step = 1e-3;
            let c = curve(&tight(), &rbm, &[beta - step, beta, beta + step]);
            let (log_z, energy) = (&c.values.log_z, &c.values.energy);
            assert_eq!(c.status(), Status::Converged);
            assert_close("U", energy[1].unwrap(), (log_z[0] - log_z[2]) / (2.0 * step), 1e-5);
            let slope = (energy[0].unwrap() - energy[2].unwrap()) / (2.0 * step);
            assert_close("Var E", c.values.energy_variance[1].unwrap(), slope, 2e-5);
        }
    }
}

#[test]
fn the_same_model_on_spins_has_the_same_log_z() {
    let bits = twelve_by_eight(0.5);
    let (spins, constant) = on_spins(&bits);
    let [on_bits, on_spins] = [&bits, &spins].map(|rbm| curve(&tight(), rbm, &[1.0]).values.log_z[0]);
    assert_close("ln Z", on_bits, on_spins + constant, 1e-11);
}

/// Stopped after two updates the numbers are no fixed point, and the status, a warning and a
/// missing Var E say so.
///
/// Planted bug: every point `converged`.
#[test]
fn a_search_that_is_given_up_says_so() {
    let given_up = curve(&Bethe { max_iterations: 2, ..Bethe::default() }, &fixture_r(), &[0.0, 1.0]);
    assert_eq!(given_up.reached[1], Status::NotConverged);
    assert!(given_up.warnings[0].contains("try a damping above 0.5"), "{:?}", given_up.warnings);
    assert_eq!(given_up.values.energy_variance[1], None);
    assert!(given_up.diagnostics.at("residual_by_beta", 1).unwrap() > 1e-3);
    assert!(given_up.warnings[0].contains("more iterations than 2"), "{:?}", given_up.warnings);
}

/// The residual is that of the equations: the first is the same whatever the damping.
///
/// Planted bug: the residual as the change that the damped update made.
#[test]
fn damping_does_not_shrink_the_residual() {
    let first = |damping| {
        let search = Bethe { damping, max_iterations: 1, ..Bethe::default() };
        curve(&search, &fixture_r(), &[1.0]).diagnostics.at("residual_by_beta", 0).unwrap()
    };
    assert_eq!(first(0.0), first(0.9));
}

/// A disordered RBM on spins without fields, far below its glass temperature: the messages do not
/// settle, and the search ends long before the 10,000 updates that it may take.
///
/// Planted bug: no search given up early.
#[test]
fn where_messages_do_not_settle_the_search_ends_early_and_says_so() {
    let weights = DMatrix::from_fn(12, 8, |i, j| {
        let (i, j) = (i as f64, j as f64);
        (1.0 + 2.0 * i + 3.0 * j + 0.5 * i * j).cos() / 96f64.powf(0.25)
    });
    let glass = Rbm::new(weights, DVector::zeros(12), DVector::zeros(8)).unwrap().with_units(Units::Spin, Units::Spin);
    for (damping, at_most) in [(0.5, 2_000.0), (0.9, 8_000.0)] {
        let found = curve(&Bethe { damping, ..Bethe::default() }, &glass, &[0.5, 4.0]);
        assert_eq!(found.reached, [Status::Converged, Status::NotConverged]);
        assert!(found.diagnostics.at("iterations_by_beta", 1).unwrap() < at_most);
        assert!(!found.warnings[0].contains("more iterations"), "{:?}", found.warnings);
    }
}

/// Fields of thousands neither overflow nor become NaN. (On one hidden unit, where the truth is
/// known.)
#[test]
fn strong_couplings_stay_finite_and_exact() {
    let star = Rbm::from_rows(&[[3000.0], [-2000.0], [500.0]], &[10.0, 900.0, -400.0], &[-700.0]).unwrap();
    let (bethe, exact) = (curve(&Bethe::default(), &star, &[1.0]), curve(&Exact::default(), &star, &[1.0]));
    assert_close("ln Z", bethe.values.log_z[0], exact.values.log_z[0], 1e-9);
}

/// Wide enough that its columns are spread over threads.
#[test]
fn the_bits_do_not_depend_on_the_number_of_threads() {
    let wide = Rbm::new(
        DMatrix::from_fn(700, 40, |i, j| 0.1 * (1.0 + 2.0 * i as f64 + 3.0 * j as f64 + 0.5 * (i * j) as f64).cos()),
        DVector::from_fn(700, |i, _| 0.3 * (i as f64).sin()),
        DVector::zeros(40),
    )
    .unwrap();
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| curve(&Bethe::default(), &wide, &[0.5, 1.0]).values)
    };
    assert_eq!(on(1), on(3));
}

#[test]
fn settings_out_of_range_are_refused_by_name() {
    let ising = common::as_ising(&on_spins(&fixture_r()).0);
    for (bad, name) in [
        (Bethe { damping: 1.0, ..Bethe::default() }, "damping"),
        (Bethe { tolerance: 0.0, ..Bethe::default() }, "tolerance"),
        (Bethe { max_iterations: 0, ..Bethe::default() }, "max_iterations"),
    ] {
        for refusal in [plefka::Estimator::check(&bad, &fixture_r()), plefka::Estimator::check(&bad, &ising)] {
            let error = refusal.unwrap_err().to_string();
            assert!(error.contains(name), "{error}");
        }
    }
}
