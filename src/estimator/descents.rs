//! A descent for each β: what the estimators have in common that begin at the model.

use rand_xoshiro::Xoshiro256PlusPlus;
use rayon::prelude::*;

use super::{
    Ais,
    annealing::{Leg, legs},
    start::Origin,
};
use crate::{
    Error,
    curve::{Betas, Method, Series},
    run::Run,
    sample::Sample,
    streams::{BOOTSTRAP_STREAM, stream},
};

/// What the chains of one leg have to say at its β.
pub(super) trait Descent: Sync {
    /// How often each chain counts.
    type Counts: Send + Sync;

    /// Where the chains that descended came from.
    fn origin(&self) -> Origin;

    /// How often each chain is drawn, or, without random numbers, once each.
    fn counts(&self, resample: Option<&mut Xoshiro256PlusPlus>) -> Self::Counts;

    /// Appends the numbers that the chains give.
    fn push(&self, counts: &Self::Counts, series: &mut Series) -> Result<(), Error>;
}

/// The descents of a curve from the first β on, as far as they came, with the curve and its bootstrap replicates.
pub(super) struct Descents<D> {
    pub(super) done: Vec<D>,
    pub(super) values: Series,
    pub(super) replicates: Vec<Series>,
    /// Steps of the longest ladder.
    pub(super) rungs: usize,
}

impl<D: Descent> Descents<D> {
    /// Runs `descend` on the leg to each β, with `ways` times its steps for each chain. It gives `None` if the run was cancelled.
    pub(super) fn run<M: Sample + ?Sized>(
        method: Method,
        annealing: &Ais,
        (model, betas): (&M, &Betas),
        ways: usize,
        run: &Run<'_>,
        descend: impl Fn(&Leg) -> Result<Option<D>, Error>,
    ) -> Result<Self, Error> {
        let legs = legs(annealing, model, betas, true, run)?;
        let steps: usize = legs.iter().map(|leg| leg.ladder.len()).sum();
        run.progress.begin(method.name(), (ways * steps * annealing.chains) as u64);
        let mut rng = stream(run.seed, BOOTSTRAP_STREAM);
        let mut all = Self {
            done: Vec::new(),
            values: Series::default(),
            replicates: vec![Series::default(); annealing.replicates],
            rungs: legs.iter().map(|leg| leg.ladder.len()).max().unwrap_or(0),
        };
        for leg in &legs {
            let Some(descent) = descend(leg)? else { break };
            descent.push(&descent.counts(None), &mut all.values)?;
            let drawn: Vec<D::Counts> = (0..all.replicates.len()).map(|_| descent.counts(Some(&mut rng))).collect();
            let resampled = all.replicates.par_iter_mut().zip(&drawn);
            resampled.map(|(series, counts)| descent.push(counts, series)).collect::<Result<Vec<()>, Error>>()?;
            all.done.push(descent);
        }
        run.progress.end();
        Ok(all)
    }

    /// Where the chains of each descent came from.
    pub(super) fn origins(&self) -> Vec<Origin> {
        self.done.iter().map(Descent::origin).collect()
    }
}
