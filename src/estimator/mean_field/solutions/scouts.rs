//! Short chains that find where a search had better begin.

use crate::{
    Run,
    estimator::{
        mean_field::{
            choices::{Report, Solver},
            config::MeanField,
        },
        mixture::relaxed_chains,
    },
    model::Expand,
    streams::Purpose,
};

/// Chains, their sweeps, and sweeps of first-order mean field from where they end: on models of
/// digits (784 × 500) one of so many ends in the best valley that any search has found, or within a
/// nat of it.
const CHAINS: usize = 32;
const SWEEPS: usize = 100;
const RELAXATION: usize = 32;

/// On a model of more couplings than this they go less far, at least these sweeps.
const COUPLINGS: usize = 1 << 20;
const FEWEST_SWEEPS: usize = 20;
const LEAST_RELAXATION: usize = 8;

/// Up to so many units in its smaller layer a model can be enumerated.
const ENUMERABLE: usize = 24;

/// Whether scouts are sent: for a single start of the solver `auto` on an RBM that nobody can
/// enumerate.
pub(in crate::estimator::mean_field) fn are_sent<M: Expand + ?Sized>(config: &MeanField, model: &M) -> bool {
    let best = matches!(config.report, Report::Best | Report::Sum);
    let large = model.couplings().is_some_and(|couplings| couplings.nrows().min(couplings.ncols()) > ENUMERABLE);
    config.starts == 1 && config.solver == Solver::Auto && best && large
}

/// The means at which the best of the scouts stands: that of the largest Φ. `None` if the run was
/// cancelled, or the parameters are too large for any Φ to be finite.
pub(in crate::estimator::mean_field) fn best<M: Expand + ?Sized>(
    config: &MeanField,
    model: &M,
    beta: f64,
    run: &Run<'_>,
) -> Option<Vec<f64>> {
    // The same random numbers at every β.
    let rng = Purpose::MeanFieldChains { part: 0, block: 0 }.generator(run.seed);
    let couplings = model.couplings().map_or(0, |couplings| couplings.len());
    let shorter = |sweeps: usize, least: usize| least.max(sweeps.min(sweeps * COUPLINGS / couplings.max(1)));
    let (sweeps, relaxation) = (shorter(SWEEPS, FEWEST_SWEEPS), shorter(RELAXATION, LEAST_RELAXATION));
    let points = relaxed_chains(model, beta, [CHAINS, sweeps, relaxation], rng, run)?;
    let mut best: Option<(f64, Vec<f64>)> = None;
    for point in points.row_iter() {
        let means: Vec<f64> = point.iter().copied().collect();
        let value = model.plefka_terms(config.order, &means).log_z(beta);
        if value.is_finite() && best.as_ref().is_none_or(|(highest, _)| value > *highest) {
            best = Some((value, means));
        }
    }
    best.map(|(_, means)| means)
}
