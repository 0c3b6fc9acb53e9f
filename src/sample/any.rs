//! What can be done with a model whose kind is known at run time only.

use super::Sample;
use crate::{
    Rbm,
    model::{AnyModel, DataWeights, Draw, Expand, Ising, Levels},
};

/// The capabilities of a model, each as a trait object: what a method asks for before it starts.
///
/// Every kind of model can be enumerated, drawn from and sampled. [`AnyModel`] has the capabilities
/// of the model in it.
pub trait Capabilities: Sync {
    /// The name of the kind in results and messages: `rbm`, `ising`, `levels`.
    fn kind(&self) -> &'static str;

    /// The model as something to be counted, enumerated and drawn from.
    fn enumerable(&self) -> &dyn Draw;

    /// The model as something to be sampled.
    fn sampled(&self) -> &dyn Sample;

    /// The model as something under which data have a probability.
    fn weighs_data(&self) -> &dyn DataWeights;

    /// The number of parameters: what a sweep visits, and what the model takes to store.
    fn n_parameters(&self) -> usize;

    /// The model as its mean-field expansion, if it has one.
    fn expandable(&self) -> Option<&dyn Expand> {
        None
    }

    /// The RBM, if it is one.
    fn as_rbm(&self) -> Option<&Rbm> {
        None
    }
}

impl Capabilities for Rbm {
    fn kind(&self) -> &'static str {
        "rbm"
    }

    fn enumerable(&self) -> &dyn Draw {
        self
    }

    fn sampled(&self) -> &dyn Sample {
        self
    }

    fn weighs_data(&self) -> &dyn DataWeights {
        self
    }

    fn expandable(&self) -> Option<&dyn Expand> {
        Some(self)
    }

    fn as_rbm(&self) -> Option<&Rbm> {
        Some(self)
    }

    fn n_parameters(&self) -> usize {
        self.weights().len() + self.visible_bias().len() + self.hidden_bias().len()
    }
}

impl Capabilities for Ising {
    fn kind(&self) -> &'static str {
        "ising"
    }

    fn enumerable(&self) -> &dyn Draw {
        self
    }

    fn sampled(&self) -> &dyn Sample {
        self
    }

    fn weighs_data(&self) -> &dyn DataWeights {
        self
    }

    fn expandable(&self) -> Option<&dyn Expand> {
        Some(self)
    }

    fn n_parameters(&self) -> usize {
        self.couplings().len() + self.field().len()
    }
}

impl Capabilities for Levels {
    fn kind(&self) -> &'static str {
        "levels"
    }

    fn enumerable(&self) -> &dyn Draw {
        self
    }

    fn sampled(&self) -> &dyn Sample {
        self
    }

    fn weighs_data(&self) -> &dyn DataWeights {
        self
    }

    fn n_parameters(&self) -> usize {
        self.energies().len()
    }
}

/// The one place where the kinds are told apart to be computed with.
fn within(model: &AnyModel) -> &dyn Capabilities {
    match model {
        AnyModel::Rbm(model) => model,
        AnyModel::Ising(model) => model,
        AnyModel::Levels(model) => model,
    }
}

impl Capabilities for AnyModel {
    fn kind(&self) -> &'static str {
        within(self).kind()
    }

    fn enumerable(&self) -> &dyn Draw {
        within(self).enumerable()
    }

    fn sampled(&self) -> &dyn Sample {
        within(self).sampled()
    }

    fn weighs_data(&self) -> &dyn DataWeights {
        within(self).weighs_data()
    }

    fn expandable(&self) -> Option<&dyn Expand> {
        within(self).expandable()
    }

    fn as_rbm(&self) -> Option<&Rbm> {
        within(self).as_rbm()
    }

    fn n_parameters(&self) -> usize {
        within(self).n_parameters()
    }
}
