//! The method that finds its own way: right where it says so, and not sure where it is not.

mod common;

use common::fixture_r;
use nalgebra::{DMatrix, DVector};
use plefka::{
    Betas, Claim, Curve, Method, Rbm, Run, Verdict,
    estimator::{Auto, Configure, MethodConfig},
    findings,
    io::{CurveRecord, ModelInfo, Provenance, ResultFile},
    model::AnyModel,
};

/// The curve at β = 1 without enumeration.
fn sampled(rbm: &Rbm, seed: u64) -> Curve {
    let auto = Auto { exact_factors: 1.0, ..Auto::default() };
    auto.prepare(rbm).unwrap().curve(&Betas::one(1.0).unwrap(), &Run::quiet(seed)).unwrap()
}

/// What a user would be told, who does not have the exact value.
fn verdict(rbm: &Rbm, curve: &Curve) -> Verdict {
    let info = ModelInfo::new(&AnyModel::from(rbm.clone()), "model", "");
    let results = ResultFile::new(info, vec![CurveRecord::from(curve)], Provenance::default());
    findings::judgements(&results, &results.curves[0]).remove(0).verdict
}

/// All hidden units alike: ln Z = ln Σₙ C(M, n) e^{bn} (1 + e^{a + wn})^N, with n of them on.
fn alike(n_visible: usize, n_hidden: usize, [w, a, b]: [f64; 3]) -> (Rbm, f64) {
    let weights = DMatrix::from_element(n_visible, n_hidden, w);
    let rbm = Rbm::new(weights, DVector::from_element(n_visible, a), DVector::from_element(n_hidden, b)).unwrap();
    let mut log_choose = 0.0;
    let mut terms = Vec::new();
    for n in 0..=n_hidden {
        let x = a + w * n as f64;
        terms.push(log_choose + b * n as f64 + n_visible as f64 * (x.max(0.0) + (-x.abs()).exp().ln_1p()));
        log_choose += ((n_hidden - n) as f64 / (n + 1) as f64).ln();
    }
    (rbm, plefka::stats::log_sum_exp(&terms))
}

#[test]
fn what_can_be_enumerated_is() {
    let rbm = fixture_r();
    let curve = plefka::estimate(&rbm, Method::Auto, &"0.5,1,2".parse().unwrap()).unwrap();
    let log_z = curve.log_z().into_iter().map(Option::unwrap);
    for (measured, exact) in log_z.zip([6.903589126137, 7.177112386402, 8.517297889594]) {
        assert!((measured.value - exact).abs() < 1e-11 && measured.claim == Claim::Exact, "{measured:?}");
    }
}

/// The factors of all β count. Planted bug that fails: the limit for each of them.
#[test]
fn what_takes_too_long_at_all_beta_together_is_not_enumerated() {
    let rbm = fixture_r();
    let enumerates = |exact_factors: f64, betas: &str| {
        let auto = Auto { exact_factors, time: 1e-3, ..Auto::default() };
        let curve = auto.prepare(&rbm).unwrap().curve(&betas.parse().unwrap(), &Run::quiet(1)).unwrap();
        curve.log_z()[0].unwrap().claim == Claim::Exact
    };
    let mut limit = 2e10;
    while enumerates(0.5 * limit, "1") {
        limit *= 0.5;
    }
    assert!(enumerates(limit, "1") && !enumerates(limit, "0.5,1") && enumerates(2.0 * limit, "0.5,1"));
}

/// Five seeds; a false alarm at four standard errors has a rate of 3e−4 in all.
#[test]
fn without_enumeration_it_is_checked_and_right() {
    let rbm = fixture_r();
    for seed in 1..=5 {
        let curve = sampled(&rbm, seed);
        let log_z = curve.log_z()[0].unwrap();
        let std_error = log_z.claim.std_error().unwrap();
        assert!(std_error <= 0.05, "seed {seed}: ± {std_error}");
        assert!((log_z.value - 7.177112386402).abs() < 4.0 * std_error, "seed {seed}: {log_z:?}");
        assert_eq!(verdict(&rbm, &curve), Verdict::Checked, "seed {seed}: {:?}", curve.diagnostics);
    }
}

/// Nearly all of the weight is where most hidden units are on; chains from β = 0 never go there.
/// Plain AIS is 16 nats low with an error bar of 0.05.
#[test]
fn a_phase_that_chains_from_above_never_find_is_found() {
    let (rbm, exact) = alike(100, 20, [0.3, -1.8, -19.5]);
    assert!((exact - 31.489347846).abs() < 1e-8, "{exact}");
    let curve = sampled(&rbm, 1);
    assert!((curve.values.log_z[0] - exact).abs() < 1e-4, "{}", curve.values.log_z[0]);
    assert_eq!(verdict(&rbm, &curve), Verdict::Checked);
}

/// The same model at a temperature where both phases weigh the same. Either both are visited, or it
/// says that it does not know.
#[test]
fn two_phases_of_equal_weight_are_not_called_one() {
    // At this b the sums over few and over many units on are equal, to a few parts in a hundred.
    let (rbm, exact) = alike(60, 15, [0.35, -1.8, -12.3]);
    let curve = sampled(&rbm, 1);
    let error = curve.values.log_z[0] - exact;
    let std_error = curve.log_z()[0].unwrap().claim.std_error().unwrap();
    let judged = verdict(&rbm, &curve);
    assert!(error.abs() < 4.0 * std_error || judged != Verdict::Checked, "{error} ± {std_error}, {judged:?}");
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let rbm = fixture_r();
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| sampled(&rbm, 3))
    };
    let (one, three) = (on(1), on(3));
    assert_eq!(one.values, three.values);
    assert_eq!(one.replicates, three.replicates);
}

#[test]
fn settings_out_of_range_are_refused() {
    let rbm = fixture_r();
    for (name, value) in [("error", 0.0), ("error", -1.0), ("time", 0.0)] {
        let mut config = MethodConfig::of(Method::Auto);
        config.set(&[(name, value.into())]).unwrap();
        let refusal = config.prepare(&rbm).unwrap().check().unwrap_err().to_string();
        assert!(refusal.contains(name) && refusal.contains("above 0"), "{refusal}");
    }
}
