//! Samples of the model at β, for what begins there.

use rand::Rng;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    Estimator, ReverseAis, Tempering,
    annealing::{Leg, Purpose, block_sizes},
    tempering::{TopStates, top_states},
};
use crate::{
    Error,
    curve::Diagnostics,
    data::Data,
    run::Run,
    sample::{Rung, Sample},
    stats::{block_counts, resample_counts},
    streams::block_stream,
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
    /// The last rung of parallel tempering, whose round trips tell whether it has arrived. Equally many states of each
    /// ladder, so that there may be a few chains more.
    Tempering,
}

/// Kept units at β, for as many chains as were asked for.
pub(super) struct Started {
    pub(super) kept: Vec<Vec<bool>>,
    pub(super) origin: Origin,
}

/// How the states at the start hang together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Origin {
    /// Independent draws from the model.
    Exact,
    /// Independent draws from something near it.
    Gibbs,
    /// Series of the same length, one from each ladder, in which so many states in a row depend on one another.
    Tempering { ladders: usize, block: usize, round_trips: f64 },
}

impl Origin {
    /// How often each of so many chains counts: once, or as often as it is drawn.
    pub(super) fn counts(self, chains: usize, resample: Option<&mut impl Rng>) -> Vec<u32> {
        match (resample, self) {
            (None, _) => vec![1; chains],
            (Some(rng), Self::Exact | Self::Gibbs) => resample_counts(chains, rng),
            (Some(rng), Self::Tempering { ladders, block, .. }) => {
                (0..ladders).flat_map(|_| block_counts(chains / ladders, block, rng)).collect()
            }
        }
    }
}

impl Start {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Exact => "exact",
            Self::Gibbs => "gibbs",
            Self::Tempering => "tempering",
        }
    }

    /// Whether [`draw`](Self::draw) can begin.
    pub(super) fn check<M: Sample + ?Sized>(
        self,
        model: &M,
        data: Option<&Data>,
        tempering: &Tempering,
    ) -> Result<(), Error> {
        if self == Self::Tempering {
            return tempering.check(model);
        }
        if self == Self::Exact && !model.draws_exactly() {
            return Err(Error::config("start", "exact", "the model is too large to be enumerated; use `gibbs`"));
        }
        data.map_or(Ok(()), |data| model.check_data(data))
    }

    /// Samples at the last β of a leg, of Gibbs sampling after `burn_in` sweeps. `None` if the run was cancelled.
    pub(super) fn draw<M: Sample + ?Sized>(
        self,
        model: &M,
        leg: &Leg,
        descent: &ReverseAis,
        run: &Run<'_>,
    ) -> Result<Option<Started>, Error> {
        let (beta, streams) = (leg.betas.max(), leg.streams(Purpose::Start));
        let ReverseAis { annealing: config, burn_in, tempering, .. } = descent;
        match self {
            Self::Gibbs => {}
            Self::Auto | Self::Exact => {
                if let Some(kept) = model.exact_kept(beta, config.chains, run)? {
                    return Ok(Some(Started { kept, origin: Origin::Exact }));
                }
            }
            Self::Tempering => {
                let top = top_states(tempering, model, beta, config.chains, leg.spare_part(), run)?;
                let started = |TopStates { kept, ladders, block, round_trips }| Started {
                    kept,
                    origin: Origin::Tempering { ladders, block, round_trips },
                };
                return Ok(top.map(started));
            }
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
            for _ in 0..*burn_in {
                if run.cancelled() {
                    return None;
                }
                chains.sweep(&[Rung::at(beta)]);
            }
            Some(chains.kept())
        };
        let kept: Option<Vec<_>> = sizes.par_iter().copied().enumerate().map(walk).collect();
        Ok(kept.map(|kept| Started { kept: kept.concat(), origin: Origin::Gibbs }))
    }
}

/// What to know of a curve whose start was not exact.
pub(super) fn inexact_start(origins: &[Origin]) -> Option<String> {
    let text = "the chains that descend did not start from exact samples: what they give is no bound, and its error bar does \
                not know how far the start was from equilibrium; compare with ais, or with tempering";
    (!all_exact(origins)).then(|| text.into())
}

/// Whether every start was exact.
pub(super) fn all_exact(origins: &[Origin]) -> bool {
    origins.iter().all(|origin| *origin == Origin::Exact)
}

impl Diagnostics {
    /// Adds where the chains that descend came from.
    pub(super) fn start(self, start: Start, origins: &[Origin]) -> Self {
        let trips = |origin: &Origin| match origin {
            Origin::Tempering { round_trips, .. } => Some(*round_trips),
            Origin::Exact | Origin::Gibbs => None,
        };
        let trips: Option<Vec<f64>> = origins.iter().map(trips).collect();
        let named = self.text("start", if all_exact(origins) { "exact" } else { start.name() });
        match trips.filter(|trips| !trips.is_empty()) {
            Some(trips) => named.round_trips(trips),
            None => named,
        }
    }
}
