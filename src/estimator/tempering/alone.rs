//! What the ladders say by themselves, for whoever wants their states and their number.

use std::ops::Range;

use super::{LadderMemory, Tempering, ladders::temper, record::Keep, samples::TemperedSamples, solved::solve};
use crate::{
    Error, Run,
    curve::{Betas, Series},
    path::Path,
    run::Quiet,
    streams::Purpose,
};

/// Several ladders between the base of a path and the model.
pub(in crate::estimator) struct Ladders {
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

impl Ladders {
    /// Runs some of the ladders of `config` to the model at `beta`, the end of the path, on three parts of
    /// the run. `None` if the run was cancelled.
    ///
    /// # Errors
    /// [`Error::Betas`] for a β that is none.
    pub(in crate::estimator) fn run(
        config: &Tempering,
        path: &Path,
        beta: f64,
        ladders: Range<usize>,
        part: usize,
        run: &Run<'_>,
    ) -> Result<Option<Self>, Error> {
        let quiet = &Run { progress: &Quiet, ..*run };
        let targets = path.targets(&Betas::one(beta)?);
        let keep = Keep::Tops(config.records);
        let tempered = temper(config, path, &targets, ladders, part, keep, quiet);
        Ok(tempered.map(|tempered| Self {
            samples: TemperedSamples { log_z_base: path.log_z_base, targets, tempered },
            config: config.clone(),
        }))
    }

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
