//! One annealing run: a ladder, and the kernel that moves chains on it.

use std::sync::Arc;

use super::{Schedule, pilot::pilot};
use crate::{
    Ais, Error,
    curve::Betas,
    path::{Ladder, Path, Profile, Trajectory},
    run::Run,
    sample::Sample,
    streams::{Annealing, Purpose, annealing_base_part, exchange_part},
};

/// A ladder from a base to one or more of the β asked for, and the kernel for it.
pub(in crate::estimator) struct AnnealingRun {
    pub(in crate::estimator) path: Arc<Path>,
    pub(in crate::estimator) ladder: Ladder,
    /// The β asked for that it passes.
    pub(in crate::estimator) betas: Betas,
    /// Which run it is, of how many.
    number: usize,
    runs: usize,
}

impl AnnealingRun {
    /// The `number`-th of `runs` runs to the model at one β, in so many steps.
    pub(in crate::estimator) fn to_beta(
        path: &Arc<Path>,
        beta: f64,
        rungs: usize,
        profile: &Profile,
        (number, runs): (usize, usize),
    ) -> Result<Self, Error> {
        let betas = Betas::one(beta)?;
        let ladder = Ladder::new(path, &betas, rungs, profile);
        Ok(Self { path: Arc::clone(path), ladder, betas, number, runs })
    }

    /// The one run through all checkpoints of a training run, at β = 1.
    pub(in crate::estimator) fn along(config: &Ais, trajectory: &Trajectory, run: &Run<'_>) -> Result<Self, Error> {
        let path = Path::through(trajectory, config.kernel, 1.0, true);
        let betas = Betas::one(1.0)?;
        let ladder = Ladder::new(&path, &betas, config.rungs, &profile(config, &path, 0, run));
        Ok(Self { path: Arc::new(path), ladder, betas, number: 0, runs: 1 })
    }

    /// The random stream of a block of chains in one of the stages.
    pub(in crate::estimator) fn stream(&self, stage: Annealing, block: usize) -> u64 {
        Purpose::Annealing { run: self.number, stage, block }.number()
    }

    /// The random stream that completes rows of data.
    pub(in crate::estimator) fn data_stream(&self) -> u64 {
        Purpose::DataRows { run: self.number }.number()
    }

    /// The first part of the random streams for a replica exchange that belongs to this run.
    pub(in crate::estimator) fn exchange_part(&self) -> usize {
        exchange_part(self.runs, self.number)
    }
}

/// The annealing runs of a curve. From the uniform base, where every rung is a physical
/// temperature, a single run passes all β; any other base, and a run that must end at each β
/// (`apart`), takes one for each.
pub(in crate::estimator) fn annealing_runs<M: Sample + ?Sized>(
    config: &Ais,
    model: &M,
    betas: &Betas,
    apart: bool,
    run: &Run<'_>,
) -> Result<Vec<AnnealingRun>, Error> {
    let together = config.way().passes_every_beta() && !apart;
    let parts: Vec<Betas> =
        if together { vec![betas.clone()] } else { betas.iter().map(|b| Betas::one(*b)).collect::<Result<_, _>>()? };
    let runs = parts.len();
    let planned = |(number, betas): (usize, Betas)| {
        let top = betas.max();
        let search = annealing_base_part(number);
        let path = config.way().to(model, top, search, run)?;
        let profile = profile(config, &path, number, run);
        let ladder = Ladder::new(&path, &betas, config.rungs, &profile);
        Ok(AnnealingRun { path: Arc::new(path), ladder, betas, number, runs })
    };
    // Ladders take time, too. Of a run that was cancelled the first is enough to say so.
    let wanted = parts.into_iter().enumerate().take_while(|(number, _)| *number == 0 || !run.cancelled());
    wanted.map(planned).collect()
}

/// Where the rungs of the `number`-th run stand.
fn profile(config: &Ais, path: &Path, number: usize, run: &Run<'_>) -> Profile {
    match config.schedule {
        Schedule::Adaptive => {
            let stream = Purpose::Annealing { run: number, stage: Annealing::Pilot, block: 0 };
            pilot(path, stream.number(), run).profile
        }
        given => given.profile(),
    }
}

/// Steps of the longest ladder.
pub(in crate::estimator) fn most_rungs(runs: &[AnnealingRun]) -> usize {
    runs.iter().map(|run| run.ladder.len()).max().unwrap_or(0)
}

/// Steps of all ladders together, for the progress.
pub(in crate::estimator) fn steps(runs: &[AnnealingRun]) -> usize {
    runs.iter().map(|run| run.ladder.len()).sum()
}
