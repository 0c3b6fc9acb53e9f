//! What is climbed in one go.

use super::{BaseChoice, Schedule, climb::block_sizes, ladder::Ladder, pilot::pilot};
use crate::{
    Ais, Error, Run,
    curve::Betas,
    model::{Rung, Sample, Sampler},
};

/// A ladder from a base to one or more of the β asked for, and the kernel for it.
pub(in crate::estimator) struct Leg {
    pub(in crate::estimator) sampler: Box<dyn Sampler>,
    pub(in crate::estimator) ladder: Ladder,
    /// ln Z of the base.
    pub(in crate::estimator) log_z_base: f64,
    /// The β that it has as knots.
    pub(in crate::estimator) betas: Betas,
    /// The number of the first of its random streams.
    pub(in crate::estimator) first_stream: u64,
}

/// What is to be climbed for a curve. From the uniform base, where every rung is a physical temperature, a single leg
/// passes all β; any other base, and a climb that must end at each β (`apart`), takes a leg for each.
pub(in crate::estimator) fn legs<M: Sample + ?Sized>(
    config: &Ais,
    model: &M,
    betas: &Betas,
    apart: bool,
    run: &Run<'_>,
) -> Result<Vec<Leg>, Error> {
    let together = config.base == BaseChoice::Uniform && !apart;
    let parts: Vec<Betas> =
        if together { vec![betas.clone()] } else { betas.iter().map(|b| Betas::one(*b)).collect::<Result<_, _>>()? };
    // One for each block of chains, and one for the pilot.
    let streams_each = block_sizes(config.chains).len() as u64 + 1;
    let leg = |(k, betas): (usize, Betas)| {
        let (first_stream, top) = (k as u64 * streams_each, betas.max());
        let base = config.base.base(model, config.data.as_deref(), top, run)?;
        let sampler = model.sampler(config.kernel, &base);
        let profile = match config.schedule {
            Schedule::Adaptive => {
                let rung = |t: f64| if base.is_uniform() { Rung::at(t * top) } else { Rung::between(t, top) };
                pilot(sampler.as_ref(), rung, first_stream + streams_each, run)
            }
            given => given.profile(),
        };
        let ladder = match base.is_uniform() {
            true => Ladder::through_temperatures(&betas, config.rungs, &profile),
            false => Ladder::from_base(top, config.rungs, &profile),
        };
        // n ln 2 as the model itself says it, without a rounding error.
        let log_z_base = if base.is_uniform() { model.log_z_at_zero() } else { sampler.log_z_base() };
        Ok(Leg { sampler, ladder, log_z_base, betas, first_stream })
    };
    parts.into_iter().enumerate().map(leg).collect()
}
