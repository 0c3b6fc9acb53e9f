//! Exact enumeration against independent numbers, brute force, and itself.

mod common;

use common::{assert_close, curve, fixture_r, on_spins, states, twelve_by_eight};
use plefka::{Betas, Claim, Estimator, Exact, Rbm, Run, Status, Units, thermo};

/// β, ln Z, U, S, Var E of fixture R, computed independently with NumPy and mpmath.
const R: [[f64; 5]; 4] = [
    [0.5, 6.903589126137, -0.252462222171, 6.777358015052, 1.207051701745],
    [1.0, 7.177112386402, -0.833916402204, 6.343195984198, 1.113582850078],
    [2.0, 8.517297889594, -1.783519917783, 4.950258054028, 0.740903590018],
    [4.0, 13.039554100680, -2.545457295296, 2.857724919496, 0.157642861262],
];

#[test]
fn fixture_r_has_its_reference_values() {
    let curve = curve(&Exact::default(), &fixture_r(), &R.map(|row| row[0]));
    assert_eq!((curve.status(), curve.log_z_claim), (Status::Converged, Claim::Exact));
    let entropy = thermo::entropy(&curve);
    for (k, [beta, log_z, energy, s, variance]) in R.into_iter().enumerate() {
        assert_close("ln Z", curve.values.log_z[k], log_z, 1e-11);
        assert_close("U", curve.values.energy[k].unwrap(), energy, 1e-11);
        assert_close("S", entropy[k].unwrap().value, s, 1e-11);
        assert_close("Var E", curve.values.energy_variance[k].unwrap(), variance, 1e-11);
        let capacity = thermo::heat_capacity(&curve)[k].unwrap().value;
        assert_close("C", capacity, beta * beta * variance, 1e-10);
    }
}

/// The built-in model, enumerated once by an independent program.
#[test]
fn the_built_in_model_has_its_reference_values() {
    let model = plefka::io::load_model("builtin:mnist20").unwrap();
    let rbm = model.rbm().unwrap();
    let reference = [
        [0.5, 249.82242152749242, 101.48544612396232, 300.56514458947356, 165.82669286059826],
        [1.0, 245.2191872974438, -92.94561534648182, 152.27357195096198, 1505.7904647187934],
        [1.5, 333.8605820400205, -195.45571158395276, 40.67701466409136, 53.893661458251565],
        [2.0, 433.6203488156321, -202.3766190742793, 28.86711066707332, 33.20119717743006],
    ];
    let curve = curve(&Exact::default(), rbm, &reference.map(|row| row[0]));
    for (point, [_, log_z, energy, entropy, capacity]) in thermo::points(&curve).iter().zip(reference) {
        let found = [point.log_z, point.energy, point.entropy, point.heat_capacity].map(|m| m.unwrap().value);
        for (found, known) in found.into_iter().zip([log_z, energy, entropy, capacity]) {
            assert!((found / known - 1.0).abs() < 1e-9, "{found} against {known}");
        }
    }
}

#[test]
fn brute_force_over_both_layers_agrees_for_every_combination_of_units() {
    let beta = 0.9;
    for visible in [Units::Bit, Units::Spin] {
        for hidden in [Units::Bit, Units::Spin] {
            let rbm = fixture_r().with_units(visible, hidden);
            let (mut z, mut e1, mut e2) = (0.0, 0.0, 0.0);
            for v in states(6, visible) {
                for h in states(4, hidden) {
                    let energy = rbm.energy(&v, &h);
                    let weight = (-beta * energy).exp();
                    (z, e1, e2) = (z + weight, e1 + weight * energy, e2 + weight * energy * energy);
                }
            }
            let curve = curve(&Exact::default(), &rbm, &[beta]);
            let energy = e1 / z;
            assert_close("ln Z", curve.values.log_z[0], z.ln(), 1e-12);
            assert_close("U", curve.values.energy[0].unwrap(), energy, 1e-12);
            assert_close("Var E", curve.values.energy_variance[0].unwrap(), e2 / z - energy * energy, 1e-11);
        }
    }
}

