//! Whether a result may be called one.

use anyhow::bail;

use crate::{Status, Verdict, computation::Computed, error::number, findings, io::CurveRecord};

/// Fails if a method failed, if the run was cancelled or, when `strict`, if any of its points is
/// untrustworthy or not converged.
pub fn conclude(Computed { results, failed }: &Computed, strict: bool) -> anyhow::Result<()> {
    if !failed.is_empty() {
        bail!("no result from {}", failed.iter().map(|refusal| refusal.method.name()).collect::<Vec<_>>().join(", "));
    }
    if results.curves.iter().any(|curve| curve.status == Status::Cancelled) {
        bail!("stopped by Ctrl-C: the result is partial, and says `cancelled` where it has no numbers");
    }
    let doubtful = |curve: &CurveRecord| {
        let judged = curve.points.iter().zip(findings::judgements(results, curve));
        let judged = judged.map(|(point, judgement)| (curve.method, point.beta, judgement));
        let doubtful = |verdict| matches!(verdict, Verdict::Untrustworthy | Verdict::NotConverged);
        judged.filter(|(.., judgement)| doubtful(judgement.verdict)).collect::<Vec<_>>()
    };
    let doubtful: Vec<_> = results.curves.iter().flat_map(doubtful).collect();
    match &doubtful[..] {
        [(method, beta, judgement), ..] if strict => bail!(
            "--strict: {} of the numbers cannot be trusted, the first of them from {method} at β = {}: {judgement}",
            doubtful.len(),
            number(*beta),
        ),
        _ => Ok(()),
    }
}
