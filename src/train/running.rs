//! ln Z beyond enumeration, kept current from checkpoint to checkpoint.

use std::sync::Arc;

use nalgebra::DMatrix;
use rand::RngExt;

use super::state::State;
use crate::{
    Error, Rbm, Run,
    curve::{Curve, Measured, Reliability},
    data::Data,
    estimator::Carried,
    streams::Training,
    thresholds::MAX_SIGMAS,
};

/// Chains of each estimate: five times as many as must carry the weight.
const CHAINS: usize = 100;

/// Steps of annealing at least, so that a short run has a number too.
const FEWEST_STEPS: usize = 20;

/// Where the chains behind a number came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// The means of the data.
    Data,
    /// The checkpoint before.
    Checkpoint,
}

impl Source {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Checkpoint => "checkpoint",
        }
    }
}

/// A number for the model of a checkpoint.
pub(super) struct Current {
    /// ln Z at β = 1 and a little beside it, with its evidence.
    pub(super) curve: Curve,
    pub(super) source: Source,
}

/// The chains that go from checkpoint to checkpoint.
///
/// At each of them they are annealed on, and others are annealed there from the means of the data:
/// half of the work for either. Whichever has more effective chains gives the number, unless the
/// other one is sound and lies above it by more than its error: annealing is low where it misses
/// something. Its chains go on to the next checkpoint. Where neither is sound all work of the next
/// one goes into chains from the data.
#[derive(Default)]
pub(super) struct RunningLogZ {
    /// The chains at the last checkpoint, its model, and its number of updates.
    carried: Option<(Carried, Rbm, usize)>,
    /// Products so far.
    products: usize,
}

impl RunningLogZ {
    /// Products with W that it has taken so far.
    pub(super) fn products(&self) -> usize {
        self.products
    }

    /// The number for the model after so many updates, within so many products. `None` if the run
    /// was cancelled.
    pub(super) fn at(
        &mut self,
        rbm: &Rbm,
        data: &Arc<Data>,
        (update, budget): (usize, usize),
        run: &Run<'_>,
    ) -> Result<Option<Current>, Error> {
        // Chains that go on must not meet the random numbers again that brought them here.
        let seed = Training::Evaluation.at(update as u64, 0).generator(run.seed).random();
        let run = &Run { seed, ..*run };
        let [from_data, from_checkpoint] = Carried::products(rbm).map(|products| CHAINS * products);
        let budget = if self.carried.is_some() { budget / 2 } else { budget };
        let steps = |products: usize| (budget / products).max(FEWEST_STEPS);
        let mut found = Vec::new();
        if let Some((carried, before, _)) = self.carried.take() {
            let steps = steps(from_checkpoint);
            self.products += steps * from_checkpoint;
            let Some((carried, curve)) = carried.advance(&before, rbm, steps, run)? else { return Ok(None) };
            found.push((carried, Current { curve, source: Source::Checkpoint }));
        }
        let steps = steps(from_data);
        self.products += steps * from_data;
        let Some((fresh, curve)) = Carried::from_data(rbm, data, (CHAINS, steps), run)? else { return Ok(None) };
        found.push((fresh, Current { curve, source: Source::Data }));
        let best = best(&found);
        let (carried, current) = found.swap_remove(best);
        self.carried = is_sound(&current).then(|| (carried, rbm.clone(), update));
        Ok(Some(current))
    }

    /// Adds the chains to what is saved, so that a run goes on to the same numbers. Their model is
    /// that of an earlier checkpoint, of which the number of updates is enough.
    pub(super) fn save(&self, state: &mut State) {
        let Some((carried, _, update)) = &self.carried else {
            if self.products > 0 {
                state.insert("annealing", numbers(&[self.products as f64]));
            }
            return;
        };
        let bit = |unit: usize, chain: usize| f64::from(u8::from(carried.kept[chain][unit]));
        state.insert("annealed", DMatrix::from_fn(carried.kept[0].len(), carried.kept.len(), bit));
        state.insert("annealed_log_w", numbers(&carried.log_w));
        state.insert("annealing", numbers(&[self.products as f64, carried.log_z_base, *update as f64]));
    }

    /// Takes them from what was saved, if anything was; `model` finds the one after so many updates.
    pub(super) fn restore(
        &mut self,
        state: &mut State,
        model: impl Fn(usize) -> Result<Rbm, Error>,
    ) -> Result<(), Error> {
        let Ok(known) = state.rows("annealing") else { return Ok(()) };
        let annealing = state.take("annealing", (known, 1))?;
        self.products = annealing[0] as usize;
        if known < 3 {
            return Ok(());
        }
        let shape = (state.rows("annealed")?, state.columns("annealed")?);
        let kept = state.take("annealed", shape)?;
        let kept = kept.column_iter().map(|column| column.iter().map(|x| *x == 1.0).collect()).collect();
        let log_w = state.take("annealed_log_w", (shape.1, 1))?.as_slice().to_vec();
        let update = annealing[2] as usize;
        self.carried = Some((Carried { log_z_base: annealing[1], log_w, kept }, model(update)?, update));
        Ok(())
    }
}

/// Numbers as they are saved.
fn numbers(values: &[f64]) -> DMatrix<f64> {
    DMatrix::from_column_slice(values.len(), 1, values)
}

/// The place of β = 1 in a curve.
pub(super) fn at_one(curve: &Curve) -> usize {
    curve.betas.iter().position(|beta| *beta == 1.0).unwrap_or_default()
}

fn reliability(current: &Current) -> Reliability {
    Reliability::at(&current.curve.diagnostics, at_one(&current.curve))
}

fn is_sound(current: &Current) -> bool {
    reliability(current).objection().is_none()
}

fn log_z(current: &Current) -> Option<Measured> {
    current.curve.log_z()[at_one(&current.curve)]
}

/// Which of the numbers is reported.
fn best(found: &[(Carried, Current)]) -> usize {
    let ess = |k: usize| reliability(&found[k].1).ess.unwrap_or(0.0);
    let first = (1..found.len()).fold(0, |best, k| if ess(k) > ess(best) { k } else { best });
    let above = |k: usize| {
        let (Some(here), Some(there)) = (log_z(&found[first].1), log_z(&found[k].1)) else { return false };
        let error = |m: Measured| m.claim.std_error().unwrap_or(0.0);
        is_sound(&found[k].1) && there.value - here.value > MAX_SIGMAS * error(here).hypot(error(there))
    };
    (0..found.len()).find(|k| *k != first && above(*k)).unwrap_or(first)
}
