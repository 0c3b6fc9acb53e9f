//! What annealing upwards and downwards have in common, in the order in which it happens: a base,
//! the path from it to the model, a ladder on the path; chains up, initial states at the model,
//! chains down; and what they have collected.

mod balance;
mod base;
mod blocks;
mod checkpoints;
mod collected;
mod forward;
mod initial_states;
mod origin;
mod pilot;
mod reverse;
mod run;
mod samples;
mod schedule;
mod way;

pub use base::BaseChoice;
pub use initial_states::Start;
pub use schedule::Schedule;
pub use way::PathChoice;

pub(super) use blocks::block_count;
pub(super) use collected::Collected;
pub(super) use forward::forward;
pub(super) use initial_states::{InitialStates, initial_states};
pub(super) use origin::{Dependence, Origin, all_exact, inexact_start};
pub(super) use pilot::{Pilot, pilot};
pub(super) use reverse::reverse;
pub(super) use run::{AnnealingRun, annealing_runs, most_rungs, steps};
pub(super) use samples::WeightedSamples;
pub(super) use way::Way;
