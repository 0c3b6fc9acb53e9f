//! The states at the end of a ladder, for what begins there.

use std::ops::Range;

use super::{
    Tempering,
    ladders::{LadderMemory, temper},
    record::Keep,
};
use crate::{Error, Run, curve::Betas, path::Path, run::Quiet};

/// States of the kept units at the highest temperature number of several ladders.
pub(in crate::estimator) struct TopStates {
    /// Ladder after ladder, each in the order of time.
    pub(in crate::estimator) kept: Vec<Vec<bool>>,
    /// What happened on each.
    pub(in crate::estimator) seen: Vec<LadderMemory>,
}

/// `records` states of the model at `beta`, the end of the path, from each of some of the ladders
/// of `config`; it draws from three parts of the run. `None` if the run was cancelled.
///
/// # Errors
/// [`Error::Betas`] for a β that is none.
pub(in crate::estimator) fn top_states(
    config: &Tempering,
    path: &Path,
    beta: f64,
    records: usize,
    ladders: Range<usize>,
    part: usize,
    run: &Run<'_>,
) -> Result<Option<TopStates>, Error> {
    let run = &Run { progress: &Quiet, ..*run };
    let config = Tempering { records, sweeps: config.sweeps.max(records), ..config.clone() };
    let targets = path.targets(&Betas::one(beta)?);
    let tempered = temper(&config, path, &targets, ladders, part, Keep::Tops(records), run);
    Ok(tempered.map(|tempered| TopStates {
        seen: tempered.ladders.iter().map(|ladder| ladder.memory()).collect(),
        kept: tempered.ladders.into_iter().flat_map(|ladder| ladder.samples.top).collect(),
    }))
}
