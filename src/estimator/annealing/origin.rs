//! Where the states come from that chains descend from, and how they hang together.

use rand::Rng;

use super::Start;
use crate::{
    curve::Diagnostics,
    estimator::tempering::{LadderMemory, slowest},
    stats::{block_counts, resample_counts},
};

/// Where the states at the start come from, as far as a share of the run has seen it.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::estimator) enum Origin {
    /// Independent draws from the model.
    Exact,
    /// Independent draws from something near it.
    Gibbs,
    /// Series of `records` states from each of so many ladders of tempering.
    Tempering {
        ladders: usize,
        records: usize,
        /// The ladders that the share has run, in their order.
        seen: Vec<LadderMemory>,
    },
}

impl Origin {
    /// What two neighbouring shares have seen. `None` if they do not belong to one run.
    pub(in crate::estimator) fn join(self, next: Self) -> Option<Self> {
        match (self, next) {
            (
                Self::Tempering { ladders, records, mut seen },
                Self::Tempering { ladders: as_many, records: as_long, seen: more },
            ) if ladders == as_many && records == as_long => {
                // Two shares may have states of the same ladder.
                let last = seen.last().map(|memory| memory.ladder);
                seen.extend(more.into_iter().filter(|memory| Some(memory.ladder) > last));
                Some(Self::Tempering { ladders, records, seen })
            }
            (one, other) => (one == other).then_some(one),
        }
    }

    /// How the states of the whole run hang together.
    pub(in crate::estimator) fn dependence(&self) -> Dependence {
        match self {
            Self::Exact => Dependence::Exact,
            Self::Gibbs => Dependence::Gibbs,
            Self::Tempering { ladders, records, seen } => Dependence::Tempering {
                ladders: *ladders,
                block: slowest(seen.iter().map(|memory| memory.slowest)).block_length().min(*records),
                round_trips: seen.iter().map(|memory| memory.round_trips).sum(),
            },
        }
    }
}

/// How the states at the start hang together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::estimator) enum Dependence {
    /// Independent draws from the model.
    Exact,
    /// Independent draws from something near it.
    Gibbs,
    /// Series of the same length, one from each ladder, in which so many states in a row depend on
    /// one another.
    Tempering { ladders: usize, block: usize, round_trips: f64 },
}

impl Dependence {
    /// The independent ladders that the states come from; 0 where they come from none.
    pub(in crate::estimator) fn ladders(self) -> usize {
        match self {
            Self::Exact | Self::Gibbs => 0,
            Self::Tempering { ladders, .. } => ladders,
        }
    }

    /// How many independent states so many of them are worth at most, where they are not that many.
    pub(in crate::estimator) fn independent(self, states: usize) -> Option<f64> {
        match self {
            Self::Exact | Self::Gibbs => None,
            Self::Tempering { block, .. } => Some(states as f64 / block.max(1) as f64),
        }
    }

    /// How often each of so many chains counts: once, or as often as it is drawn.
    pub(in crate::estimator) fn counts(self, chains: usize, resample: Option<&mut impl Rng>) -> Vec<u32> {
        match (resample, self) {
            (None, _) => vec![1; chains],
            (Some(rng), Self::Exact | Self::Gibbs) => resample_counts(chains, rng),
            (Some(rng), Self::Tempering { ladders, block, .. }) => {
                (0..ladders).flat_map(|_| block_counts(chains / ladders, block, rng)).collect()
            }
        }
    }
}

/// What to know of a curve whose start was not exact.
pub(in crate::estimator) fn inexact_start(dependences: &[Dependence]) -> Option<String> {
    let text = "the chains that descend did not start from exact samples: what they give is no bound, and its error bar does \
                not know how far the start was from equilibrium; compare with ais, or with tempering";
    (!all_exact(dependences)).then(|| text.into())
}

/// Whether every start was exact.
pub(in crate::estimator) fn all_exact(dependences: &[Dependence]) -> bool {
    dependences.iter().all(|dependence| *dependence == Dependence::Exact)
}

impl Diagnostics {
    /// Adds where the chains that descend came from.
    pub(in crate::estimator) fn start(self, start: Start, dependences: &[Dependence]) -> Self {
        let trips = |dependence: &Dependence| match dependence {
            Dependence::Tempering { round_trips, .. } => Some(*round_trips),
            Dependence::Exact | Dependence::Gibbs => None,
        };
        let trips: Option<Vec<f64>> = dependences.iter().map(trips).collect();
        let named = self.text("start", if all_exact(dependences) { "exact" } else { start.name() });
        match trips.filter(|trips| !trips.is_empty()) {
            Some(trips) => named.round_trips(trips),
            None => named,
        }
    }
}
