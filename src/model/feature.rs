//! What data say of the weights of one hidden unit: an RBM of N visible spins whose weights are ±1.
//!
//! Two entropies are not to be mixed. [`thermo::entropy`](crate::thermo::entropy) of an RBM is that
//! of its *states*, S(v, h | θ), at given parameters. Here the states are given, as data, and the
//! entropy is that of the *weights*: how many of the 2^N sets of weights the data leave possible.
//!
//! # Formula
//! A visible state σ of spins has, with weights ξ ∈ {±1}^N and the hidden unit summed out,
//!
//! p(σ | ξ) = 2 cosh(β ξ·σ/√N) / Z, Z = Σ_σ 2 cosh(β ξ·σ/√N) = 2 (2 cosh(β/√N))^N,
//!
//! and Z does not depend on ξ, because a sum over all σ does not see the signs ξ. With all ξ alike
//! beforehand, after data σ¹ … σᴹ
//!
//! P(ξ | data) ∝ ∏ₐ cosh(β ξ·σᵃ/√N):
//!
//! the Boltzmann distribution of [`Levels`] E(ξ) = −Σₐ ln cosh(β ξ·σᵃ/√N) at temperature 1. ξ and
//! −ξ always have the same probability, so the entropy is never below ln 2. Source: Huang and
//! Toyoizumi, Phys. Rev. E 94, 062310 (2016), who estimate the entropy of these weights by message
//! passing, at sizes that nobody can enumerate; there it can turn negative. Enumerated, it cannot.
//!
//! # Examples
//! ```
//! use plefka::{Run, model::feature};
//! let data = feature::planted(&[1, 1, 0, 1, 0, 0], 2.0, 30, 1)?; // weights + + − + − −
//! let entropy = feature::weights_entropy(&data, 2.0, &Run::quiet(0))?.expect("nobody cancelled");
//! assert!(entropy > 2f64.ln() && entropy < 6.0 * 2f64.ln()); // they are not known yet, but no longer unknown
//! # Ok::<(), plefka::Error>(())
//! ```

use rand::RngExt;
use rayon::prelude::*;

use super::{Cumulants, Enumerate, Levels, Sums, random::disorder};
use crate::{Error, data::Data, run::Run, stats::sigmoid};

/// The most weights: 2²⁴ levels take 134 megabytes.
const MAX_WEIGHTS: usize = 24;

/// The energies of all 2^N weights given data: E(ξ) = −Σₐ ln cosh(β ξ·σᵃ/√N), with σ = 2x − 1 from
/// the 0/1 of the data. Bit i of the number of a level is ξᵢ as 0/1.
///
/// At β = 1 *of the levels* this is the posterior; the β here is the strength of the weights in the
/// model of the data.
///
/// # Errors
/// [`Error::Config`] if the data have more than 24 columns, or β is negative or not finite.
pub fn posterior(data: &Data, beta: f64) -> Result<Levels, Error> {
    let n = data.n_features();
    check(n, beta)?;
    let rows: Vec<u32> = data.rows().map(number).collect();
    // ξ·σ = N − 2·(how many signs differ): N + 1 values.
    let log_cosh: Vec<f64> = (0..=n).map(|differ| log_cosh(beta * overlap(n, differ))).collect();
    let energy = |weights: usize| -> f64 {
        let differ = |row: &u32| (row ^ weights as u32).count_ones() as usize;
        -rows.iter().map(|row| log_cosh[differ(row)]).sum::<f64>()
    };
    Levels::new((0..1usize << n).into_par_iter().map(energy).collect())
}

/// The entropy of the weights given the data, −Σ P(ξ) ln P(ξ), exactly; nats, a total over the N
/// weights. `None` if the run was cancelled.
///
/// # Errors
/// As [`posterior`].
pub fn weights_entropy(data: &Data, beta: f64, run: &Run<'_>) -> Result<Option<f64>, Error> {
    let found = posterior(data, beta)?.enumerate(1.0, Sums::Cumulants, run);
    Ok(found.and_then(|Cumulants { log_z, energy, .. }| Some(log_z + energy?)))
}

