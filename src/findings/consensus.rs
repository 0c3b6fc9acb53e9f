//! What several methods together say about ln Z at one β.

use std::fmt;

use super::{
    distance::distance,
    judgement::{Judgement, alone, speaks},
};
use crate::{
    curve::{Claim, Measured, Method, Verdict},
    io::ResultFile,
    thresholds::MAX_SIGMAS,
};

/// Whether methods that know their own error agree about ln Z.
///
/// Approximations have no say: they claim nothing that another number could contradict.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Consensus {
    /// At least two that are no bounds agree, in the order of the file.
    Agree {
        /// Who.
        methods: Vec<Method>,
        /// The largest distance between two of them, or from the exact value, in standard errors of
        /// the difference.
        sigmas: f64,
    },
    /// Two contradict each other, each of which trusts itself: at least one error bar is wrong.
    Disagree {
        /// The two that are furthest apart.
        methods: [Method; 2],
        /// Their distance, in standard errors of their difference; infinite if neither has an error
        /// bar.
        sigmas: f64,
    },
    /// Only one that is no bound trusts itself.
    Alone {
        /// Which.
        method: Method,
    },
    /// There are bounds that hold each other, and no estimate.
    BoundsAlone,
    /// None trusts itself.
    NotTrustworthy,
}

/// The consensus at one β, and who had no say in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// The inverse temperature.
    pub beta: f64,
    /// What the methods that trust themselves say.
    pub consensus: Consensus,
    /// The bounds that nothing contradicts.
    pub bounds: Vec<Method>,
    /// Those that do not trust themselves, each with the evidence against it.
    pub set_aside: Vec<(Method, String)>,
}

impl Summary {
    /// Whether ln Z may be used at this β: known by two methods that agree, or exactly.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        matches!(self.consensus, Consensus::Agree { .. } | Consensus::Alone { method: Method::Exact })
    }
}

/// As
/// `exact, ais and tempering agree within 1.3σ; the bound of mf holds; bar is set aside: an overlap of 2.0e-9`.
impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.consensus {
            Consensus::Agree { methods, sigmas: 0.0 } => write!(f, "{} agree", list(methods))?,
            Consensus::Agree { methods, sigmas } => write!(f, "{} agree within {sigmas:.1}σ", list(methods))?,
            Consensus::Disagree { methods: [a, b], sigmas } if sigmas.is_finite() => {
                write!(f, "{a} and {b} disagree by {sigmas:.1}σ")?;
            }
            Consensus::Disagree { methods: [a, b], .. } => write!(f, "{a} and {b} contradict each other")?,
            Consensus::Alone { method: Method::Exact } => write!(f, "exact")?,
            Consensus::Alone { method } => write!(f, "{method} alone, with no other estimate to check it against")?,
            Consensus::BoundsAlone => write!(f, "no estimate")?,
            Consensus::NotTrustworthy => write!(f, "no method can be trusted")?,
        }
        match &self.bounds[..] {
            [] => {}
            [one] => write!(f, "; the bound of {one} holds")?,
            several => write!(f, "; the bounds of {} hold", list(several))?,
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
/// A method is set aside where it did not converge, or where its own evidence or the exact value
/// speaks against it. Of the others, two estimates agree within [`MAX_SIGMAS`] standard errors of
/// their difference, and a bound holds if what it bounds is on the right side of it.
#[must_use]
pub fn consensus(results: &ResultFile) -> Vec<Summary> {
    let betas = results.curves.first().map_or(&[][..], |curve| &curve.points);
    betas.iter().enumerate().map(|(k, point)| at(results, k, point.beta)).collect()
}

fn at(results: &ResultFile, k: usize, beta: f64) -> Summary {
    let mut trusted: Vec<(Method, Measured)> = Vec::new();
    let mut set_aside: Vec<(Method, String)> = Vec::new();
    for curve in &results.curves {
        let Some(log_z) = curve.points.get(k).and_then(|point| point.log_z) else { continue };
        let judgement = alone(&results.curves, curve, k);
        if speaks(&judgement) {
            trusted.push((curve.method, log_z));
        } else if log_z.claim != Claim::Approximation {
            set_aside.push((curve.method, reason(&judgement)));
        }
    }
    let is_bound = |(_, m): &&(Method, Measured)| matches!(m.claim, Claim::Bound { .. });
    let bounds: Vec<Method> = trusted.iter().filter(is_bound).map(|(method, _)| *method).collect();
    let estimates: Vec<Method> = trusted.iter().filter(|m| !is_bound(m)).map(|(method, _)| *method).collect();

    // Where there is an exact value, each number has been held against it, and only that distance
    // counts.
    let exact = trusted.iter().position(|(method, _)| *method == Method::Exact);
    let pairs = (0..trusted.len()).flat_map(|i| (0..i).map(move |j| (j, i)));
    let pairs = pairs.filter(|(j, i)| exact.is_none_or(|exact| [*i, *j].contains(&exact)));
    let distances = pairs.map(|(j, i)| (distance(trusted[j].1, trusted[i].1), [trusted[j].0, trusted[i].0]));
    let furthest = distances.max_by(|a, b| a.0.total_cmp(&b.0));
    let consensus = match (furthest, &estimates[..]) {
        (Some((sigmas, methods)), _) if sigmas > MAX_SIGMAS => Consensus::Disagree { methods, sigmas },
        (_, []) if bounds.is_empty() => Consensus::NotTrustworthy,
        (_, []) => Consensus::BoundsAlone,
        (_, [method]) => Consensus::Alone { method: *method },
        (furthest, _) => Consensus::Agree { methods: estimates, sigmas: furthest.map_or(0.0, |(sigmas, _)| sigmas) },
    };
    let disputed = matches!(consensus, Consensus::Disagree { .. });
    Summary { beta, consensus, bounds: if disputed { Vec::new() } else { bounds }, set_aside }
}

fn reason(judgement: &Judgement) -> String {
    match judgement.verdict {
        Verdict::Cancelled => "stopped".into(),
        Verdict::Untrustworthy => judgement.objections.join("; "),
        verdict => verdict.to_string(),
    }
}
