//! Ways to get ln Z(β), all behind one trait, so that each can be laid beside the truth.

mod ais;
mod bethe;
mod exact;
mod mean_field;
mod run;

pub use ais::Ais;
pub use bethe::Bethe;
pub use exact::{Exact, in_words};
pub use mean_field::{Certificate, Landscape, MeanField, Report, SAME, Solution, Solver};
pub use run::{Progress, Quiet, Run};

use crate::{
    Error, Rbm,
    curve::{Betas, Curve, Method},
    model::{Model, Order},
};

/// A way to estimate ln Z(β), U(β) and Var E of a model.
///
/// An estimator is its configuration: a plain struct with public fields and a `Default`. Failing to *start* is an
/// [`Error`]; failing to *converge*, or being cancelled, is a [`Status`](crate::curve::Status) of the curve.
pub trait Estimator<M: Model + ?Sized>: Send + Sync {
    /// The method's name.
    fn method(&self) -> Method;

    /// Estimates the whole curve.
    ///
    /// The requested β are met exactly; a ladder in between is the estimator's own affair. The result depends on the
    /// model, the β, the configuration and `run.seed`, and on nothing else: not on the number of threads.
    ///
    /// # Errors
    /// Any [`Error`] that prevents the run from starting, and [`Error::NotFinite`] if a result is not a finite number.
    fn curve(&self, model: &M, betas: &Betas, run: &Run<'_>) -> Result<Curve, Error>;

    /// Whether [`curve`](Self::curve) could start on this model: its configuration and its limits.
    ///
    /// # Errors
    /// Those that [`curve`](Self::curve) would return at its start.
    fn check(&self, model: &M) -> Result<(), Error>;
}

/// The settings of every estimator, by kind.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Settings {
    /// For `exact`.
    pub exact: Exact,
    /// For `ais`.
    pub ais: Ais,
    /// For `mf`, `tap2` and `tap3`, whose order overrides the one in here.
    pub mean_field: MeanField,
    /// For `bethe`.
    pub bethe: Bethe,
}

impl Settings {
    /// The estimator called `method`: the one place where names become estimators.
    #[must_use]
    pub fn estimator(&self, method: Method) -> Box<dyn Estimator<Rbm>> {
        let mean_field = |order| Box::new(MeanField { order, ..self.mean_field.clone() });
        match method {
            Method::Exact => Box::new(self.exact.clone()),
            Method::Ais => Box::new(self.ais.clone()),
            Method::MeanField => mean_field(Order::First),
            Method::Tap2 => mean_field(Order::Second),
            Method::Tap3 => mean_field(Order::Third),
            Method::Bethe => Box::new(self.bethe.clone()),
        }
    }
}
