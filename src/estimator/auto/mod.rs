//! The way to a checked number that fits the model.

mod answer;
mod evidence;
mod paths;
mod waves;

use std::{sync::Arc, time::Instant};

use serde::{Deserialize, Serialize};

use self::answer::{Answer, answer};
use super::{Configure, Estimator, Exact, Prepared, Setting};
use crate::{
    Error,
    curve::{Betas, Claim, Curve, Diagnostics, Method, Series, Status},
    data::Data,
    run::Run,
    sample::Capabilities,
};

/// Finds its own way to ln Z: exact enumeration where that takes seconds, else annealing both ways
/// in independent batches on the best of several paths, laid beside other evidence.
///
/// # How it decides
/// 1. Enumeration, if the factors to multiply are few enough for seconds.
/// 2. The modes of the model, as a [mixture of mean fields](super::MeanFieldMixture): a certain
///    lower bound of ln Z, and the list of what a sampler must visit.
/// 3. A pilot on each path (from β = 0, from the biases, from a mean-field solution, from the means
///    of the data). The one of the most effective chains is taken.
/// 4. Waves of eight batches: in each batch a ladder of parallel tempering brings states of the
///    model, chains go up from the base and down from these states, each batch on random streams of
///    its own, joined by Bennett's acceptance ratio over all batches. More waves follow until the
///    standard error is `error`, or the work of `time` is done.
/// 5. What the evidence says. The number counts as checked if up and down agree, replicas have
///    travelled between the base and the model, every known mode is visited as it must be, no
///    certain bound and no other path speaks against it.
///
/// # Error bars
/// The larger of the bootstrap over chains and ladders and the spread between batches with
/// Student's factor.
///
/// # Work and time
/// `time` is turned into work by a nominal speed, so that the same seed gives the same numbers on a
/// slow machine and on a fast one; how long it takes differs.
///
/// # Errors
/// [`Error::Config`] for a setting out of range, and those of the methods that it uses.
///
/// # Examples
/// ```
/// use plefka::{Betas, Method, Rbm};
/// let rbm = Rbm::from_rows(&[[1.0]], &[0.0], &[0.0])?; // Z(1) = 3 + e
/// let curve = plefka::estimate(&rbm, Method::Auto, &Betas::one(1.0)?)?;
/// assert!((curve.values.log_z[0] - (3.0 + 1f64.exp()).ln()).abs() < 1e-15); // it enumerates
/// # Ok::<(), plefka::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Auto {
    /// The standard error of ln Z to reach, nats.
    pub error: f64,
    /// How long it may take, seconds on a machine of nominal speed.
    pub time: f64,
    /// Enumerate a model of no more factors than this, over all β.
    pub exact_factors: f64,
    /// Data of the model, for a path from their means and for modes that they lead to.
    #[serde(skip)]
    pub data: Option<Arc<Data>>,
}

impl Default for Auto {
    /// A standard error of 0.05 nats, in 60 s; enumeration of up to 2·10¹⁰ factors.
    fn default() -> Self {
        Self { error: 0.05, time: 60.0, exact_factors: 2e10, data: None }
    }
}

impl Configure for Auto {
    fn settings() -> Vec<Setting> {
        vec![
            Setting::real("error", "standard error of ln Z to reach, nats"),
            Setting::real("time", "seconds that it may take, at a nominal speed of the machine"),
            Setting::real("exact_factors", "enumerate where no more factors than this are to be multiplied"),
        ]
    }

    fn prepare<'m>(&self, model: &'m dyn Capabilities) -> Option<Box<dyn Prepared + 'm>> {
        Some(Box::new(AutoOn { config: self.clone(), model }))
    }

    fn reads_data(&self) -> bool {
        true
    }

    fn give_data(&mut self, data: &Arc<Data>) {
        self.data = Some(Arc::clone(data));
    }
}

/// The method on a model of any kind.
struct AutoOn<'m> {
    config: Auto,
    model: &'m dyn Capabilities,
}

impl Prepared for AutoOn<'_> {
    fn check(&self) -> Result<(), Error> {
        let Auto { error, time, exact_factors, data } = &self.config;
        for (field, value) in [("error", error), ("time", time), ("exact_factors", exact_factors)] {
            if !(value.is_finite() && *value > 0.0) {
                return Err(Error::config(field, value, "choose a number above 0"));
            }
        }
        data.as_deref().map_or(Ok(()), |data| self.model.sampled().check_data(data))
    }

    fn curve(&self, betas: &Betas, run: &Run<'_>) -> Result<Curve, Error> {
        self.check()?;
        let clock = Instant::now();
        let cost = self.model.enumerable().enumeration_cost();
        if cost.factors() * betas.len() as f64 <= self.config.exact_factors {
            let exact = Exact { max_units: cost.log2_states.max(1), ..Exact::default() };
            let mut curve = exact.curve(self.model.enumerable(), betas, run)?;
            curve.method = Method::Auto;
            curve.diagnostics = curve.diagnostics.text("chosen", Method::Exact.name());
            return Ok(curve);
        }
        let mut answers = Vec::with_capacity(betas.len());
        for (number, beta) in betas.iter().enumerate() {
            let share = self.config.time / betas.len() as f64;
            match answer(&self.config, self.model, *beta, share, number, run)? {
                Some(answer) => answers.push(answer),
                None => break,
            }
        }
        assemble(betas, answers, clock.elapsed().as_secs_f64())
    }
}

/// The curve through the answers.
fn assemble(betas: &Betas, answers: Vec<Answer>, seconds: f64) -> Result<Curve, Error> {
    let (mut values, mut replicates) = (Series::default(), Vec::new());
    for answer in &answers {
        let [log_z, energy, variance] = answer.estimate;
        values.push(log_z, Some(energy), Some(variance));
        replicates.resize(answer.replicates.len(), Series::default());
        for (series, [log_z, energy, variance]) in replicates.iter_mut().zip(&answer.replicates) {
            series.push(*log_z, Some(*energy), Some(*variance));
        }
    }
    let per_beta = |f: fn(&Answer) -> f64| answers.iter().map(f).collect::<Vec<_>>();
    let sentences = |f: fn(&Answer) -> Vec<String>| answers.iter().map(f).collect::<Vec<_>>();
    Curve {
        method: Method::Auto,
        betas: betas.clone(),
        reached: vec![Status::Converged; answers.len()],
        values,
        replicates,
        log_z_claim: Claim::Approximation, // never used: the replicates make it an estimate
        warnings: answers.iter().filter_map(Answer::warning).collect(),
        diagnostics: Diagnostics::default()
            .text("chosen", answers.last().map_or("nothing", |answer| answer.chosen))
            .sentences("paths", sentences(|answer| answer.paths.clone()))
            .objections(sentences(|answer| answer.objections.clone()))
            .independent(sentences(|answer| answer.independent.clone()))
            .per_beta("forward_log_z_by_beta", per_beta(|answer| answer.directions.forward_log_z))
            .per_beta("reverse_log_z_by_beta", per_beta(|answer| answer.directions.reverse_log_z))
            .crooks_slope(per_beta(|answer| answer.directions.slope), per_beta(|answer| answer.directions.slope_error))
            .overlap(per_beta(|answer| answer.directions.overlap))
            .round_trips(per_beta(|answer| answer.round_trips))
            .per_beta("batches_by_beta", per_beta(|answer| answer.batches as f64))
            .per_beta("batch_spread_by_beta", per_beta(|answer| answer.inflation)),
        seconds,
    }
    .checked()
}
