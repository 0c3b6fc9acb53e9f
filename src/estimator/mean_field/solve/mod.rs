//! Ways to a stationary point of the expansion, all from the same equations.

mod anderson;
pub(super) mod anneal;
pub(super) mod ascent;
mod damped;
pub(super) mod equations;
pub(super) mod factor;
mod find;
pub(super) mod krylov;
pub(super) mod linear;
mod memory;
mod minimize;
mod newton;
pub(super) mod search;

pub(super) use find::{NEAR, SearchEnd, find};
