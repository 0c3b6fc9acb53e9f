//! What a model must offer to be sampled: Markov kernels that are right at any temperature, and on
//! the way there from independent units.

use super::{Base, MixtureBase, Sampler};
use crate::{
    Error, Rbm,
    data::Data,
    model::{Expand, Model},
    run::Run,
};

/// How the chains of a sampled model move.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kernel {
    /// [`Kernel::Collapsed`] where it is cheap, that is for at most 64 kept units;
    /// [`Kernel::Block`] otherwise.
    #[default]
    Auto,
    /// Block Gibbs: one layer given the other, and back. The cheapest sweep.
    Block,
    /// Collapsed Gibbs: the units of the smaller layer one by one, the larger layer summed out
    /// exactly. A dearer sweep that crosses barriers better.
    Collapsed,
}

impl Kernel {
    /// The names in settings, each with what it means.
    pub(crate) const CHOICES: &[(&'static str, &'static str)] = &[
        ("auto", "collapsed if the smaller layer has at most 64 units, else block"),
        ("block", "block Gibbs: one layer given the other, and back"),
        ("collapsed", "collapsed Gibbs: the smaller layer unit by unit, the larger one summed out"),
    ];
}

/// A model that can be sampled: annealed importance sampling, tempering.
pub trait Sample: Model {
    /// Prepares a Markov kernel for this model (copies, tables), once for many sweeps on paths from
    /// `base`.
    ///
    /// A model with one kernel only ignores `kernel`.
    ///
    /// # Panics
    /// If `base` does not have a field for each unit.
    fn sampler(&self, kernel: Kernel, base: &Base) -> Box<dyn Sampler>;

    /// Whether this kernel is right for the model.
    ///
    /// # Errors
    /// [`Error::Config`] if its numbers are not precise enough for the weights.
    fn check_kernel(&self, kernel: Kernel) -> Result<(), Error> {
        let _ = kernel;
        Ok(())
    }

    /// The same for paths from a mixture of independent units, by block Gibbs. `None` for a model
    /// that does not have it.
    ///
    /// # Panics
    /// If a component does not have a field for each unit.
    fn mixture_sampler(&self, base: &MixtureBase) -> Option<Box<dyn Sampler>> {
        let _ = base;
        None
    }

    /// Whether [`mixture_sampler`](Self::mixture_sampler) gives something.
    fn starts_from_mixtures(&self) -> bool {
        false
    }

    /// The model as its mean-field expansion sees it, if it has one: a base may be taken from
    /// there.
    fn expansion(&self) -> Option<&dyn Expand> {
        None
    }

    /// The RBM, if it is one: a path may lead through others of its shape.
    fn rbm(&self) -> Option<&Rbm> {
        None
    }

    /// Whether [`exact_kept`](Self::exact_kept) gives something.
    fn draws_exactly(&self) -> bool {
        false
    }

    /// Independent draws of the kept units from the model at `beta`, exactly. `None` if the model
    /// is too large for that, or the run was cancelled.
    ///
    /// # Errors
    /// [`Error::NotFinite`] if the weights at this β exceed f64.
    fn exact_kept(&self, beta: f64, count: usize, run: &Run<'_>) -> Result<Option<Vec<Vec<bool>>>, Error> {
        let _ = (beta, count, run);
        Ok(None)
    }

    /// Whether data can be given to this model.
    ///
    /// # Errors
    /// [`Error::Config`] if they do not fit it.
    fn check_data(&self, data: &Data) -> Result<(), Error> {
        Err(no_data(data))
    }

    /// The kept units that go with some rows of data, drawn given these at `beta` where the data do
    /// not show them.
    ///
    /// # Errors
    /// [`Error::Config`] if the data do not fit the model.
    fn kept_of_data(&self, data: &Data, beta: f64, seed: u64, stream: u64) -> Result<Vec<Vec<bool>>, Error> {
        let _ = (beta, seed, stream);
        Err(no_data(data))
    }

    /// The mean of every unit over some data, in the model's own units; units that the data do not
    /// show have their mean given those that they do, at `beta`.
    ///
    /// # Errors
    /// [`Error::Config`] if the data do not fit the model.
    fn means_of_data(&self, data: &Data, beta: f64) -> Result<Vec<f64>, Error> {
        let _ = beta;
        Err(no_data(data))
    }
}

fn no_data(data: &Data) -> Error {
    let given = format!("data of {} columns", data.n_features());
    Error::config("data", given, "data cannot be given for a model of this kind")
}
