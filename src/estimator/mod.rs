//! Ways to get ln Z(β), all behind one trait, so that each can be laid beside the truth.

mod ais;
mod annealing;
mod bar;
mod bethe;
mod bound;
mod data_bound;
mod descents;
mod exact;
mod mean_field;
mod reverse_ais;
mod settings;
mod start;
mod tempering;

pub use ais::Ais;
pub use annealing::{BaseChoice, Schedule};
pub use bar::{Bar, Works};
pub use bethe::Bethe;
pub use bound::Bound;
pub use data_bound::DataBound;
pub use exact::{Exact, format_duration};
pub use mean_field::{Certificate, DISTINCT_TOLERANCE, Landscape, MeanField, Report, Solution, Solver, StartFrom};
pub use reverse_ais::ReverseAis;
pub use settings::{Capability, Methods, Settings};
pub use start::Start;
pub use tempering::{Integration, Tempering};

use crate::{
    Error,
    curve::{Betas, Curve, Method},
    model::Model,
    run::Run,
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
