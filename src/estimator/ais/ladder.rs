//! The inverse temperatures that annealing climbs.

use crate::curve::Betas;

/// One stop of the climb.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rung {
    pub(super) beta: f64,
    /// Whether the caller asked for this β.
    pub(super) is_knot: bool,
}

/// Rungs from β = 0 (exclusive, unless it is a knot) to the largest knot, in equal steps between neighbouring knots.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ladder(Vec<Rung>);

impl Ladder {
    /// A ladder of `rungs` steps in all, or a few more: each interval between knots has a whole number of them.
    pub(super) fn new(knots: &Betas, rungs: usize) -> Self {
        let mut ladder = Vec::new();
        let mut previous = 0.0;
        for &knot in knots.iter() {
            let gap = knot - previous;
            let steps = if gap > 0.0 { (gap / knots.max() * rungs as f64 - 1e-9).ceil().max(1.0) as usize } else { 0 };
            ladder.extend((1..steps).map(|s| Rung { beta: previous + gap * s as f64 / steps as f64, is_knot: false }));
            ladder.push(Rung { beta: knot, is_knot: true });
            previous = knot;
        }
        Self(ladder)
    }

    pub(super) fn rungs(&self) -> impl Iterator<Item = Rung> + '_ {
        self.0.iter().copied()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_knot_is_hit_exactly_and_no_step_is_too_long() {
        for (spec, rungs) in [("0:2:41", 100), ("0.3,1,7", 50), ("1", 10), ("0", 5), ("0:2:41", 3), ("1e-9,1", 4)] {
            let knots: Betas = spec.parse().unwrap();
            let ladder = Ladder::new(&knots, rungs);
            let hit: Vec<f64> = ladder.rungs().filter(|r| r.is_knot).map(|r| r.beta).collect();
            assert_eq!(hit, knots.to_vec(), "{spec}");
            let betas: Vec<f64> = std::iter::once(-0.0).chain(ladder.rungs().map(|r| r.beta)).collect();
            let longest = betas.windows(2).map(|p| p[1] - p[0]).fold(0.0, f64::max);
            assert!(longest <= knots.max() / rungs as f64 * (1.0 + 1e-6), "{spec}: {longest}");
            assert!(ladder.len() <= rungs + knots.len() + 1);
        }
    }

    #[test]
    fn an_even_grid_gets_the_ladder_it_asked_for() {
        assert_eq!(Ladder::new(&"1".parse().unwrap(), 10).len(), 10);
        assert_eq!(Ladder::new(&"0:2:41".parse().unwrap(), 1000).len(), 1001);
    }
}
