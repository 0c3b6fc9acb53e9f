//! The findings that come first: what a reader should know before the numbers.

use super::{
    ExactComparison, Judgement, entropy_drop, judgements,
    words::{beta, signed},
};
use crate::{
    curve::{Claim, Method, Status, Verdict},
    io::{CurveRecord, ResultFile},
    thresholds::{MAX_SIGMAS, NEGATIVE_ENTROPY},
};

/// How a finding should be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// A fact about the model.
    Fact,
    /// A method that did what it claims.
    Good,
    /// Something to keep in mind.
    Caution,
    /// A number that must not be used.
    Bad,
}

/// One finding in a sentence or two of plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How to take it.
    pub tone: Tone,
    /// The method it is about, if it is about one.
    pub method: Option<Method>,
    /// The finding.
    pub text: String,
}

/// The findings, the model's first and then each method's in the order of the file.
#[must_use]
pub fn key_findings(results: &ResultFile) -> Vec<Finding> {
    let mut found = Vec::new();
    found.extend(collapse(results));
    for curve in &results.curves {
        let (tone, text) = quality(results, curve);
        found.push(Finding { tone, method: Some(curve.method), text });
        found.extend(impossible_entropy(curve));
    }
    found
}

/// Where the entropy collapses, from the exact curve or the first one that shows it.
fn collapse(results: &ResultFile) -> Option<Finding> {
    let exact_first = |c: &&CurveRecord| c.method != Method::Exact;
    let mut curves: Vec<&CurveRecord> = results.curves.iter().collect();
    curves.sort_by_key(exact_first);
    // A mean field always has a smooth curve; it is used only where there is nothing better.
    let curve = *curves.iter().find(|c| c.method == Method::Exact || c.is_sampled()).or(curves.first())?;
    let fall = entropy_drop(curve)?;
    let peak = curve.points.iter().filter_map(|p| Some((p.beta, p.heat_capacity?.value)));
    let peak = peak.filter(|(b, _)| (fall.from..=fall.to).contains(b)).max_by(|a, b| a.1.total_cmp(&b.1));
    let peak = peak.map(|(b, c)| format!("; the heat capacity peaks there at {c:.0} (β = {})", beta(b)));
    let text = format!(
        "The entropy collapses between β = {} and {}: S falls by {:.0} nats, from {:.1} to {:.1} ({}){}.",
        beta(fall.from),
        beta(fall.to),
        fall.nats(),
        fall.entropy_before,
        fall.entropy_after,
        curve.method,
        peak.unwrap_or_default()
    );
    Some(Finding { tone: Tone::Fact, method: None, text })
}

