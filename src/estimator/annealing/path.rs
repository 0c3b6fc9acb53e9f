//! The line from a base of independent units to a model.

use super::BaseChoice;
use crate::{
    Error, Run,
    data::Data,
    sample::{Base, Kernel, Rung, Sample, Sampler},
};

/// From a base to the model at one β, and the kernel for it.
pub(in crate::estimator) struct Path {
    pub(in crate::estimator) sampler: Box<dyn Sampler>,
    /// ln Z of the base.
    pub(in crate::estimator) log_z_base: f64,
    /// Whether every rung is the model itself at some β.
    pub(in crate::estimator) is_physical: bool,
    top: f64,
}

impl Path {
    /// From the base of this choice to the model at `top`; a search for the base draws from part
    /// `search_part` of the run.
    pub(in crate::estimator) fn new<M: Sample + ?Sized>(
        model: &M,
        choice: BaseChoice,
        data: Option<&Data>,
        kernel: Kernel,
        top: f64,
        search_part: usize,
        run: &Run<'_>,
    ) -> Result<Self, Error> {
        let base: Base = choice.base(model, data, top, search_part, run)?;
        let sampler = model.sampler(kernel, &base);
        let is_physical = base.is_uniform();
        // n ln 2 as the model itself says it, without a rounding error.
        let log_z_base = if is_physical { model.log_z_at_zero() } else { sampler.log_z_base() };
        Ok(Self { sampler, log_z_base, is_physical, top })
    }

    /// The rung a part t of the way up; at t = 1 exactly the model at `top`.
    pub(in crate::estimator) fn rung(&self, t: f64) -> Rung {
        if self.is_physical { Rung::at(t * self.top) } else { Rung::between(t, self.top) }
    }
}
