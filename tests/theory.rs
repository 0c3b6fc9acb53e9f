//! The theory of the reference models against values computed independently (NumPy, SciPy, mpmath),
//! to the digits given.

use plefka::theory::{bipartite, bits, hopfield, rem, sk};

#[track_caller]
fn near(value: f64, expected: f64, tolerance: f64) {
    assert!((value - expected).abs() <= tolerance, "{value} is not {expected} ± {tolerance}");
}

#[test]
fn random_energy_model() {
    let bc = rem::critical_beta();
    near(bc, 1.665_109_2, 5e-8);
    for (n, beta, log_z, entropy, participation) in [
        (12, 1.0, 11.29337, 5.47325, 0.02998),
        (12, bc, 15.96615, 2.88891, 0.21390),
        (12, 2.0 * bc, 30.03799, 1.03220, 0.56410),
        (16, 1.0, 15.07990, 7.18428, 0.01305),
        (16, bc, 21.51329, 3.40914, 0.18379),
        (16, 2.0 * bc, 40.89866, 1.09489, 0.55137),
        (20, 1.0, 18.85838, 8.91640, 0.00580),
        (20, bc, 27.05886, 3.86413, 0.16343),
        (20, 2.0 * bc, 51.80336, 1.13748, 0.54315),
    ] {
        let mean = rem::quenched(n, beta).unwrap();
        near(mean.log_z, log_z, 6e-6);
        near(mean.entropy, entropy, 6e-6);
        near(mean.participation, participation, 6e-6);
    }
    // ψ(1) − ψ(½) = 2 ln 2.
    near(rem::frozen_entropy(2.0 * bc).unwrap(), 2.0 * 2f64.ln(), 1e-12);
    near(rem::frozen_participation(2.0 * bc).unwrap(), 0.5, 1e-15);
    near(rem::limit(1.0).unwrap().entropy, 2f64.ln() - 0.25, 1e-15);
    near(rem::limit(bc * (1.0 - 1e-9)).unwrap().log_z, rem::limit(bc).unwrap().log_z, 1e-8);
}

#[test]
fn sherrington_kirkpatrick() {
    for (t, q, f, s) in [
        (0.8, 0.208937, -0.865127, 0.334264),
        (0.5, 0.530368, -0.792393, 0.147367),
        (0.3, 0.733283, -0.775894, 0.018002),
        (0.1, 0.917051, -0.784693, -0.103910),
    ] {
        let solution = sk::replica_symmetric(t, 0.0).unwrap();
        near(solution.q, q, 6e-7);
        near(solution.free_energy, f, 6e-7);
        near(solution.entropy, s, 6e-7);
    }
    for (t, h) in [(0.9, 0.03877), (0.8, 0.11758), (0.7, 0.23203), (0.5, 0.56993), (0.3, 1.06014)] {
        near(sk::at_field(t).unwrap(), h, 6e-6);
    }
    near(sk::entropy_zero(), 0.271602, 6e-7);
    near(sk::log_z_high_temperature(12, 0.5).unwrap(), 8.9958, 6e-5);
    let ground = sk::replica_symmetric(0.0, 0.0).unwrap();
    near(ground.free_energy, -(2.0 / std::f64::consts::PI).sqrt(), 1e-12);
    near(ground.entropy, -0.5 / std::f64::consts::PI, 1e-14);
    for h in [0.0, 0.7] {
        let (cold, frozen) = (sk::replica_symmetric(1e-7, h).unwrap(), sk::replica_symmetric(0.0, h).unwrap());
        near(cold.entropy, frozen.entropy, 1e-6);
        near(cold.free_energy, frozen.free_energy, 1e-6);
    }
    near(sk::replica_symmetric(1.0, 0.0).unwrap().q, 0.0, 1e-15);
    near(sk::replica_symmetric(1.0 - 1e-6, 0.0).unwrap().q, 1e-6, 1e-11);
}

#[test]
fn random_rbm() {
    let weak = bipartite::saddle_point(2.0, 0.25).unwrap();
    near(weak.q_visible, 0.431209, 6e-7);
    near(weak.q_hidden, 0.612092, 6e-7);
    near(weak.entropy_per_unit, 0.234863, 6e-7);
    near(bipartite::saddle_point(5.0, 0.25).unwrap().entropy_per_unit, 0.023619, 6e-7);
    near(bipartite::entropy_zero(1.0).unwrap(), 3.68186, 6e-6);
    near(bipartite::entropy_zero(0.25).unwrap(), 5.91910, 6e-6);
    near(bipartite::log_z_high_temperature(8, 8, 0.7).unwrap(), 12.9817, 6e-5);
    near(bipartite::naive_mean_field_g(0.5).unwrap(), 0.49, 5e-3);
    for g in [0.5, 1.0, 1.2, 3.0, 50.0] {
        let (rbm, sk) = (bipartite::saddle_point(g, 1.0).unwrap(), sk::replica_symmetric(1.0 / g, 0.0).unwrap());
        near(rbm.q_visible, sk.q, 1e-11);
        near(rbm.entropy_per_unit, sk.entropy, 1e-11);
        assert_eq!(rbm.at_product > 1.0 + 1e-9, g > 1.0);
    }
}

