//! Several sets of independent units that a path may begin with at once.

use super::Base;
use crate::stats::log_sum_exp;

/// A mixture of independent units, q(x) = Σₖ αₖ qₖ(x) with qₖ a [`Base`] and Σ α = 1: a start with
/// as many modes as it has components.
///
/// The path from it to a model at β is p_t(x) ∝ Σₖ αₖ(t) qₖ(x)^{1−t} e^{−tβE(x)}, with Z = 1 at its
/// beginning and that of the model at its end, whatever the weights αₖ(t) are on the way.
#[derive(Debug, Clone, PartialEq)]
pub struct MixtureBase(Vec<Component>);

/// One of its sets of independent units.
#[derive(Debug, Clone, PartialEq)]
pub struct Component {
    /// ln αₖ at equally many steps of 1 − t from 0 to 1, linear in between; or one for all.
    log_weights: Vec<f64>,
    base: Base,
}

impl Component {
    /// The independent units.
    #[must_use]
    pub fn base(&self) -> &Base {
        &self.base
    }

    /// ln αₖ where the base has the weight 1 − t.
    #[must_use]
    pub fn log_weight(&self, base: f64) -> f64 {
        let last = self.log_weights.len() - 1;
        if last == 0 {
            return self.log_weights[0];
        }
        let x = base.clamp(0.0, 1.0) * last as f64;
        let i = (x as usize).min(last - 1);
        self.log_weights[i] + (self.log_weights[i + 1] - self.log_weights[i]) * (x - i as f64)
    }
}

impl MixtureBase {
    /// Takes the components with their weights, which are normalised; those of weight 0 are left
    /// out.
    ///
    /// # Panics
    /// If no weight is positive, one is negative or not finite, or the components do not have
    /// equally many units.
    #[must_use]
    pub fn new(components: Vec<(f64, Base)>) -> Self {
        let total: f64 = components.iter().map(|(alpha, _)| alpha).sum();
        assert!(components.iter().all(|(alpha, _)| *alpha >= 0.0) && total > 0.0 && total.is_finite(), "weights");
        let kept = components.into_iter().filter(|(alpha, _)| *alpha > 0.0);
        Self::with_log_weights(kept.map(|(alpha, base)| (vec![alpha.ln()], base)).collect())
    }

    /// Takes the components with ln αₖ at equal steps of 1 − t from 0 to 1, normalised at each.
    ///
    /// # Panics
    /// If there are no components, if they do not have equally many units and equally many weights,
    /// or if a weight is not finite.
    #[must_use]
    pub fn with_log_weights(mut components: Vec<(Vec<f64>, Base)>) -> Self {
        let (steps, units) = (components[0].0.len(), components[0].1.fields().len());
        let fits = |(weights, base): &(Vec<f64>, Base)| weights.len() == steps && base.fields().len() == units;
        assert!(steps > 0 && components.iter().all(fits), "equally many units and weights");
        for k in 0..steps {
            let total = log_sum_exp(&components.iter().map(|(weights, _)| weights[k]).collect::<Vec<_>>());
            assert!(total.is_finite(), "weights");
            components.iter_mut().for_each(|(weights, _)| weights[k] -= total);
        }
        Self(components.into_iter().map(|(log_weights, base)| Component { log_weights, base }).collect())
    }

    /// The components.
    #[must_use]
    pub fn components(&self) -> &[Component] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_normalised_at_every_step_and_linear_in_between() {
        let base = || Base::uniform(2);
        let mixture =
            MixtureBase::with_log_weights(vec![(vec![0.0, 3.0], base()), (vec![0.0, 3.0 - 3f64.ln()], base())]);
        let weights = |b: f64| mixture.components().iter().map(|c| c.log_weight(b).exp()).collect::<Vec<_>>();
        let close = |a: &[f64], b: [f64; 2]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-15);
        assert!(close(&weights(0.0), [0.5, 0.5]) && close(&weights(1.0), [0.75, 0.25]));
        assert!(close(&weights(0.5), [0.375f64.sqrt(), 0.125f64.sqrt()]), "the logarithms are halfway");
        let constant = MixtureBase::new(vec![(1.0, base()), (0.0, base()), (3.0, base())]);
        assert_eq!(constant.components().len(), 2);
        assert!(constant.components().iter().all(|c| c.log_weight(0.3) == c.log_weight(1.0)));
    }
}