#[test]
fn bits_and_spins_are_one_model_under_the_exact_map() {
    for bits in [fixture_r(), twelve_by_eight(0.8)] {
        let (spins, constant) = on_spins(&bits);
        let betas = [0.0, 0.5, 1.0, 3.0];
        let (on_bits, on_spins) = (curve(&Exact::default(), &bits, &betas), curve(&Exact::default(), &spins, &betas));
        for (k, beta) in betas.into_iter().enumerate() {
            let shifted = on_spins.values.log_z[k] + beta * constant;
            assert_close("ln Z", on_bits.values.log_z[k], shifted, 1e-11);
            let shifted = on_spins.values.energy[k].unwrap() - constant;
            assert_close("U", on_bits.values.energy[k].unwrap(), shifted, 1e-11);
        }
    }
}

#[test]
fn swapping_the_layers_changes_nothing() {
    let rbm = twelve_by_eight(1.0);
    let swapped = Rbm::new(rbm.weights().transpose(), rbm.hidden_bias().clone(), rbm.visible_bias().clone()).unwrap();
    let (a, b) = (curve(&Exact::default(), &rbm, &[0.3, 2.0]), curve(&Exact::default(), &swapped, &[0.3, 2.0]));
    assert_eq!(a.values, b.values);
}

#[test]
fn at_beta_zero_ln_z_is_n_ln_2_to_the_last_bit() {
    let curve = curve(&Exact::default(), &twelve_by_eight(1.0), &[0.0, 1.0]);
    assert_eq!(curve.values.log_z[0], 20.0 * std::f64::consts::LN_2);
    assert_eq!(thermo::entropy(&curve)[0].unwrap().value, curve.values.log_z[0]);
    assert_eq!(thermo::heat_capacity(&curve)[0].unwrap().value, 0.0);
}

#[test]
fn scaling_all_parameters_is_scaling_beta() {
    let rbm = twelve_by_eight(0.7);
    let scaled = curve(&Exact::default(), &rbm.scaled_temperature(2.5).unwrap(), &[0.4]);
    let plain = curve(&Exact::default(), &rbm, &[1.0]);
    assert_close("ln Z", scaled.values.log_z[0], plain.values.log_z[0], 1e-12);
    let weights_only = curve(&Exact::default(), &rbm.scaled_weights(2.5).unwrap(), &[0.4]);
    assert!((weights_only.values.log_z[0] - plain.values.log_z[0]).abs() > 0.01);
}

/// Weights of ±10⁴ overflow every factor; the sum then is that of the ground state and its
/// degeneracy.
#[test]
fn huge_weights_neither_overflow_nor_lose_the_ground_state() {
    let rbm = Rbm::from_rows(&[[1e4, -1e4], [-1e4, 1e4], [1e4, 1e4]], &[0.0; 3], &[0.0; 2]).unwrap();
    let curve = curve(&Exact::default(), &rbm, &[1.0]);
    let energies = states(3, Units::Bit).flat_map(|v| states(2, Units::Bit).map(move |h| (v.clone(), h)));
    let energies: Vec<f64> = energies.map(|(v, h)| rbm.energy(&v, &h)).collect();
    let ground = energies.iter().copied().fold(f64::INFINITY, f64::min);
    let degeneracy = energies.iter().filter(|e| **e == ground).count();
    assert_close("ln Z", curve.values.log_z[0], -ground + (degeneracy as f64).ln(), 1e-9);
    assert_close("U", curve.values.energy[0].unwrap(), ground, 1e-9);
}

#[test]
fn a_result_beyond_f64_is_refused() {
    let rbm = Rbm::from_rows(&[[1e308]], &[1e308], &[1e308]).unwrap();
    let refused = Exact::default().curve(&rbm, &Betas::one(10.0).unwrap(), &Run::quiet(1)).unwrap_err().to_string();
    assert!(refused.contains("not a finite number") && refused.contains("β = 10"), "{refused}");
}

#[test]
fn cancelling_keeps_the_points_that_were_reached() {
    let cancel = std::sync::atomic::AtomicBool::new(true);
    let run = Run { cancel: &cancel, ..Run::quiet(1) };
    let curve = Exact::default().curve(&fixture_r(), &Betas::new([0.5, 1.0]).unwrap(), &run).unwrap();
    assert_eq!(curve.status(), Status::Cancelled);
    assert!(thermo::points(&curve).iter().all(|p| p.log_z.is_none() && p.status == Status::Cancelled));
}
