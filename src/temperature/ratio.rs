//! The ratio of two samples, one of them at a known β.

use crate::{
    stats::{mean, sigmoid},
    temperature::{
        estimate::{Estimate, Estimator, Influence},
        independence::variance_of_mean,
        observed::Observed,
        root::{Search, between, descend},
    },
};

/// The range in which β is looked for.
const RANGE: (f64, f64) = (1e-3, 1e3);

/// β from the ratio of the distribution of the data to that of a second sample of the same model at
/// a known β₀.
///
/// # Formula
/// ln [p_β(v)/p_β₀(v)] = ln f(v; β) − ln f(v; β₀) − c. Given that a state comes from one of the two
/// samples, the probability that it is from the data is σ(ln(n/n₀) + that), and β and c maximise
/// the likelihood of where each state comes from: logistic regression, the best estimate that the
/// two samples alone allow (Shirts & Chodera, J. Chem. Phys. 129, 124105 (2008); for energies:
/// Shirts, J. Chem. Theory Comput. 9, 909 (2013)). Neither Z(β) nor U(β) enters, and −c estimates
/// nothing but ln [Z(β₀)/Z(β)].
///
/// Two samples that do not overlap can be told apart perfectly, and then there is no estimate.
///
/// # Errors
/// A reason in words where there is none.
pub fn two_beta_ratio(data: &Observed<'_>, second: &Observed<'_>, second_beta: f64) -> Result<Estimate, String> {
    let (n, n0) = (data.n_samples(), second.n_samples());
    let base: Vec<f64> = [data, second].iter().flat_map(|sample| sample.log_weights(second_beta)).collect();
    let prior = (n as f64 / n0 as f64).ln();
    // The probability that each state is from the data, with c such that on average it is right.
    let membership = |beta: f64| {
        let ratios = [data, second].into_iter().flat_map(|sample| sample.log_weights(beta));
        let ratios: Vec<f64> = ratios.zip(&base).map(|(log_f, base)| prior + log_f - base).collect();
        let excess = |c: f64| ratios.iter().map(|r| sigmoid(r - c)).sum::<f64>() - n as f64;
        let (low, high) = ratios.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), r| (l.min(*r), h.max(*r)));
        // Beyond these every probability is on one side of n/(n + n₀).
        let c = between(excess, low - prior.abs() - 1.0, high + prior.abs() + 1.0);
        ratios.iter().map(|r| sigmoid(r - c)).collect::<Vec<f64>>()
    };
    let energies =
        |beta: f64| [data, second].into_iter().flat_map(|s| s.energies(beta)).map(|e| e.energy).collect::<Vec<f64>>();
    let label = |k: usize| f64::from(u8::from(k < n));
    let score = |beta: f64| {
        let p = membership(beta);
        energies(beta).iter().enumerate().map(|(k, e)| (label(k) - p[k]) * -e).sum::<f64>()
    };
    let beta = match descend(score, second_beta, RANGE) {
        Search::Found(beta) => beta,
        _ => return Err(format!("the data and the sample at β = {second_beta} do not overlap; sample nearer to them")),
    };
    let (p, e) = (membership(beta), energies(beta));
    let weights: Vec<f64> = p.iter().map(|p| p * (1.0 - p)).collect();
    let total: f64 = weights.iter().sum();
    let centre = weights.iter().zip(&e).map(|(w, e)| w * e).sum::<f64>() / total;
    let information: f64 = weights.iter().zip(&e).map(|(w, e)| w * (e - centre).powi(2)).sum();
    let effective = total * (1.0 / n as f64 + 1.0 / n0 as f64);
    if !(information > 0.0 && effective > 0.01) {
        return Err(format!("the data and the sample at β = {second_beta} hardly overlap; sample nearer to them"));
    }
    // What c takes up of each score is projected out; the numbers of rows are fixed, so each sample
    // has its own mean.
    let influence = |range: std::ops::Range<usize>| {
        let count = range.len() as f64;
        let rows: Vec<f64> = range.map(|k| (label(k) - p[k]) * (centre - e[k]) * count / information).collect();
        let mean = mean(&rows);
        rows.into_iter().map(|x| x - mean).collect::<Vec<f64>>()
    };
    let (rows, second_rows) = (influence(0..n), influence(n..n + n0));
    let influence = Influence { rows, other: variance_of_mean(&second_rows) };
    Ok(Estimate::sampled(Estimator::TwoBetaRatio, beta, influence)?
        .with("second_beta", second_beta)
        .with("overlap", effective))
}
