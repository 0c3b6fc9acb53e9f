//! The rungs that annealing climbs.

use super::schedule::Profile;
use crate::{curve::Betas, sample::Rung};

/// One stop of the climb.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::estimator) struct Stop {
    pub(in crate::estimator) rung: Rung,
    /// Whether it is the model at a β that was asked for.
    pub(in crate::estimator) is_knot: bool,
}

/// The stops from the base (exclusive, unless it is a knot) to the last knot.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::estimator) struct Ladder(Vec<Stop>);

impl Ladder {
    /// Through the temperatures from β = 0, with every one of `knots` a stop: `rungs` steps in all, or a few more, since
    /// each interval between knots has a whole number of them.
    pub(super) fn through_temperatures(knots: &Betas, rungs: usize, profile: &Profile) -> Self {
        let max = knots.max();
        let mut stops = Vec::new();
        let mut below = 0.0;
        for &knot in knots.iter() {
            let share = if max > 0.0 { profile.share(knot / max) } else { 0.0 };
            let steps = if knot > 0.0 { ((share - below) * rungs as f64 - 1e-9).ceil().max(1.0) as usize } else { 0 };
            let between = |s: usize| max * profile.at(below + (share - below) * s as f64 / steps as f64);
            stops.extend((1..steps).map(|s| Stop { rung: Rung::at(between(s)), is_knot: false }));
            stops.push(Stop { rung: Rung::at(knot), is_knot: true });
            below = share;
        }
        Self(stops)
    }

    /// From a base of independent units to the model at `beta` in `rungs` steps.
    pub(super) fn from_base(beta: f64, rungs: usize, profile: &Profile) -> Self {
        let between = |s: usize| Rung::between(profile.at(s as f64 / rungs as f64), beta);
        let inner = (1..rungs).map(|s| Stop { rung: between(s), is_knot: false });
        Self(inner.chain([Stop { rung: Rung::at(beta), is_knot: true }]).collect())
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
    fn every_knot_is_hit_exactly_and_no_step_is_too_long() {
        let profiles = [Schedule::Linear, Schedule::Sigmoid, Schedule::SalakhutdinovMurray].map(Schedule::profile);
        for (spec, rungs) in [("0:2:41", 100), ("0.3,1,7", 50), ("1", 10), ("0", 5), ("0:2:41", 3), ("1e-9,1", 4)] {
            for profile in &profiles {
                let knots: Betas = spec.parse().unwrap();
                let ladder = Ladder::through_temperatures(&knots, rungs, profile);
                let hit: Vec<f64> = ladder.stops().filter(|s| s.is_knot).map(|s| s.rung.beta).collect();
                assert_eq!(hit, knots.to_vec(), "{spec}");
                let betas: Vec<f64> = std::iter::once(-0.0).chain(ladder.stops().map(|s| s.rung.beta)).collect();
                assert!(betas.windows(2).all(|p| p[0] < p[1] || p[1] == 0.0), "{spec}: {betas:?}");
                let shares: Vec<f64> =
                    betas.iter().map(|b| profile.share(b.max(0.0) / knots.max().max(1e-300))).collect();
                let longest = shares.windows(2).map(|p| p[1] - p[0]).fold(0.0, f64::max);
                assert!(longest <= 1.0 / rungs as f64 * (1.0 + 1e-6), "{spec}: {longest}");
                assert!(ladder.len() <= rungs + knots.len() + 1);
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
