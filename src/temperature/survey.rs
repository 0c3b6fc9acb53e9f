//! Every estimator on the same data.

use crate::{
    Betas, Curve, Error, Rbm,
    sample::Capabilities,
    temperature::{
        agreement::{Comparison, Equations, compare},
        density::{entropic, microcanonical},
        energy_curve::EnergyCurve,
        estimate::{Estimate, Estimator},
        likelihood::max_likelihood,
        local::{flip_identity, pseudo_likelihood},
        observed::Observed,
        ratio::two_beta_ratio,
        response::fluctuation_dissipation,
        weights::weight_norm,
    },
    thresholds::{FEW_SAMPLES, MIN_SAMPLES_OF_TEMPERATURES},
};

/// The intervals into which each interval of the grid is divided near the β that was found on it.
const REFINEMENT: usize = 8;

/// What there is to estimate a temperature from.
pub struct Evidence<'a> {
    /// The model, of any kind.
    pub model: &'a dyn Capabilities,
    /// The data, beside the model.
    pub data: Observed<'a>,
    /// A sample of the model at a known β.
    pub second: Option<(Observed<'a>, f64)>,
    /// A sample of what the data came from, in a field on every visible unit: E → E − H Σ vᵢ.
    pub in_field: Option<(Observed<'a>, f64)>,
    /// An RBM whose weights are the unit of strength of those of another.
    pub reference: Option<&'a Rbm>,
}

/// What was estimated.
#[derive(Debug, Clone, PartialEq)]
pub struct Survey {
    /// The number of rows of the data.
    pub n_samples: usize,
    /// How many independent ones they are worth, by the energy.
    pub n_eff: f64,
    /// The estimates, in the order of the list of estimators.
    pub estimates: Vec<Estimate>,
    /// Local beside global ones.
    pub comparisons: Vec<Comparison>,
    /// What could not be estimated and why, and what a reader must keep in mind.
    pub warnings: Vec<String>,
}

/// Every estimate that the evidence allows. What cannot be computed is a warning that says why and
/// what would help.
///
/// `curve` computes ln Z, U and Var E of the model on a grid, by whatever estimator; it is asked
/// for the grid `betas` and then for a finer one where the energy of the data lies. `seed` is that
/// of the hidden units that are drawn.
///
/// # Errors
/// Those of `curve`.
pub fn survey(
    evidence: &Evidence<'_>,
    betas: &Betas,
    seed: u64,
    mut curve: impl FnMut(&Betas) -> Result<Curve, Error>,
) -> Result<Survey, Error> {
    let Evidence { model, data, second, in_field, reference } = evidence;
    let (mut estimates, mut warnings) = (Vec::new(), remarks(data));
    let mut keep = |estimator: Estimator, outcome: Result<Estimate, String>| {
        let kept = match outcome {
            Ok(estimate) => Some(estimate),
            Err(reason) => {
                warnings.push(format!("{estimator} has no value: {reason}"));
                None
            }
        };
        estimates.extend(kept.clone());
        kept
    };
    let energies = |beta: f64| data.energies(beta);
    let (likely, curve) = likelihood(data, betas, &mut curve)?;
    let likely = keep(Estimator::MaxLikelihood, likely);
    let local = keep(Estimator::PseudoLikelihood, pseudo_likelihood(data));
    keep(Estimator::FlipIdentity, flip_identity(data));
    match second {
        Some((second, beta)) => {
            keep(Estimator::TwoBetaRatio, two_beta_ratio(data, second, *beta));
            // The energy of the data, at the best β there is to fill the hidden units in.
            let at = likely.as_ref().or(local.as_ref()).map_or(*beta, |estimate| estimate.beta.value);
            let at: Vec<f64> = data.energies(at).iter().map(|e| e.energy).collect();
            keep(Estimator::Microcanonical, microcanonical(&second.joint_energies(*beta, seed), *beta, &at, None));
        }
        None => {
            let reason =
                "it needs a sample of the model at a known β; draw one and give it with --sample and --sample-beta";
            keep(Estimator::TwoBetaRatio, Err(reason.into()));
            keep(Estimator::Microcanonical, Err(reason.into()));
        }
    }
    let no_maximum = || Err("it needs the region of the curve where max_likelihood lies, and that has no value".into());
    keep(Estimator::Entropic, if likely.is_some() { entropic(energies, &curve) } else { no_maximum() });
    match in_field {
        Some((sample, field)) => {
            let [without, with] = [data, sample].map(Observed::magnetisations);
            keep(Estimator::FluctuationDissipation, fluctuation_dissipation(&without, &with, *field));
        }
        None => {
            let reason = "one sample holds no response; give a second one of the same system in a field on every \
                          visible unit with --field-data and --field";
            keep(Estimator::FluctuationDissipation, Err(reason.into()));
        }
    }
    match (reference, model.as_rbm()) {
        (Some(reference), Some(model)) => {
            let (norms, remarks) = weight_norm(model, reference);
            estimates.extend(norms);
            warnings.extend(remarks);
        }
        (Some(_), None) => warnings.push("weight_norm has no value: it compares W of two RBMs".into()),
        (None, None) => {}
        (None, Some(_)) => warnings.push(
            "weight_norm has no value: a norm is a temperature only beside a stated reference; give one with --reference"
                .into(),
        ),
    }
    if likely.as_ref().and_then(|estimate| number(estimate, "maxima")).is_some_and(|maxima| maxima > 1.0) {
        warnings.push("max_likelihood: the likelihood has several maxima in β; the highest is reported".into());
    }
    let n_eff = estimates.first().and_then(|estimate| number(estimate, "n_eff")).unwrap_or(data.n_samples() as f64);
    if n_eff < FEW_SAMPLES {
        warnings.push(format!("n_eff = {n_eff:.1}: with so few independent samples the standard errors are rough"));
    }
    let energy = EnergyCurve::of(&curve);
    let comparisons = compare(&estimates, Some(&Equations { data, energy: energy.as_ref() }));
    Ok(Survey { n_samples: data.n_samples(), n_eff, comparisons, estimates, warnings })
}

/// Maximum likelihood on the grid, and then on a finer one around what was found; and the last
/// curve.
fn likelihood(
    data: &Observed<'_>,
    betas: &Betas,
    curve: &mut impl FnMut(&Betas) -> Result<Curve, Error>,
) -> Result<(Result<Estimate, String>, Curve), Error> {
    let energies = |beta: f64| data.energies(beta);
    let estimate = |curve: &Curve| match EnergyCurve::of(curve) {
        Some(model) => max_likelihood(energies, &model),
        None => Err("the curve has fewer than two points with U and Var E".into()),
    };
    let coarse = curve(betas)?;
    let found = estimate(&coarse);
    let Some((low, high)) = found.as_ref().ok().and_then(|e| neighbours(betas, e.beta.value)) else {
        return Ok((found, coarse));
    };
    let margin = 0.5 * (high - low);
    let fine = curve(&Betas::linear((low - margin).max(0.0), high + margin, 2 * REFINEMENT + 1)?)?;
    // Sampled curves scatter: the root may have left the finer grid.
    match estimate(&fine) {
        Ok(refined) => Ok((Ok(refined), fine)),
        Err(_) => Ok((found, coarse)),
    }
}

/// The points of the grid on both sides of β.
fn neighbours(betas: &Betas, beta: f64) -> Option<(f64, f64)> {
    betas.windows(2).map(|pair| (pair[0], pair[1])).find(|(low, high)| (*low..=*high).contains(&beta))
}

/// What is to be said about the data before any estimate.
fn remarks(data: &Observed<'_>) -> Vec<String> {
    let (constant, of) = (data.constant_columns(), data.n_visible());
    let remark = format!(
        "{constant} of {of} columns are constant: the sample cannot tell how often these units change, and local \
         estimates take the model's word for it"
    );
    if constant > 0 { vec![remark] } else { Vec::new() }
}

fn number(estimate: &Estimate, name: &str) -> Option<f64> {
    match estimate.details.get(name) {
        Some(crate::curve::Diagnostic::Number(value)) => Some(*value),
        _ => None,
    }
}

impl Survey {
    /// The findings in words: that local and global estimates disagree, or that they do not.
    #[must_use]
    pub fn findings(&self) -> Vec<String> {
        let value = |estimator| self.estimates.iter().find(|e| e.estimator == estimator).map(|e| e.beta.value);
        let say = |c: &Comparison| {
            let (Some(local), Some(global)) = (value(c.local), value(c.global)) else { return None };
            let sigmas = c.difference.abs() / c.std_error;
            let colder = if c.difference > 0.0 { "colder" } else { "hotter" };
            c.disagree.then(|| {
                format!(
                    "{} ({local:.4}) and {} ({global:.4}) disagree by {sigmas:.1} standard errors: the data look {colder} \
                     unit by unit than as a whole, and no single β describes them under this model",
                    c.local, c.global
                )
            })
        };
        let found: Vec<String> = self.comparisons.iter().filter_map(say).collect();
        if self.n_eff < MIN_SAMPLES_OF_TEMPERATURES {
            let n_eff = self.n_eff;
            return vec![format!(
                "{n_eff:.0} independent samples are too few to say whether local and global estimates agree; give at least \
                 {MIN_SAMPLES_OF_TEMPERATURES:.0}"
            )];
        }
        if found.is_empty() && !self.comparisons.is_empty() {
            return vec!["local and global estimates agree within three standard errors of their differences".into()];
        }
        found
    }
}
