//! What annealing upwards and downwards have in common: bases, ladders, and chains on them.

mod base;
mod climb;
mod ladder;
mod leg;
mod pilot;
mod schedule;

pub use base::BaseChoice;
pub use schedule::Schedule;

pub(super) use climb::{Sighting, climb, descend};
pub(super) use leg::{Leg, legs};
