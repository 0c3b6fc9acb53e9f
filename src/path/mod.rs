//! What is annealed along: a line of distributions from one whose ln Z is known to a model.
//!
//! A `Path` knows where its rungs are and hands out the kernel for all of them; where the rungs
//! of a run stand on it is its `Ladder`. Annealing and tempering take any path.

mod ladder;
mod line;
mod profile;
mod trajectory;

pub(crate) use ladder::Ladder;
pub(crate) use line::{Mark, Path};
pub(crate) use profile::Profile;
pub use trajectory::{Checkpoint, Trajectory};
