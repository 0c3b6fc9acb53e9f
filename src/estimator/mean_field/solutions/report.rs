//! From solutions to a curve: which value is reported, on what evidence, with what warnings.

use std::collections::BTreeMap;

use super::{
    super::{choices::Report, config::MeanField},
    landscape::{DISTINCT_TOLERANCE, Landscape, Reported},
};
use crate::{
    curve::{Betas, BoundKind, Claim, Curve, Diagnostics, Method, Series, Status},
    model::Order,
    thresholds::MAX_UNSEEN,
};

impl Report {
    fn choose(self, landscape: &Landscape) -> Option<Reported<'_>> {
        match self {
            Self::Best => landscape.one(landscape.best()),
            // Which of the two the first search has followed was decided where it began.
            Self::Annealed | Self::UniformStart => landscape.one(landscape.first.map(|k| &landscape.distinct[k])),
            Self::Sum => landscape.sum(),
        }
    }
}

/// The curve through the reported values.
pub(in crate::estimator::mean_field) fn curve(
    config: &MeanField,
    method: Method,
    betas: &Betas,
    landscapes: &[Landscape],
    log_z_at_zero: f64,
    seconds: f64,
) -> Curve {
    let reported: Vec<Reported> = landscapes.iter().map_while(|landscape| config.report.choose(landscape)).collect();
    let mut values = Series::default();
    for (reported, beta) in reported.iter().zip(betas.iter()) {
        let log_z = if *beta == 0.0 { log_z_at_zero } else { reported.log_z };
        values.push(log_z, Some(reported.energy), reported.energy_variance);
    }
    // Every solution is a lower bound to first order; a sum over several that overlap is not.
    let bounds = config.order == Order::First && config.report != Report::Sum;
    let bound = Claim::Bound { kind: BoundKind::Lower, std_error: None };
    let status = |r: &Reported| if r.converged { Status::Converged } else { Status::NotConverged };
    Curve {
        method,
        betas: betas.clone(),
        reached: reported.iter().map(status).collect(),
        values,
        replicates: Vec::new(),
        log_z_claim: if bounds { bound } else { Claim::Approximation },
        visited: Vec::new(),
        diagnostics: diagnostics(config, landscapes, &reported),
        warnings: warnings(config, betas, landscapes, &reported),
        seconds,
    }
}

