//! From a model to replicas.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::Replicas;
use crate::{
    Error, Run,
    sample::{Base, Kernel, Rung, Sample, exchange::Exchange},
    streams::{Exchange as Stage, Purpose},
};

/// How replicas are made: independent ladders of chains on the given β, which exchange their
/// temperatures.
///
/// With a single β it is plain sampling. Below a transition that fails to equilibrate, without a
/// sign of it in the error bars, unless the replicas are meant to stay where they start, as in a
/// retrieval state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sampling {
    /// Independent replicas: an even number, at least 4.
    pub replicas: usize,
    /// Sweeps before the first record.
    pub burn_in: usize,
    /// Records of each replica at each β.
    pub records: usize,
    /// Sweeps from one record to the next.
    pub thin: usize,
    /// How the chains move.
    pub kernel: Kernel,
}

impl Default for Sampling {
    fn default() -> Self {
        Self { replicas: 8, burn_in: 500, records: 500, thin: 1, kernel: Kernel::Auto }
    }
}

impl Sampling {
    /// The replicas at each β, which must ascend. They start at random, or all from the kept units
    /// `start`.
    ///
    /// # Errors
    /// [`Error::Config`] for a setting out of range; [`Error::Samples`] if the run was cancelled.
    pub fn replicas(
        &self,
        model: &(impl Sample + ?Sized),
        betas: &[f64],
        start: Option<&[bool]>,
        run: &Run<'_>,
    ) -> Result<Vec<Replicas>, Error> {
        self.check(betas)?;
        run.progress.begin("replicas", (self.replicas * (self.burn_in + self.records * self.thin)) as u64);
        let sampler = model.sampler(self.kernel, &Base::uniform(model.n_units()));
        let rungs: Vec<Rung> = betas.iter().map(|beta| Rung::at(*beta)).collect();
        let ladder = |replica: usize| -> Option<Vec<Vec<Vec<bool>>>> {
            let purpose = |stage| Purpose::Exchange { part: 0, stage, ladder: replica };
            let number = purpose(Stage::Moves).number();
            let chains = match start {
                None => sampler.chains_at_base(rungs.len(), run.seed, number),
                Some(start) => sampler.chains_from(&vec![start.to_vec(); rungs.len()], run.seed, number),
            };
            // Exchanges draw from streams of their own.
            let mut ladder = Exchange::new(chains, rungs.len(), purpose(Stage::Swaps).generator(run.seed));
            ladder.advance(&rungs, self.burn_in, run)?;
            let mut records = vec![Vec::with_capacity(self.records); rungs.len()];
            for _ in 0..self.records {
                ladder.advance(&rungs, self.thin, run)?;
                records.iter_mut().zip(ladder.states(&rungs)).for_each(|(records, state)| records.push(state));
            }
            Some(records)
        };
        let ladders: Option<Vec<_>> = (0..self.replicas).into_par_iter().map(ladder).collect();
        run.progress.end();
        let Some(mut ladders) = ladders else {
            return Err(Error::samples("the run was cancelled", "let it end, or ask for fewer sweeps"));
        };
        (0..betas.len())
            .map(|k| Replicas::new(ladders.iter_mut().map(|l| std::mem::take(&mut l[k])).collect()))
            .collect()
    }

    /// Whether every setting is in range, and β ascends.
    ///
    /// # Errors
    /// [`Error::Config`] with the setting.
    pub fn check(&self, betas: &[f64]) -> Result<(), Error> {
        for (field, value, least) in [
            ("replicas", self.replicas, 4),
            ("records", self.records, 1),
            ("thin", self.thin, 1),
            ("burn_in", self.burn_in, 0),
        ] {
            if value < least {
                return Err(Error::config(field, value, format!("choose a number, at least {least}")));
            }
        }
        if self.replicas % 2 == 1 || self.replicas > 10_000 {
            return Err(Error::config("replicas", self.replicas, "choose an even number up to 10000"));
        }
        let ascending = betas.windows(2).all(|pair| pair[0] < pair[1]);
        if betas.is_empty() || !ascending || betas.iter().any(|beta| !beta.is_finite() || *beta < 0.0) {
            return Err(Error::config("betas", format!("{betas:?}"), "give finite β ≥ 0 in ascending order"));
        }
        Ok(())
    }
}
