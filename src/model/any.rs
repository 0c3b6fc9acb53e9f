//! A model of any kind, as a file holds it.

use super::{Draw, Ising, Levels, Rbm};

/// One of the models that can be loaded and saved.
///
/// Code that knows its model uses the model itself; this type is for code that does not, and it is where kinds have
/// names. [`Settings::bind`](crate::estimator::Settings::bind) joins it to an estimator.
///
/// # Examples
/// ```
/// use plefka::model::{AnyModel, Levels, Model};
/// let model = AnyModel::from(Levels::new(vec![0.0, 1.0])?);
/// assert_eq!((model.kind(), model.enumerable().n_units()), ("levels", 1));
/// # Ok::<(), plefka::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum AnyModel {
    /// `rbm`
    Rbm(Rbm),
    /// `ising`
    Ising(Ising),
    /// `levels`
    Levels(Levels),
}

impl AnyModel {
    /// The name of the kind in results and messages: `rbm`, `ising`, `levels`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Rbm(_) => "rbm",
            Self::Ising(_) => "ising",
            Self::Levels(_) => "levels",
        }
    }

    /// The model as something to be counted, enumerated and drawn from: all kinds are.
    #[must_use]
    pub fn enumerable(&self) -> &dyn Draw {
        match self {
            Self::Rbm(model) => model,
            Self::Ising(model) => model,
            Self::Levels(model) => model,
        }
    }

    /// The number of parameters: what the model takes to store.
    #[must_use]
    pub fn parameters(&self) -> usize {
        match self {
            Self::Rbm(model) => model.weights().len() + model.visible_bias().len() + model.hidden_bias().len(),
            Self::Ising(model) => model.couplings().len() + model.field().len(),
            Self::Levels(model) => model.energies().len(),
        }
    }

    /// The RBM, if it is one.
    #[must_use]
    pub fn as_rbm(&self) -> Option<&Rbm> {
        match self {
            Self::Rbm(rbm) => Some(rbm),
            _ => None,
        }
    }
}

impl From<Rbm> for AnyModel {
    fn from(model: Rbm) -> Self {
        Self::Rbm(model)
    }
}

impl From<Ising> for AnyModel {
    fn from(model: Ising) -> Self {
        Self::Ising(model)
    }
}

impl From<Levels> for AnyModel {
    fn from(model: Levels) -> Self {
        Self::Levels(model)
    }
}
