//! The findings that come first: what a reader should know before the numbers.

use super::{
    Verdict, entropy_drop, verdicts,
    words::{beta, signed},
};
use crate::{
    curve::{Claim, Method, Status},
    io::{CurveRecord, Quantity, ResultFile},
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
    // A mean field always has a smooth curve; it may not speak where there is something better.
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
    let verdicts = verdicts(results, curve, Quantity::LogZ);
    let total = verdicts.len();
    let count = |pick: fn(&Verdict) -> bool| verdicts.iter().filter(|v| pick(v)).count();
    let from =
        |k: usize| if total > 1 { format!(", first at β = {}", beta(curve.points[k].beta)) } else { String::new() };

    let mut said = Vec::new();
    let mut tone = Tone::Good;
    let truths = count(|v| *v == Verdict::Truth);
    if truths > 0 {
        said.push(format!("ln Z is known exactly at {}", of(truths, total)));
    }
    let agrees = |v: &Verdict| match v {
        Verdict::Agrees { sigmas } => Some(*sigmas),
        _ => None,
    };
    let agreeing = count(|v| matches!(v, Verdict::Agrees { .. }));
    if agreeing > 0 && curve.is_sampled() {
        let worst = verdicts.iter().filter_map(agrees).filter(|s| s.is_finite()).fold(0.0, f64::max);
        said.push(format!("agrees with the exact ln Z at {}, within {worst:.1}σ", of(agreeing, total)));
    }
    let refuted: Vec<usize> = (0..total).filter(|k| verdicts[*k].is_refuted()).collect();
    if let Some(&first) = refuted.first() {
        let what = &verdicts[first];
        said.push(format!("contradicted by the exact ln Z at {}{}: {what}", of(refuted.len(), total), from(first)));
    }
    if let Some(text) = offset(curve, &verdicts) {
        said.push(text);
        tone = Tone::Caution;
    }
    let unchecked = count(|v| *v == Verdict::Unchecked);
    if unchecked > 0 {
        said.push(format!("unchecked at {}: there is no exact value", of(unchecked, total)));
        tone = Tone::Caution;
    }
    for (pick, what) in [
        ((|v| *v == Verdict::NotConverged) as fn(&Verdict) -> bool, "not converged"),
        (|v| matches!(v, Verdict::Untrustworthy { .. }), "not trustworthy, with too few effective chains,"),
        (|v| *v == Verdict::Cancelled, "stopped before it reached"),
    ] {
        let (n, first) = (count(pick), verdicts.iter().position(pick));
        if let Some(first) = first {
            let joint = if what.ends_with("reached") { "" } else { " at" };
            said.push(format!("{what}{joint} {}{}", of(n, total), from(first)));
            tone = Tone::Caution;
        }
    }
    if !refuted.is_empty() {
        tone = Tone::Bad;
    }
    if said.is_empty() {
        return (Tone::Caution, "there is no ln Z.".into());
    }
    (tone, said.join("; ") + ".")
}

/// The largest error of the points that converged, and the one at β = 1, of a method without error bars.
fn offset(curve: &CurveRecord, verdicts: &[Verdict]) -> Option<String> {
    let by = |v: &Verdict| match v {
        Verdict::Off { by } | Verdict::Bounds { by } | Verdict::Contradicts { by } => Some(*by),
        _ => None,
    };
    let errors = || curve.points.iter().zip(verdicts).filter_map(|(p, v)| Some((p.beta, by(v)?)));
    let (worst_at, worst) = errors().max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()))?;
    let at_one = errors().find(|(b, _)| *b == 1.0 && worst_at != 1.0).map(|(_, e)| format!(", {} at β = 1", signed(e)));
    let whole = curve.points.iter().all(|p| p.status == Status::Converged);
    let where_ = if whole { "" } else { " where it converged" };
    let holds =
        verdicts.iter().any(|v| matches!(v, Verdict::Bounds { .. })) && !verdicts.iter().any(Verdict::is_refuted);
    let holds = if holds { "; as a bound it holds" } else { "" };
    let at_one = at_one.unwrap_or_default();
    Some(format!("ln Z is off by up to {} nats{where_} (β = {}){at_one}{holds}", signed(worst), beta(worst_at)))
}

/// Discrete units cannot have a negative entropy: a method that gives one describes no system.
fn impossible_entropy(curve: &CurveRecord) -> Option<Finding> {
    let negative = |m: crate::curve::Measured| match m.claim {
        Claim::Exact | Claim::Approximation | Claim::Bound { .. } => m.value < -1e-6,
        Claim::Estimate { std_error } => m.value < -4.0 * std_error - 1e-6,
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
