//! The number at one β, with its evidence.

use super::{
    config::Auto,
    estimate::Estimate,
    evidence::{Evidence, independent_evidence, objections},
    paths::{Trial, trials},
    waves::{BATCHES, Batches, MAX_WAVES, RUNS, Scale},
};
use crate::{
    Error,
    curve::{Method, Visited},
    estimator::{MeanFieldMixture, bar::BothWays, work::Directions},
    run::{Quiet, Run},
    sample::Capabilities,
    streams::{Purpose, annealing_base_part},
};

/// Starts of the search for modes.
const MODE_STARTS: usize = 512;

/// Parameters visited in a second by one sweep after another, on the machine of nominal speed: two
/// cores with AVX2.
const NOMINAL_SPEED: f64 = 3e10;

/// Parameters that a sweep of a smaller model counts for: random numbers, and the equations that
/// join the samples, take as long on any model.
const LEAST_PARAMETERS: f64 = 3e4;

/// A path is longer than this only where f64 itself is at its end: no wave gets anywhere on it.
const LONGEST: f64 = 1e12;

/// What was found at one β.
pub(super) struct Answer {
    pub(super) estimate: Estimate,
    /// What the number comes from.
    pub(super) chosen: String,
    /// The independent estimates that were compared, in words.
    pub(super) paths: Vec<String>,
    pub(super) objections: Vec<String>,
    /// The independent evidence that agrees, in words; nothing if it is not enough.
    pub(super) independent: Vec<String>,
    pub(super) directions: Directions,
    pub(super) round_trips: f64,
    pub(super) batches: usize,
    goal: f64,
}

impl Answer {
    /// What a reader should know who wanted the error bar asked for.
    pub(super) fn warning(&self) -> Option<String> {
        let std_error = self.estimate.std_error;
        (std_error > self.goal).then(|| {
            let goal = self.goal;
            format!("the standard error is {std_error:.3} where {goal} was asked for; give it more time (`time`)")
        })
    }
}

/// The number at one β within so many seconds of nominal work. `None` if the run was cancelled.
///
/// Every β has the same random streams: its points are a curve of one seed, and independent work.
pub(super) fn answer(
    config: &Auto,
    model: &dyn Capabilities,
    beta: f64,
    seconds: f64,
    run: &Run<'_>,
) -> Result<Option<Answer>, Error> {
    let quiet = &Run { progress: &Quiet, ..*run };
    let modes = match model.expandable() {
        Some(expansion) => {
            let search =
                MeanFieldMixture { starts: MODE_STARTS, data: config.data.clone(), ..MeanFieldMixture::default() };
            let part = annealing_base_part(RUNS - 1);
            let Some(modes) = search.modes_in_part(expansion, beta, part, quiet)? else { return Ok(None) };
            Some(modes)
        }
        None => None,
    };
    let sampled = model.sampled();
    let bound = modes.as_ref().map_or(f64::NEG_INFINITY, |modes| modes.bound().log_z);
    let trials = trials(config, sampled, beta, bound, (BATCHES * MAX_WAVES, RUNS), run)?;
    check_length(&trials)?;
    let work = seconds * NOMINAL_SPEED / (model.n_parameters() as f64).max(LEAST_PARAMETERS);
    let Some(found) = waves(config, work, beta, &trials, run)? else { return Ok(None) };
    let Found { batches, both, estimate } = found;
    let trial = batches.trial;
    let directions = Directions::of(&both.work, both.joined.overlap)?;
    let visited = visited(trial, &both, run);
    let evidence = Evidence {
        estimate: &estimate,
        goal: config.error,
        directions: &directions,
        both: &both,
        batches: &batches,
        chosen: trial,
        trials: &trials,
        modes: modes.as_ref(),
        visited: &visited,
    };
    let objections = objections(&evidence);
    let independent = if objections.is_empty() { independent_evidence(&evidence) } else { Vec::new() };
    Ok(Some(Answer {
        chosen: format!("bar and tempering on the path {}", trial.name),
        paths: evidence.describe(),
        objections,
        independent,
        directions,
        round_trips: batches.round_trips,
        batches: BATCHES,
        estimate,
        goal: config.error,
    }))
}

/// What the waves on one path have brought.
struct Found<'a> {
    batches: Batches<'a>,
    both: BothWays,
    estimate: Estimate,
}

