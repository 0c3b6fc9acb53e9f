//! Exact samples of the kept units, where a model is small enough for them.

use std::ops::Range;

use crate::{Error, Run, model::Draw};

/// Up to so many enumerated units exact samples are a matter of seconds.
pub(super) const MAX_UNITS: u32 = 20;

/// Whether a model is small enough.
pub(super) fn draws_exactly<M: Draw + ?Sized>(model: &M) -> bool {
    model.enumeration_cost().log2_states <= MAX_UNITS
}

/// Independent draws of some units of a model; `None` if it is too large, or the run was cancelled.
pub(super) fn exact_units<M: Draw + ?Sized>(
    model: &M,
    units: Range<usize>,
    beta: f64,
    count: usize,
    run: &Run<'_>,
) -> Result<Option<Vec<Vec<bool>>>, Error> {
    if !draws_exactly(model) {
        return Ok(None);
    }
    let states = model.draw(beta, count, &Run { progress: &crate::run::Quiet, ..*run })?;
    let unit = |state: &[u8]| state[units.clone()].iter().map(|x| *x == 1).collect();
    Ok(states.map(|states| states.chunks(model.n_units()).map(unit).collect()))
}
