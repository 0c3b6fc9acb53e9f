//! What speaks for a number, and what against it.

use super::{estimate::Estimate, paths::Trial, waves::Batches};
use crate::{
    curve::Visited,
    estimator::{
        bar::BothWays,
        mixture::{Modes, below_bound, missed_by, without_spread},
        work::Directions,
    },
    stats::{LogWeights, std_dev},
    thresholds::{MAX_SIGMAS, MIN_ESS, MIN_OVERLAP},
};

/// Everything that is known at one β.
pub(super) struct Evidence<'a> {
    pub(super) estimate: &'a Estimate,
    /// The standard error asked for.
    pub(super) goal: f64,
    pub(super) directions: &'a Directions,
    pub(super) both: &'a BothWays,
    pub(super) batches: &'a Batches<'a>,
    /// The path that the number comes from, one of `trials`.
    pub(super) chosen: &'a Trial,
    pub(super) trials: &'a [Trial],
    pub(super) modes: Option<&'a Modes>,
    /// All units of the states that the chains down started from.
    pub(super) visited: &'a Visited,
}

impl Evidence<'_> {
    /// The estimates that were compared, for the reader.
    pub(super) fn describe(&self) -> Vec<String> {
        let Directions { forward_log_z, reverse_log_z, .. } = self.directions;
        let [up, down] = self.errors();
        let mut lines =
            vec![format!("up: {forward_log_z:.3} ± {up:.3}"), format!("down: {reverse_log_z:.3} ± {down:.3}")];
        let [chains, ladders] = self.estimate.parts;
        lines.extend(
            [("up and down", chains), ("ladders", ladders)]
                .map(|(what, (log_z, error))| format!("{what}: {log_z:.3} ± {error:.3}")),
        );
        lines.extend(self.modes.map(|modes| format!("certain lower bound of mean fields: {:.3}", modes.bound().log_z)));
        lines.extend(self.trials.iter().map(Trial::describe));
        lines
    }

    /// The standard errors of the exponential averages of the work up and of the work down, whose
    /// chains start from states of which some in a row depend on one another.
    fn errors(&self) -> [f64; 2] {
        let of = |work: &[f64], dependent: f64| {
            let log_w: Vec<f64> = work.iter().map(|work| -work).collect();
            let ess = LogWeights::new(&log_w).effective_size();
            ((1.0 / ess - 1.0 / work.len() as f64).max(0.0) * dependent).sqrt()
        };
        [of(&self.both.work.forward, 1.0), of(&self.both.work.reverse, self.batches.block.max(1) as f64)]
    }

    fn log_z(&self) -> f64 {
        self.estimate.value[0]
    }

    /// The trials of other paths that have something to say.
    fn other_paths(&self) -> impl Iterator<Item = (&Trial, f64)> {
        let is_other = |trial: &&Trial| !std::ptr::eq(*trial, self.chosen) && trial.ess >= MIN_ESS;
        let others = self.trials.iter().filter(is_other);
        let (log_z, error) = (self.log_z(), self.estimate.std_error);
        others.map(move |trial| (trial, (trial.log_z - log_z).abs() / trial.std_error().hypot(error)))
    }
}

/// Everything that speaks against the number, in short sentences.
pub(super) fn objections(evidence: &Evidence<'_>) -> Vec<String> {
    let Evidence { estimate, directions, batches, both, .. } = evidence;
    let (log_z, std_error) = (&evidence.log_z(), &estimate.std_error);
    let mut found = Vec::new();
    // Chains down that all did the same work have no spread of their own, whatever those up have.
    let spread = if std_dev(&both.work.reverse) == 0.0 { 0.0 } else { *std_error };
    // Where the base is the model itself there is no work to differ in.
    let is_model = evidence.chosen.pilot.length == 0.0;
    found.extend(without_spread(*log_z, spread).filter(|_| !is_model));
    if batches.is_stuck() {
        found.push(format!("{} round trips", batches.round_trips));
    }
    if directions.overlap < MIN_OVERLAP {
        found.push(format!("an overlap of {:.1e}", directions.overlap));
    }
    let crooks = (directions.slope - 1.0).abs() / directions.slope_error;
    if crooks > MAX_SIGMAS {
        found.push(format!("a Crooks slope {crooks:.1}σ from 1"));
    }
    let [up, down] = evidence.errors();
    for (what, value, error) in [("up", directions.forward_log_z, up), ("down", directions.reverse_log_z, down)] {
        let sigmas = (value - log_z).abs() / error.hypot(*std_error);
        if sigmas > MAX_SIGMAS {
            found.push(format!("the chains {what} alone give {value:.3}, {sigmas:.1}σ away"));
        }
    }
    let [(by_chains, chains), (by_ladders, ladders)] = estimate.parts;
    let distance = (by_chains - by_ladders).abs();
    let sigmas = distance / chains.hypot(ladders);
    // What is less than the error asked for is in the error bar.
    if sigmas > MAX_SIGMAS && distance > evidence.goal {
        found.push(format!("the ladders say {by_ladders:.3} and the chains {by_chains:.3}, {sigmas:.1}σ apart"));
    }
    if let Some(modes) = evidence.modes {
        found.extend(below_bound(*log_z, *std_error, modes.bound().log_z));
        found.extend(missed_by(modes, 0..modes.n_units(), evidence.visited, *log_z));
    }
    for (trial, sigmas) in evidence.other_paths() {
        // A forward path is low where it misses a mode: it objects from above only.
        if sigmas > MAX_SIGMAS && trial.log_z > *log_z {
            found.push(format!("{} is {sigmas:.1}σ above", trial.describe()));
        }
    }
    found
}

/// The independent evidence that agrees with the number, if it is enough to call it checked: chains
/// up from the base and chains down from states that replicas have brought there, with work that
/// overlaps, and a bound or another path that holds.
pub(super) fn independent_evidence(evidence: &Evidence<'_>) -> Vec<String> {
    let [up, down] = evidence.errors();
    let mut agreeing = vec![format!(
        "chains up and chains down agree ({:.2} ± {up:.2} and {:.2} ± {down:.2}), from states that {} round trips brought there",
        evidence.directions.forward_log_z, evidence.directions.reverse_log_z, evidence.batches.round_trips,
    )];
    agreeing.extend(evidence.modes.map(|modes| {
        let (bound, known) = (modes.bound().log_z, modes.list().len());
        format!("it is above the certain bound {bound:.2} and visits the {known} known modes as it must")
    }));
    for (trial, sigmas) in evidence.other_paths().filter(|(_, sigmas)| *sigmas <= MAX_SIGMAS) {
        agreeing.push(format!("{} agrees ({sigmas:.1}σ)", trial.describe()));
    }
    // The two directions share their path: one more witness is needed.
    if agreeing.len() >= 2 { agreeing } else { Vec::new() }
}
