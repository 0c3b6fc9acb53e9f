//! States of the model at β, for the chains that begin there.

use std::ops::Range;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    Origin,
    blocks::{Block, block_count, blocks},
    run::AnnealingRun,
};
use crate::{
    Error,
    data::Data,
    estimator::{Estimator, ReverseAis, Share, Tempering, tempering::Ladders},
    run::{Quiet, Run},
    sample::Sample,
    streams::{Annealing, exchange_base_part},
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
    /// Gibbs sampling at β, from rows of the data if there are any, else from the base. Never
    /// certain to have arrived.
    Gibbs,
    /// The last rung of parallel tempering, whose round trips tell whether it has arrived. Equally
    /// many states of each ladder, so that there may be a few chains more.
    Tempering,
}

impl Start {
    /// The names in settings, each with what it means.
    pub(crate) const CHOICES: &[(&'static str, &'static str)] = &[
        ("auto", "exact samples where the model can be enumerated, else Gibbs sampling"),
        ("exact", "exact samples, by enumeration"),
        ("gibbs", "Gibbs sampling, from the data if there are any"),
        ("tempering", "the last rung of parallel tempering, with its settings"),
    ];
}

/// Kept units at β, for the chains of a share.
pub(in crate::estimator) struct InitialStates {
    kept: Vec<Vec<bool>>,
    blocks: Vec<Block>,
    pub(in crate::estimator) origin: Origin,
}

impl InitialStates {
    /// The states of all chains.
    pub(in crate::estimator) fn whole(kept: Vec<Vec<bool>>, origin: Origin) -> Self {
        let blocks = blocks(kept.len(), Share::WHOLE);
        Self { kept, blocks, origin }
    }

    /// The states of some blocks, out of those of the chains from number `first` on.
    fn of_blocks(kept: &[Vec<bool>], first: usize, blocks: Vec<Block>, origin: Origin) -> Self {
        let kept = kept[chains_of(&blocks, first)].to_vec();
        Self { kept, blocks, origin }
    }

    /// Each block with its states.
    pub(super) fn by_block(&self) -> Vec<(&Block, &[Vec<bool>])> {
        let first = self.blocks.first().map_or(0, |block| block.chains.start);
        self.blocks.iter().map(|block| (block, &self.kept[chains_of(std::slice::from_ref(block), first)])).collect()
    }
}

/// The chains of blocks that follow one another, counted from number `first` on.
fn chains_of(blocks: &[Block], first: usize) -> Range<usize> {
    match blocks {
        [] => 0..0,
        [one] => one.chains.start - first..one.chains.end - first,
        [begin, .., end] => begin.chains.start - first..end.chains.end - first,
    }
}

impl Start {
    pub(in crate::estimator) fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Exact => "exact",
            Self::Gibbs => "gibbs",
            Self::Tempering => "tempering",
        }
    }

    /// Whether [`initial_states`] can begin.
    pub(in crate::estimator) fn check<M: Sample + ?Sized>(
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
}

/// States of the model at the last β of an annealing run, for the chains of `config` that a share
/// has to descend from. `None` if the run was cancelled.
pub(in crate::estimator) fn initial_states<M: Sample + ?Sized>(
    model: &M,
    annealing: &AnnealingRun,
    config: &ReverseAis,
    share: Share,
    run: &Run<'_>,
) -> Result<Option<InitialStates>, Error> {
    let (beta, chains) = (annealing.betas.max(), config.annealing.chains);
    match config.start {
        Start::Gibbs => {}
        Start::Auto | Start::Exact => {
            if let Some(kept) = model.exact_kept(beta, chains, run)? {
                return Ok(Some(InitialStates::of_blocks(&kept, 0, blocks(chains, share), Origin::Exact)));
            }
        }
        Start::Tempering => return tempered_states(model, annealing, config, share, run),
    }
    let blocks = blocks(chains, share);
    let kept = gibbs_states(model, annealing, config, &blocks, run)?;
    Ok(kept.map(|kept| InitialStates { kept, blocks, origin: Origin::Gibbs }))
}

/// Equally many states from the top of each ladder of tempering, at least one for each chain.
fn tempered_states<M: Sample + ?Sized>(
    model: &M,
    annealing: &AnnealingRun,
    config: &ReverseAis,
    share: Share,
    run: &Run<'_>,
) -> Result<Option<InitialStates>, Error> {
    let (tempering, part, beta) = (&config.tempering, annealing.exchange_part(), annealing.betas.max());
    let ladders = tempering.ladders;
    let records = config.annealing.chains.div_ceil(ladders).max(2);
    let blocks = blocks(ladders * records, share);
    // The ladders that the states of these blocks come from.
    let Range { start, end } = chains_of(&blocks, 0);
    let needed = start / records..end.div_ceil(records);
    let first = needed.start * records;
    let path = tempering.way().to(model, beta, exchange_base_part(part), run)?;
    let recording = Tempering { records, sweeps: tempering.sweeps.max(records), ..tempering.clone() };
    let quiet = &Run { progress: &Quiet, ..*run };
    let ladders_on_path = Ladders::after_burn_in(&recording, &path, beta, needed, part, quiet)?;
    let stretch = ladders_on_path.and_then(|mut ladders| ladders.advance(quiet));
    Ok(stretch.map(|stretch| {
        let seen = stretch.memories().collect();
        InitialStates::of_blocks(
            &stretch.top(records).concat(),
            first,
            blocks,
            Origin::Tempering { ladders, records, seen },
        )
    }))
}

/// States that Gibbs sampling reaches from rows of data, or from the base, for some blocks.
fn gibbs_states<M: Sample + ?Sized>(
    model: &M,
    annealing: &AnnealingRun,
    config: &ReverseAis,
    blocks: &[Block],
    run: &Run<'_>,
) -> Result<Option<Vec<Vec<bool>>>, Error> {
    let (beta, chains) = (annealing.betas.max(), config.annealing.chains);
    let rows = match &config.annealing.data {
        Some(data) => Some(model.kept_of_data(data, beta, run.seed, annealing.data_stream())?),
        None => None,
    };
    let apart = block_count(chains);
    let walk = |Block { number, chains: within }: &Block| {
        let stream = annealing.stream(Annealing::InitialStates, *number);
        let sampler = annealing.path.sampler.as_ref();
        let mut walking = match &rows {
            // Rows far apart, each block another set of them.
            Some(rows) => {
                let row = |k: usize| rows[(number + k * apart) * rows.len() / chains % rows.len()].clone();
                sampler.chains_from(&(0..within.len()).map(row).collect::<Vec<_>>(), run.seed, stream)
            }
            None => sampler.chains_at_base(within.len(), run.seed, stream),
        };
        for _ in 0..config.burn_in {
            if run.cancelled() {
                return None;
            }
            walking.sweep(&[annealing.path.rung(1.0)]);
        }
        Some(walking.kept())
    };
    let kept: Option<Vec<_>> = blocks.par_iter().map(walk).collect();
    Ok(kept.map(|kept| kept.concat()))
}
