//! What the ladders say by themselves, for whoever wants their states and their number.

use std::ops::Range;

use super::{LadderMemory, Tempering, ladders::Placed, record::Keep, samples::TemperedSamples, solved::solve};
use crate::{
    Error, Run,
    curve::{Betas, Series},
    path::Path,
    sample::Rung,
    streams::Purpose,
};

/// Several ladders between the base of a path and the model, which go on for as long as they are
/// asked to.
pub(in crate::estimator) struct Ladders<'a> {
    placed: Placed<'a>,
    config: Tempering,
    log_z_base: f64,
    targets: Vec<Rung>,
}

/// What ladders have brought on a stretch of their way.
pub(in crate::estimator) struct Stretch {
    samples: TemperedSamples,
    config: Tempering,
}

/// ln Z, U and Var E from the states of all rungs.
pub(in crate::estimator) struct LadderEstimate {
    pub(in crate::estimator) estimate: [f64; 3],
    /// By resampling blocks of time in each ladder.
    pub(in crate::estimator) replicates: Vec<[f64; 3]>,
    /// ln Z of each ladder by itself.
    pub(in crate::estimator) each: Vec<f64>,
}

impl<'a> Ladders<'a> {
    /// Some of the ladders of `config` to the model at `beta`, the end of the path, after their
    /// burn-in; they draw from three parts of the run, and advance its progress by a step for each
    /// step of each ladder, here and later. `None` if the run was cancelled.
    ///
    /// # Errors
    /// [`Error::Betas`] for a β that is none.
    pub(in crate::estimator) fn after_burn_in(
        config: &Tempering,
        path: &'a Path,
        beta: f64,
        ladders: Range<usize>,
        part: usize,
        run: &Run<'_>,
    ) -> Result<Option<Self>, Error> {
        let targets = path.targets(&Betas::one(beta)?);
        let placed = Placed::find(config, path, ladders, part, run);
        let (config, log_z_base) = (config.clone(), path.log_z_base);
        Ok(placed.map(|placed| Self { placed, config, log_z_base, targets }))
    }

    /// The next sweeps. `None` if the run was cancelled.
    pub(in crate::estimator) fn advance(&mut self, run: &Run<'_>) -> Option<Stretch> {
        let Self { placed, config, log_z_base, targets } = self;
        let keep = Keep::Tops(config.records);
        let tempered = placed.record(config, targets, keep, run)?;
        let samples = TemperedSamples { log_z_base: *log_z_base, targets: targets.clone(), tempered };
        Some(Stretch { samples, config: config.clone() })
    }
}

impl Stretch {
    /// `count` states of the model from each ladder, equally far apart in time.
    pub(in crate::estimator) fn top(&self, count: usize) -> Vec<Vec<Vec<bool>>> {
        let records = self.config.records;
        let of = |top: &Vec<Vec<bool>>| (0..count).map(|k| top[(k + 1) * records / count - 1].clone()).collect();
        self.samples.tempered.ladders.iter().map(|ladder| of(&ladder.samples.top)).collect()
    }

    /// How many of `count` such states in a row depend on one another.
    pub(in crate::estimator) fn dependent(&self, count: usize) -> usize {
        let block = self.samples.tempered.slowest.block_length() * count;
        block.div_ceil(self.config.records).clamp(1, count)
    }

    /// How each was mixed.
    pub(in crate::estimator) fn memories(&self) -> impl Iterator<Item = LadderMemory> {
        self.samples.tempered.ladders.iter().map(|ladder| ladder.memory)
    }

    /// The number that their states give.
    ///
    /// # Errors
    /// As [`Estimator::curve`](crate::Estimator::curve) of [`Tempering`].
    pub(in crate::estimator) fn estimate(&self, run: &Run<'_>) -> Result<LadderEstimate, Error> {
        let solved = solve(&self.samples, self.config.replicates, &mut Purpose::Bootstrap.generator(run.seed))?;
        Ok(LadderEstimate {
            estimate: numbers(&solved.values),
            replicates: solved.replicates.iter().map(numbers).collect(),
            each: solved.each.concat(),
        })
    }
}

/// The first point of a series: ln Z, U, Var E.
pub(in crate::estimator) fn numbers(series: &Series) -> [f64; 3] {
    let value = |of: &[Option<f64>]| of[0].unwrap_or(f64::NAN);
    [series.log_z[0], value(&series.energy), value(&series.energy_variance)]
}
