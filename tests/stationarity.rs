//! A Markov kernel must leave the equilibrium distribution alone.

mod common;

use common::{states, twelve_by_eight};
use plefka::{
    Rbm, Units,
    model::{Chains, Marginal},
    sample::{CollapsedSampler, GibbsSampler},
    stats::log_sum_exp,
};
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// The exact distribution of the kept layer (its states as bit patterns), by enumeration.
fn kept_distribution(rbm: &Rbm, beta: f64) -> Vec<(Vec<f64>, f64)> {
    let kept = Marginal::of(rbm);
    let swapped = Rbm::new(kept.weights.transpose(), kept.kept_bias.clone(), kept.summed_bias.clone()).unwrap();
    let states: Vec<Vec<f64>> = states(kept.n_kept(), Units::Bit).collect();
    let log_f: Vec<f64> = states.iter().map(|y| -beta * swapped.visible_free_energy(y, beta)).collect();
    let log_z = log_sum_exp(&log_f);
    states.into_iter().zip(log_f).map(|(y, f)| (y, (f - log_z).exp())).collect()
}

const CHAINS: usize = 40_000;

/// Kept states drawn from their exact distribution.
fn equilibrium(distribution: &[(Vec<f64>, f64)]) -> Vec<Vec<f64>> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(5);
    let draw = |_| {
        let mut u: f64 = rng.random();
        let found = distribution.iter().find(|(_, p)| {
            u -= p;
            u < 0.0
        });
        found.unwrap_or(&distribution[0]).0.clone()
    };
    (0..CHAINS).map(draw).collect()
}

/// Chains started exactly in equilibrium stay there: after each of five sweeps the frequency of every kept unit and of
/// every pair is within 4.8 standard errors of its exact value. 3 β × 5 sweeps × 36 numbers: chance failure 10⁻³ in all,
/// and the seeds are fixed.
///
/// The weights are strong enough that a kernel which drops a bias, flips a sign, or draws the second layer from the old
/// first one fails within a sweep.
fn assert_no_drift<C: Chains>(rbm: &Rbm, start: impl Fn(&[Vec<f64>]) -> C) {
    for beta in [0.3, 1.0, 2.0] {
        let distribution = kept_distribution(rbm, beta);
        let mut chains = start(&equilibrium(&distribution));
        for sweep in 0..=5 {
            let kept = chains.kept();
            for i in 0..8 {
                for j in i..8 {
                    let expected: f64 = distribution.iter().map(|(y, p)| p * y[i] * y[j]).sum();
                    let mean = kept.iter().map(|y| y[i] * y[j]).sum::<f64>() / CHAINS as f64;
                    let z = (mean - expected) / (expected * (1.0 - expected) / CHAINS as f64).sqrt();
                    assert!(z.abs() < 4.8, "β = {beta}, sweep {sweep}, units {i} and {j}: z = {z}");
                }
            }
            chains.sweep(beta);
        }
    }
}

#[test]
fn block_gibbs_does_not_drift() {
    let rbm = twelve_by_eight(1.2);
    let sampler = GibbsSampler::new(&rbm);
    assert_no_drift(&rbm, |starts| sampler.chains_from(starts, 3, 0));
}

#[test]
fn collapsed_gibbs_does_not_drift() {
    let rbm = twelve_by_eight(1.2);
    let sampler = CollapsedSampler::new(&rbm);
    assert_no_drift(&rbm, |starts| sampler.chains_from(starts, 3, 0));
}
