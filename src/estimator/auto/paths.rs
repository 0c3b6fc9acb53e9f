//! Several paths to the model, and which of them is good.

use std::sync::Arc;

use super::config::Auto;
use crate::{
    Error,
    estimator::{
        BaseChoice, PathChoice, Share,
        annealing::{AnnealingRun, Pilot, Way, forward, pilot},
    },
    path::Path,
    run::{Quiet, Run},
    sample::{Kernel, Sample},
    stats::LogWeights,
    streams::{Annealing, Purpose, annealing_base_part},
};

/// Chains of a trial.
const CHAINS: usize = 100;
/// Steps of a trial.
const RUNGS: usize = 300;

/// What an effective chain from a mixture counts: those of another path know nothing of the modes
/// that none of them has found, and a mixture begins in all that are known.
const FROM_MIXTURE: f64 = 2.0;
/// What one from the means of data counts: they are a component of the mixture, too.
const FROM_DATA: f64 = 0.5;

/// A path that was tried.
pub(super) struct Trial {
    /// The path in words.
    pub(super) name: String,
    /// What one of its effective chains counts beside those of other paths.
    favour: f64,
    pub(super) path: Arc<Path>,
    pub(super) pilot: Pilot,
    /// The forward estimate of ln Z.
    pub(super) log_z: f64,
    /// Effective chains behind it.
    pub(super) ess: f64,
}

impl Trial {
    /// The standard error that so many effective chains give.
    pub(super) fn std_error(&self) -> f64 {
        (1.0 / self.ess - 1.0 / CHAINS as f64).max(1e-6).sqrt()
    }

    /// For the reader.
    pub(super) fn describe(&self) -> String {
        let (log_z, error, ess) = (self.log_z, self.std_error(), self.ess);
        format!("ais, {}: {log_z:.3} ± {error:.3} ({ess:.0} of {CHAINS} chains)", self.name)
    }
}

/// Tries every path that the model has, the best one first: that of the most effective chains,
/// among those that do not contradict what the others have found from below.
///
/// `bound` is a lower bound of ln Z that is certain, if there is one;
/// `first` is the number of the first annealing run for their random streams, of `runs`.
pub(super) fn trials(
    config: &Auto,
    model: &dyn Sample,
    beta: f64,
    bound: f64,
    (first, runs): (usize, usize),
    run: &Run<'_>,
) -> Result<Vec<Trial>, Error> {
    let quiet = &Run { progress: &Quiet, ..*run };
    let data = config.data.as_ref();
    let way = |path: PathChoice, base: BaseChoice| Way {
        path,
        base,
        data,
        trajectory: config.trajectory.as_ref(),
        kernel: Kernel::Auto,
    };
    let bases = [BaseChoice::Uniform, BaseChoice::Biases, BaseChoice::MeanField, BaseChoice::Data, BaseChoice::Mixture];
    let direct = bases.map(|base| way(PathChoice::Direct, base));
    let mut trials = Vec::new();
    for (k, way) in direct.into_iter().chain([way(PathChoice::Trajectory, BaseChoice::Uniform)]).enumerate() {
        let number = first + k;
        if way.check(model).is_err() {
            continue;
        }
        let path = match way.to(model, beta, annealing_base_part(number), quiet) {
            Ok(path) => Arc::new(path),
            // No mean-field solution, for example: the other paths remain.
            Err(_) if !way.passes_every_beta() => continue,
            Err(error) => return Err(error),
        };
        let stream = Purpose::Annealing { run: number, stage: Annealing::Pilot, block: 0 };
        let pilot = pilot(&path, stream.number(), quiet);
        let annealing = AnnealingRun::to_beta(&path, beta, RUNGS, &pilot.profile, (number, runs))?;
        let Some(samples) = forward(&annealing, CHAINS, Share::WHOLE, quiet).pop() else { break };
        let weights = LogWeights::new(&samples.log_w);
        let (log_z, ess) = (samples.log_z_base + weights.log_mean, weights.effective_size());
        let favour = match way.base {
            BaseChoice::Mixture => FROM_MIXTURE,
            BaseChoice::Data => FROM_DATA,
            _ => 1.0,
        };
        trials.push(Trial { name: way.name(), favour, path, pilot, log_z, ess });
    }
    rank(&mut trials, bound);
    Ok(trials)
}

