//! Ways to get ln Z(β), all behind one trait, so that each can be laid beside the truth.

mod ais;
mod along;
mod annealing;
mod arrays;
mod auto;
mod bar;
mod batches;
mod bethe;
mod bootstrap;
mod config;
mod data_bound;
mod exact;
mod mean_field;
mod memory;
mod mixture;
mod pooled;
mod prepared;
mod reverse_ais;
mod setting;
mod share;
mod tempering;
mod two_sided;
mod work;

pub use ais::{Ais, ChainLogWeights};
pub use along::along;
pub use annealing::{BaseChoice, PathChoice, Schedule, Start};
pub use arrays::Arrays;
pub use auto::Auto;
pub use bar::Bar;
pub use bethe::Bethe;
pub use config::{Configure, MethodConfig};
pub use data_bound::DataBound;
pub use exact::Exact;
#[cfg(feature = "cli")]
pub(crate) use exact::format_duration;
pub use mean_field::{Certificate, Landscape, MeanField, Report, Solution, Solver, StartFrom};
pub use mixture::{CertainBounds, MeanFieldMixture, Missed, MixtureBound, Mode, Modes, Population, missed};
pub use pooled::{Pooled, Samples};
pub use prepared::Prepared;
pub use reverse_ais::ReverseAis;
pub use setting::{Kind, Setting};
pub use share::Share;
pub use tempering::{Integration, Multistate, Tempering};
pub(crate) use two_sided::{Effort, products_of_step, two_sided};
pub use work::WorkValues;

use crate::{
    Error,
    curve::{Betas, Curve, Method},
    model::Model,
    run::Run,
    sample::Capabilities,
};

/// A way to estimate ln Z(β), U(β) and Var E of a model.
///
/// An estimator is its configuration: a plain struct with public fields and a `Default`. Failing to
/// *start* is an [`Error`]; failing to *converge*, or being cancelled, is a
/// [`Status`](crate::curve::Status) of the curve.
pub trait Estimator<M: Model + ?Sized>: Send + Sync {
    /// The method's name.
    fn method(&self) -> Method;

    /// Estimates the whole curve.
    ///
    /// The requested β are met exactly; a ladder in between is the estimator's own affair. The
    /// result depends on the model, the β, the configuration and `run.seed`, and on nothing else:
    /// not on the number of threads.
    ///
    /// # Errors
    /// Any [`Error`] that prevents the run from starting, and [`Error::NotFinite`] if a result is
    /// not a finite number.
    fn curve(&self, model: &M, betas: &Betas, run: &Run<'_>) -> Result<Curve, Error>;

    /// Whether [`curve`](Self::curve) could start on this model: its configuration and its limits.
    ///
    /// # Errors
    /// Those that [`curve`](Self::curve) would return at its start.
    fn check(&self, model: &M) -> Result<(), Error>;

    /// As one whose work can be dealt out in shares, if it is one.
    fn pooled(&self) -> Option<&dyn Pooled<M>> {
        None
    }
}

/// The curve of a model by one method with its defaults, with seed 1: the short way in.
///
/// # Errors
/// [`Error::NoSuchMethod`] if the model does not have what the method needs, and the errors of the
/// estimator.
///
/// # Examples
/// ```
/// use plefka::{Betas, Method, Rbm};
/// let rbm = Rbm::from_rows(&[[1.0]], &[0.0], &[0.0])?; // Z(1) = 3 + e
/// let curve = plefka::estimate(&rbm, Method::Exact, &Betas::one(1.0)?)?;
/// assert!((curve.values.log_z[0] - (3.0 + 1f64.exp()).ln()).abs() < 1e-15);
/// # Ok::<(), plefka::Error>(())
/// ```
pub fn estimate(model: &dyn Capabilities, method: Method, betas: &Betas) -> Result<Curve, Error> {
    MethodConfig::of(method).prepare(model)?.curve(betas, &Run::quiet(1))
}
