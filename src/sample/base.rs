//! The independent units that a path may begin with.

use crate::model::Units;

/// Independent units, p₀(x) = ∏ᵢ e^{θᵢxᵢ}/Σ e^{θᵢx}: where annealing may start instead of at β = 0.
///
/// In the model's own units, in the order of its units. With all θ = 0 it is the uniform
/// distribution.
#[derive(Debug, Clone, PartialEq)]
pub struct Base(Vec<f64>);

/// No field of a base is stronger than this: a unit that a sample never saw changing may change.
const STRONGEST: f64 = 12.0;

impl Base {
    /// The uniform distribution over the states of `n` units.
    #[must_use]
    pub fn uniform(n: usize) -> Self {
        Self(vec![0.0; n])
    }

    /// Independent units with these means: the closest of all such distributions, in the sense of
    /// the smallest KL(p‖p₀), to any p with these means. Fields are limited to ±12.
    ///
    /// # Panics
    /// If there are not as many units as means.
    #[must_use]
    pub fn with_means(means: &[f64], units: &[Units]) -> Self {
        assert_eq!(means.len(), units.len(), "one kind of unit for each mean");
        let field = |(m, units): (&f64, &Units)| units.field(*m).clamp(-STRONGEST, STRONGEST);
        Self(means.iter().zip(units).map(field).collect())
    }

    /// Independent units in the fields θ.
    #[must_use]
    pub fn with_fields(fields: Vec<f64>) -> Self {
        Self(fields)
    }

    /// θ of each unit.
    #[must_use]
    pub fn fields(&self) -> &[f64] {
        &self.0
    }

    /// Whether it is the uniform distribution, so that every rung of a path is a physical
    /// temperature.
    #[must_use]
    pub fn is_uniform(&self) -> bool {
        self.0.iter().all(|theta| *theta == 0.0)
    }

    /// ln Σₓ e^{θ·x}, nats.
    ///
    /// # Panics
    /// If there are not as many units as fields.
    #[must_use]
    pub fn log_z(&self, units: &[Units]) -> f64 {
        assert_eq!(self.0.len(), units.len(), "one kind of unit for each field");
        self.0.iter().zip(units).map(|(theta, units)| units.log_partition(*theta)).sum()
    }
}
