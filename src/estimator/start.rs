//! Samples of the model at β, for what begins there.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    Ais, Run,
    annealing::{Leg, Purpose, block_sizes},
};
use crate::{
    Error,
    dataset::Data,
    model::{Rung, Sample},
    sample::block_stream,
};

/// Where chains that begin at the model come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// Exact samples where the model can be enumerated, Gibbs sampling elsewhere.
    #[default]
    Auto,
    /// Exact samples, by enumeration of the smaller layer (at most 20 units).
    Exact,
    /// Gibbs sampling at β, from rows of the data if there are any, else from the base. Never certain to have arrived.
    Gibbs,
}

/// Kept units at β, for as many chains as were asked for.
pub(super) struct Started {
    pub(super) kept: Vec<Vec<bool>>,
    /// Whether they are independent draws from the model.
    pub(super) exact: bool,
}

impl Start {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Exact => "exact",
            Self::Gibbs => "gibbs",
        }
    }

    /// Whether [`draw`](Self::draw) can begin.
    pub(super) fn check<M: Sample + ?Sized>(self, model: &M, data: Option<&Data>) -> Result<(), Error> {
        if self == Self::Exact && !model.draws_exactly() {
            return Err(Error::config("start", "exact", "the model is too large to be enumerated; use `gibbs`"));
        }
        data.map_or(Ok(()), |data| model.means_of_data(data, 0.0).map(|_| ()))
    }

    /// Samples at the last β of a leg, of Gibbs sampling after `burn_in` sweeps. `None` if the run was cancelled.
    pub(super) fn draw<M: Sample + ?Sized>(
        self,
        model: &M,
        leg: &Leg,
        config: &Ais,
        burn_in: usize,
        run: &Run<'_>,
    ) -> Result<Option<Started>, Error> {
        let (beta, streams) = (leg.betas.max(), leg.streams(Purpose::Start));
        if self != Self::Gibbs
            && let Some(kept) = model.exact_kept(beta, config.chains, run)?
        {
            return Ok(Some(Started { kept, exact: true }));
        }
        let rows = match &config.data {
            Some(data) => Some(model.kept_of_data(data, beta, run.seed, streams)?),
            None => None,
        };
        let sizes = block_sizes(config.chains);
        let walk = |(block, count): (usize, usize)| {
            let stream = streams + block_stream(block);
            let sampler = leg.path.sampler.as_ref();
            let mut chains = match &rows {
                // Rows far apart, each block another set of them.
                Some(rows) => {
                    let row =
                        |k: usize| rows[(block + k * sizes.len()) * rows.len() / config.chains % rows.len()].clone();
                    sampler.chains_from(&(0..count).map(row).collect::<Vec<_>>(), run.seed, stream)
                }
                None => sampler.chains_at_base(count, run.seed, stream),
            };
            for _ in 0..burn_in {
                if run.cancelled() {
                    return None;
                }
                chains.sweep(&[Rung::at(beta)]);
            }
            Some(chains.kept())
        };
        let kept: Option<Vec<_>> = sizes.par_iter().copied().enumerate().map(walk).collect();
        Ok(kept.map(|kept| Started { kept: kept.concat(), exact: false }))
    }
}

/// What to know of a curve whose start was not exact.
pub(super) fn inexact_start(exact: bool) -> Option<String> {
    let text = "the chains that descend did not start from exact samples: what they give is no bound, and its error bar does \
                not know how far the start was from equilibrium; compare with ais, or with tempering";
    (!exact).then(|| text.into())
}
