//! What annealing upwards and downwards have in common: bases, ladders, and chains on them.

mod base;
mod climb;
mod knot;
mod ladder;
mod leg;
mod path;
mod pilot;
mod schedule;

pub use base::BaseChoice;
pub use schedule::Schedule;

pub(super) use climb::block_sizes;
pub(super) use knot::Knot;
pub(super) use leg::{Leg, Purpose, legs};
pub(super) use path::Path;
pub(super) use pilot::pilot;
pub(super) use schedule::Profile;
