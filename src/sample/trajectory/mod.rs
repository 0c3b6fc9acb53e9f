//! Kernels for a path through several models of equal shape: from a base to the first, and from
//! each to the next.
//!
//! On segment k a state has the weight e^{−base·E_{k−1} − beta·E_k}: since E is linear in the
//! parameters, that is a model itself, with the parameters mixed in the same way. Each model is
//! prepared once; nothing is copied when chains pass from one segment to the next.

mod collapsed;
mod gibbs;
mod weights;

use super::{Base, Kernel, Sampler, bit_base::BitBase, rbm::sums_out};
use crate::{Rbm, model::Marginal};

use self::{collapsed::CollapsedTrajectory, gibbs::GibbsTrajectory};

/// Prepares the kernel for the path from a base through these models.
///
/// # Panics
/// If there is no model, or the models or the base are not all of one shape.
pub(crate) fn trajectory_sampler(models: &[&Rbm], kernel: Kernel, base: &Base) -> Box<dyn Sampler> {
    let first = models[0];
    let base = BitBase::new(base, first, Marginal::of(first).kept);
    if sums_out(kernel, first) {
        Box::new(CollapsedTrajectory::new(models, base))
    } else {
        Box::new(GibbsTrajectory::new(models, base))
    }
}
