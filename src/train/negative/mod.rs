//! The negative phase: the moments of the model, where rules of training differ.

mod emf;
mod exact;
mod gibbs;
mod ptt;
mod reservoir;
mod solutions;

use std::cell::{Cell, OnceCell};

use super::{
    Negative, Train,
    batches::Batch,
    bit_layers::{BitLayers, Products},
    moments::Moments,
    state::State,
};
use crate::{Error, Rbm, Run, data::Data, kernel::layer::States};

/// What an update is made from: the model, the batch, and the number of the update.
pub(super) struct Update<'a> {
    pub(super) rbm: &'a Rbm,
    pub(super) batch: Batch<'a>,
    pub(super) seed: u64,
    pub(super) number: u64,
    pub(super) run: &'a Run<'a>,
    layers: OnceCell<BitLayers<'a>>,
    /// Of an earlier update: memory to be used again.
    spare: Cell<Products>,
}

impl<'a> Update<'a> {
    pub(super) fn new(rbm: &'a Rbm, batch: Batch<'a>, (seed, number): (u64, u64), run: &'a Run<'a>) -> Self {
        Self { rbm, batch, seed, number, run, layers: OnceCell::new(), spare: Cell::default() }
    }

    /// The same, with products of an earlier one, whose memory is used again.
    pub(super) fn with_spare(self, spare: Products) -> Self {
        Self { spare: Cell::new(spare), ..self }
    }

    /// The products, for a later update.
    pub(super) fn into_products(self) -> Products {
        self.layers.into_inner().map_or_else(|| self.spare.take(), BitLayers::into_products)
    }

    /// The model in single precision, prepared at the first call.
    pub(super) fn layers(&self) -> &BitLayers<'a> {
        self.layers.get_or_init(|| BitLayers::in_place_of(self.spare.take(), self.rbm))
    }
}

/// In which precision the moments of the data are summed up beside those of the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Precision {
    /// f32, beside moments that are sampled.
    Single,
    /// f64, beside moments that have no sampling error.
    Double,
}

/// A way to get ⟨v⟩, ⟨h⟩ and ⟨vhᵀ⟩ of the model.
pub(super) trait NegativePhase: Send {
    fn precision(&self) -> Precision;

    /// The moments at an update, which may move what persists. `None` if the run was cancelled.
    fn moments(&mut self, update: &Update<'_>) -> Option<Moments>;

    /// An earlier model of the run, if training must go back to it. Asked once an update.
    fn take_restored(&mut self) -> Option<Rbm> {
        None
    }

    /// What it knows about the model as it is, by column of the log.
    fn evidence(&self, _rbm: &Rbm) -> Vec<(&'static str, f64)> {
        Vec::new()
    }

    /// Visible states near the model as it is, after so many updates, if there are chains.
    fn chains(&self, _rbm: &Rbm, _seed: u64, _update: u64) -> Option<States> {
        None
    }

    /// Adds what persists to what is saved.
    fn save(&self, _state: &mut State) {}

    /// Takes what persists from what was saved.
    fn restore(&mut self, _state: &mut State) -> Result<(), Error> {
        Ok(())
    }
}

impl Train {
    /// The negative phase of a plan, at its beginning.
    pub(super) fn new_negative(&self, rbm: &Rbm, data: &Data) -> Result<Box<dyn NegativePhase>, Error> {
        if !self.objective.samples_model() {
            // Never asked.
            return Ok(Box::new(exact::Enumeration));
        }
        Ok(match self.negative {
            Negative::Exact => Box::new(exact::Enumeration),
            Negative::Cd => Box::new(gibbs::ShortChains { sweeps: self.steps.unwrap_or(1) }),
            Negative::Pcd => Box::new(gibbs::PersistentChains::new(self, rbm, data)),
            Negative::Emf => Box::new(emf::MeanFields::new(self, rbm, data)),
            Negative::Ptt => Box::new(ptt::TrajectoryTempering::new(self, rbm)?),
        })
    }
}
