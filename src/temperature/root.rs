//! Roots of a function of one variable.

use crate::stats::find_root_within;

/// A bracket grows by this factor at first, since guesses are good, and then by more: its square,
/// up to the limit.
const GROWTH: (f64, f64) = (1.05, 1.7);

/// How precisely a root is found, relative to the larger end of its bracket: far better than any
/// sample knows it.
const PRECISION: f64 = 1e-10;

/// A score that falls through zero does so at a maximum of what it is the derivative of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Search {
    /// The root.
    Found(f64),
    /// The score is still positive at the upper end of the range.
    Above,
    /// The score is negative already at its lower end.
    Below,
}

/// The root of a score that is positive below it and negative above it, from a guess outwards
/// within a range.
pub(super) fn descend(score: impl Fn(f64) -> f64, guess: f64, (lowest, highest): (f64, f64)) -> Search {
    let at = |x: f64| (x, score(x));
    let mut low = at(guess.clamp(lowest, highest));
    let mut high = low;
    let mut growth = GROWTH.0;
    let mut grow = || (growth, growth = (growth * growth).min(GROWTH.1)).0;
    if low.1 >= 0.0 {
        while high.1 >= 0.0 {
            if high.0 >= highest {
                return Search::Above;
            }
            low = high;
            high = at((high.0 * grow()).min(highest));
        }
    } else {
        while low.1 < 0.0 {
            if low.0 <= lowest {
                return Search::Below;
            }
            high = low;
            low = at((low.0 / grow()).max(lowest));
        }
    }
    Search::Found(within(score, [low, high]))
}

/// The root between two points where the function has different signs. Where the signs are equal,
/// one of the ends is a root as far as rounding can tell.
pub(super) fn between(score: impl Fn(f64) -> f64, low: f64, high: f64) -> f64 {
    let ends = [low, high].map(|x| (x, score(x)));
    within(score, ends)
}

fn within(score: impl Fn(f64) -> f64, ends: [(f64, f64); 2]) -> f64 {
    let scale = ends[0].0.abs().max(ends[1].0.abs());
    find_root_within(score, ends, PRECISION * scale).unwrap_or(ends[0].0)
}

#[cfg(test)]
mod tests {
    use crate::temperature::root::*;

    #[test]
    fn a_root_is_found_from_both_sides_and_a_missing_one_is_said_to_be() {
        let score = |x: f64| (2.0f64 / x).ln();
        for guess in [0.01, 1.0, 2.0, 50.0] {
            let Search::Found(root) = descend(score, guess, (1e-3, 100.0)) else { panic!("from {guess}") };
            assert!((root - 2.0).abs() < 1e-8, "{root}");
        }
        assert_eq!(descend(score, 1.0, (0.1, 1.5)), Search::Above);
        assert_eq!(descend(score, 4.0, (3.0, 9.0)), Search::Below);
    }
}
