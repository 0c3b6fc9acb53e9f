//! Parallel tempering joined by the multistate acceptance ratio.

mod common;

use common::{
    as_ising, assert_calibrated_by_batches, assert_roughly_calibrated, curve, fixture_r, on_spins, twelve_by_eight,
    z_scores_at,
};
use nalgebra::{DMatrix, DVector};
use plefka::{
    Betas, Curve, Estimator, Exact, Rbm, Run, Status,
    curve::Reliability,
    estimator::{BaseChoice, Tempering},
    model::{Ising, Levels},
    sample::Kernel,
    thermo,
};

/// As in `work.rs`: bounds of at least two standard errors of 200 seeds, which are fixed, at two β
/// of one run. The samples of a run are correlated: between the rungs by the exchanges, in time by
/// the chains.
#[test]
#[ignore = "calibration: 200 seeds of 2 models"]
fn error_bars_are_calibrated() {
    judge_error_bars(200, assert_calibrated_by_batches);
}

#[test]
fn error_bars_are_roughly_calibrated() {
    judge_error_bars(50, assert_roughly_calibrated);
}

/// Hands the z-scores of each case to a judge.
fn judge_error_bars(seeds: u64, judge: fn(&str, &[Vec<f64>; 2])) {
    let tempering = Tempering {
        ladders: 8,
        temperatures: 5,
        sweeps: 400,
        burn_in: 100,
        records: 200,
        replicates: 100,
        ..Tempering::default()
    };
    for (name, rbm) in [("R", fixture_r()), ("12×8", twelve_by_eight(0.6))] {
        let betas = [1.0, 2.0];
        for (beta, z) in betas.into_iter().zip(z_scores_at(&tempering, &rbm, betas, seeds)) {
            judge(&format!("tempering on {name} at β = {beta}"), &z);
        }
    }
}

/// A whole curve from one run, between the rungs and below them too, on every kind of model: |z| <
/// 4.5 for 60 numbers (chance failure 4·10⁻⁴, fixed seed).
#[test]
fn one_run_gives_every_temperature() {
    let betas: Betas = "0.1:2:5".parse().unwrap();
    let usual = Tempering { temperatures: 8, sweeps: 3000, records: 600, replicates: 60, ..Tempering::default() };
    let run = Run::quiet(2);
    let agree = |name: &str, sampled: Curve, exact: Curve| {
        assert_eq!(sampled.status(), Status::Converged, "{name}: {:?}", sampled.warnings);
        assert!(sampled.warnings.is_empty(), "{name}: {:?}", sampled.warnings);
        assert!((0..5).all(|k| sampled.diagnostics.at("drift_by_beta", k).unwrap() < 4.0), "{name}");
        for (s, e) in thermo::points(&sampled).iter().zip(thermo::points(&exact)) {
            for (s, e) in [(s.log_z, e.log_z), (s.energy, e.energy), (s.heat_capacity, e.heat_capacity)] {
                let (s, e) = (s.unwrap(), e.unwrap());
                let z = (s.value - e.value) / s.claim.std_error().unwrap();
                assert!(z.abs() < 4.5, "{name}: {s:?} against {e:?}: z = {z}");
            }
        }
    };
    let rbm = twelve_by_eight(0.7);
    for (base, kernel) in [(BaseChoice::Uniform, Kernel::Block), (BaseChoice::MeanField, Kernel::Collapsed)] {
        let config = Tempering { base, kernel, ..usual.clone() };
        let exact = Exact::default().curve(&rbm, &betas, &run).unwrap();
        agree(&format!("{base:?} {kernel:?}"), config.curve(&rbm, &betas, &run).unwrap(), exact);
    }
    let ising: Ising = as_ising(&on_spins(&fixture_r()).0);
    agree("ising", usual.curve(&ising, &betas, &run).unwrap(), Exact::default().curve(&ising, &betas, &run).unwrap());
    let levels = Levels::new((0..256).map(|k| (1.7 * f64::from(k)).sin() * 3.0).collect()).unwrap();
    agree(
        "levels",
        usual.curve(&levels, &betas, &run).unwrap(),
        Exact::default().curve(&levels, &betas, &run).unwrap(),
    );
}

/// Forty units in strong fields and three temperatures: the energies of neighbouring rungs do not
/// overlap, no replica travels, and the curve says so.
#[test]
fn a_stall_is_reported() {
    let rbm =
        Rbm::new(DMatrix::zeros(20, 20), DVector::from_element(20, 10.0), DVector::from_element(20, -10.0)).unwrap();
    let tempering =
        Tempering { temperatures: 3, sweeps: 200, burn_in: 40, records: 50, replicates: 10, ..Tempering::default() };
    let sampled = curve(&tempering, &rbm, &[1.0]);
    assert!(sampled.diagnostics.at("round_trips_by_beta", 0).unwrap() < 10.0, "{:?}", sampled.diagnostics);
    assert!(sampled.warnings.iter().any(|w| w.contains("tempering stalls")), "{:?}", sampled.warnings);
    assert!(Reliability::at(&sampled.diagnostics, 0).objection().is_some());
}

#[test]
fn one_thread_and_four_give_the_same_bits() {
    let tempering =
        Tempering { temperatures: 4, sweeps: 100, burn_in: 20, records: 20, replicates: 10, ..Tempering::default() };
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| curve(&tempering, &fixture_r(), &[0.0, 0.7, 1.0]))
    };
    let (one, four) = (on(1), on(4));
    assert_eq!((&one.values, &one.replicates), (&four.values, &four.replicates));
}

#[test]
fn settings_out_of_range_are_refused_by_name() {
    let usual = Tempering::default();
    for (config, says) in [
        (Tempering { temperatures: 1, ..usual.clone() }, "temperatures = 1"),
        (Tempering { ladders: 0, ..usual.clone() }, "ladders = 0"),
        (Tempering { records: 6000, ..usual }, "records = 6000"),
    ] {
        let message = Estimator::<Rbm>::check(&config, &fixture_r()).unwrap_err().to_string();
        assert!(message.contains(says), "{message}");
    }
}
