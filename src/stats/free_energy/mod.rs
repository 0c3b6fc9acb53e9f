//! Free-energy differences from work and from samples of several states: pure functions of numbers.
//!
//! # Conventions
//!
//! A state k has the dimensionless free energy fₖ = −ln Zₖ, and Δf = f₁ − f₀ = −ln(Z₁/Z₀). The
//! *forward* work w_F is that of the process from 0 to 1, started in equilibrium at 0; the
//! *reverse* work w_R is the work **done in the reverse process**, from 1 to 0, started in
//! equilibrium at 1. Both are dimensionless, and for sudden changes w_F = u₁(x) − u₀(x) on samples
//! of 0 and w_R = u₀(x) − u₁(x) on samples of 1. Hence
//!
//! | | |
//! |---|---|
//! | Jarzynski, forward | e^{−Δf} = ⟨e^{−w_F}⟩ |
//! | Jarzynski, reverse | e^{+Δf} = ⟨e^{−w_R}⟩ |
//! | second law | −⟨w_R⟩ ≤ Δf ≤ ⟨w_F⟩ |
//! | Crooks | ln \[P_F(w)/P_R(−w)\] = w − Δf |
//!
//! An annealing run whose log-weight is ln W = −w_F estimates ln(Z₁/Z₀) = −Δf = ln⟨W⟩. Where the
//! log-weight of the *forward* protocol is also recorded along reverse paths, it is +w_R there, and
//! ln(Z₁/Z₀) = −ln⟨e^{−ln W}⟩.
//!
//! # Resampling
//!
//! Everything takes counts, how often each value occurs, so that a bootstrap copies no samples.

mod bar;
mod crooks;
mod histogram;
mod jarzynski;
mod mbar;
mod mbar_equations;
mod mbar_resample;
mod work;

pub(crate) use bar::delta_f_near;
pub use bar::{BennettRatio, bar};
pub use crooks::{Crooks, crooks};
pub use histogram::{WorkHistogram, work_histogram};
pub use jarzynski::{ExponentialAverage, forward_average, reverse_average};
pub use mbar::{Mbar, Reweighted};
pub use mbar_equations::MultistateSamples;
pub(crate) use mbar_resample::Resampler;
pub use work::Work;