/// Waves on the best path until the error bar is small enough or the work is done. Where no replica
/// makes the way in the first of them, on the next best. `None` if the run was cancelled.
fn waves<'a>(
    config: &Auto,
    work: f64,
    beta: f64,
    trials: &'a [Trial],
    run: &Run<'_>,
) -> Result<Option<Found<'a>>, Error> {
    let Some(best) = trials.first() else { return Ok(None) };
    let scale = Scale::of(best);
    run.progress.begin(Method::Auto.name(), scale.sweeps(scale.waves(work).max(1)) as u64);
    let next = trials.get(1).filter(|next| work >= scale.sweeps(1) + Scale::of(next).sweeps(1));
    let batches = Batches::begin(best, beta, (0, 0), run)?;
    let Some(mut found) = waves_on(batches, config, work, next.is_some(), run)? else { return Ok(None) };
    if let Some(next) = next.filter(|_| found.batches.is_stuck()) {
        let work = work - scale.sweeps(found.batches.waves());
        let batches = Batches::begin(next, beta, (1, found.batches.by_chains.len()), run)?;
        let Some(replaced) = waves_on(batches, config, work, false, run)? else { return Ok(None) };
        found = replaced;
    }
    run.progress.end();
    Ok(Some(found))
}

/// Waves on one path; no more than the first one where replicas are stuck and `may_leave` it.
///
/// The error bar of some waves says how many more are needed, and only after these is it looked at
/// again: to stop at whichever wave happens to show a small one would make it too small.
fn waves_on<'a>(
    batches: Option<Batches<'a>>,
    config: &Auto,
    work: f64,
    may_leave: bool,
    run: &Run<'_>,
) -> Result<Option<Found<'a>>, Error> {
    let Some(mut batches) = batches else { return Ok(None) };
    let affordable = batches.scale.waves(work).max(1);
    let mut planned = 1;
    loop {
        while batches.waves() < planned {
            if !batches.add_wave(run)? {
                return Ok(None);
            }
        }
        let both = batches.pooled()?;
        let estimate = Estimate::of(&batches, &both, run)?;
        let needed = planned as f64 * (estimate.std_error / config.error).powi(2);
        let needed = needed.ceil().min(affordable as f64) as usize;
        if needed <= planned || (may_leave && batches.is_stuck()) {
            return Ok(Some(Found { batches, both, estimate }));
        }
        planned = needed;
    }
}

/// Refuses paths on which the work of a wave, which is seconds, would be for nothing. (The length of
/// the path to a trained model is some tens.)
fn check_length(trials: &[Trial]) -> Result<(), Error> {
    let shortest = trials.iter().map(|trial| trial.pilot.length).fold(f64::INFINITY, f64::min);
    if trials.is_empty() || shortest <= LONGEST {
        return Ok(());
    }
    let problem =
        format!("every way to this β has a thermodynamic length of {shortest:.1e} or more, too long for chains");
    Err(Error::model(problem, "rescale the model or lower β, or enumerate it (`exact`)"))
}

/// The states of all units that the chains down started from.
fn visited(trial: &Trial, both: &BothWays, run: &Run<'_>) -> Visited {
    let stream = Purpose::DataRows { run: RUNS - 1 };
    let mut chains = trial.path.sampler.chains_from(&both.down.kept, run.seed, stream.number());
    let states = chains.states(&[trial.path.rung(1.0)]);
    let independent = both.dependence.independent(states.len());
    Visited::equally(states, independent)
}

#[cfg(test)]
mod tests {
    use super::{super::paths::tests::trial, *};

    #[test]
    fn only_paths_that_are_all_endless_are_refused() {
        let of = |lengths: &[f64]| {
            let trials: Vec<Trial> = lengths.iter().map(|length| trial("uniform", 1.0, 10.0, 50.0, *length)).collect();
            check_length(&trials)
        };
        assert!(of(&[]).is_ok() && of(&[1e12]).is_ok() && of(&[1e13, 5.0]).is_ok());
        let refusal = of(&[3e13, 2e13]).unwrap_err().to_string();
        assert!(refusal.contains("a thermodynamic length of 2.0e13 or more"), "{refusal}");
    }

    /// An error bar as large as what was asked for is small enough.
    #[test]
    fn a_larger_error_bar_than_asked_for_is_warned_of() {
        let warning = |std_error: f64| {
            let parts = [(1.0, std_error); 2];
            let estimate = Estimate { value: [1.0; 3], replicates: Vec::new(), std_error, inflation: 1.0, parts };
            let directions =
                Directions { forward_log_z: 1.0, reverse_log_z: 1.0, overlap: 0.5, slope: 1.0, slope_error: 0.1 };
            let answer = Answer {
                estimate,
                chosen: String::new(),
                paths: Vec::new(),
                objections: Vec::new(),
                independent: Vec::new(),
                directions,
                round_trips: 100.0,
                batches: BATCHES,
                goal: 0.25,
            };
            answer.warning()
        };
        assert_eq!((warning(0.1), warning(0.25)), (None, None));
        let text = warning(0.2575).unwrap();
        assert!(text.contains("0.258 where 0.25 was asked for") || text.contains("0.257 where 0.25"), "{text}");
    }
}
