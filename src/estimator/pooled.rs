//! Runs whose work is dealt out in shares, on several machines, and pooled afterwards.

use std::time::Instant;

use super::{
    Estimator, Share,
    annealing::Collected,
    arrays::{Arrays, get_rows, put},
    tempering::TemperedSamples,
};
use crate::{
    Error,
    curve::{Betas, Curve},
    model::Model,
    run::Run,
};

/// An estimator whose work is independent batches, each on random streams of its own: blocks of
/// chains, or ladders.
///
/// The samples of all shares, joined in their order, give the very numbers of one whole run.
pub trait Pooled<M: Model + ?Sized>: Estimator<M> {
    /// How many batches there are to deal out.
    fn batches(&self) -> usize;

    /// The samples of a share. Where the run was cancelled they end before the last β.
    ///
    /// # Errors
    /// Those of [`Estimator::curve`].
    fn samples(&self, model: &M, betas: &Betas, share: Share, run: &Run<'_>) -> Result<Samples, Error>;

    /// The curve that the samples of all shares give. It has not taken any seconds.
    ///
    /// # Errors
    /// Those of [`Estimator::curve`].
    fn pool(&self, samples: Samples, betas: &Betas, run: &Run<'_>) -> Result<Curve, Error>;
}

/// The curve of one whole run: all samples, pooled.
pub(super) fn whole_curve<M: Model + ?Sized>(
    estimator: &dyn Pooled<M>,
    model: &M,
    betas: &Betas,
    run: &Run<'_>,
) -> Result<Curve, Error> {
    let clock = Instant::now();
    let samples = estimator.samples(model, betas, Share::WHOLE, run)?;
    let curve = estimator.pool(samples, betas, run)?;
    Ok(Curve { seconds: clock.elapsed().as_secs_f64(), ..curve })
}

/// What a share of a run has sampled.
#[derive(Debug)]
pub struct Samples(pub(super) Drawn);

/// By what kind of run.
#[derive(Debug)]
pub(super) enum Drawn {
    /// At each β.
    Annealed(Vec<Collected>),
    /// For all β together, or for each.
    Tempered(Vec<TemperedSamples>),
}

impl Samples {
    /// What two neighbouring shares have sampled. `None` if they do not belong to one run.
    #[must_use]
    pub fn join(self, next: Self) -> Option<Self> {
        match (self.0, next.0) {
            (Drawn::Annealed(one), Drawn::Annealed(other)) => {
                join_each(one, other, Collected::join).map(|all| Self(Drawn::Annealed(all)))
            }
            (Drawn::Tempered(one), Drawn::Tempered(other)) => {
                join_each(one, other, TemperedSamples::join).map(|all| Self(Drawn::Tempered(all)))
            }
            _ => None,
        }
    }

    /// As arrays of a file: for each β, or for each run of the ladders, its own.
    #[must_use]
    pub fn arrays(&self) -> Arrays {
        let mut arrays = Arrays::new();
        match &self.0 {
            Drawn::Annealed(points) => {
                put(&mut arrays, "", ANNEALED, &[vec![points.len() as f64]]);
                points.iter().enumerate().for_each(|(k, point)| point.put(&mut arrays, &prefix(k)));
            }
            Drawn::Tempered(runs) => {
                put(&mut arrays, "", TEMPERED, &[vec![runs.len() as f64]]);
                runs.iter().enumerate().for_each(|(k, run)| run.put(&mut arrays, &prefix(k)));
            }
        }
        arrays
    }

    /// The samples that [`arrays`](Self::arrays) came from. `None` if something is missing or of
    /// another shape.
    #[must_use]
    pub fn of_arrays(arrays: &Arrays) -> Option<Self> {
        let count = |name: &str| get_rows::<1>(arrays, "", name)?.first().map(|[count]| *count as usize);
        match (count(ANNEALED), count(TEMPERED)) {
            (Some(n), None) => {
                let points: Option<_> = (0..n).map(|k| Collected::get(arrays, &prefix(k))).collect();
                Some(Self(Drawn::Annealed(points?)))
            }
            (None, Some(n)) => {
                let runs: Option<_> = (0..n).map(|k| TemperedSamples::get(arrays, &prefix(k))).collect();
                Some(Self(Drawn::Tempered(runs?)))
            }
            _ => None,
        }
    }

    /// Those of annealing.
    ///
    /// # Errors
    /// [`Error::Config`] if they are of another kind.
    pub(super) fn annealed(self) -> Result<Vec<Collected>, Error> {
        match self.0 {
            Drawn::Annealed(points) => Ok(points),
            Drawn::Tempered(_) => Err(of_another_method()),
        }
    }

    /// Those of tempering.
    ///
    /// # Errors
    /// [`Error::Config`] if they are of another kind.
    pub(super) fn tempered(self) -> Result<Vec<TemperedSamples>, Error> {
        match self.0 {
            Drawn::Tempered(runs) => Ok(runs),
            Drawn::Annealed(_) => Err(of_another_method()),
        }
    }
}

const ANNEALED: &str = "annealed_betas";
const TEMPERED: &str = "tempered_runs";

fn prefix(k: usize) -> String {
    format!("{k}.")
}

fn join_each<T>(one: Vec<T>, other: Vec<T>, join: fn(T, T) -> Option<T>) -> Option<Vec<T>> {
    if one.len() != other.len() {
        return None;
    }
    one.into_iter().zip(other).map(|(one, other)| join(one, other)).collect()
}

pub(super) fn of_another_method() -> Error {
    Error::config("samples", "these", "pool them by the method that drew them")
}
