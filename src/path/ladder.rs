//! The rungs of an annealing run on its path.

use super::{Mark, Path, Profile};
use crate::{curve::Betas, sample::Rung};

/// One stop on the way up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Stop {
    pub(crate) rung: Rung,
    /// Whether ln Z is asked for there.
    pub(crate) is_requested: bool,
}

/// The stops from the base (exclusive, unless it is asked for) to the last β asked for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ladder(Vec<Stop>);

impl Ladder {
    /// Along a path with every one of `betas` a stop: `rungs` steps in all, or a few more, since
    /// each interval between the stops that there must be has a whole number of them.
    pub(crate) fn new(path: &Path, betas: &Betas, rungs: usize, profile: &Profile) -> Self {
        let mut stops = Vec::new();
        let mut below = 0.0;
        for Mark { t, rung, is_requested } in path.marks(betas) {
            let share = if t > 0.0 { profile.share(t) } else { 0.0 };
            let steps = if t > 0.0 { ((share - below) * rungs as f64 - 1e-9).ceil().max(1.0) as usize } else { 0 };
            let between = |s: usize| path.rung(profile.at(below + (share - below) * s as f64 / steps as f64));
            stops.extend((1..steps).map(|s| Stop { rung: between(s), is_requested: false }));
            stops.push(Stop { rung, is_requested });
            below = share;
        }
        Self(stops)
    }

    pub(crate) fn stops(&self) -> impl DoubleEndedIterator<Item = Stop> + '_ {
        self.0.iter().copied()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Rbm,
        sample::{Base, Kernel},
    };

    /// A path of one hidden unit, whose kernel is not used.
    fn path(base: &[f64], top: f64) -> Path {
        let rbm = Rbm::from_rows(&[[1.0]], &[0.0], &[0.0]).unwrap();
        Path::from_base(&rbm, &Base::with_fields(base.to_vec()), Kernel::Auto, top)
    }

    #[test]
    fn every_beta_is_hit_exactly_and_no_step_is_too_long() {
        let bent = Profile::through(vec![0.0, 0.1, 0.5, 0.9, 0.95, 1.0]);
        let profiles = [Profile::even(), bent, Profile::through(vec![0.0, 0.7, 0.8, 1.0])];
        for (spec, rungs) in [("0:2:41", 100), ("0.3,1,7", 50), ("1", 10), ("0", 5), ("0:2:41", 3), ("1e-9,1", 4)] {
            for profile in &profiles {
                let betas: Betas = spec.parse().unwrap();
                let ladder = Ladder::new(&path(&[0.0; 2], betas.max()), &betas, rungs, profile);
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
        let linear = Profile::even();
        let of = |base: f64, betas: &str, rungs: usize| {
            let betas: Betas = betas.parse().unwrap();
            Ladder::new(&path(&[base; 2], betas.max()), &betas, rungs, &linear)
        };
        assert_eq!(of(0.0, "1", 10).len(), 10);
        assert_eq!(of(0.0, "0:2:41", 1000).len(), 1001);
        let ladder = of(0.5, "2", 4);
        let rungs: Vec<(f64, f64)> = ladder.stops().map(|s| (s.rung.beta, s.rung.base)).collect();
        assert_eq!(rungs, [(0.5, 0.75), (1.0, 0.5), (1.5, 0.25), (2.0, 0.0)]);
    }
}
