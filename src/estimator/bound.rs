//! An estimator together with its model.

use super::Estimator;
use crate::{
    Error,
    curve::{Betas, Curve, Method},
    model::Model,
    run::Run,
};

/// An estimator bound to a model: what can be run without knowing of what kind the model is.
///
/// An estimator knows the type of its model, so a list of them is for one kind of model; a list of these is for any.
/// [`Settings::bind`](super::Settings::bind) makes one.
pub trait Bound: Send + Sync {
    /// The method's name.
    fn method(&self) -> Method;

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

impl<M: Model + ?Sized> Bound for (&M, Box<dyn Estimator<M>>) {
    fn method(&self) -> Method {
        self.1.method()
    }

    fn check(&self) -> Result<(), Error> {
        self.1.check(self.0)
    }

    fn curve(&self, betas: &Betas, run: &Run<'_>) -> Result<Curve, Error> {
        self.1.curve(self.0, betas, run)
    }
}
