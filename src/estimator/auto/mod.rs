//! The way to a checked number that fits the model.

mod answer;
mod config;
mod estimate;
mod evidence;
mod paths;
mod waves;

use std::{sync::Arc, time::Instant};

pub use self::config::Auto;

use self::answer::{Answer, answer};
use super::{Configure, Estimator, Exact, Prepared, Setting};
use crate::{
    Error,
    curve::{Betas, Claim, Curve, Diagnostics, Method, Series, Status},
    data::Data,
    path::Trajectory,
    run::Run,
    sample::Capabilities,
};

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

    fn follows_trajectory(&self) -> bool {
        true
    }

    fn give_trajectory(&mut self, trajectory: &Arc<Trajectory>) {
        self.trajectory = Some(Arc::clone(trajectory));
    }
}

/// The method on a model of any kind.
struct AutoOn<'m> {
    config: Auto,
    model: &'m dyn Capabilities,
}

impl Prepared for AutoOn<'_> {
    fn check(&self) -> Result<(), Error> {
        let Auto { error, time, exact_factors, data, .. } = &self.config;
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
        for beta in betas.iter() {
            let share = self.config.time / betas.len() as f64;
            match answer(&self.config, self.model, *beta, share, run)? {
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
        let [log_z, energy, variance] = answer.estimate.value;
        values.push(log_z, Some(energy), Some(variance));
        replicates.resize(answer.estimate.replicates.len(), Series::default());
        for (series, [log_z, energy, variance]) in replicates.iter_mut().zip(&answer.estimate.replicates) {
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
        visited: Vec::new(),
        diagnostics: Diagnostics::default()
            .text("chosen", answers.last().map_or("nothing", |answer| &answer.chosen))
            .sentences("paths", sentences(|answer| answer.paths.clone()))
            .objections(sentences(|answer| answer.objections.clone()))
            .independent(sentences(|answer| answer.independent.clone()))
            .per_beta("forward_log_z_by_beta", per_beta(|answer| answer.directions.forward_log_z))
            .per_beta("reverse_log_z_by_beta", per_beta(|answer| answer.directions.reverse_log_z))
            .crooks_slope(per_beta(|answer| answer.directions.slope), per_beta(|answer| answer.directions.slope_error))
            .overlap(per_beta(|answer| answer.directions.overlap))
            .round_trips(per_beta(|answer| answer.round_trips))
            .per_beta("batches_by_beta", per_beta(|answer| answer.batches as f64))
            .per_beta("batch_spread_by_beta", per_beta(|answer| answer.estimate.inflation)),
        seconds,
    }
    .checked()
}
