//! Overlaps of replicas against enumeration: ⟨q²⟩ = (1/N²) Σᵢⱼ ⟨sᵢsⱼ⟩², which no sampling enters.

mod common;

use std::ops::Range;

use common::{as_ising, states};
use nalgebra::{DMatrix, DVector};
use plefka::{
    Measured, Run, Units,
    model::{Ising, random},
    observe,
    observe::Sampling,
    sample::Kernel,
    stats,
};

/// Fixture K: ten spins, Jᵢⱼ = √(2/N) cos(1+2i+3j+0.5ij) for i < j.
fn fixture_k() -> Ising {
    let n = 10;
    let coupling = |i: usize, j: usize| {
        let (i, j) = (i.min(j) as f64, i.max(j) as f64);
        (2.0 / n as f64).sqrt() * (1.0 + 2.0 * i + 3.0 * j + 0.5 * i * j).cos()
    };
    let couplings = DMatrix::from_fn(n, n, |i, j| if i == j { 0.0 } else { coupling(i, j) });
    Ising::new(couplings, DVector::zeros(n)).unwrap()
}

/// ⟨sᵢsⱼ⟩ of all pairs.
fn correlations(model: &Ising, beta: f64) -> DMatrix<f64> {
    let n = model.field().len();
    let (mut z, mut sums) = (0.0, DMatrix::zeros(n, n));
    for s in states(n, Units::Spin) {
        let weight = (-beta * model.energy(&s)).exp();
        let s = DVector::from_vec(s);
        z += weight;
        sums += weight * &s * s.transpose();
    }
    sums / z
}

/// (1/N_aN_b) Σ ⟨sᵢsⱼ⟩² over i in one range and j in another: ⟨q_a q_b⟩.
fn product(of: &DMatrix<f64>, a: &Range<usize>, b: &Range<usize>) -> f64 {
    of.view((a.start, b.start), (a.len(), b.len())).norm_squared() / (a.len() * b.len()) as f64
}

#[track_caller]
fn assert_near(what: &str, sampled: Measured, exact: f64, z_bound: f64) {
    let error = sampled.claim.std_error().unwrap();
    println!("{what}: {:.5} ± {error:.5}, exact {exact:.5}", sampled.value);
    assert!(error < 0.03 * exact.abs().max(1.0), "{what} is known to ± {error} only");
    assert!((sampled.value - exact).abs() < z_bound * error, "{what}: {} ± {error} against {exact}", sampled.value);
}

/// 32 pairs: 4.5 standard errors of Student's t with 31 degrees of freedom have a chance failure of
/// 9·10⁻⁵, of 11 numbers 10⁻³; the seeds are fixed.
#[test]
fn overlaps_of_replicas_are_those_of_enumeration() {
    let sampling = Sampling { replicas: 64, burn_in: 200, records: 400, thin: 2, ..Sampling::default() };
    let betas = [0.4, 1.0, 2.0];
    let k = fixture_k();
    for (replicas, beta) in sampling.replicas(&k, &betas, None, &Run::quiet(3)).unwrap().iter().zip(betas) {
        let exact = product(&correlations(&k, beta), &(0..10), &(0..10));
        assert_near(&format!("q² of K at β = {beta}"), replicas.q_squared(0..10), exact, 4.5);
        assert_near("χ", replicas.susceptibility(0..10), 10.0 * exact, 4.5);
    }

    let rbm = random::bipartite_sk(6, 3, 1.0, 5).unwrap();
    let (v, h) = (0..6, 6..9);
    for kernel in [Kernel::Block, Kernel::Collapsed] {
        let sampling = Sampling { kernel, ..sampling.clone() };
        for (replicas, beta) in sampling.replicas(&rbm, &betas, None, &Run::quiet(4)).unwrap().iter().zip(betas) {
            let of = correlations(&as_ising(&rbm), beta);
            let [vv, vh, hh] = [(&v, &v), (&v, &h), (&h, &h)].map(|(a, b)| product(&of, a, b));
            assert_near("q_v²", replicas.q_squared(v.clone()), vv, 4.5);
            assert_near("q_h²", replicas.q_squared(h.clone()), hh, 4.5);
            let q = |s: &[bool], t: &[bool]| observe::overlap(&s[..6], &t[..6]) * observe::overlap(&s[6..], &t[6..]);
            assert_near("q_v q_h", replicas.pair_mean(q), vh, 4.5);
            let staggered = (0.25 * (vv - 2.0 * vh + hh)).sqrt();
            assert_near("staggered", replicas.staggered(v.clone(), h.clone()), staggered, 4.5);
            // P(q) holds the same second moment: its bars are the seven values of q, one in each.
            let bins = replicas.histogram(v.clone(), 7);
            let values =
                bins.iter().enumerate().map(|(k, bin)| (k as f64 / 3.0 - 1.0, bin.density.value * (bin.to - bin.from)));
            let moment: f64 = values.map(|(q, p)| q * q * p).sum();
            assert!((moment - replicas.q_squared(v.clone()).value).abs() < 1e-12, "{moment}");
        }
    }
}

