//! The number at one β, with its evidence.

use super::{
    config::Auto,
    evidence::{Evidence, independent_evidence, objections},
    paths::{Trial, trials},
    waves::{BATCHES, Batches, MAX_WAVES, RUNS, Scale},
};
use crate::{
    Error,
    curve::{Series, Visited},
    estimator::{
        MeanFieldMixture,
        bar::{BothWays, Directions},
        bootstrap::Bootstrapped,
    },
    run::{Quiet, Run},
    sample::Capabilities,
    stats::std_dev,
    streams::{Purpose, annealing_base_part},
    thresholds::MIN_ROUND_TRIPS,
};

/// Bootstrap replicates.
const REPLICATES: usize = 200;

/// Starts of the search for modes.
const MODE_STARTS: usize = 512;

/// Parameters visited in a second by one sweep after another, on the machine of nominal speed: two
/// cores with AVX2.
const NOMINAL_SPEED: f64 = 3e10;

/// A path is longer than this only where f64 itself is at its end: no wave gets anywhere on it.
const LONGEST: f64 = 1e12;

/// What was found at one β.
pub(super) struct Answer {
    /// ln Z, U, Var E.
    pub(super) estimate: [f64; 3],
    pub(super) replicates: Vec<[f64; 3]>,
    /// The method whose number it is.
    pub(super) chosen: &'static str,
    /// The independent estimates that were compared, in words.
    pub(super) paths: Vec<String>,
    pub(super) objections: Vec<String>,
    /// The independent evidence that agrees, in words; nothing if it is not enough.
    pub(super) independent: Vec<String>,
    pub(super) directions: Directions,
    pub(super) round_trips: f64,
    pub(super) batches: usize,
    /// The spread between batches in units of the bootstrap's standard error.
    pub(super) inflation: f64,
    std_error: f64,
    goal: f64,
}

impl Answer {
    /// What a reader should know who wanted the error bar asked for.
    pub(super) fn warning(&self) -> Option<String> {
        (self.std_error > self.goal).then(|| {
            format!(
                "the standard error is {:.3} where {} was asked for; give it more time (`time`)",
                self.std_error, self.goal
            )
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
    let trials = trials(config, sampled, beta, (BATCHES * MAX_WAVES, RUNS), run)?;
    check_length(&trials)?;
    let Some(found) = waves(config, model, beta, seconds, &trials, run)? else { return Ok(None) };
    let Found { trial, batches, both, bootstrap, std_error } = found;
    let directions = Directions::of(&both)?;
    let visited = visited(trial, &both, run);
    let evidence = Evidence {
        log_z: bootstrap.estimate[0],
        std_error,
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
    let inflation = std_error / bootstrap.std_error;
    Ok(Some(Answer {
        estimate: bootstrap.estimate,
        replicates: bootstrap.widened(inflation),
        chosen: "bar",
        paths: evidence.describe(),
        objections,
        independent,
        directions,
        round_trips: batches.round_trips,
        batches: batches.log_z.len(),
        inflation,
        std_error,
        goal: config.error,
    }))
}

/// What the waves on one path have brought.
struct Found<'a> {
    trial: &'a Trial,
    batches: Batches,
    both: BothWays,
    bootstrap: Bootstrap,
    std_error: f64,
}

/// Waves on the best path until the error bar is small enough or the time is over. Where no replica
/// has made the way in the first wave, on the next best. `None` if the run was cancelled.
fn waves<'a>(
    config: &Auto,
    model: &dyn Capabilities,
    beta: f64,
    seconds: f64,
    trials: &'a [Trial],
    run: &Run<'_>,
) -> Result<Option<Found<'a>>, Error> {
    let mut work = seconds * NOMINAL_SPEED / model.n_parameters() as f64;
    let Some(mut trial) = trials.first() else { return Ok(None) };
    let mut scale = Scale::of(trial);
    let mut batches = Batches::default();
    run.progress.begin("auto", (scale.sweeps() * (work / scale.sweeps()).floor().clamp(1.0, MAX_WAVES as f64)) as u64);
    let mut found = None;
    for wave in 0..MAX_WAVES {
        if wave > 0 && work < scale.sweeps() {
            break;
        }
        if !batches.add_wave(trial, &scale, beta, wave, run)? {
            return Ok(None);
        }
        work -= scale.sweeps();
        let both = batches.pooled()?;
        let bootstrap = Bootstrap::of(&both, run)?;
        let std_error = bootstrap.std_error.max(batches.spread());
        let stuck = batches.round_trips < MIN_ROUND_TRIPS;
        found = Some((both, bootstrap, std_error));
        match trials.get(1) {
            // The time is enough for another wave, which replaces what was found.
            Some(next) if wave == 0 && stuck && work >= Scale::of(next).sweeps() => {
                (trial, scale, batches) = (next, Scale::of(next), Batches::default());
            }
            _ if std_error <= config.error => break,
            _ => {}
        }
    }
    run.progress.end();
    Ok(found.map(|(both, bootstrap, std_error)| Found { trial, batches, both, bootstrap, std_error }))
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

/// An estimate and its replicates: ln Z, U, Var E.
struct Bootstrap {
    estimate: [f64; 3],
    replicates: Vec<[f64; 3]>,
    std_error: f64,
}

impl Bootstrap {
    fn of(both: &BothWays, run: &Run<'_>) -> Result<Self, Error> {
        let mut points = Bootstrapped::new(REPLICATES, run);
        points.push(|resample| both.counts(resample), |counts, series| both.push(counts, series))?;
        let value = |of: &[Option<f64>]| of[0].unwrap_or(f64::NAN);
        let point = |series: &Series| [series.log_z[0], value(&series.energy), value(&series.energy_variance)];
        let estimate = point(&points.values);
        let replicates: Vec<[f64; 3]> = points.replicates.iter().map(point).collect();
        let std_error = std_dev(&replicates.iter().map(|[log_z, ..]| *log_z).collect::<Vec<_>>());
        Ok(Self { estimate, replicates, std_error })
    }

    /// The replicates, with their distances from the estimate so many times as large.
    fn widened(&self, factor: f64) -> Vec<[f64; 3]> {
        let factor = if factor.is_finite() { factor } else { 1.0 };
        let wide = |replicate: &[f64; 3]| {
            let k = |k: usize| self.estimate[k] + factor * (replicate[k] - self.estimate[k]);
            [k(0), k(1), k(2).max(0.0)]
        };
        self.replicates.iter().map(wide).collect()
    }
}
