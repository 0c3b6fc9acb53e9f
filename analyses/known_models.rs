//! Models of any size whose ln Z is known by construction. Shared by analyses and tests.

use nalgebra::{DMatrix, DVector};
use plefka::{
    Betas, Error, Estimator, Exact, Rbm, Run, Units,
    model::{Model, torus},
    stats::{log_sum_exp, softplus},
};
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// A model with its exact ln Z at β = 1.
#[derive(Debug, Clone)]
pub struct Known {
    pub name: String,
    pub rbm: Rbm,
    pub log_z: f64,
}

/// A model small enough to be enumerated.
pub fn enumerated(name: impl Into<String>, rbm: Rbm) -> Result<Known, Error> {
    let exact = Exact { log_z_only: true, ..Exact::default() };
    let log_z = exact.curve(&rbm, &Betas::one(1.0)?, &Run::quiet(0))?.values.log_z[0];
    Ok(Known { name: name.into(), rbm, log_z })
}

/// The terms of Z of n × m bits with all weights w and all biases a and b, by the number k of
/// hidden units that are on: ln [C(m, k) e^{bk} (1 + e^{a + wk})ⁿ].
fn uniform_terms(n: usize, m: usize, w: f64, a: f64, b: f64) -> Vec<f64> {
    let mut log_binomial = 0.0;
    let mut term = |k: usize| {
        let log_term = log_binomial + b * k as f64 + n as f64 * softplus(a + w * k as f64);
        log_binomial += ((m - k) as f64 / (k + 1) as f64).ln();
        log_term
    };
    (0..=m).map(&mut term).collect()
}

/// n × m bits with all weights w and all biases a and b. It has two phases, hidden units off and
/// on, far apart.
pub fn uniform(name: impl Into<String>, n: usize, m: usize, w: f64, a: f64, b: f64) -> Result<Known, Error> {
    let rbm = Rbm::new(DMatrix::from_element(n, m, w), DVector::from_element(n, a), DVector::from_element(m, b))?;
    Ok(Known { name: name.into(), rbm, log_z: log_sum_exp(&uniform_terms(n, m, w, a, b)) })
}

/// The hidden bias at which the two phases of [`uniform`] have the same weight, by bisection.
pub fn balanced_bias(n: usize, m: usize, w: f64, a: f64) -> f64 {
    let (mut low, mut high) = (-(n as f64) * (w + a.abs()) - 50.0, 50.0);
    for _ in 0..200 {
        let b = 0.5 * (low + high);
        let terms = uniform_terms(n, m, w, a, b);
        let (off, on) = terms.split_at(m / 2 + 1);
        if log_sum_exp(on) > log_sum_exp(off) { high = b } else { low = b }
    }
    0.5 * (low + high)
}

/// The Ising ferromagnet on a torus at coupling J as an RBM on spins: a hidden spin on every bond.
///
/// e^{Jss′} = A Σ_σ e^{uσ(s + s′)} with cosh 2u = e^{2J} and A = e^{−J}/2, so that ln Z is that of
/// Kaufman plus 2N(J + ln 2) for N sites.
pub fn decorated_torus(rows: usize, columns: usize, coupling: f64) -> Result<Known, Error> {
    let n = rows * columns;
    let u = 0.5 * (2.0 * coupling).exp().acosh();
    let mut weights = DMatrix::zeros(n, 2 * n);
    for site in 0..n {
        let (r, c) = (site / columns, site % columns);
        let right = r * columns + (c + 1) % columns;
        let below = (r + 1) % rows * columns + c;
        for (bond, other) in [(2 * site, right), (2 * site + 1, below)] {
            weights[(site, bond)] += u;
            weights[(other, bond)] += u;
        }
    }
    let rbm = Rbm::new(weights, DVector::zeros(n), DVector::zeros(2 * n))?.with_units(Units::Spin, Units::Spin);
    let log_z = torus::kaufman(rows, columns, coupling).log_z + 2.0 * n as f64 * (coupling + 2f64.ln());
    Ok(Known { name: format!("torus {rows} × {columns}, J = {coupling}"), rbm, log_z })
}

/// Planted patterns: spins with W = s ξᵀ, a column for each random pattern, which enumeration over
/// the hidden spins solves.
pub fn planted(n: usize, patterns: usize, strength: f64, seed: u64) -> Result<Known, Error> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let weights = DMatrix::from_fn(n, patterns, |_, _| if rng.random::<bool>() { strength } else { -strength });
    let rbm = Rbm::new(weights, DVector::zeros(n), DVector::zeros(patterns))?.with_units(Units::Spin, Units::Spin);
    enumerated(format!("{patterns} patterns in {n} spins, s = {strength}"), rbm)
}

/// Independent models side by side, their units shuffled: W is block-diagonal before, and ln Z is
/// the sum.
pub fn union(name: impl Into<String>, parts: &[Known], seed: u64) -> Result<Known, Error> {
    let (n, m) = parts.iter().fold((0, 0), |(n, m), p| (n + p.rbm.n_visible(), m + p.rbm.n_hidden()));
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let (rows, columns) = (shuffled(n, &mut rng), shuffled(m, &mut rng));
    let (mut weights, mut a, mut b) = (DMatrix::zeros(n, m), DVector::zeros(n), DVector::zeros(m));
    let (mut i0, mut j0) = (0, 0);
    for Known { rbm, .. } in parts {
        for i in 0..rbm.n_visible() {
            a[rows[i0 + i]] = rbm.visible_bias()[i];
            (0..rbm.n_hidden()).for_each(|j| weights[(rows[i0 + i], columns[j0 + j])] = rbm.weights()[(i, j)]);
        }
        (0..rbm.n_hidden()).for_each(|j| b[columns[j0 + j]] = rbm.hidden_bias()[j]);
        (i0, j0) = (i0 + rbm.n_visible(), j0 + rbm.n_hidden());
    }
    let units = parts.first().map_or((Units::Bit, Units::Bit), |p| (p.rbm.visible_units(), p.rbm.hidden_units()));
    let rbm = Rbm::new(weights, a, b)?.with_units(units.0, units.1);
    debug_assert_eq!(rbm.n_units(), n + m);
    Ok(Known { name: name.into(), rbm, log_z: parts.iter().map(|p| p.log_z).sum() })
}

fn shuffled(n: usize, rng: &mut Xoshiro256PlusPlus) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    (1..n).for_each(|k| order.swap(k, rng.random_range(0..=k)));
    order
}
