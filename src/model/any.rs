//! A model of any kind, as a file holds it.

use super::{Ising, Levels, Rbm, SparseIsing};

/// One of the models that can be loaded and saved.
///
/// Code that knows its model uses the model itself; this type is for code that does not, and it is
/// where kinds have names. What can be done with it is in
/// [`Capabilities`](crate::sample::Capabilities).
///
/// # Examples
/// ```
/// use plefka::{model::{AnyModel, Levels}, sample::Capabilities};
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
    /// `ising`, too: the same with lists of neighbours.
    SparseIsing(SparseIsing),
    /// `levels`
    Levels(Levels),
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

impl From<SparseIsing> for AnyModel {
    fn from(model: SparseIsing) -> Self {
        Self::SparseIsing(model)
    }
}

impl From<Levels> for AnyModel {
    fn from(model: Levels) -> Self {
        Self::Levels(model)
    }
}
