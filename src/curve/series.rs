//! The numbers every estimator produces.

/// One realisation of a curve: ln Z(β), U(β) = ⟨E⟩ and Var E, point by point over (the reached part
/// of) a β grid.
///
/// ln Z is in nats, the energy in the model's units. All three have the same length; a value that
/// was not asked for, or does not exist, is `None`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Series {
    /// ln Z(β).
    pub log_z: Vec<f64>,
    /// U(β) = −∂ln Z/∂β.
    pub energy: Vec<Option<f64>>,
    /// Var E(β) = ∂²ln Z/∂β².
    pub energy_variance: Vec<Option<f64>>,
}

impl Series {
    /// The `k`-th point alone.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn point(&self, k: usize) -> Self {
        Self {
            log_z: vec![self.log_z[k]],
            energy: vec![self.energy[k]],
            energy_variance: vec![self.energy_variance[k]],
        }
    }

    /// Appends the points of another.
    pub fn append(&mut self, other: &Self) {
        self.log_z.extend(&other.log_z);
        self.energy.extend(&other.energy);
        self.energy_variance.extend(&other.energy_variance);
    }

    /// Appends one point.
    pub fn push(&mut self, log_z: f64, energy: Option<f64>, energy_variance: Option<f64>) {
        self.log_z.push(log_z);
        self.energy.push(energy);
        self.energy_variance.push(energy_variance);
    }
}