/// z = (⟨q²⟩ − exact)/error over 200 seeds with 8 pairs each: Student's t with 7 degrees of freedom
/// has the standard deviation 1.18; that of 200 values strays by about 0.09 (fixed seeds).
#[test]
fn error_bars_of_overlaps_are_calibrated() {
    let k = fixture_k();
    let exact = product(&correlations(&k, 1.0), &(0..10), &(0..10));
    let sampling = Sampling { replicas: 16, burn_in: 50, records: 20, thin: 1, ..Sampling::default() };
    let z: Vec<f64> = (0..200)
        .map(|seed| {
            let q2 = sampling.replicas(&k, &[0.5, 1.0], None, &Run::quiet(seed)).unwrap()[1].q_squared(0..10);
            (q2.value - exact) / q2.claim.std_error().unwrap()
        })
        .collect();
    let (mean, sd) = (stats::mean(&z), stats::std_dev(&z));
    println!("mean z {mean:.3}, sd {sd:.3}");
    assert!(mean.abs() < 0.3 && (0.95..1.42).contains(&sd), "mean z = {mean}, sd = {sd}");
}

/// A seed fixes the states, whatever the threads.
#[test]
fn replicas_do_not_depend_on_threads() {
    let sampling = Sampling { replicas: 6, burn_in: 3, records: 5, ..Sampling::default() };
    let rbm = random::bipartite_sk(70, 80, 1.0, 1).unwrap();
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| sampling.replicas(&rbm, &[0.5, 1.5], None, &Run::quiet(9)).unwrap())
    };
    assert_eq!(with(1), with(3));
}

/// At β = 0 nothing remains of the start; a cold Hopfield model stays in its pattern.
#[test]
fn a_start_is_kept_when_cold_and_forgotten_when_hot() {
    let memory = random::Hopfield::random(200, 4, 2).unwrap();
    let pattern: Vec<bool> = memory.patterns().row(1).iter().map(|x| *x > 0.0).collect();
    let sampling = Sampling { replicas: 4, burn_in: 20, records: 20, ..Sampling::default() };
    let m = |beta: f64| {
        let at = sampling.replicas(memory.ising(), &[beta], Some(&pattern), &Run::quiet(1)).unwrap();
        at[0].mean(|s| observe::overlap(s, &pattern)).value
    };
    assert!(m(5.0) > 0.99, "{}", m(5.0));
    assert!(m(0.0).abs() < 0.05, "{}", m(0.0));
}

#[test]
fn settings_out_of_range_are_refused_by_name() {
    let k = fixture_k();
    let refused =
        |sampling: Sampling, betas: &[f64]| sampling.replicas(&k, betas, None, &Run::quiet(1)).unwrap_err().to_string();
    let good = Sampling { burn_in: 1, records: 1, ..Sampling::default() };
    assert!(refused(Sampling { replicas: 5, ..good.clone() }, &[1.0]).contains("replicas"));
    assert!(refused(Sampling { records: 0, ..good.clone() }, &[1.0]).contains("records"));
    assert!(refused(good.clone(), &[1.0, 0.5]).contains("betas"));
    assert!(refused(good, &[f64::NAN]).contains("betas"));
}