/// `samples` independent visible states of a unit with the given weights (0 for −1, 1 for +1), as
/// 0/1: exact draws. The hidden unit is ±1 with equal chances, and given it each spin points along
/// its weight times it with probability 1/(1 + e^{−2β/√N}).
///
/// # Errors
/// [`Error::Config`] if there are no weights or samples, more than 24 weights, or one that is
/// neither 0 nor 1, or β is negative or not finite.
pub fn planted(weights: &[u8], beta: f64, samples: usize, seed: u64) -> Result<Data, Error> {
    check(weights.len(), beta)?;
    if let Some(bad) = weights.iter().find(|x| **x > 1) {
        return Err(Error::config("weights", bad, "give 0 for −1 and 1 for +1"));
    }
    let along = sigmoid(2.0 * beta / (weights.len() as f64).sqrt());
    let mut rng = disorder(seed);
    let mut values = Vec::with_capacity(samples * weights.len());
    for _ in 0..samples {
        let hidden = u8::from(rng.random::<f64>() < 0.5);
        values.extend(weights.iter().map(|weight| weight ^ hidden ^ u8::from(rng.random::<f64>() >= along)));
    }
    Data::new(weights.len(), values, None)
}

fn check(n: usize, beta: f64) -> Result<(), Error> {
    if !(1..=MAX_WEIGHTS).contains(&n) {
        return Err(Error::config(
            "data",
            format!("{n} columns"),
            format!("give 1 to {MAX_WEIGHTS}, one for each weight"),
        ));
    }
    if !(beta >= 0.0 && beta.is_finite()) {
        return Err(Error::config("beta", beta, "take a finite β that is not negative"));
    }
    Ok(())
}

/// The bits of a row, the first one lowest.
fn number(row: &[u8]) -> u32 {
    row.iter().rev().fold(0, |number, bit| 2 * number + u32::from(*bit))
}

/// ξ·σ/√N if so many signs differ.
fn overlap(n: usize, differ: usize) -> f64 {
    (n as f64 - 2.0 * differ as f64) / (n as f64).sqrt()
}

