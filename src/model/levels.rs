//! A system given by its list of energies.

use super::{Cumulants, Enumerate, EnumerationCost, Model, Sums};
use crate::{
    Error,
    kernel::scaled_sum::{ScaledSum, WeightedMoments},
    run::Run,
};

/// 2^N explicit energy levels, as of a random energy model (Derrida, Phys. Rev. B 24, 2613 (1981)).
///
/// # Examples
/// ```
/// use plefka::{Betas, Estimator, Exact, Run, model::Levels};
/// let curve = Exact::default().curve(&Levels::new(vec![0.0, 1.0])?, &Betas::one(2.0)?, &Run::quiet(0))?;
/// assert!((curve.values.log_z[0] - (1.0 + (-2f64).exp()).ln()).abs() < 1e-15);
/// # Ok::<(), plefka::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Levels(Vec<f64>);

impl Levels {
    /// Takes the energies.
    ///
    /// # Errors
    /// [`Error::Model`] if their number is not a power of two (at least two), or one is not finite.
    pub fn new(energies: Vec<f64>) -> Result<Self, Error> {
        if energies.len() < 2 || !energies.len().is_power_of_two() {
            let problem = format!("{} levels are not those of N two-state units", energies.len());
            return Err(Error::model(problem, "give 2^N levels, N at least 1"));
        }
        match energies.iter().find(|e| !e.is_finite()) {
            Some(bad) => Err(Error::model(format!("a level is {bad}"), "every energy must be finite")),
            None => Ok(Self(energies)),
        }
    }

    /// The energies.
    #[must_use]
    pub fn energies(&self) -> &[f64] {
        &self.0
    }
}

impl Model for Levels {
    fn n_units(&self) -> usize {
        self.0.len().ilog2() as usize
    }
}

impl Enumerate for Levels {
    fn enumeration_cost(&self) -> EnumerationCost {
        EnumerationCost { log2_states: self.0.len().ilog2(), factors_per_state: 1 }
    }

    fn enumerate(&self, beta: f64, _: Sums, run: &Run<'_>) -> Option<Cumulants> {
        let mut total = WeightedMoments::EMPTY;
        for block in self.0.chunks(1 << 14) {
            let mut sum = ScaledSum::new();
            block.iter().for_each(|energy| sum.add_log(-beta * energy, -energy, 0.0));
            total = total.merge(sum.moments());
            if !run.advance_or_stop(block.len() as u64) {
                return None;
            }
        }
        let scale = self.0.iter().fold(0.0, |scale: f64, energy| scale.max(energy.abs()));
        Some(Cumulants::of(total, 0.0, beta, scale))
    }
}
