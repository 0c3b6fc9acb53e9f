//! What annealing up and annealing down say each for itself.

use super::WorkValues;
use crate::{
    Error,
    stats::{free_energy, free_energy::Work},
};

/// What each direction says for itself, and how the two fit together.
pub(super) struct Directions {
    pub(super) forward_log_z: f64,
    pub(super) reverse_log_z: f64,
    pub(super) overlap: f64,
    /// NaN where there is no slope: a list with it is left out of the diagnostics.
    pub(super) slope: f64,
    pub(super) slope_error: f64,
}

impl Directions {
    pub(super) fn of(work: &WorkValues, overlap: f64) -> Result<Self, Error> {
        let (forward, reverse) = (Work::new(&work.forward)?, Work::new(&work.reverse)?);
        let crooks = free_energy::crooks(forward, reverse);
        Ok(Self {
            forward_log_z: work.log_z_base - free_energy::forward_average(forward).delta_f,
            reverse_log_z: work.log_z_base - free_energy::reverse_average(reverse).delta_f,
            overlap,
            slope: crooks.as_ref().map_or(f64::NAN, |crooks| crooks.slope),
            slope_error: crooks.as_ref().map_or(f64::NAN, |crooks| crooks.slope_error),
        })
    }
}
