//! The one judgement on every number: what is printed, saved, drawn and reported rests on it.

use std::fmt;

use super::{ExactComparison, compare_with_exact, distance::distance};
use crate::{
    curve::{Claim, Measured, Method, Reliability, Status, Verdict},
    io::{CurveRecord, Quantity, ResultFile},
    thresholds::MAX_SIGMAS,
};

/// The verdict on ln Z at one point of a curve, with its reasons.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// What speaks against the number, in short sentences.
    pub objections: Vec<String>,
    /// How it compares with the exact value, where there is one from another curve.
    pub comparison: Option<ExactComparison>,
}

impl Judgement {
    /// Whether the exact value refutes what the number claims.
    #[must_use]
    pub fn is_refuted(&self) -> bool {
        self.comparison.is_some_and(ExactComparison::is_refuted)
    }
}

/// A few words, such as `checked (0.4σ)`, `approximation, off by −6.25` or
/// `untrustworthy: 9 round trips`.
impl fmt::Display for Judgement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { verdict, objections, comparison } = self;
        let text = match (verdict, comparison) {
            (Verdict::Checked, Some(ExactComparison::Agrees { sigmas })) => format!("checked ({sigmas:.1}σ)"),
            (Verdict::Approximation | Verdict::Bound, Some(comparison)) => format!("{verdict}, {comparison}"),
            (Verdict::Untrustworthy, _) if !objections.is_empty() => format!("{verdict}: {}", objections.join("; ")),
            (verdict, _) => verdict.to_string(),
        };
        f.pad(&text)
    }
}

/// The results with the verdict and the objections of every point filled in.
#[must_use]
pub fn judged(mut results: ResultFile) -> ResultFile {
    judge_together(&mut results.curves);
    results
}

/// Fills in the verdict and the objections of every point of curves of one model.
pub fn judge_together(curves: &mut [CurveRecord]) {
    let judgements: Vec<Vec<Judgement>> = curves.iter().map(|curve| fresh(curves, curve)).collect();
    for (curve, judgements) in curves.iter_mut().zip(judgements) {
        for (point, Judgement { verdict, objections, .. }) in curve.points.iter_mut().zip(judgements) {
            (point.verdict, point.objections) = (Some(verdict), objections);
        }
    }
}

/// The judgement on each point of a curve of `results`: the saved one, or a new one where none was
/// saved.
#[must_use]
pub fn judgements(results: &ResultFile, curve: &CurveRecord) -> Vec<Judgement> {
    let mut judgements = fresh(&results.curves, curve);
    for (judgement, point) in judgements.iter_mut().zip(&curve.points) {
        if let Some(verdict) = point.verdict {
            (judgement.verdict, judgement.objections) = (verdict, point.objections.clone());
        }
    }
    judgements
}

fn fresh(curves: &[CurveRecord], curve: &CurveRecord) -> Vec<Judgement> {
    (0..curve.points.len()).map(|k| beside_others(curves, curve, k)).collect()
}

/// The verdict on a number by itself: by its status, its own evidence, and the exact value where
/// there is one.
///
/// Being refuted by the exact value comes before everything else, so that no excuse hides it; then
/// what the method admits itself (not converged, poor evidence), even where the number happens to
/// be right; then what it claims.
#[must_use]
pub fn judge(number: Option<Measured>, status: Status, reliability: Reliability, exact: Option<f64>) -> Judgement {
    let comparison = number.zip(exact).map(|(number, exact)| compare_with_exact(number, exact));
    let refuted = comparison.filter(|comparison| comparison.is_refuted());
    let mut objections: Vec<String> = refuted.iter().map(ToString::to_string).collect();
    if number.is_some() {
        objections.extend(reliability.objections());
    } else if status == Status::Converged {
        objections.push("there is no value".into());
    }
    let verdict = match (status, number.map(|number| number.claim)) {
        _ if refuted.is_some() => Verdict::Untrustworthy,
        (Status::Cancelled, _) => Verdict::Cancelled,
        (Status::NotConverged, _) => Verdict::NotConverged,
        (Status::Converged, _) if !objections.is_empty() => Verdict::Untrustworthy,
        (Status::Converged, Some(Claim::Exact)) => Verdict::Exact,
        (Status::Converged, Some(Claim::Bound { .. })) => Verdict::Bound,
        (Status::Converged, Some(Claim::Estimate { .. })) if comparison.is_some() => Verdict::Checked,
        (Status::Converged, Some(Claim::Estimate { .. })) => Verdict::Unchecked,
        (Status::Converged, Some(Claim::Approximation) | None) => Verdict::Approximation,
    };
    Judgement { verdict, objections, comparison }
}

