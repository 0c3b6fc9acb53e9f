//! A short run that measures where a path is long.

use super::schedule::Profile;
use crate::{
    Run,
    model::{Rung, Sampler},
    stats::std_dev,
};

/// Chains of the pilot.
const CHAINS: usize = 64;
/// Steps of the pilot: enough to resolve a transition, and a small part of the run.
const STEPS: usize = 200;

/// Equal steps of thermodynamic length on the path of `rung`, which takes t from 0 to 1.
///
/// The standard deviation of a step's log-weight over the chains, which stand near equilibrium, is its length.
pub(super) fn pilot(sampler: &dyn Sampler, rung: impl Fn(f64) -> Rung, stream: u64, run: &Run<'_>) -> Profile {
    let mut chains = sampler.chains_at_base(CHAINS, run.seed, stream);
    let mut here = Rung::BASE;
    let length = |k: usize| {
        let next = rung(k as f64 / STEPS as f64);
        let mut log_w = vec![0.0; CHAINS];
        chains.add_log_ratio(&[here], &[next], &mut log_w);
        chains.sweep(&[next]);
        here = next;
        std_dev(&log_w)
    };
    let mut lengths: Vec<f64> = (1..=STEPS).map_while(|k| (!run.cancelled()).then_some(k)).map(length).collect();
    lengths.resize(STEPS, 0.0);
    Profile::of_equal_length(&lengths)
}
