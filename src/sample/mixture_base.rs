//! Several sets of independent units that a path may begin with at once.

use super::Base;

/// A mixture of independent units, q(x) = Σₖ αₖ qₖ(x) with qₖ a [`Base`] and Σ α = 1: a start with
/// as many modes as it has components.
///
/// The path from it to a model at β is p_t(x) ∝ Σₖ αₖ qₖ(x)^{1−t} e^{−tβE(x)}, with Z = 1 at its
/// beginning and that of the model at its end.
#[derive(Debug, Clone, PartialEq)]
pub struct MixtureBase(Vec<(f64, Base)>);

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
        let units = components[0].1.fields().len();
        assert!(components.iter().all(|(_, base)| base.fields().len() == units), "equally many units");
        let kept = components.into_iter().filter(|(alpha, _)| *alpha > 0.0);
        Self(kept.map(|(alpha, base)| (alpha / total, base)).collect())
    }

    /// αₖ and qₖ.
    #[must_use]
    pub fn components(&self) -> &[(f64, Base)] {
        &self.0
    }
}
