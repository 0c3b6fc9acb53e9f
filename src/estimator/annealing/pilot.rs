//! A short run that measures where a path is long.

use crate::{
    Run,
    path::{Path, Profile},
    sample::Rung,
    stats::std_dev,
};

/// Chains of the pilot.
const CHAINS: usize = 64;
/// Steps of the pilot: enough to resolve a transition, and a small part of the run.
const STEPS: usize = 200;

/// What a pilot has measured of a path.
pub(in crate::estimator) struct Pilot {
    /// Equal steps of thermodynamic length.
    pub(in crate::estimator) profile: Profile,
    /// The length of the whole path.
    pub(in crate::estimator) length: f64,
}

/// Measures the thermodynamic length of a path.
///
/// The standard deviation of a step's log-weight over the chains, which stand near equilibrium, is
/// its length.
pub(in crate::estimator) fn pilot(path: &Path, stream: u64, run: &Run<'_>) -> Pilot {
    let mut chains = path.sampler.chains_at_base(CHAINS, run.seed, stream);
    let mut here = Rung::BASE;
    let ts: Vec<f64> = (0..=STEPS).map(|k| k as f64 / STEPS as f64).collect();
    let length = |t: &f64| {
        let next = path.rung(*t);
        let mut log_w = vec![0.0; CHAINS];
        chains.add_log_ratio(&[here], &[next], &mut log_w);
        chains.sweep(&[next]);
        here = next;
        std_dev(&log_w)
    };
    let mut lengths: Vec<f64> = ts[1..].iter().take_while(|_| !run.cancelled()).map(length).collect();
    lengths.resize(STEPS, 0.0);
    // A step whose weights overflow is as long as can be.
    lengths.iter_mut().filter(|length| length.is_nan()).for_each(|length| *length = f64::INFINITY);
    Pilot { profile: Profile::of_equal_length(&ts, &lengths), length: lengths.iter().sum() }
}
