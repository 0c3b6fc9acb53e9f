//! Locating an entropy crisis: the temperature at which the entropy per unit of a disordered system
//! runs out.
//!
//! At the sizes that can be enumerated the entropy per unit is nowhere near zero at the transition
//! (a random energy model of 20 units still has S/N = 0.193 at β_c), so a threshold on S/N locates
//! nothing. Three estimates that do not need one, each a function of means over the disorder
//! ([`MeanCurve`]):
//!
//! 1. [`annealed_zero`] extrapolates the entropy from high temperature, linearly in β², to zero;
//! 2. [`crossing`] finds where S/√N of two sizes is the same, and [`crossing_limit`] extrapolates
//!    to large sizes;
//! 3. [`participation_zero`] extrapolates Y₂ = ⟨Σp²⟩ from low temperature, linearly in T, to zero.
//!
//! 2 and 3 rest on what is known of the random energy model: entropy fluctuations of order √N in
//! the critical window, and Y₂ = 1 − T/T_c below it (Derrida, Phys. Rev. B 24, 2613 (1981); Gross
//! and Mézard, Nucl. Phys. B 240, 431 (1984)). Only 1 can be computed for other models, and there
//! **the zero of the extrapolated annealed entropy is not by itself a transition**: the
//! Sherrington–Kirkpatrick model has the same annealed entropy, leaves it at β = 1, and has no such
//! crisis at all.
//!
//! [`bootstrap`] gives any function of the means its standard error, by resampling whole samples of
//! the disorder.
//!
//! # Examples
//! The exact means of the random energy model:
//! ```
//! use plefka::{theory::rem, thermo::crisis::{MeanCurve, annealed_zero}};
//! let betas = vec![0.3, 0.4, 0.5, 0.6];
//! let entropy = betas.iter().map(|b| Ok(rem::quenched(16, *b)?.entropy)).collect::<Result<Vec<_>, plefka::Error>>()?;
//! let curve = MeanCurve { n_units: 16, participation: vec![None; 4], entropy, betas };
//! let crisis = annealed_zero(&curve, 0.0..=0.65).expect("the entropy falls");
//! assert!((crisis - rem::critical_beta()).abs() < 1e-3);
//! # Ok::<(), plefka::Error>(())
//! ```

mod annealed;
mod crossing;
mod ensemble;
mod participation;

pub use annealed::annealed_zero;
pub use crossing::{Crossing, crossing, crossing_limit};
pub use ensemble::{Ensemble, MeanCurve, bootstrap};
pub use participation::{participation, participation_zero};