#[test]
fn random_rbm_on_bits_has_only_an_at_line() {
    for (al, g) in [(1.0, 12.1668), (0.5, 12.3688), (0.25, 13.0482)] {
        near(bits::at_g(al).unwrap(), g, 6e-5);
    }
}

#[test]
fn hopfield_retrieval() {
    for (t, alpha, m, alpha_c1) in [
        (0.0, 0.137906, 0.967417, 0.051854),
        (0.1, 0.135049, 0.962555, 0.053092),
        (0.2, 0.122559, 0.950861, 0.050725),
        (0.3, 0.103330, 0.929212, 0.045031),
        (0.5, 0.058816, 0.845940, 0.028076),
        (0.7, 0.022322, 0.693273, 0.011482),
        (0.9, 0.002568, 0.416448, 0.001409),
    ] {
        let capacity = hopfield::capacity(t).unwrap();
        near(capacity.alpha, alpha, 6e-7);
        near(capacity.m, m, 6e-7);
        near(hopfield::global_minimum_alpha(t).unwrap(), alpha_c1, 6e-7);
    }
    near(hopfield::capacity(0.0).unwrap().alpha, 0.137905566, 6e-10);
    let state = hopfield::retrieval(0.2, 0.05).unwrap().expect("below α_M");
    near(state.m, 0.99887776, 6e-9);
    near(state.q, 0.99783041, 6e-9);
    near(state.r, 1.01983666, 6e-9);
    near(state.free_energy, -0.50011116, 6e-9);
    let glass = hopfield::spin_glass(0.2, 0.05).unwrap();
    near(glass.q, 0.84143476, 6e-9);
    near(glass.free_energy, -0.49889575, 6e-9);
    assert!(hopfield::retrieval(0.2, 0.2).unwrap().is_none());
    assert_eq!(hopfield::spin_glass(1.3, 0.05).unwrap().q, 0.0);
    assert!(hopfield::spin_glass(1.2, 0.05).unwrap().q > 0.0);
    // Without load: the ferromagnet of Curie and Weiss, m = tanh βm.
    let empty = hopfield::retrieval(0.6, 0.0).unwrap().expect("T < 1");
    near(empty.m, (empty.m / 0.6).tanh(), 1e-14);
    near(hopfield::retrieval(0.6, 1e-10).unwrap().expect("below α_M").m, empty.m, 1e-8);
}

#[test]
fn entropies_are_derivatives_of_free_energies() {
    let d = 1e-4;
    let slope = |f: &dyn Fn(f64) -> f64, t: f64| (f(t - d) - f(t + d)) / (2.0 * d);
    for (t, h) in [(0.2, 0.0), (0.7, 0.3), (1.5, 0.4)] {
        let f = |t: f64| sk::replica_symmetric(t, h).unwrap().free_energy;
        near(slope(&f, t), sk::replica_symmetric(t, h).unwrap().entropy, 1e-6);
    }
    for (t, alpha) in [(0.2, 0.05), (0.5, 0.02)] {
        let f = |t: f64| hopfield::retrieval(t, alpha).unwrap().unwrap().free_energy;
        near(slope(&f, t), hopfield::retrieval(t, alpha).unwrap().unwrap().entropy, 1e-6);
        let f = |t: f64| hopfield::spin_glass(t, alpha).unwrap().free_energy;
        near(slope(&f, t), hopfield::spin_glass(t, alpha).unwrap().entropy, 1e-6);
    }
}

#[test]
fn parameters_out_of_range_are_named() {
    let text = |error: plefka::Error| error.to_string();
    assert!(text(sk::replica_symmetric(-1.0, 0.0).unwrap_err()).starts_with("t = -1"));
    assert!(text(sk::at_field(1.1).unwrap_err()).starts_with("t = 1.1"));
    assert!(text(bipartite::saddle_point(f64::NAN, 1.0).unwrap_err()).starts_with("g = NaN"));
    assert!(text(bits::at_g(0.0).unwrap_err()).starts_with("al = 0"));
    assert!(text(hopfield::capacity(1.0).unwrap_err()).starts_with("t = 1"));
    assert!(text(hopfield::retrieval(0.1, -0.1).unwrap_err()).starts_with("alpha = -0.1"));
    assert!(text(rem::quenched(0, 1.0).unwrap_err()).starts_with("n = 0"));
    assert!(text(rem::frozen_entropy(1.0).unwrap_err()).starts_with("beta = 1"));
}
