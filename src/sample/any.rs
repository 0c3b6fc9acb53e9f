//! What can be done with a model whose kind is known at run time only.

use super::Sample;
use crate::{
    Error, Rbm,
    model::{AnyModel, DataWeights, Draw, Expand, Ising, Levels, Model, PairCoupled, SparseIsing, Units},
};

/// One kind of model: what a file can hold, and every method can be asked about.
///
/// Every kind can be enumerated, drawn from and sampled, and data have a probability under it. What
/// only some can do is an `Option`.
pub trait Kind: Draw + Sample + DataWeights {
    /// The name of the kind in results and messages: `rbm`, `ising`, `levels`.
    fn kind(&self) -> &'static str;

    /// The values of its units in results: `bit` or `spin`; `bit/spin` for visible bits and hidden
    /// spins. Levels are numbered by bits.
    fn units(&self) -> String;

    /// The number of parameters: what a sweep visits, and what the model takes to store.
    fn n_parameters(&self) -> usize;

    /// The model with its couplings times `couplings`, and then all parameters times `all`.
    ///
    /// # Errors
    /// [`Error::Model`] if a parameter is no longer finite.
    fn scaled(&self, couplings: f64, all: f64) -> Result<AnyModel, Error>;

    /// Whether a state is one of units that are coupled, rather than the number of a level.
    fn has_couplings(&self) -> bool {
        true
    }

    /// The model as its mean-field expansion, if it has one.
    fn expandable(&self) -> Option<&dyn Expand> {
        None
    }

    /// The RBM, if it is one.
    fn as_rbm(&self) -> Option<&Rbm> {
        None
    }

    /// The model as spins with pair couplings, if it is one.
    fn as_spins(&self) -> Option<&dyn PairCoupled> {
        None
    }
}

impl Kind for Rbm {
    fn kind(&self) -> &'static str {
        "rbm"
    }

    fn units(&self) -> String {
        match (self.visible_units(), self.hidden_units()) {
            (visible, hidden) if visible == hidden => visible.to_string(),
            (visible, hidden) => format!("{visible}/{hidden}"),
        }
    }

    fn n_parameters(&self) -> usize {
        self.weights().len() + self.visible_bias().len() + self.hidden_bias().len()
    }

    fn scaled(&self, couplings: f64, all: f64) -> Result<AnyModel, Error> {
        Ok(self.scaled_weights(couplings)?.scaled_temperature(all)?.into())
    }

    fn expandable(&self) -> Option<&dyn Expand> {
        Some(self)
    }

    fn as_rbm(&self) -> Option<&Rbm> {
        Some(self)
    }
}

impl Kind for Ising {
    fn kind(&self) -> &'static str {
        "ising"
    }

    fn units(&self) -> String {
        Units::Spin.to_string()
    }

    fn n_parameters(&self) -> usize {
        self.couplings().len() + self.field().len()
    }

    fn scaled(&self, couplings: f64, all: f64) -> Result<AnyModel, Error> {
        let scaled = Self::new(self.couplings() * couplings * all, self.field() * all)?;
        Ok(scaled.with_constant(self.constant() * all)?.into())
    }

    fn expandable(&self) -> Option<&dyn Expand> {
        Some(self)
    }

    fn as_spins(&self) -> Option<&dyn PairCoupled> {
        Some(self)
    }
}

/// The same kind in another form.
impl Kind for SparseIsing {
    fn kind(&self) -> &'static str {
        "ising"
    }

    fn units(&self) -> String {
        Units::Spin.to_string()
    }

    fn n_parameters(&self) -> usize {
        2 * self.n_bonds() + self.n_units()
    }

    fn scaled(&self, couplings: f64, all: f64) -> Result<AnyModel, Error> {
        let bonds: Vec<_> = self.bonds().map(|(i, j, strength)| (i, j, strength * couplings * all)).collect();
        Ok(Self::new(&bonds, self.field() * all)?.with_constant(self.constant() * all)?.into())
    }

    fn expandable(&self) -> Option<&dyn Expand> {
        Some(self)
    }

    fn as_spins(&self) -> Option<&dyn PairCoupled> {
        Some(self)
    }
}

impl Kind for Levels {
    fn kind(&self) -> &'static str {
        "levels"
    }

    fn units(&self) -> String {
        Units::Bit.to_string()
    }

    fn n_parameters(&self) -> usize {
        self.energies().len()
    }

    fn scaled(&self, _: f64, all: f64) -> Result<AnyModel, Error> {
        Ok(Self::new(self.energies().iter().map(|e| e * all).collect())?.into())
    }

    fn has_couplings(&self) -> bool {
        false
    }
}

/// The capabilities of a model, each as a trait object: what a method asks for before it starts.
///
/// A model of a known kind has its own; [`AnyModel`] has those of the model in it.
pub trait Capabilities: Sync {
    /// The model, of whatever kind it is.
    fn concrete(&self) -> &dyn Kind;

    /// The name of the kind: `rbm`, `ising`, `levels`.
    fn kind(&self) -> &'static str {
        self.concrete().kind()
    }

    /// The model as something to be counted, enumerated and drawn from.
    fn enumerable(&self) -> &dyn Draw {
        self.concrete()
    }

    /// The model as something to be sampled.
    fn sampled(&self) -> &dyn Sample {
        self.concrete()
    }

    /// The model as something under which data have a probability.
    fn weighs_data(&self) -> &dyn DataWeights {
        self.concrete()
    }

    /// The model as its mean-field expansion, if it has one.
    fn expandable(&self) -> Option<&dyn Expand> {
        self.concrete().expandable()
    }

    /// The RBM, if it is one.
    fn as_rbm(&self) -> Option<&Rbm> {
        self.concrete().as_rbm()
    }

    /// The model as spins with pair couplings, if it is one.
    fn as_spins(&self) -> Option<&dyn PairCoupled> {
        self.concrete().as_spins()
    }

    /// The number of parameters: what a sweep visits, and what the model takes to store.
    fn n_parameters(&self) -> usize {
        self.concrete().n_parameters()
    }
}

impl<K: Kind> Capabilities for K {
    fn concrete(&self) -> &dyn Kind {
        self
    }
}

impl Capabilities for AnyModel {
    /// The one place where the kinds are told apart to be computed with.
    fn concrete(&self) -> &dyn Kind {
        match self {
            Self::Rbm(model) => model,
            Self::Ising(model) => model,
            Self::SparseIsing(model) => model,
            Self::Levels(model) => model,
        }
    }
}
