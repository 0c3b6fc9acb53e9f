//! Whether a result may be called one.

use anyhow::bail;

use super::plan::Computed;
use crate::{
    Status,
    findings::{self, Consensus, Judgement, Verdict},
    io::{CurveRecord, Quantity, ResultFile},
};

/// What is to be thought of ln Z at each point of a curve, in the light of the exact one where that was computed.
pub fn verdicts(results: &ResultFile, curve: &CurveRecord) -> Vec<Verdict> {
    findings::verdicts(results, curve, Quantity::LogZ)
}

/// Fails if a method failed, if the run was cancelled or, when `strict`, if any of its points is not to be trusted.
pub fn conclude(Computed { results, failed }: &Computed, strict: bool) -> anyhow::Result<()> {
    if !failed.is_empty() {
        bail!("no result from {}", failed.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "));
    }
    if results.curves.iter().any(|curve| curve.status == Status::Cancelled) {
        bail!("stopped by Ctrl-C: the result is partial, and says `cancelled` where it has no numbers");
    }
    let judged = results.curves.iter().flat_map(|curve| {
        let points = curve.points.iter().zip(verdicts(results, curve));
        points.map(|(point, verdict)| (curve.method, point.beta, verdict))
    });
    let doubtful: Vec<_> = judged.filter(|(.., verdict)| !verdict.is_sound()).collect();
    if let ([(method, beta, verdict), ..], true) = (&doubtful[..], strict) {
        bail!(
            "--strict: {} of the numbers cannot be trusted, the first of them from {method} at β = {beta}: {verdict}",
            doubtful.len(),
        );
    }
    // Methods that each trust themselves may still contradict each other.
    let contradiction = |judgement: &Judgement| matches!(judgement.consensus, Consensus::Disagree { .. });
    match findings::consensus(results).into_iter().find(contradiction) {
        Some(judgement) if strict => bail!("--strict: at β = {}, {judgement}", judgement.beta),
        _ => Ok(()),
    }
}
