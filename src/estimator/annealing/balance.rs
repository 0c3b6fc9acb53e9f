//! Weights of the components of a mixture along the path from it.

use rayon::prelude::*;

use crate::{
    Run,
    path::Path,
    sample::{Base, Kernel, MixtureBase, Rung, Sample},
    stats::LogWeights,
    streams::Purpose,
};

/// Chains from each component.
const CHAINS: usize = 24;
/// Steps of each.
const STEPS: usize = 250;

/// The mixture of some bases in which each keeps its share of the states along the path.
///
/// By itself, component k leads to the model along qₖ^{1−t} e^{−tβE}, whose ln Zₖ(t) a few chains
/// estimate. With αₖ(t) = πₖ/Zₖ(t) a rung is Σₖ πₖ pₖ(t), every pₖ normalised: none dies out on the
/// way that has a share of the model at its end, as all but those of the lowest energy would with
/// weights that stay what they are. πₖ ∝ Zₖ(1) as the chains find it in the time that they have: the
/// part of the model that component k leads to.
pub(super) fn balanced<M: Sample + ?Sized>(
    model: &M,
    bases: &[Base],
    beta: f64,
    part: usize,
    run: &Run<'_>,
) -> MixtureBase {
    let weighted = |(k, base): (usize, &Base)| {
        let path = Path::from_base(model, base, Kernel::Auto, beta);
        let log_z = log_z_along(&path, Purpose::Balance { part, component: k }.number(), run);
        // From 1 − t = 0, the model, to the base.
        (log_z.iter().rev().map(|here| log_z[STEPS] - here).collect(), base.clone())
    };
    MixtureBase::with_log_weights(bases.par_iter().enumerate().map(weighted).collect())
}

/// ln Z at equal steps of t from a base, which is normalised, to the model: the logarithm of the
/// mean weight, step by step.
fn log_z_along(path: &Path, stream: u64, run: &Run<'_>) -> Vec<f64> {
    let mut chains = path.sampler.chains_at_base(CHAINS, run.seed, stream);
    let (mut here, mut sum, mut log_z) = (Rung::BASE, 0.0, vec![0.0]);
    for step in 1..=STEPS {
        let t = step as f64 / STEPS as f64;
        let next = path.rung(t);
        let mut log_w = vec![0.0; CHAINS];
        chains.add_log_ratio(&[here], &[next], &mut log_w);
        chains.sweep(&[next]);
        sum += LogWeights::new(&log_w).log_mean;
        // The base of a path has the normalisation `log_z_base`, of which a rung has the part 1 − t.
        log_z.push(sum + t * path.log_z_base);
        here = next;
    }
    log_z
}
