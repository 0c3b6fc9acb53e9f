//! The rungs of an annealing run.

use super::schedule::Profile;
use crate::{curve::Betas, sample::Rung};

/// One stop on the way up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::estimator) struct Stop {
    pub(in crate::estimator) rung: Rung,
    /// Whether it is the model at a β that was asked for.
    pub(in crate::estimator) is_requested: bool,
}

/// The stops from the base (exclusive, unless it is asked for) to the last β asked for.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::estimator) struct Ladder(Vec<Stop>);

impl Ladder {
    /// Through the temperatures from β = 0, with every one of `betas` a stop: `rungs` steps in all,
    /// or a few more, since each interval between them has a whole number of them.
    pub(super) fn through_temperatures(betas: &Betas, rungs: usize, profile: &Profile) -> Self {
        let max = betas.max();
        let mut stops = Vec::new();
        let mut below = 0.0;
        for &beta in betas.iter() {
            let share = if max > 0.0 { profile.share(beta / max) } else { 0.0 };
            let steps = if beta > 0.0 { ((share - below) * rungs as f64 - 1e-9).ceil().max(1.0) as usize } else { 0 };
            let between = |s: usize| max * profile.at(below + (share - below) * s as f64 / steps as f64);
            stops.extend((1..steps).map(|s| Stop { rung: Rung::at(between(s)), is_requested: false }));
            stops.push(Stop { rung: Rung::at(beta), is_requested: true });
            below = share;
        }
        Self(stops)
    }

    /// From a base of independent units to the model at `beta` in `rungs` steps.
    pub(super) fn from_base(beta: f64, rungs: usize, profile: &Profile) -> Self {
        let between = |s: usize| Rung::between(profile.at(s as f64 / rungs as f64), beta);
        let inner = (1..rungs).map(|s| Stop { rung: between(s), is_requested: false });
        Self(inner.chain([Stop { rung: Rung::at(beta), is_requested: true }]).collect())
    }

    pub(in crate::estimator) fn stops(&self) -> impl DoubleEndedIterator<Item = Stop> + '_ {
        self.0.iter().copied()
    }

    pub(in crate::estimator) fn len(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::{super::schedule::Schedule, *};

    #[test]
    fn every_beta_is_hit_exactly_and_no_step_is_too_long() {
        let profiles = [Schedule::Linear, Schedule::Sigmoid, Schedule::SalakhutdinovMurray].map(Schedule::profile);
        for (spec, rungs) in [("0:2:41", 100), ("0.3,1,7", 50), ("1", 10), ("0", 5), ("0:2:41", 3), ("1e-9,1", 4)] {
            for profile in &profiles {
                let betas: Betas = spec.parse().unwrap();
                let ladder = Ladder::through_temperatures(&betas, rungs, profile);
                let hit: Vec<f64> = ladder.stops().filter(|s| s.is_requested).map(|s| s.rung.beta).collect();
                assert_eq!(hit, betas.to_vec(), "{spec}");
                let visited: Vec<f64> = std::iter::once(-0.0).chain(ladder.stops().map(|s| s.rung.beta)).collect();
                assert!(visited.windows(2).all(|p| p[0] < p[1] || p[1] == 0.0), "{spec}: {visited:?}");
                let shares: Vec<f64> =
                    visited.iter().map(|b| profile.share(b.max(0.0) / betas.max().max(1e-300))).collect();
                let longest = shares.windows(2).map(|p| p[1] - p[0]).fold(0.0, f64::max);
                assert!(longest <= 1.0 / rungs as f64 * (1.0 + 1e-6), "{spec}: {longest}");
                assert!(ladder.len() <= rungs + betas.len() + 1);
            }
        }
    }

    #[test]
    fn an_even_grid_gets_the_ladder_it_asked_for() {
        let linear = Schedule::Linear.profile();
        assert_eq!(Ladder::through_temperatures(&"1".parse().unwrap(), 10, &linear).len(), 10);
        assert_eq!(Ladder::through_temperatures(&"0:2:41".parse().unwrap(), 1000, &linear).len(), 1001);
        let ladder = Ladder::from_base(2.0, 4, &linear);
        let rungs: Vec<(f64, f64)> = ladder.stops().map(|s| (s.rung.beta, s.rung.base)).collect();
        assert_eq!(rungs, [(0.5, 0.75), (1.0, 0.5), (1.5, 0.25), (2.0, 0.0)]);
    }
}
