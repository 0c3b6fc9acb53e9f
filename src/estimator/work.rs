//! The work of annealing up and of annealing down, and what each says for itself.

use crate::{
    Error,
    stats::{free_energy, free_energy::Work},
};

/// The dimensionless work of chains between a base and the model at one β.
///
/// w_F = −ln w on the way up and w_R on the way down, with Δf = ln Z₀ − ln Z(β): Crooks' theorem
/// says P_F(w)/P_R(−w) = e^{w − Δf}.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkValues {
    /// ln Z of the base, nats.
    pub log_z_base: f64,
    /// w_F of each chain on the way up.
    pub forward: Vec<f64>,
    /// w_R of each chain that descended.
    pub reverse: Vec<f64>,
    /// Whether those that descended started from exact samples.
    pub exact_start: bool,
}

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