/// ln cosh x without overflow.
fn log_cosh(x: f64) -> f64 {
    let x = x.abs();
    x + (-2.0 * x).exp().ln_1p() - std::f64::consts::LN_2
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Rbm, Units, stats::log_sum_exp};

    /// P(ξ | data) from the RBM with these weights itself, Z by its own enumeration for every ξ.
    ///
    /// Fails for β/N in place of β/√N, for data read as 0/1 in place of ±1, and for bits numbered
    /// from the other end.
    #[test]
    fn the_posterior_is_that_of_the_rbms() {
        let (n, beta) = (5, 1.7);
        let data = Data::new(n, vec![1, 0, 1, 1, 0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0], None).unwrap();
        let spin = |bit: u8| 2.0 * f64::from(bit) - 1.0;
        let log_likelihood = |number: usize| {
            let weights: Vec<f64> =
                (0..n).map(|i| beta / (n as f64).sqrt() * spin(u8::from(number >> i & 1 == 1))).collect();
            let rows = nalgebra::DMatrix::from_column_slice(n, 1, &weights);
            let rbm = Rbm::new(rows, nalgebra::DVector::zeros(n), nalgebra::DVector::zeros(1)).unwrap();
            let rbm = rbm.with_units(Units::Spin, Units::Spin);
            let log_z = rbm.enumerate(1.0, Sums::LogZ, &Run::quiet(0)).unwrap().log_z;
            let log_p =
                |row: &[u8]| rbm.visible_log_weight(&row.iter().map(|x| spin(*x)).collect::<Vec<_>>(), 1.0) - log_z;
            data.rows().map(log_p).sum::<f64>()
        };
        let log_p: Vec<f64> = (0..1 << n).map(log_likelihood).collect();
        let total = log_sum_exp(&log_p);
        let levels = posterior(&data, beta).unwrap();
        let shift = log_p[0] + levels.energies()[0];
        for (log_p, energy) in log_p.iter().zip(levels.energies()) {
            assert!((log_p + energy - shift).abs() < 1e-12);
        }
        let known = -log_p.iter().map(|l| (l - total).exp() * (l - total)).sum::<f64>();
        let found = weights_entropy(&data, beta, &Run::quiet(0)).unwrap().unwrap();
        assert!((found - known).abs() < 1e-12, "{found} {known}");
    }

    /// One sample leaves, by its signs turned into the origin, S = ln Σ C(N,k) c_k − Σ C(N,k) c_k
    /// ln c_k / Σ, c_k = cosh(β(N−2k)/√N).
    #[test]
    fn one_sample_leaves_what_the_closed_form_says() {
        let (n, beta) = (11usize, 1.3);
        let data = Data::new(n, vec![0, 1, 1, 0, 1, 0, 0, 0, 1, 1, 0], None).unwrap();
        let mut ways = 1.0;
        let (mut z, mut mean) = (0.0, 0.0);
        for k in 0..=n {
            let c = (beta * (n as f64 - 2.0 * k as f64) / (n as f64).sqrt()).cosh();
            z += ways * c;
            mean += ways * c * c.ln();
            ways *= (n - k) as f64 / (k + 1) as f64;
        }
        let found = weights_entropy(&data, beta, &Run::quiet(0)).unwrap().unwrap();
        assert!((found - (z.ln() - mean / z)).abs() < 1e-12, "{found}");
    }

    /// (ξ·σ)² of planted samples has the mean N + N(N−1) tanh²(β/√N). Four standard errors, fixed
    /// seed; fails for a flip probability with β in place of 2β.
    #[test]
    fn planted_data_are_those_of_the_model() {
        let (n, beta) = (12usize, 2.0);
        let weights: Vec<u8> = (0..n).map(|i| u8::from(i % 3 == 0)).collect();
        let data = planted(&weights, beta, 20_000, 3).unwrap();
        let square = |row: &[u8]| {
            let differ = row.iter().zip(&weights).filter(|(x, w)| x != w).count();
            (n as f64 - 2.0 * differ as f64).powi(2)
        };
        let squares: Vec<f64> = data.rows().map(square).collect();
        let known = n as f64 * (1.0 + (n as f64 - 1.0) * (beta / (n as f64).sqrt()).tanh().powi(2));
        let z = (crate::stats::mean(&squares) - known) / (crate::stats::std_dev(&squares) / 20_000f64.sqrt());
        assert!(z.abs() < 4.0, "z = {z}");
    }

    /// Without a coupling the data say nothing; with many samples all but ξ and −ξ are excluded;
    /// and nothing overflows.
    #[test]
    fn the_entropy_runs_from_n_ln_2_to_ln_2() {
        let weights = [1, 0, 0, 1, 1, 0, 1, 0];
        let entropy = |beta: f64, samples| {
            let data = planted(&weights, beta, samples, 9).unwrap();
            weights_entropy(&data, beta, &Run::quiet(0)).unwrap().unwrap()
        };
        let ln_2 = std::f64::consts::LN_2;
        assert!((entropy(0.0, 50) - 8.0 * ln_2).abs() < 1e-12);
        assert!((entropy(3.0, 400) - ln_2).abs() < 1e-6);
        assert!((entropy(1e5, 40) - ln_2).abs() < 1e-6);
        assert!((log_cosh(0.3) - 0.3f64.cosh().ln()).abs() < 1e-15 && log_cosh(-1e4) == 1e4 - ln_2);
    }

    #[test]
    fn what_cannot_be_used_is_refused() {
        let wide = Data::new(25, vec![0; 25], None).unwrap();
        assert!(posterior(&wide, 1.0).unwrap_err().to_string().contains("25 columns"));
        let data = Data::new(2, vec![0, 1], None).unwrap();
        for beta in [-1.0, f64::NAN, f64::INFINITY] {
            assert!(posterior(&data, beta).unwrap_err().to_string().contains("beta"));
        }
        assert!(planted(&[0, 2], 1.0, 3, 1).unwrap_err().to_string().contains("weights"));
        assert!(planted(&[], 1.0, 3, 1).is_err());
        assert!(planted(&[0, 1], 1.0, 0, 1).is_err(), "no rows");
    }
}
