//! The temperature of data under a model: at which β would the model produce them?
//!
//! There is one answer only if the data do come from the model at some β. All estimators then agree
//! within their errors. Data from elsewhere have as many temperatures as there are estimators, and
//! their disagreement is the finding (Raymond, Yarkoni & Andriyash, Front. ICT 3, 23 (2016), on
//! local and global temperatures of annealers).
//!
//! | estimator | looks at | needs |
//! |---|---|---|
//! | [`max_likelihood`] | the mean energy | U(β) of the model, from any estimator of ln Z |
//! | [`pseudo_likelihood`], [`flip_identity`] | each unit given the others | nothing |
//! | [`two_beta_ratio`], [`microcanonical`] | the ratio of two samples | a sample of the model at a known β |
//! | [`entropic`] | dS/dU along a curve | the curve |
//! | [`fluctuation_dissipation`] | response and fluctuation | a second sample, in a field |
//! | [`weight_norm`] | the weights alone | a reference model |
//!
//! The model is of any kind. Rows show the visible units of an RBM, whose hidden ones are summed
//! out, and all units of any other model: samples of ±1 from an annealer, beside an Ising model.
//!
//! Everything here is a pure function of data, models and curves. A sampled number carries a
//! standard error from the spread of its influences over the rows, with n_eff = n/(2τ_int) if the
//! rows are a time series.

mod agreement;
mod density;
mod energy_curve;
mod estimate;
mod independence;
mod likelihood;
mod local;
mod observed;
mod ratio;
mod response;
mod root;
mod rows;
mod survey;
mod weights;

pub use agreement::{Comparison, Equations, compare};
pub use density::{entropic, microcanonical};
pub use energy_curve::{EnergyCurve, Knot};
pub use estimate::{Estimate, Estimator, Influence, Scope};
pub use likelihood::max_likelihood;
pub use local::{flip_identity, flip_identity_unweighted, pseudo_likelihood};
pub use observed::{Flip, Observed};
pub use ratio::two_beta_ratio;
pub use response::fluctuation_dissipation;
pub use survey::{Evidence, Survey, survey};
pub use weights::weight_norm;