/// How good one method's ln Z is.
fn quality(results: &ResultFile, curve: &CurveRecord) -> (Tone, String) {
    let judged = judgements(results, curve);
    let total = judged.len();
    let count = |pick: fn(&Judgement) -> bool| judged.iter().filter(|j| pick(j)).count();
    let first = |pick: fn(&Judgement) -> bool| judged.iter().position(pick);
    let from =
        |k: usize| if total > 1 { format!(", first at β = {}", beta(curve.points[k].beta)) } else { String::new() };

    let mut said = Vec::new();
    let mut tone = Tone::Good;
    let known = count(|j| j.verdict == Verdict::Exact);
    if curve.method == Method::Exact && known > 0 {
        said.push(format!("ln Z is known exactly at {}", of(known, total)));
    }
    let agrees = |j: &Judgement| match j.comparison {
        Some(ExactComparison::Agrees { sigmas }) => Some(sigmas),
        Some(ExactComparison::Same) => Some(0.0),
        _ => None,
    };
    let agreeing: Vec<f64> = judged.iter().filter(|j| j.verdict.is_sound()).filter_map(agrees).collect();
    if !agreeing.is_empty() && curve.is_sampled() {
        let worst = agreeing.iter().copied().fold(0.0, f64::max);
        said.push(format!("agrees with the exact ln Z at {}, within {worst:.1}σ", of(agreeing.len(), total)));
    }
    let checked = count(|j| j.verdict == Verdict::Checked && j.comparison.is_none());
    if checked > 0 {
        said.push(format!("agrees with an independent estimate at {}", of(checked, total)));
    }
    let refuted = count(Judgement::is_refuted);
    if let Some(k) = first(Judgement::is_refuted) {
        let what = &judged[k].objections[0];
        said.push(format!("contradicted by the exact ln Z at {}{}: {what}", of(refuted, total), from(k)));
    }
    if let Some(text) = offset(curve, &judged) {
        said.push(text);
        tone = Tone::Caution;
    }
    let unchecked = count(|j| j.verdict == Verdict::Unchecked);
    if unchecked > 0 {
        said.push(format!("unchecked at {}: there is nothing independent to hold it against", of(unchecked, total)));
        tone = Tone::Caution;
    }
    let uncontrolled = |j: &Judgement| matches!(j.verdict, Verdict::Approximation | Verdict::Bound);
    let unmeasured = judged.iter().filter(|j| uncontrolled(j) && j.comparison.is_none()).count();
    if unmeasured > 0 {
        said.push(format!("its error is unknown at {}: there is no exact value", of(unmeasured, total)));
        tone = Tone::Caution;
    }
    for (pick, what) in [
        ((|j| j.verdict == Verdict::NotConverged) as fn(&Judgement) -> bool, "not converged at"),
        (|j| j.verdict == Verdict::Untrustworthy && !j.is_refuted(), "not trustworthy at"),
        (|j| j.verdict == Verdict::Cancelled, "stopped before it reached"),
    ] {
        if let Some(k) = first(pick) {
            let why = judged[k].objections.join(" and ");
            let why = if why.is_empty() { why } else { format!(": {why}") };
            said.push(format!("{what} {}{}{why}", of(count(pick), total), from(k)));
            tone = Tone::Caution;
        }
    }
    if refuted > 0 {
        tone = Tone::Bad;
    }
    if said.is_empty() {
        let none = if known > 0 { "ln Z is known only where it is trivial." } else { "there is no ln Z." };
        return (Tone::Caution, none.into());
    }
    (tone, said.join("; ") + ".")
}

/// The largest error of the points that converged, and the one at β = 1, of a method without error
/// bars.
fn offset(curve: &CurveRecord, judged: &[Judgement]) -> Option<String> {
    let by = |j: &Judgement| j.comparison.filter(|_| j.verdict.is_sound() || j.is_refuted())?.off_by();
    let errors = || curve.points.iter().zip(judged).filter_map(|(p, j)| Some((p.beta, by(j)?)));
    let (worst_at, worst) = errors().max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()))?;
    let at_one = errors().find(|(b, _)| *b == 1.0 && worst_at != 1.0).map(|(_, e)| format!(", {} at β = 1", signed(e)));
    let whole = curve.points.iter().all(|p| p.status == Status::Converged);
    let where_ = if whole { "" } else { " where it converged" };
    let bounds = judged.iter().any(|j| matches!(j.comparison, Some(ExactComparison::Bounds { .. })));
    let holds = if bounds && !judged.iter().any(Judgement::is_refuted) { "; as a bound it holds" } else { "" };
    let at_one = at_one.unwrap_or_default();
    Some(format!("ln Z is off by up to {} nats{where_} (β = {}){at_one}{holds}", signed(worst), beta(worst_at)))
}

/// Discrete units cannot have a negative entropy: a method that gives one describes no system.
fn impossible_entropy(curve: &CurveRecord) -> Option<Finding> {
    let negative = |m: crate::curve::Measured| match m.claim {
        Claim::Exact | Claim::Approximation | Claim::Bound { .. } => m.value < -NEGATIVE_ENTROPY,
        Claim::Estimate { std_error } => m.value < -MAX_SIGMAS * std_error - NEGATIVE_ENTROPY,
    };
    let mut negative = curve.points.iter().filter(|p| p.entropy.is_some_and(negative));
    let first = negative.next()?;
    let converged =
        [Some(first)].into_iter().chain(negative.map(Some)).flatten().any(|p| p.status == Status::Converged);
    let but = if converged { "" } else { "; none of these points converged" };
    let text =
        format!("gives a negative entropy from β = {}, which discrete units cannot have{but}.", beta(first.beta));
    Some(Finding { tone: Tone::Bad, method: Some(curve.method), text })
}

/// `all 41 β`, `3 of 41 β`, `its only β`.
fn of(count: usize, total: usize) -> String {
    match total {
        1 => "its only β".into(),
        _ if count == total => format!("all {total} β"),
        _ => format!("{count} of {total} β"),
    }
}
