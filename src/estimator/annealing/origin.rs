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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::IntegratedTime;

    fn memory(ladder: usize, tau: f64) -> LadderMemory {
        let slowest = IntegratedTime { tau, std_error: 0.1, window: 5, n: 100 };
        LadderMemory { ladder, slowest, round_trips: 1.0 + ladder as f64 }
    }

    fn origin(ladders: usize, records: usize, seen: &[usize]) -> Origin {
        Origin::Tempering { ladders, records, seen: seen.iter().map(|k| memory(*k, 0.5)).collect() }
    }

    /// A ladder whose states two shares have counts once, and only shares of one run are joined.
    #[test]
    fn a_ladder_on_both_sides_of_a_cut_is_seen_once() {
        let one = || origin(4, 20, &[0, 1]);
        assert_eq!(one().join(origin(4, 20, &[1, 2])), Some(origin(4, 20, &[0, 1, 2])));
        assert_eq!(one().join(origin(4, 20, &[2, 3])), Some(origin(4, 20, &[0, 1, 2, 3])));
        assert_eq!(one().join(origin(4, 20, &[1])), Some(one()));
        for other in [origin(5, 20, &[2]), origin(4, 21, &[2]), Origin::Exact, Origin::Gibbs] {
            assert_eq!(one().join(other.clone()), None, "{other:?}");
            assert_eq!(other.join(one()), None);
        }
        assert_eq!(Origin::Exact.join(Origin::Exact), Some(Origin::Exact));
        assert_eq!(Origin::Gibbs.join(Origin::Exact), None);
    }

    /// The slowest ladder decides how many states in a row hang together, at most all of a ladder;
    /// journeys add up.
    #[test]
    fn ladders_hang_together_as_the_slowest_says() {
        let of = |records, taus: &[f64]| {
            let seen = taus.iter().enumerate().map(|(k, tau)| memory(k, *tau)).collect();
            Origin::Tempering { ladders: taus.len(), records, seen }.dependence()
        };
        let block = memory(0, 6.0).slowest.block_length();
        assert!(block > memory(0, 0.5).slowest.block_length());
        let long = of(1000, &[0.5, 6.0, 2.0]);
        assert_eq!(long, Dependence::Tempering { ladders: 3, block, round_trips: 6.0 });
        assert_eq!(long.independent(30 * block), Some(30.0));
        assert_eq!(of(2, &[6.0]), Dependence::Tempering { ladders: 1, block: 2, round_trips: 1.0 });
        let [exact, gibbs] = [Origin::Exact, Origin::Gibbs].map(|origin| origin.dependence());
        assert_eq!((exact, gibbs), (Dependence::Exact, Dependence::Gibbs));
        assert_eq!((exact.ladders(), gibbs.ladders(), long.ladders()), (0, 0, 3));
        assert!(inexact_start(&[exact, exact]).is_none() && inexact_start(&[exact, gibbs]).is_some());
    }
}
