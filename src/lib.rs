//! Statistical mechanics of restricted Boltzmann machines.
#![deny(unsafe_code)]

pub mod curve;
pub mod dataset;
mod error;
pub mod estimator;
pub mod findings;
pub mod io;
mod kernel;
pub mod model;
#[cfg(feature = "plot")]
pub mod plot;
pub mod sample;
pub mod stats;
pub mod thermo;

pub use curve::{Betas, Claim, Curve, Measured, Method, Status};
pub use error::Error;
pub use estimator::{Ais, Estimator, Exact, MeanField, Run};
pub use model::{Rbm, Units};