/// The certificate, β by β.
fn diagnostics(config: &MeanField, landscapes: &[Landscape], reported: &[Reported<'_>]) -> Diagnostics {
    let of_reported = |f: &dyn Fn(&Reported<'_>) -> f64| reported.iter().map(f).collect::<Vec<_>>();
    let of_landscape = |f: &dyn Fn(&Landscape) -> f64| landscapes.iter().map(f).collect::<Vec<_>>();
    let value =
        |landscape: &Landscape, k: usize| landscape.distinct.get(k).or(landscape.attempt.as_ref()).map(|s| s.log_z);
    let mut solvers: BTreeMap<String, usize> = BTreeMap::new();
    for reported in reported.iter().filter(|reported| reported.converged) {
        let certificate = &reported.solution.certificate;
        let newton = if certificate.polished { " + newton" } else { "" };
        *solvers.entry(format!("{}{newton}", certificate.solver.name())).or_default() += 1;
    }
    let solvers: Vec<String> = solvers.into_iter().map(|(name, count)| format!("{name}: {count}")).collect();
    let residuals = of_reported(&|r| r.solution.certificate.residual);
    Diagnostics::default()
        .number("residual", residuals.iter().copied().fold(0.0, f64::max))
        .per_beta("residual_by_beta", residuals)
        .per_beta("iterations_by_beta", of_reported(&|r| r.solution.certificate.iterations as f64))
        .per_beta("smallest_eigenvalue_by_beta", of_reported(&|r| r.solution.certificate.smallest_eigenvalue))
        .per_beta("stable_by_beta", of_reported(&|r| f64::from(r.solution.certificate.is_stable())))
        .per_beta("plefka_by_beta", of_reported(&|r| r.solution.certificate.plefka))
        .per_beta("converged_starts_by_beta", of_landscape(&|l| l.converged as f64))
        .per_beta("distinct_by_beta", of_landscape(&|l| l.distinct.len() as f64))
        .per_beta("highest_log_z_by_beta", of_landscape(&|l| value(l, 0).unwrap_or(f64::NAN)))
        .per_beta(
            "lowest_log_z_by_beta",
            of_landscape(&|l| value(l, l.distinct.len().saturating_sub(1)).unwrap_or(f64::NAN)),
        )
        .per_beta("unseen_by_beta", of_landscape(&Landscape::unseen))
        .text("solvers", format!("{} (of {} β)", solvers.join(", "), reported.len()))
        .number("starts", config.starts as f64)
        .number("distance_threshold", DISTINCT_TOLERANCE)
        .number("damping", config.damping)
        .number("tolerance", config.tolerance)
}

/// What the reader should know, each with a remedy.
fn warnings(config: &MeanField, betas: &Betas, landscapes: &[Landscape], reported: &[Reported<'_>]) -> Vec<String> {
    let mut warnings = Vec::new();
    let where_ = |is: &dyn Fn(usize) -> bool| -> Option<(Vec<usize>, String)> {
        let all: Vec<usize> = (0..reported.len()).filter(|k| is(*k)).collect();
        let (first, last) = (betas[*all.first()?], betas[*all.last()?]);
        let words = format!("{} of {} β (from {first} to {last})", all.len(), betas.len());
        Some((all, words))
    };
    let certificate = |k: usize| &reported[k].solution.certificate;
    if let Some((failed, place)) = where_(&|k| !reported[k].converged) {
        let worst = failed.iter().map(|k| certificate(*k).residual).fold(0.0, f64::max);
        warnings.push(format!(
            "not converged at {place}, largest residual {worst:.1e}: the numbers there are not those of a stationary \
             point; try more starts, more iterations than {}, or another solver than {}",
            config.max_iterations,
            config.solver.name(),
        ));
    }
    if let Some((_, place)) = where_(&|k| reported[k].converged && !certificate(k).is_stable()) {
        warnings.push(format!(
            "the solution is not a minimum of the free energy at {place}: another phase may be below it; try more starts"
        ));
    }
    let impossible = |k: usize| reported[k].converged && !reported[k].solution.is_possible(betas[k]);
    if let Some((impossible, place)) = where_(&impossible) {
        let least = impossible.iter().map(|k| reported[*k].solution.entropy(betas[*k])).fold(0.0, f64::min);
        warnings.push(format!(
            "the entropy is negative at {place}, down to {least:.1} nats, which discrete units cannot have: the solution \
             describes no state of the system; try more starts, from data"
        ));
    }
    let beyond = |k: usize| config.order > Order::First && reported[k].converged && !certificate(k).satisfies_plefka();
    if let Some((beyond, place)) = where_(&beyond) {
        let most = beyond.iter().map(|k| certificate(*k).plefka).fold(0.0, f64::max);
        warnings.push(format!(
            "Plefka's condition fails at {place}: the expansion does not converge there (largest eigenvalue {most:.1}, the \
             limit is 1), and ln Z may be far off in either direction; compare with mf, or with ais"
        ));
    }
    if let Some((many, place)) = where_(&|k| config.report == Report::Sum && landscapes[k].unseen() > MAX_UNSEEN) {
        let most = many.iter().map(|k| landscapes[*k].unseen()).fold(0.0, f64::max);
        warnings.push(format!(
            "the sum over solutions is not complete at {place}: up to {:.0} % of further starts would find new ones; try \
             more than {} starts",
            100.0 * most,
            config.starts,
        ));
    }
    warnings
}
