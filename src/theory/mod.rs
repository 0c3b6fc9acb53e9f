//! What theory says of the reference models in the limit of many units: the lines to lay over a
//! measured curve or a phase diagram.
//!
//! Pure functions; temperatures with k_B = 1, entropies in nats, per unit where the name or the
//! text says so. Nothing is sampled.

pub mod bipartite;
pub mod bits;
pub mod hopfield;
mod quadrature;
pub mod rem;
pub mod sk;

use crate::Error;

/// Refuses a parameter that is not finite or fails its condition.
fn check(field: &'static str, value: f64, holds: bool, remedy: &str) -> Result<(), Error> {
    if value.is_finite() && holds { Ok(()) } else { Err(Error::config(field, value, remedy)) }
}
