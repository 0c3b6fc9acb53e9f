//! A curve that grows point by point, with its bootstrap replicates.

use rand_xoshiro::Xoshiro256PlusPlus;
use rayon::prelude::*;

use crate::{Error, curve::Series, run::Run, streams::Purpose};

/// The estimate and its replicates, as far as they have come.
pub(super) struct Bootstrapped {
    pub(super) values: Series,
    pub(super) replicates: Vec<Series>,
    generator: Xoshiro256PlusPlus,
}

impl Bootstrapped {
    pub(super) fn new(replicates: usize, run: &Run<'_>) -> Self {
        Self {
            values: Series::default(),
            replicates: vec![Series::default(); replicates],
            generator: Purpose::Bootstrap.generator(run.seed),
        }
    }

    /// Appends what `push` makes of counts: once of those that `counts` gives without random
    /// numbers, each chain once, and for each replicate of counts that are drawn.
    pub(super) fn push<C: Send + Sync>(
        &mut self,
        counts: impl Fn(Option<&mut Xoshiro256PlusPlus>) -> C,
        push: impl Fn(&C, &mut Series) -> Result<(), Error> + Sync,
    ) -> Result<(), Error> {
        push(&counts(None), &mut self.values)?;
        let drawn: Vec<C> = self.replicates.iter().map(|_| counts(Some(&mut self.generator))).collect();
        self.replicates.par_iter_mut().zip(&drawn).try_for_each(|(series, counts)| push(counts, series))
    }
}