/// The `k`-th point of a curve by itself.
pub(super) fn alone(curves: &[CurveRecord], curve: &CurveRecord, k: usize) -> Judgement {
    let point = &curve.points[k];
    let exact = || curves.iter().find_map(|other| other.exact(Quantity::LogZ, point.beta));
    let exact = if curve.method == Method::Exact { None } else { exact() };
    let mut judgement = judge(point.log_z, point.status, Reliability::at(&curve.diagnostics, k), exact);
    let (against, independent) = (curve.diagnostics.objections_at(k), curve.diagnostics.independent_at(k));
    if speaks(&judgement) && !against.is_empty() && judgement.verdict != Verdict::Exact {
        judgement.verdict = Verdict::Untrustworthy;
        judgement.objections.extend_from_slice(against);
    } else if judgement.verdict == Verdict::Unchecked && !independent.is_empty() {
        judgement.verdict = Verdict::Checked;
    }
    judgement
}

/// The `k`-th point of a curve in the light of the other curves.
///
/// Where there is an exact value it has decided already. Elsewhere two numbers that each stand by
/// themselves may contradict each other: then at least one is wrong, and nothing says which, unless
/// one of them is a bound that was not sampled. Two estimates of different kinds that agree check
/// each other.
fn beside_others(curves: &[CurveRecord], curve: &CurveRecord, k: usize) -> Judgement {
    let mut judgement = alone(curves, curve, k);
    let point = &curve.points[k];
    let Some(log_z) = point.log_z.filter(|_| speaks(&judgement)) else { return judgement };
    if judgement.comparison.is_some() || judgement.verdict == Verdict::Exact {
        return judgement;
    }
    let others = peers(curves, point.beta).filter(|(method, _)| *method != curve.method);
    let (mut against, mut agreeing) = (Vec::new(), false);
    for (method, other) in others {
        let sigmas = distance(log_z, other);
        if sigmas > MAX_SIGMAS {
            against.push(contradiction(method, other, sigmas));
        }
        let estimates = [log_z, other].iter().all(|m| matches!(m.claim, Claim::Estimate { .. }));
        agreeing |= estimates && sigmas <= MAX_SIGMAS && kind(method) != kind(curve.method);
    }
    let certain = matches!(log_z.claim, Claim::Bound { std_error: None, .. });
    if !against.is_empty() && !certain {
        judgement = Judgement { verdict: Verdict::Untrustworthy, objections: against, comparison: None };
    } else if agreeing {
        judgement.verdict = Verdict::Checked;
    }
    judgement
}

/// The numbers at β that stand by themselves and claim something: approximations claim nothing that
/// another could contradict.
fn peers(curves: &[CurveRecord], beta: f64) -> impl Iterator<Item = (Method, Measured)> {
    curves.iter().filter_map(move |curve| {
        let k = curve.index_of(beta)?;
        let log_z = curve.points[k].log_z.filter(|_| speaks(&alone(curves, curve, k)))?;
        Some((curve.method, log_z))
    })
}

/// Whether a number has a say on others.
pub(super) fn speaks(judgement: &Judgement) -> bool {
    matches!(judgement.verdict, Verdict::Exact | Verdict::Checked | Verdict::Unchecked | Verdict::Bound)
}

fn contradiction(method: Method, other: Measured, sigmas: f64) -> String {
    let what = match other.claim {
        Claim::Bound { .. } => format!("the bound of {method}"),
        _ => method.to_string(),
    };
    if sigmas.is_finite() { format!("{what} is {sigmas:.1}σ away") } else { format!("{what} contradicts it") }
}

/// Methods of one kind share their starts and their path, and with them their mistakes: that they
/// agree says little.
fn kind(method: Method) -> Method {
    match method {
        Method::ReverseAis | Method::Bar => Method::Ais,
        Method::Integration => Method::Tempering,
        other => other,
    }
}
