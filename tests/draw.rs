//! Exact samples: they follow the enumerated distribution, and a seed fixes them.

mod common;

use common::{fixture_r, states};
use nalgebra::{DMatrix, DVector};
use plefka::{
    Rbm, Run, Units,
    model::{
        Draw, Ising, Levels,
        random::{rem, sk},
    },
};
use statrs::distribution::{ChiSquared, ContinuousCDF};

/// The states of a model numbered by their bits, the lowest first.
fn numbers(states: &[u8], n: usize) -> Vec<usize> {
    states.chunks(n).map(|x| x.iter().rev().fold(0, |k, bit| 2 * k + usize::from(*bit))).collect()
}

/// Pearson's χ² of 200,000 draws against e^{−βE}, with states of fewer than ten expected draws in
/// one bin.
///
/// The seed is fixed; a p-value below 10⁻³ fails, so a new seed fails in one case of a thousand for
/// each model.
#[track_caller]
fn assert_follows(what: &str, model: &dyn Draw, energies: &[f64], beta: f64) {
    const COUNT: usize = 200_000;
    let drawn = model.draw(beta, COUNT, &Run::quiet(11)).unwrap().unwrap();
    let mut observed = vec![0.0; energies.len()];
    numbers(&drawn, model.n_units()).into_iter().for_each(|k| observed[k] += 1.0);
    let lowest = energies.iter().copied().fold(f64::INFINITY, f64::min);
    let weights: Vec<f64> = energies.iter().map(|e| (-beta * (e - lowest)).exp()).collect();
    let z: f64 = weights.iter().sum();
    let (mut chi, mut bins, mut rare) = (0.0, 0, (0.0, 0.0));
    for (weight, seen) in weights.iter().zip(observed) {
        let expected = COUNT as f64 * weight / z;
        if expected < 10.0 {
            rare = (rare.0 + expected, rare.1 + seen);
        } else {
            chi += (seen - expected).powi(2) / expected;
            bins += 1;
        }
    }
    if rare.0 >= 10.0 {
        chi += (rare.1 - rare.0).powi(2) / rare.0;
        bins += 1;
    }
    let p = ChiSquared::new(f64::from(bins - 1)).unwrap().sf(chi);
    println!("{what}: χ² = {chi:.1} of {bins} bins, p = {p:.3}");
    assert!(p > 1e-3 && bins > 20, "{what}: χ² = {chi} of {bins} bins, p = {p}");
}

/// The energy of every state, in the order of their numbers.
fn energies_of_rbm(rbm: &Rbm) -> Vec<f64> {
    let value = |units: Units, bit: f64| units.values()[usize::from(bit == 1.0)];
    let split = rbm.n_visible();
    states(split + rbm.n_hidden(), Units::Bit)
        .map(|x| {
            let v: Vec<f64> = x[..split].iter().map(|b| value(rbm.visible_units(), *b)).collect();
            let h: Vec<f64> = x[split..].iter().map(|b| value(rbm.hidden_units(), *b)).collect();
            rbm.energy(&v, &h)
        })
        .collect()
}

/// RBMs of both shapes and of mixed units; spins with a field and levels, of more states than a
/// block holds.
///
/// Fails if β is forgotten when the summed layer is drawn.
#[test]
fn exact_samples_follow_the_enumerated_distribution() {
    let tall = fixture_r();
    let wide = Rbm::new(tall.weights().transpose(), tall.hidden_bias().clone(), tall.visible_bias().clone()).unwrap();
    for (what, rbm, beta) in [
        ("R", tall.clone(), 1.0),
        ("R at β = 2", tall.clone(), 2.0),
        ("R on its side", wide, 1.5),
        ("R on spins and bits", tall.with_units(Units::Spin, Units::Bit), 0.7),
    ] {
        assert_follows(what, &rbm, &energies_of_rbm(&rbm), beta);
    }
    let field = DVector::from_fn(13, |i, _| 0.3 * (i as f64 + 1.0).sin());
    let spins = Ising::new(sk(13, 1).unwrap().couplings().clone(), field).unwrap();
    let energies: Vec<f64> = states(13, Units::Spin).map(|s| spins.energy(&s)).collect();
    assert_follows("spins", &spins, &energies, 0.8);
    let levels = rem(14, 2).unwrap();
    assert_follows("levels", &levels, levels.energies(), 0.9);
}

#[test]
fn a_seed_fixes_the_samples_for_any_number_of_threads() {
    let levels = rem(15, 1).unwrap();
    let on = |threads: usize, seed| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| levels.draw(1.0, 1000, &Run::quiet(seed))).unwrap().unwrap()
    };
    assert_eq!(on(1, 5), on(4, 5));
    assert_ne!(on(1, 5), on(1, 6));
    assert_eq!(numbers(&on(1, 5), 15)[..4], [19379, 4844, 46, 16947]);
}

/// Parameters at which a naive exponential overflows.
#[test]
fn strong_weights_freeze_and_nothing_overflows() {
    let strong = fixture_r().scaled_temperature(1e4).unwrap();
    let energies = energies_of_rbm(&strong);
    let ground = (0..energies.len()).min_by(|a, b| energies[*a].total_cmp(&energies[*b])).unwrap();
    let drawn = strong.draw(1.0, 100, &Run::quiet(3)).unwrap().unwrap();
    assert!(numbers(&drawn, 10).iter().all(|k| *k == ground));
    let spins = Ising::new(DMatrix::from_row_slice(2, 2, &[0.0, 1e300, 1e300, 0.0]), DVector::zeros(2)).unwrap();
    let drawn = spins.draw(1.0, 100, &Run::quiet(3)).unwrap().unwrap();
    assert!(drawn.chunks(2).all(|s| s[0] == s[1]) && drawn.contains(&0) && drawn.contains(&1));
    assert!(Levels::new(vec![0.0; 4]).unwrap().draw(1.0, 0, &Run::quiet(3)).unwrap().unwrap().is_empty());
}

#[test]
fn a_cancelled_draw_has_no_samples() {
    let cancel = std::sync::atomic::AtomicBool::new(true);
    let run = Run { cancel: &cancel, ..Run::quiet(1) };
    assert!(rem(14, 2).unwrap().draw(1.0, 10, &run).unwrap().is_none());
}
