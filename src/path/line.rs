//! The line of distributions.

use super::Trajectory;
use crate::{
    curve::Betas,
    sample::{Base, Kernel, MixtureBase, Rung, Sample, Sampler, trajectory_sampler},
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
    /// The parameters, from one model to the next, beginning at the first without its couplings.
    Trajectory {
        models: usize,
        /// Whether every model is asked for, not the last one alone.
        every: bool,
    },
}

/// A rung that a ladder must have.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Mark {
    /// Its place on the path, from 0 to 1.
    pub(crate) t: f64,
    pub(crate) rung: Rung,
    /// Whether it is the end of the path, or another place where ln Z is asked for.
    pub(crate) is_requested: bool,
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

    /// Through the models of a training run at one β, beginning at the first without its couplings;
    /// what is asked for is the last model, or `every` one.
    pub(crate) fn through(trajectory: &Trajectory, kernel: Kernel, top: f64, every: bool) -> Self {
        let models = trajectory.models();
        let biases = models[0].visible_bias().iter().chain(models[0].hidden_bias().iter());
        let base = Base::with_fields(biases.map(|bias| top * bias).collect());
        let sampler = trajectory_sampler(&models, kernel, &base);
        let log_z_base = sampler.log_z_base();
        Self { sampler, log_z_base, line: Line::Trajectory { models: models.len(), every }, top }
    }

    /// The rung a part t of the way up; at t = 1 exactly the model at its β.
    pub(crate) fn rung(&self, t: f64) -> Rung {
        match self.line {
            Line::Temperature => Rung::at(t * self.top),
            Line::FromBase => Rung::between(t, self.top),
            Line::Trajectory { models, .. } => {
                let place = t * models as f64;
                let segment = (place as usize).min(models - 1);
                self.on_segment(segment, place - segment as f64)
            }
        }
    }

    /// The rungs that a ladder for these β must have, of which the largest is the end of the path.
    pub(crate) fn marks(&self, betas: &Betas) -> Vec<Mark> {
        let place = |beta: f64| if self.top > 0.0 { beta / self.top } else { 0.0 };
        match self.line {
            Line::Temperature => {
                let mark = |beta: &f64| Mark { t: place(*beta), rung: Rung::at(*beta), is_requested: true };
                betas.iter().map(mark).collect()
            }
            Line::FromBase => vec![Mark { t: 1.0, rung: Rung::at(self.top), is_requested: true }],
            Line::Trajectory { models, every } => {
                let mark = |k: usize| Mark {
                    t: (k + 1) as f64 / models as f64,
                    rung: self.on_segment(k, 1.0),
                    is_requested: every || k + 1 == models,
                };
                (0..models).map(mark).collect()
            }
        }
    }

    /// The rungs at which ln Z is asked for.
    pub(crate) fn targets(&self, betas: &Betas) -> Vec<Rung> {
        self.marks(betas).into_iter().filter(|mark| mark.is_requested).map(|mark| mark.rung).collect()
    }

    /// The part u of the way along one segment of a trajectory.
    fn on_segment(&self, segment: usize, u: f64) -> Rung {
        // The base has fields of its own, while those of a model stand in its energy.
        let base = if segment == 0 { 1.0 - u } else { (1.0 - u) * self.top };
        Rung { beta: u * self.top, base, segment }
    }
}
