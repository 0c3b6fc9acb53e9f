//! ln p(v) of data, against sums over all states.

mod common;

use nalgebra::{DMatrix, DVector};
use plefka::{
    Claim, Error, Measured, Units,
    curve::BoundKind,
    data::Data,
    likelihood::Likelihood,
    model::{DataWeights, Enumerate, Ising, Levels, Sums},
    run::Run,
};

/// Every row of n bits, once.
fn all_rows(n: usize) -> Data {
    Data::new(n, (0..1usize << n).flat_map(|k| (0..n).map(move |i| u8::from(k >> i & 1 == 1))).collect(), None).unwrap()
}

fn exact(model: &impl Enumerate, beta: f64) -> Measured {
    Measured { value: model.enumerate(beta, Sums::LogZ, &Run::quiet(0)).unwrap().log_z, claim: Claim::Exact }
}

/// The rows of `all_rows` under weights e^{log_weights}: ln p, and Σᵢ ln p(vᵢ | rest), by sums over
/// states.
fn by_enumeration(log_weights: &[f64], n: usize) -> (Vec<f64>, f64) {
    let log_z = plefka::stats::log_sum_exp(log_weights);
    let log_conditional =
        |k: usize, i: usize| log_weights[k] - plefka::stats::log_sum_exp(&[log_weights[k], log_weights[k ^ 1 << i]]);
    let pseudo = (0..1usize << n).map(|k| (0..n).map(|i| log_conditional(k, i)).sum::<f64>());
    (log_weights.iter().map(|w| w - log_z).collect(), pseudo.sum::<f64>() / (1usize << n) as f64)
}

#[track_caller]
fn check<M: DataWeights + Enumerate>(what: &str, model: &M, beta: f64, log_weights: &[f64]) {
    let n = model.n_shown();
    let found = Likelihood::new(model, &all_rows(n), beta, exact(model, beta)).unwrap();
    let (rows, pseudo) = by_enumeration(log_weights, n);
    for (k, (found, truth)) in found.rows.iter().zip(&rows).enumerate() {
        assert!((found - truth).abs() < 1e-10, "{what}, row {k}: {found} against {truth}");
    }
    let probability: f64 = found.rows.iter().map(|p| p.exp()).sum();
    assert!((probability - 1.0).abs() < 1e-10, "{what}: {probability}");
    common::assert_close(&format!("{what}, pseudo"), found.pseudo, pseudo, 1e-10);
    common::assert_close(&format!("{what}, mean"), found.mean, plefka::stats::mean(&rows), 1e-10);
    assert_eq!(found.per_unit, found.mean / n as f64);
    assert_eq!(found.std_error_log_z, Some(0.0));
    assert_eq!(found.warnings(), [""; 0]);
}

/// Hidden units summed out one state at a time, for every combination of units.
#[test]
fn an_rbm_agrees_with_enumeration() {
    for visible in [Units::Bit, Units::Spin] {
        for hidden in [Units::Bit, Units::Spin] {
            let rbm = common::fixture_r().with_units(visible, hidden);
            for beta in [0.0, 0.7, 2.0] {
                let weight = |v: Vec<f64>| {
                    let logs: Vec<f64> = common::states(4, hidden).map(|h| -beta * rbm.energy(&v, &h)).collect();
                    plefka::stats::log_sum_exp(&logs)
                };
                let log_weights: Vec<f64> = common::states(6, visible).map(weight).collect();
                check(&format!("{visible} {hidden} at {beta}"), &rbm, beta, &log_weights);
            }
        }
    }
}

#[test]
fn spins_without_hidden_units_agree_with_enumeration() {
    let half = DMatrix::from_fn(5, 5, |i, j| if i < j { ((i * 5 + j) as f64).sin() } else { 0.0 });
    let ising = Ising::new(&half + half.transpose(), DVector::from_fn(5, |i, _| 0.3 * (i as f64).cos())).unwrap();
    for beta in [0.0, 0.5, 3.0] {
        let log_weights: Vec<f64> = common::states(5, Units::Spin).map(|s| -beta * ising.energy(&s)).collect();
        check("spins", &ising, beta, &log_weights);
    }
}

#[test]
fn levels_agree_with_their_energies() {
    let energies: Vec<f64> = (0..16).map(|k| (f64::from(k) * 1.7).sin()).collect();
    let log_weights: Vec<f64> = energies.iter().map(|e| -1.3 * e).collect();
    check("levels", &Levels::new(energies).unwrap(), 1.3, &log_weights);
}

/// The two errors are those of their sources, and say so when they do not exist.
#[test]
fn errors_stand_apart() {
    let rbm = common::fixture_r();
    let log_z = |claim| Measured { claim, ..exact(&rbm, 1.0) };
    let found = |data: &Data, claim| Likelihood::new(&rbm, data, 1.0, log_z(claim)).unwrap();
    let all = all_rows(6);
    let sampled = found(&all, Claim::Estimate { std_error: 0.25 });
    assert_eq!(sampled.std_error_log_z, Some(0.25));
    let spread = plefka::stats::std_dev(&sampled.rows) / 8.0;
    assert!((sampled.std_error_data.unwrap() - spread).abs() < 1e-15);
    let one = found(&Data::new(6, vec![0, 1, 0, 1, 1, 0], None).unwrap(), Claim::Exact);
    assert_eq!((one.std_error_data, one.rows.len()), (None, 1));
    let bound = found(&all, Claim::Bound { kind: BoundKind::Lower, std_error: None });
    assert_eq!(bound.std_error_log_z, None);
    assert!(bound.warnings()[0].contains("ln p is an upper bound"));
    assert!(found(&all, Claim::Approximation).warnings()[0].contains("without error control"));
}

/// A probability above 1 is said to be one.
#[test]
fn an_impossible_likelihood_is_pointed_out() {
    let rbm = common::fixture_r();
    let low = Measured { value: 1.0, claim: Claim::Estimate { std_error: 0.01 } };
    let found = Likelihood::new(&rbm, &all_rows(6), 1.0, low).unwrap();
    assert!(found.warnings()[0].contains("have a probability above 1: ln Z is too low"), "{:?}", found.warnings());
}

#[test]
fn data_that_do_not_fit_are_refused_with_both_numbers() {
    let narrow = Data::new(5, vec![0; 5], None).unwrap();
    let error = Likelihood::new(&common::fixture_r(), &narrow, 1.0, exact(&common::fixture_r(), 1.0)).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("5 columns") && text.contains("6 visible units"), "{text}");
    let huge = common::fixture_r().scaled_temperature(1e308).unwrap();
    let error = Likelihood::new(&huge, &all_rows(6), 10.0, exact(&common::fixture_r(), 1.0)).unwrap_err();
    assert!(matches!(error, Error::NotFinite { quantity: "ln p", .. }), "{error}");
}
