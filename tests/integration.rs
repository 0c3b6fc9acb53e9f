//! Thermodynamic integration over the temperatures of parallel tempering.

mod common;

use common::{
    as_ising, assert_calibrated, assert_roughly_calibrated, curve, fixture_r, on_spins, twelve_by_eight, z_scores,
};
use nalgebra::{DMatrix, DVector};
use plefka::{
    Estimator, Exact, Rbm, Status,
    curve::Reliability,
    estimator::{BaseChoice, Integration, Tempering},
    model::Model,
    thermo,
};

fn short() -> Tempering {
    Tempering { temperatures: 9, sweeps: 600, burn_in: 100, records: 300, replicates: 100, ..Tempering::default() }
}

/// As in `tempering.rs`: bounds of at least two standard errors of 200 seeds, which are fixed. That
/// the mean is 0 also says that the error of the integration is small beside that of the samples.
///
/// Fails for the trapezoidal rule (no slopes), for slopes of the wrong sign, and for Var E without
/// its conditional part.
#[test]
#[ignore = "calibration: 200 seeds of 4 cases"]
fn error_bars_are_calibrated() {
    judge_error_bars(200, assert_calibrated);
}

#[test]
fn error_bars_are_roughly_calibrated() {
    judge_error_bars(40, assert_roughly_calibrated);
}

/// Hands the z-scores of each case to a judge.
fn judge_error_bars(seeds: u64, judge: fn(&str, &[Vec<f64>; 2])) {
    let integration = Integration { tempering: short() };
    for (name, rbm) in [("R", fixture_r()), ("12×8", twelve_by_eight(0.6))] {
        for beta in [1.0, 2.0] {
            judge(&format!("ti on {name}"), &z_scores(&integration, &rbm, beta, seeds));
        }
    }
}

/// A whole curve, on the rungs and between them, on bits and on spins: |z| < 4.5 for 30 numbers
/// (chance failure 2·10⁻⁴, fixed seed). Var E between two rungs is interpolated, and so are its
/// error bars.
#[test]
fn one_run_gives_every_temperature() {
    fn agree<M: Model>(name: &str, model: &M)
    where
        Integration: Estimator<M>,
        Exact: Estimator<M>,
    {
        let integration =
            Integration { tempering: Tempering { temperatures: 17, sweeps: 3000, records: 600, ..short() } };
        let betas = [0.0, 0.3, 0.71, 1.2, 2.0];
        let (sampled, exact) = (curve(&integration, model, &betas), curve(&Exact::default(), model, &betas));
        assert_eq!(sampled.status(), Status::Converged);
        assert!(sampled.warnings.is_empty(), "{name}: {:?}", sampled.warnings);
        assert_eq!(sampled.values.log_z[0], exact.values.log_z[0], "{name}: ln Z(0) is known");
        for (s, e) in thermo::points(&sampled).iter().zip(thermo::points(&exact)).skip(1) {
            for (s, e) in [(s.log_z, e.log_z), (s.energy, e.energy), (s.heat_capacity, e.heat_capacity)] {
                let (s, e) = (s.unwrap(), e.unwrap());
                let z = (s.value - e.value) / s.claim.std_error().unwrap();
                assert!(z.abs() < 4.5, "{name}: {s:?} against {e:?}: z = {z}");
            }
        }
    }
    agree("12×8", &twelve_by_eight(0.7));
    agree("spins", &as_ising(&on_spins(&fixture_r()).0));
}

/// Twenty units in strong fields and five temperatures: U falls within the first step, the cubic
/// does not know where, and every second rung gives another number.
#[test]
fn a_coarse_ladder_is_reported() {
    let rbm =
        Rbm::new(DMatrix::zeros(10, 10), DVector::from_element(10, 12.0), DVector::from_element(10, -12.0)).unwrap();
    let integration = Integration { tempering: Tempering { temperatures: 5, ..short() } };
    let sampled = curve(&integration, &rbm, &[2.0]);
    let objection = Reliability::at(&sampled.diagnostics, 0).objection();
    assert!(objection.is_some(), "{:?}", sampled.diagnostics);
    assert!(sampled.warnings.iter().any(|w| w.contains("too far apart to integrate over")), "{:?}", sampled.warnings);
}

#[test]
fn other_bases_and_few_temperatures_are_refused() {
    for (tempering, says) in [
        (Tempering { base: BaseChoice::MeanField, ..short() }, "base = mean-field"),
        (Tempering { temperatures: 4, ..short() }, "temperatures = 4"),
    ] {
        let message = Estimator::<Rbm>::check(&Integration { tempering }, &fixture_r()).unwrap_err().to_string();
        assert!(message.contains(says), "{message}");
    }
}
