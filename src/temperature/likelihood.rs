//! Maximum likelihood: the β at which the model has the energy of the data.

use crate::{
    sample::ConditionalEnergy,
    stats,
    temperature::{
        energy_curve::EnergyCurve,
        estimate::{Estimate, Estimator, Influence},
        root::between,
    },
};

/// The β that maximises the likelihood Σ ln p_β(x) of the data.
///
/// # Formula
/// With ln p_β(x) = ln f(x; β) − ln Z(β) and e(x; β) = −∂ln f/∂β, the maximum is where
///
/// mean e(x; β) = U(β).
///
/// - Data are whole states (v, h): e is the energy E(v, h), whatever β. This is energy matching.
/// - Data are visible states: e is ⟨E | v⟩ at β, the mean over the hidden units in equilibrium with
///   v, which depends on β itself ([`Observed::energies`](super::Observed::energies)).
///
/// The information of one sample is I = Var E(β) − mean Var(E | x). The standard error is √(Var
/// e/n_eff + σ_U²)/I, the "sandwich" (Huber 1967), which holds whether or not the data come from
/// the model; σ_U is the standard error of U(β). If they do come from it, Var e = I and the
/// variance is 1/(nI). The bias of first order is [κ₃(e) + Cov(e, Var(E | x))]/(2 n_eff I²) (Cox &
/// Snell, J. R. Stat. Soc. B 30, 248 (1968)), for whole states κ₃(E)/(2n Var² E). It is reported as
/// `bias` and not subtracted.
///
/// `energies` gives e and Var(E | x) of each sample at β.
///
/// # Errors
/// A reason in words where there is no estimate: the data are colder than the last β of the curve,
/// or hotter than the first.
pub fn max_likelihood(
    energies: impl Fn(f64) -> Vec<ConditionalEnergy>,
    model: &EnergyCurve,
) -> Result<Estimate, String> {
    let mean_energy = |beta| stats::mean(&energies(beta).iter().map(|e| e.energy).collect::<Vec<_>>());
    // The slope of the mean log-likelihood.
    let score = |beta| model.energy(beta) - mean_energy(beta);
    let maxima = maxima(&score, model);
    let Some(&(low, high, _)) = maxima.iter().max_by(|a, b| a.2.total_cmp(&b.2)) else {
        let (first, last) = model.range();
        return Err(if score(last) > 0.0 {
            format!("the data are colder than β = {last}, the last of the curve; give --betas that reach further")
        } else if first == 0.0 {
            "the energy of the data is above that of β = 0: β would be negative".into()
        } else {
            format!("the data are hotter than β = {first}, the first of the curve; give --betas that begin at 0")
        });
    };
    let beta = between(score, low, high);
    let at_root = energies(beta);
    let mean = |f: &dyn Fn(&ConditionalEnergy) -> f64| stats::mean(&at_root.iter().map(f).collect::<Vec<_>>());
    let (energy, inner) = (mean(&|e| e.energy), mean(&|e| e.energy_variance));
    let information = model.energy_variance(beta) - inner;
    if information <= 0.0 {
        return Err(format!("the likelihood has no curvature at β = {beta:.4}, so it has no maximum there"));
    }
    let influence = Influence {
        rows: at_root.iter().map(|e| (energy - e.energy) / information).collect(),
        other: (model.std_error(beta) / information).powi(2),
    };
    let third = mean(&|e| (e.energy - energy).powi(3));
    let covariance = mean(&|e| (e.energy - energy) * (e.energy_variance - inner));
    let n_eff = super::independence::effective_size(&influence.rows);
    let estimate = Estimate::sampled(Estimator::MaxLikelihood, beta, influence)?
        .with("bias", (third + covariance) / (2.0 * n_eff * information * information))
        .with("energy", energy)
        .with("maxima", maxima.len() as f64);
    Ok(if model.is_approximate() { estimate.without_error_control() } else { estimate })
}

/// The equation of maximum likelihood, row by row, at any β, and the variance of their mean from the
/// error of U(β): (U(β) − e)/I, whose mean is about β̂ − β, and 0 at the maximum.
pub(super) fn likelihood_equation(energies: &[ConditionalEnergy], model: &EnergyCurve, beta: f64) -> (Vec<f64>, f64) {
    let inner = stats::mean(&energies.iter().map(|e| e.energy_variance).collect::<Vec<_>>());
    let information = model.energy_variance(beta) - inner;
    let rows = energies.iter().map(|e| (model.energy(beta) - e.energy) / information).collect();
    (rows, (model.std_error(beta) / information).powi(2))
}

/// The intervals in which the score falls through zero, and the mean log-likelihood there up to a
/// constant (the score integrated by the trapezoid rule): hidden units can give a likelihood
/// several maxima.
fn maxima(score: &impl Fn(f64) -> f64, model: &EnergyCurve) -> Vec<(f64, f64, f64)> {
    let points: Vec<(f64, f64)> = model.knots().iter().map(|k| (k.beta, score(k.beta))).collect();
    let mut likelihood = 0.0;
    let mut found = Vec::new();
    for pair in points.windows(2) {
        let [(low, at_low), (high, at_high)] = [pair[0], pair[1]];
        if at_low > 0.0 && at_high <= 0.0 {
            found.push((low, high, likelihood + 0.25 * (high - low) * at_low));
        }
        likelihood += 0.5 * (high - low) * (at_low + at_high);
    }
    found
}
