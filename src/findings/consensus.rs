//! What several methods together say about ln Z at one β.

use std::fmt;

use super::{MAX_SIGMAS, ROUNDING};
use crate::{
    curve::{BoundKind, Claim, Measured, Method, Reliability, Status},
    io::ResultFile,
};

/// Whether methods that know their own error agree about ln Z.
///
/// Approximations have no say: they claim nothing that another number could contradict.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Consensus {
    /// At least two agree, in the order of the file.
    Agree {
        /// Who.
        methods: Vec<Method>,
        /// The largest distance between two of them, in standard errors of their difference; 0 for bounds that hold.
        sigmas: f64,
    },
    /// Two contradict each other, each of which trusts itself: at least one error bar is wrong.
    Disagree {
        /// The two that are furthest apart.
        methods: [Method; 2],
        /// Their distance, in standard errors of their difference; infinite if neither has an error bar.
        sigmas: f64,
    },
    /// Only one trusts itself.
    Alone {
        /// Which.
        method: Method,
    },
    /// None does.
    NotTrustworthy,
}

/// The consensus at one β, and who had no say in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// The inverse temperature.
    pub beta: f64,
    /// What the methods that trust themselves say.
    pub consensus: Consensus,
    /// Those that do not, each with the evidence against it.
    pub set_aside: Vec<(Method, String)>,
}

impl Judgement {
    /// Whether ln Z may be used at this β: known by two methods that agree, or exactly.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        match self.consensus {
            Consensus::Agree { .. } | Consensus::Alone { method: Method::Exact } => true,
            Consensus::Alone { .. } | Consensus::Disagree { .. } | Consensus::NotTrustworthy => false,
        }
    }
}

/// As `exact, ais and tempering agree within 1.3σ; bar is set aside: an overlap of 2.0e-9`.
impl fmt::Display for Judgement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.consensus {
            Consensus::Agree { methods, sigmas } => write!(f, "{} agree within {sigmas:.1}σ", list(methods))?,
            Consensus::Disagree { methods: [a, b], sigmas } if sigmas.is_finite() => {
                write!(f, "{a} and {b} disagree by {sigmas:.1}σ")?;
            }
            Consensus::Disagree { methods: [a, b], .. } => write!(f, "{a} and {b} contradict each other")?,
            Consensus::Alone { method: Method::Exact } => write!(f, "exact")?,
            Consensus::Alone { method } => write!(f, "{method} alone, with nothing to check it against")?,
            Consensus::NotTrustworthy => write!(f, "no method can be trusted")?,
        }
        self.set_aside.iter().try_for_each(|(method, reason)| write!(f, "; {method} is set aside: {reason}"))
    }
}

fn list(methods: &[Method]) -> String {
    let names: Vec<&str> = methods.iter().map(|method| method.name()).collect();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => names.concat(),
    }
}

/// What the methods of a file together say about ln Z, at each β.
///
/// A method is set aside where it did not converge, or where its own evidence speaks against it: few effective samples, one
/// chain with most of the weight, work up and down that does not overlap, replicas that do not travel, two halves of a run
/// that differ. Of the others, an estimate and the truth, and two estimates, agree within four standard errors of
/// their difference; a bound agrees with whatever is on the right side of it.
#[must_use]
pub fn consensus(results: &ResultFile) -> Vec<Judgement> {
    let betas = results.curves.first().map_or(&[][..], |curve| &curve.points);
    betas.iter().enumerate().map(|(k, point)| at(results, k, point.beta)).collect()
}

fn at(results: &ResultFile, k: usize, beta: f64) -> Judgement {
    let mut trusted: Vec<(Method, Measured)> = Vec::new();
    let mut set_aside: Vec<(Method, String)> = Vec::new();
    for curve in &results.curves {
        let Some(point) = curve.points.get(k) else { continue };
        let Some(log_z) = point.log_z.filter(|m| m.claim != Claim::Approximation) else { continue };
        match (point.status, Reliability::at(&curve.diagnostics, k).objection()) {
            (Status::Converged, None) => trusted.push((curve.method, log_z)),
            (Status::Converged, Some(reason)) => set_aside.push((curve.method, reason)),
            (Status::NotConverged, _) => set_aside.push((curve.method, "not converged".into())),
            (Status::Cancelled, _) => set_aside.push((curve.method, "stopped".into())),
        }
    }
    let pairs = (0..trusted.len()).flat_map(|i| (0..i).map(move |j| (j, i)));
    let distances = pairs.map(|(i, j)| (distance(trusted[i].1, trusted[j].1), [trusted[i].0, trusted[j].0]));
    let consensus = match (trusted.len(), distances.max_by(|a, b| a.0.total_cmp(&b.0))) {
        (_, Some((sigmas, methods))) if sigmas > MAX_SIGMAS => Consensus::Disagree { methods, sigmas },
        (_, Some((sigmas, _))) => {
            Consensus::Agree { methods: trusted.iter().map(|(method, _)| *method).collect(), sigmas }
        }
        (0, None) => Consensus::NotTrustworthy,
        (_, None) => Consensus::Alone { method: trusted[0].0 },
    };
    Judgement { beta, consensus, set_aside }
}

/// How far two numbers contradict each other, in standard errors of their difference.
fn distance(a: Measured, b: Measured) -> f64 {
    let excess = a.value - b.value;
    let (lower, upper) = (|m: Measured| is_bound(m, BoundKind::Lower), |m: Measured| is_bound(m, BoundKind::Upper));
    // A bound says nothing about what lies on its far side.
    if (excess < 0.0 && (lower(a) || upper(b))) || (excess > 0.0 && (upper(a) || lower(b))) {
        return 0.0;
    }
    if excess.abs() <= ROUNDING * a.value.abs().max(1.0) {
        return 0.0;
    }
    let error = [a, b].map(|m| m.claim.std_error().unwrap_or(0.0));
    excess.abs() / error[0].hypot(error[1])
}

fn is_bound(m: Measured, on: BoundKind) -> bool {
    matches!(m.claim, Claim::Bound { kind, .. } if kind == on)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn measured(value: f64, claim: Claim) -> Measured {
        Measured { value, claim }
    }

    #[test]
    fn distances_know_what_a_number_claims() {
        let estimate = |value| measured(value, Claim::Estimate { std_error: 0.3 });
        let bound = |value, kind| measured(value, Claim::Bound { kind, std_error: Some(0.4) });
        assert!((distance(estimate(1.0), estimate(2.0)) - 1.0 / 0.3f64.hypot(0.3)).abs() < 1e-12);
        // Below an upper bound and above a lower one there is nothing to object to.
        assert_eq!(distance(estimate(1.0), bound(9.0, BoundKind::Upper)), 0.0);
        assert_eq!(distance(bound(9.0, BoundKind::Upper), estimate(1.0)), 0.0);
        assert_eq!(distance(bound(1.0, BoundKind::Lower), bound(9.0, BoundKind::Upper)), 0.0);
        assert!((distance(estimate(9.0), bound(8.5, BoundKind::Upper)) - 1.0).abs() < 1e-12);
        assert!((distance(bound(9.0, BoundKind::Lower), estimate(8.5)) - 1.0).abs() < 1e-12);
        let exact = |value| measured(value, Claim::Exact);
        assert_eq!((distance(exact(1.0), exact(1.0)), distance(exact(1.0), exact(2.0))), (0.0, f64::INFINITY));
    }
}
