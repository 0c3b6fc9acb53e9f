//! The states at the end of a ladder, for what begins there.

use super::{Tempering, ladders::temper, record::Keep};
use crate::{Error, Run, curve::Betas, path::Path, run::Quiet};

/// States of the kept units at the highest temperature number of several ladders.
pub(in crate::estimator) struct TopStates {
    /// Ladder after ladder, each in the order of time.
    pub(in crate::estimator) kept: Vec<Vec<bool>>,
    pub(in crate::estimator) ladders: usize,
    /// How many states in a row of one ladder depend on one another.
    pub(in crate::estimator) block: usize,
    /// Journeys of a replica between the base and the top.
    pub(in crate::estimator) round_trips: f64,
}

/// Equally many states of the model at `beta`, the end of the path, from each ladder, at least
/// `count` in all; it draws from three parts of the run. `None` if the run was cancelled.
///
/// # Errors
/// [`Error::Betas`] for a β that is none.
pub(in crate::estimator) fn top_states(
    config: &Tempering,
    path: &Path,
    beta: f64,
    count: usize,
    part: usize,
    run: &Run<'_>,
) -> Result<Option<TopStates>, Error> {
    let run = &Run { progress: &Quiet, ..*run };
    let records = count.div_ceil(config.ladders).max(2);
    let config = Tempering { records, sweeps: config.sweeps.max(records), ..config.clone() };
    let Some(tempered) = temper(&config, path, &path.targets(&Betas::one(beta)?), part, Keep::Top, run) else {
        return Ok(None);
    };
    Ok(Some(TopStates {
        ladders: config.ladders,
        block: tempered.slowest.block_length().min(records),
        round_trips: tempered.log.round_trips[config.temperatures - 1],
        kept: tempered.records.iter().flat_map(|record| record.top().iter().cloned()).collect(),
    }))
}