/// The best path first. `bound` is below ln Z for certain.
fn rank(trials: &mut [Trial], bound: f64) {
    // What a path finds is too low where it misses something: one far below another, or below what is
    // certain, is no good.
    let highest = trials.iter().map(|trial| trial.log_z - 4.0 * trial.std_error()).fold(bound, f64::max);
    let is_high = |trial: &Trial| trial.log_z + 4.0 * trial.std_error() >= highest;
    let rank = |trial: &Trial| (is_high(trial), trial.ess * trial.favour);
    trials.sort_by(|a, b| {
        let ((a_high, a_ess), (b_high, b_ess)) = (rank(a), rank(b));
        b_high.cmp(&a_high).then(b_ess.total_cmp(&a_ess))
    });
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::{Rbm, path::Profile};

    pub(in crate::estimator::auto) fn trial(name: &str, favour: f64, log_z: f64, ess: f64, length: f64) -> Trial {
        let rbm = Rbm::from_rows(&[[1.0]], &[0.0], &[0.0]).unwrap();
        let way = Way {
            path: PathChoice::Direct,
            base: BaseChoice::Uniform,
            data: None,
            trajectory: None,
            kernel: Kernel::Auto,
        };
        let path = way.to(&rbm, 1.0, annealing_base_part(0), &Run::quiet(0)).unwrap();
        let pilot = Pilot { profile: Profile::even(), length };
        Trial { name: name.into(), favour, path: Arc::new(path), pilot, log_z, ess }
    }

    /// The path of the most effective chains lies below what is certain: it has missed a mode.
    #[test]
    fn a_path_below_the_certain_bound_is_the_last() {
        let trials = || {
            vec![
                trial("mean-field", 1.0, 245.119, 82.0, 5.0),
                trial("biases", 1.0, 245.058, 9.0, 30.0),
                trial("mixture", FROM_MIXTURE, 245.383, 39.0, 12.0),
            ]
        };
        let order = |bound| {
            let mut trials = trials();
            rank(&mut trials, bound);
            trials.into_iter().map(|trial| trial.name).collect::<Vec<_>>()
        };
        assert_eq!(order(245.632), ["mixture", "biases", "mean-field"]);
        // Without a bound, 39 chains from the mixture count as 78.
        assert_eq!(order(f64::NEG_INFINITY), ["mean-field", "mixture", "biases"]);
    }

    /// Var ln Z = 1/n of the effective chains − 1/N of all, which is none where all are effective, and
    /// then some all the same.
    #[test]
    fn the_error_of_a_trial_is_that_of_its_effective_chains() {
        let of = |ess: f64| trial("mixture", FROM_MIXTURE, 245.3834, ess, 5.0);
        assert!((of(20.0).std_error() - 0.2).abs() < 1e-15);
        assert_eq!(of(100.0).std_error(), 1e-3);
        assert_eq!(of(20.0).describe(), "ais, mixture: 245.383 ± 0.200 (20 of 100 chains)");
    }

    /// What counts is a distance of four standard errors of each, here 0.8 and 0.8.
    #[test]
    fn a_path_is_too_low_where_neither_error_reaches_the_other() {
        let order = |log_z: f64| {
            let mut trials = vec![trial("a", 1.0, 10.0, 20.0, 5.0), trial("b", 1.0, log_z, 20.5, 5.0)];
            rank(&mut trials, f64::NEG_INFINITY);
            trials.into_iter().map(|trial| trial.name).collect::<String>()
        };
        assert_eq!((order(8.45), order(8.39)), ("ba".into(), "ab".into()));
    }
}
