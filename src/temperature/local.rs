//! Local estimators: whether a unit agrees with the others. Neither needs Z.

use crate::{
    stats::{mean, sigmoid},
    temperature::{
        estimate::{Estimate, Estimator, Influence},
        observed::{Flip, Observed},
        root::{Search, descend},
    },
};

/// The range in which a local β is looked for.
const RANGE: (f64, f64) = (1e-3, 1e3);

/// The share of β over which a slope is taken.
const STEP: f64 = 1e-4;

/// The rows that the first, coarse search looks at if there are more.
const COARSE_ROWS: usize = 500;

/// The β that maximises the pseudo-likelihood Σ ln p_β(vᵢ | the other visible units).
///
/// # Formula
/// With D = ln f(v′; β) − ln f(v; β) for v′ with unit i turned over, p(vᵢ | rest) = σ(−D), and the
/// maximum is where Σ σ(D) ∂D/∂β = 0, summed over all units and samples (Besag, The Statistician
/// 24, 179 (1975)). For units in given fields f this is Σ fᵢ(xᵢ − σ(βfᵢ)) = 0 on bits. The hidden
/// units are summed out: the conditional is that of the marginal model. The standard error is the
/// sandwich √(Var ψ/n_eff)/|∂ψ̄/∂β| with ψ the sum for one sample, since the units of one sample
/// are not independent.
///
/// # Errors
/// A reason in words where there is no finite positive root.
pub fn pseudo_likelihood(data: &Observed<'_>) -> Result<Estimate, String> {
    root_of(Estimator::PseudoLikelihood, data, pseudo_likelihood_score)
}

/// The non-zero root of ⟨ω (e^D − 1)⟩ = 0, with D = ln f(v′; β) − ln f(v; β) for v′ with one unit
/// turned over.
///
/// # Formula
/// Turning a unit over maps the states one to one onto themselves, so ⟨e^{−βΔE}⟩ = Σ_v p(v)
/// p(v′)/p(v) = 1 at the β of the data; and ⟨ω(D)(e^D − 1)⟩ = 0 for every even ω, because D changes
/// its sign with v ↔ v′.
///
/// With ω = 1 the identity is exact and useless on trained models: a unit that is on in one of 10⁵
/// states contributes as much to the mean of e^D in that one state as in all the others, so that
/// the mean over any real sample lacks the contributions of all units that happen to be constant in
/// it. Here ω(D) = σ(D)σ(−D) takes the weight off such flips: the summand is σ(D) tanh(D/2),
/// between −1/8 and 1. [`flip_identity_unweighted`] is the original.
///
/// # Errors
/// A reason in words where there is no finite positive root.
pub fn flip_identity(data: &Observed<'_>) -> Result<Estimate, String> {
    root_of(Estimator::FlipIdentity, data, flip_identity_score)
}

/// [`flip_identity`] with ω = 1. Its standard error does not know of the rare flips that the sample
/// lacks: trust it only where every unit changes many times in the sample.
///
/// # Errors
/// A reason in words where there is no finite positive root.
pub fn flip_identity_unweighted(data: &Observed<'_>) -> Result<Estimate, String> {
    let score = |flip: Flip, beta: f64| -flip.log_ratio.min(500.0).exp_m1() / beta;
    let mut estimate = root_of(Estimator::FlipIdentity, data, score)?;
    estimate.variant = Some("unweighted".into());
    Ok(estimate)
}

fn pseudo_likelihood_score(flip: Flip, _: f64) -> f64 {
    -sigmoid(flip.log_ratio) * flip.slope
}

/// Divided by β, which takes away the root at 0.
fn flip_identity_score(flip: Flip, beta: f64) -> f64 {
    -sigmoid(flip.log_ratio) * (0.5 * flip.log_ratio).tanh() / beta
}

/// The equation of a local estimator, row by row, at any β: their mean is about β̂ − β there, and 0
/// at the root. `None` for another estimator.
pub(super) fn local_equation(estimator: Estimator, data: &Observed<'_>, beta: f64) -> Option<Vec<f64>> {
    let score = match estimator {
        Estimator::PseudoLikelihood => pseudo_likelihood_score,
        Estimator::FlipIdentity => flip_identity_score,
        _ => return None,
    };
    let scores = |beta: f64| data.mean_over_flips(beta, |flip| score(flip, beta));
    let slope = slope_of(&scores, beta);
    Some(scores(beta).into_iter().map(|x| x / slope.abs()).collect())
}

/// The slope of the mean score.
fn slope_of(scores: &impl Fn(f64) -> Vec<f64>, beta: f64) -> f64 {
    let step = STEP * beta;
    (mean(&scores(beta + step)) - mean(&scores(beta - step))) / (2.0 * step)
}

/// The root of the mean score over all flips, with its sandwich error.
fn root_of(
    estimator: Estimator,
    data: &Observed<'_>,
    score: impl Fn(Flip, f64) -> f64 + Sync,
) -> Result<Estimate, String> {
    let scores = |beta: f64| data.mean_over_flips(beta, |flip| score(flip, beta));
    // A look at a part of the rows tells roughly where the root is.
    let part = data.every_nth_row(data.n_samples().div_ceil(COARSE_ROWS));
    let rough = |beta: f64| mean(&data.mean_over_flips_of(&part, beta, |flip| score(flip, beta)));
    let guess = match (part.len() < data.n_samples()).then(|| descend(rough, 1.0, RANGE)) {
        Some(Search::Found(beta)) => beta,
        _ => 1.0,
    };
    let beta = match descend(|beta| mean(&scores(beta)), guess, RANGE) {
        Search::Found(beta) => beta,
        Search::Above => {
            return Err("every unit agrees with the others: the data look colder than any temperature".into());
        }
        Search::Below => {
            return Err("the units agree with the others no more often than by chance: β would not be positive".into());
        }
    };
    let slope = slope_of(&scores, beta);
    let at_root = scores(beta);
    let centre = mean(&at_root);
    let rows = at_root.iter().map(|x| (x - centre) / slope.abs()).collect();
    Estimate::sampled(estimator, beta, Influence { rows, other: 0.0 })
}
