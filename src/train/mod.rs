//! Training of RBMs, with the likelihood in the log.
//!
//! The gradient of the mean log-likelihood is a difference of two averages, ∂L/∂W = ⟨v⟨h|v⟩ᵀ⟩_data
//! − ⟨vhᵀ⟩_model, and likewise for the biases. Rules of training differ in how they get the second
//! one, the [negative phase](Negative): by enumeration, by short or persistent Markov chains, or
//! from solutions of mean-field equations. All else is shared, each in a file of its own:
//!
//! negative phase → gradient of the objective → penalty → centring → step → limit of the norm
//!
//! [`Train`] is the plan, plain numbers; [`Trainer`] carries it out update by update; [`RunFolder`]
//! keeps a run in a folder from which it goes on after any interruption, to the same bits.

mod batches;
mod bit_layers;
mod choices;
mod data_moments;
mod evaluate;
mod gradient;
pub mod labels;
mod limit;
mod log;
mod moments;
mod negative;
mod objective;
mod parameters;
mod penalty;
mod plan;
mod run_folder;
mod running;
mod schedule;
mod state;
mod step;
mod trainer;
mod visible_weights;
mod work;

pub use choices::{Checkpoints, Limit, Negative, Norm, RateSchedule, SolutionStart, SolutionWeights, StepRule};
pub use evaluate::Evaluator;
pub use gradient::{Offsets, label_gradient, likelihood_gradient};
pub use limit::Gauge;
pub use log::LogRow;
pub use objective::Objective;
pub use parameters::Parameters;
pub use plan::Train;
pub use run_folder::RunFolder;
pub use trainer::Trainer;
