//! An estimator together with its model.

use super::Estimator;
use crate::{
    Error,
    curve::{Betas, Curve},
    model::Model,
    run::Run,
};

/// An estimator joined to a model: what can be run without knowing of what kind the model is.
///
/// An estimator knows the type of its model, so a list of them is for one kind of model; a list of
/// these is for any. [`MethodConfig::prepare`](super::MethodConfig::prepare) makes one.
pub trait Prepared: Send + Sync {
    /// As [`Estimator::check`].
    ///
    /// # Errors
    /// Those that [`curve`](Self::curve) would return at its start.
    fn check(&self) -> Result<(), Error>;

    /// As [`Estimator::curve`].
    ///
    /// # Errors
    /// Those of the estimator.
    fn curve(&self, betas: &Betas, run: &Run<'_>) -> Result<Curve, Error>;
}

struct Joined<'m, E, M: ?Sized> {
    estimator: E,
    model: &'m M,
}

/// Joins an estimator to a model.
pub(super) fn joined<'m, M, E>(estimator: &E, model: &'m M) -> Box<dyn Prepared + 'm>
where
    M: Model + ?Sized,
    E: Estimator<M> + Clone + 'm,
{
    Box::new(Joined { estimator: estimator.clone(), model })
}

impl<M: Model + ?Sized, E: Estimator<M>> Prepared for Joined<'_, E, M> {
    fn check(&self) -> Result<(), Error> {
        self.estimator.check(self.model)
    }

    fn curve(&self, betas: &Betas, run: &Run<'_>) -> Result<Curve, Error> {
        self.estimator.curve(self.model, betas, run)
    }
}
