//! What a training run was worth at each of its checkpoints: ln Z and ln p(v) along training.

use std::sync::Arc;

use crate::{
    Error, Exact, Rbm,
    curve::{Betas, Curve, Status},
    data::Data,
    estimator::{Ais, CertainBounds, MethodConfig, PathChoice, Schedule, Tempering, along},
    findings::judge_together,
    io::{CurveRecord, HistoryEstimate, HistoryRow, LogLikelihood, LogZ},
    likelihood::Likelihood,
    model::Enumerate,
    path::Trajectory,
    run::Run,
};

/// Factors to multiply at a checkpoint up to which ln Z is enumerated: about a second.
const EXACT_FACTORS: f64 = 1e10;

/// How ln Z is computed unless told otherwise: enumerated where that is quick; else by tempering
/// through the checkpoints, and beside it, as a second witness, by annealing through them.
#[must_use]
pub fn default_methods(trajectory: &Trajectory) -> Vec<MethodConfig> {
    let cost = trajectory.last().rbm.enumeration_cost();
    if cost.factors() <= EXACT_FACTORS {
        return vec![MethodConfig::Exact(Exact { max_units: cost.log2_states, ..Exact::default() })];
    }
    let path = PathChoice::Trajectory;
    let tempering =
        Tempering { path, ladders: 4, temperatures: 40, sweeps: 2000, burn_in: 500, ..Tempering::default() };
    let ais = Ais { path, schedule: Schedule::Adaptive, chains: 200, rungs: 2000, ..Ais::default() };
    vec![MethodConfig::Tempering(tempering), MethodConfig::Ais(ais)]
}

/// ln Z of every checkpoint by the first of the methods, judged beside the others and held against
/// certain lower bounds, and the mean of ln p(v) over training and held-out rows. There are fewer
/// rows if the run was cancelled.
///
/// A path through checkpoints can be far off with many effective chains, where the run was trained
/// far from equilibrium (Béreux et al., arXiv:2405.15376): what tells is whether replicas travel,
/// whether the two methods agree, and whether a certain bound is broken.
///
/// # Errors
/// Those of the methods, and [`Error::Config`] if the data do not fit the models.
///
/// # Examples
/// ```
/// use std::sync::Arc;
/// use plefka::{Rbm, Run, Verdict, history, path::{Checkpoint, Trajectory}};
/// let model = |w: f64| Rbm::from_rows(&[[w]], &[0.0], &[0.0]);
/// let run = vec![Checkpoint { update: 0, rbm: model(0.0)? }, Checkpoint { update: 10, rbm: model(1.0)? }];
/// let trajectory = Arc::new(Trajectory::new(run)?);
/// let methods = history::default_methods(&trajectory);
/// let rows = history::history(&trajectory, &methods, None, None, &Run::quiet(1))?;
/// assert_eq!((rows[1].update, rows[1].log_z.verdict), (10, Verdict::Exact));
/// assert!((rows[1].log_z.number.value - (3.0 + 1f64.exp()).ln()).abs() < 1e-12);
/// # Ok::<(), plefka::Error>(())
/// ```
pub fn history(
    trajectory: &Arc<Trajectory>,
    methods: &[MethodConfig],
    train: Option<&Arc<Data>>,
    test: Option<&Data>,
    run: &Run<'_>,
) -> Result<Vec<HistoryRow>, Error> {
    let by_method: Vec<Vec<Curve>> =
        methods.iter().map(|config| along(config, trajectory, run)).collect::<Result<_, _>>()?;
    let mut rows = Vec::new();
    for (k, checkpoint) in trajectory.checkpoints().iter().enumerate() {
        let curves: Option<Vec<Curve>> = by_method.iter().map(|curves| curves.get(k).cloned()).collect();
        let Some(curves) = curves.filter(|curves| curves.iter().all(|c| c.status() != Status::Cancelled)) else {
            break;
        };
        let (log_z, estimates) = judged(curves, &checkpoint.rbm, train, run)?;
        let Some(log_z) = log_z else { break };
        let of_rows = |data: &Data| -> Result<Option<LogLikelihood>, Error> {
            let found = Likelihood::within(&checkpoint.rbm, data, 1.0, log_z.number, run)?;
            Ok(found.map(|Likelihood { mean, std_error_data, std_error_log_z, .. }| LogLikelihood {
                value: mean,
                std_error_data,
                std_error_log_z,
            }))
        };
        let log_likelihood_train = train.map(|data| of_rows(data)).transpose()?.flatten();
        let log_likelihood_test = test.map(of_rows).transpose()?.flatten();
        if run.cancelled() {
            break;
        }
        rows.push(HistoryRow {
            update: checkpoint.update,
            log_likelihood_train,
            log_likelihood_test,
            log_z,
            estimates,
        });
    }
    Ok(rows)
}

/// The first number with its verdict in the light of all, and every number.
fn judged(
    mut curves: Vec<Curve>,
    rbm: &Rbm,
    data: Option<&Arc<Data>>,
    run: &Run<'_>,
) -> Result<(Option<LogZ>, Vec<HistoryEstimate>), Error> {
    let sampled = |curve: &Curve| !curve.replicates.is_empty();
    let exact = curves.iter().any(|curve| curve.method == crate::Method::Exact);
    let of_samples: Vec<&Curve> = curves.iter().filter(|curve| sampled(curve)).collect();
    if !exact
        && !of_samples.is_empty()
        && let Some(certain) = CertainBounds::find(rbm, data, &of_samples, &Betas::one(1.0)?, run)?
    {
        curves.iter_mut().filter(|curve| sampled(curve)).for_each(|curve| curve.hold_against(&certain));
    }
    let mut records: Vec<CurveRecord> = curves.iter().map(CurveRecord::from).collect();
    judge_together(&mut records);
    let estimate = |record: &CurveRecord| {
        let point = record.points.first()?;
        Some(HistoryEstimate {
            log_z: LogZ {
                number: point.log_z?,
                method: record.method,
                verdict: point.verdict?,
                objections: point.objections.clone(),
            },
            round_trips: record.diagnostics.at("round_trips_by_beta", 0),
            ess: record.diagnostics.at("ess_by_beta", 0),
        })
    };
    let estimates: Vec<HistoryEstimate> = records.iter().filter_map(estimate).collect();
    Ok((estimates.first().map(|estimate| estimate.log_z.clone()), estimates))
}
