//! The line of distributions.

use crate::{
    curve::Betas,
    sample::{Base, Kernel, MixtureBase, Rung, Sample, Sampler},
};

/// A line from a distribution whose ln Z is known to a model at one β, and the kernel for it.
pub(crate) struct Path {
    pub(crate) sampler: Box<dyn Sampler>,
    /// ln Z at the beginning.
    pub(crate) log_z_base: f64,
    line: Line,
    /// β at the end.
    top: f64,
}

/// What changes along the way.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Line {
    /// The temperature, from β = 0: every rung is the model itself at some β.
    Temperature,
    /// The weights of independent units and of the model.
    FromBase,
}

/// A rung that a ladder must have.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Mark {
    /// Its place on the path, from 0 to 1.
    pub(crate) t: f64,
    pub(crate) rung: Rung,
}

impl Path {
    /// From a base to the model at `top`: along the temperature if the base is uniform.
    pub(crate) fn from_base<M: Sample + ?Sized>(model: &M, base: &Base, kernel: Kernel, top: f64) -> Self {
        let sampler = model.sampler(kernel, base);
        let line = if base.is_uniform() { Line::Temperature } else { Line::FromBase };
        // n ln 2 as the model itself says it, without a rounding error.
        let log_z_base = if line == Line::Temperature { model.log_z_at_zero() } else { sampler.log_z_base() };
        Self { sampler, log_z_base, line, top }
    }

    /// From several sets of independent units at once to the model at `top`. `None` for a model that
    /// cannot start there.
    pub(crate) fn from_mixture<M: Sample + ?Sized>(model: &M, base: &MixtureBase, top: f64) -> Option<Self> {
        let sampler = model.mixture_sampler(base)?;
        Some(Self { log_z_base: sampler.log_z_base(), sampler, line: Line::FromBase, top })
    }

    /// The rung a part t of the way up; at t = 1 exactly the model at its β.
    pub(crate) fn rung(&self, t: f64) -> Rung {
        match self.line {
            Line::Temperature => Rung::at(t * self.top),
            Line::FromBase => Rung::between(t, self.top),
        }
    }

    /// The rungs that a ladder for these β must have, of which the largest is the end of the path.
    pub(crate) fn marks(&self, betas: &Betas) -> Vec<Mark> {
        let place = |beta: f64| if self.top > 0.0 { beta / self.top } else { 0.0 };
        match self.line {
            Line::Temperature => betas.iter().map(|beta| Mark { t: place(*beta), rung: Rung::at(*beta) }).collect(),
            Line::FromBase => vec![Mark { t: 1.0, rung: Rung::at(self.top) }],
        }
    }
}
