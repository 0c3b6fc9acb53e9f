//! The damped alternating iteration.

use super::{
    equations::Equations,
    search::{Budget, Search, iterate},
};
use crate::model::{Expand, Units};

/// mᵢ ← damping · mᵢ + (1 − damping) · fᵢ(m), one layer after the other.
///
/// Without damping it oscillates on strongly coupled models, and its value then depends on when it
/// is stopped.
pub(in crate::estimator::mean_field) struct Damped {
    /// The share of the old value, in [0, 1).
    pub(in crate::estimator::mean_field) damping: f64,
}

impl<M: Expand + ?Sized> Search<M> for Damped {
    fn search(&self, equations: &mut Equations<'_, M>, goal: f64, budget: &mut Budget<'_>) -> f64 {
        iterate(equations, goal, budget, |equations| self.sweep(equations))
    }
}

impl Damped {
    /// One update of every layer. Returns the largest distance of a mean from its value in the
    /// field.
    fn sweep<M: Expand + ?Sized>(&self, equations: &mut Equations<'_, M>) -> f64 {
        let mut distance = 0.0f64;
        for layer in 0..equations.layers.len() {
            equations.update_field(layer);
            let (range, units) = equations.layers[layer].clone();
            for i in range {
                let (logit, field) = (equations.logits[i], equations.field[i]);
                distance = distance.max((units.mean(field) - units.mean(logit)).abs());
                equations.logits[i] = mixed(units, logit, field, self.damping);
            }
            equations.refresh(layer);
        }
        distance
    }
}

/// The field in which the mean is `share` of the mean in `old` and the rest of that in `new`.
///
/// Odds are mixed rather than means near saturation: with p and q the probabilities of the two
/// values, each a mixture, ln p/q keeps its precision where p or q is tiny.
fn mixed(units: Units, old: f64, new: f64, share: f64) -> f64 {
    if share == 0.0 || old == new {
        return new;
    }
    let [low, high] = units.values();
    let span = high - low;
    let probability = |field: f64| crate::stats::sigmoid(span * field);
    let p = share * probability(old) + (1.0 - share) * probability(new);
    let q = share * probability(-old) + (1.0 - share) * probability(-new);
    let mixture = (p / q).ln() / span;
    if mixture.is_finite() { mixture } else { new }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mixture_of_means_is_taken_exactly() {
        for units in [Units::Bit, Units::Spin] {
            for (old, new) in [(0.3, -1.2), (-8.0, 5.0), (2.0, 2.0)] {
                let mean = 0.9 * units.mean(old) + 0.1 * units.mean(new);
                assert!((units.mean(mixed(units, old, new, 0.9)) - mean).abs() < 1e-15);
            }
            assert!(mixed(units, 300.0, 200.0, 0.5).is_finite());
            assert!(mixed(units, -3000.0, -2000.0, 0.5).is_finite());
        }
    }
}
