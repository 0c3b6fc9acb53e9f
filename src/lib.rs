//! Statistical mechanics of restricted Boltzmann machines: ln Z, energy, entropy and heat capacity
//! as functions of the inverse temperature, with what may be claimed about each number.
//!
//! # The theory on one page
//!
//! A restricted Boltzmann machine has two layers of two-state units, v and h, on 0/1 or ±1, and the
//! energy
//!
//! E(v, h) = −a·v − b·h − vᵀWh,
//!
//! with W of shape (n_visible, n_hidden). At inverse temperature β a state has the probability
//! e^{−βE}/Z(β), and a model is trained at β = 1. Everything follows from ln Z(β) = ln Σ e^{−βE}
//! and its derivatives:
//!
//! | quantity | | unit |
//! |---|---|---|
//! | energy | U = ⟨E⟩ = −∂ ln Z/∂β | that of E |
//! | entropy | S = ln Z + βU | nats |
//! | heat capacity | C = β² Var E = −β² ∂U/∂β | k_B = 1 |
//!
//! All are totals over the n = n_visible + n_hidden units. At β = 0 every state weighs the same and
//! ln Z = S = n ln 2.
//!
//! The sum has 2ⁿ terms. What makes a *restricted* machine tractable is that the units of one layer
//! are independent given the other, so that a layer can be summed out: Z(β) = Σ_y f(y; β) over the
//! states y of the other one, with ln f = β b·y + Σᵢ ln(1 + e^{β(aᵢ + Wᵢ·y)}) on bits. Four ways
//! lead from there to a number:
//!
//! - [`Exact`] does the sum over the smaller layer, as long as that has no more than about 26
//!   units: the truth.
//! - [`Ais`] lets chains climb from β = 0, where everything is known, in small steps: Z(β)/Z(0) =
//!   ⟨w⟩ with the weights ln w = Σₖ [ln f(yₖ; βₖ₊₁) − ln f(yₖ; βₖ)] that they collect. An estimate
//!   with an error bar, good while many chains carry the weight.
//! - [`MeanField`] expands the free energy at fixed means m in β and makes it stationary (Plefka
//!   1982): ln Z ≈ S₀ − βE + (β²/2) Σ W² cᵛcʰ + (β³/6) Σ W³ κᵛκʰ. To first order (naive mean field)
//!   a lower bound; to second (TAP) and third an approximation without error control, and only at a
//!   stationary point.
//! - [`Bethe`] passes messages along the couplings until they settle: exact on a tree, elsewhere an
//!   approximation too.
//!
//! # Example
//!
//! ```
//! use plefka::{Ais, Betas, Claim, Estimator, Exact, Rbm, Run, thermo};
//!
//! // Three visible and two hidden units on 0/1; a grid of five β from 0 to 2.
//! let rbm = Rbm::from_rows(&[[1.0, -2.0], [0.5, 1.5], [-1.0, 2.0]], &[0.1, 0.0, -0.1], &[0.2, -0.3])?;
//! let betas: Betas = "0:2:5".parse()?;
//! let run = Run::quiet(1); // seed 1, no progress, no way to stop it
//!
//! let exact = Exact::default().curve(&rbm, &betas, &run)?;
//! let ais = Ais { chains: 500, rungs: 100, ..Ais::default() }.curve(&rbm, &betas, &run)?;
//!
//! let truth = thermo::entropy(&exact)[2].expect("the run was not cancelled"); // β = 1
//! let estimate = thermo::entropy(&ais)[2].expect("the run was not cancelled");
//! let Claim::Estimate { std_error } = estimate.claim else { panic!("AIS samples, so it has an error bar") };
//! assert_eq!(truth.claim, Claim::Exact);
//! assert!((estimate.value - truth.value).abs() < 4.0 * std_error);
//! # Ok::<(), plefka::Error>(())
//! ```
//!
//! # Map
//!
//! | module | |
//! |---|---|
//! | [`model`] | [`Rbm`] and other models, and what an estimator may ask of a model: [`Enumerate`](model::Enumerate), [`Sample`](sample::Sample), [`Expand`](model::Expand) |
//! | [`estimator`] | the trait [`Estimator`], its implementations, [`MethodConfig`](estimator::MethodConfig) for all of them by name |
//! | [`curve`] | the result: [`Curve`], [`Measured`] numbers with their [`Claim`], the [`Status`] of each point |
//! | [`computation`] | several methods at once, judged; states, likelihood and temperature as a user asks for them |
//! | [`likelihood`] | ln p(v) of data, with the error of the data and that of ln Z apart |
//! | [`thermo`] | U, S and C as functions of a curve, with error bars |
//! | [`mlp`] | mean-field steps as the layers of a perceptron, with exact gradients through them |
//! | [`observe`] | overlaps of replicas, retrieval, P(q), with error bars |
//! | [`io`] | model, data and result files |
//! | [`sweep`] | grids over β, weight norm, seed, …: a plan, a runner, a store that survives a kill |
//! | [`findings`] | what saved results say: verdicts, where the entropy collapses |
#![cfg_attr(feature = "plot", doc = "| [`plot`] | figures and a report, from saved results |")]
#![cfg_attr(not(feature = "plot"), doc = "| `plot` | figures and a report, from saved results (feature `plot`) |")]
//! | [`sample`] | Markov kernels and random streams |
//! | [`stats`] | log-sum-exp, log-weights, autocorrelation, the bootstrap, roots, [free energies](stats::free_energy) from work and from many states |
//! | [`theory`] | closed forms and saddle points of the reference models: REM, SK, random RBM, Hopfield |
//! | [`thresholds`] | every number that decides whether a result is trusted |
//! | [`dataset`] | 10,000 embedded digits and the built-in model |
//!
//! # Errors and outcomes
//!
//! An [`Error`] means that something cannot start, and names the thing at fault and the remedy. A
//! run that began always returns a [`Curve`]; whether it converged or was cancelled is its
//! [`Status`], and what a reader should know stands in its warnings. The library prints nothing.
//!
//! # Features
//!
//! `cli` (default) builds the program `plefka`; `plot` (part of `cli`) the figures and the report.
//! With `default-features = false` there is the library alone.
#![forbid(unsafe_code)]

#[macro_use]
mod methods;

mod checksum;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;
pub mod computation;
pub mod curve;
pub mod data;
pub mod dataset;
mod error;
pub mod estimator;
pub mod findings;
pub mod history;
pub mod io;
mod kernel;
pub mod likelihood;
pub mod mlp;
pub mod model;
pub mod observe;
pub mod path;
#[cfg(feature = "plot")]
pub mod plot;
pub mod run;
pub mod sample;
pub mod stats;
pub mod streams;
pub mod sweep;
pub mod temperature;
pub mod theory;
pub mod thermo;
pub mod thresholds;
pub mod train;

pub use curve::{Betas, Claim, Curve, Measured, Method, Status, Verdict};
pub use data::Data;
pub use error::Error;
pub use estimator::{Ais, Bethe, Estimator, Exact, MeanField, estimate};
#[doc(hidden)]
pub use kernel::{hot_loops, instruction_set};
pub use model::{Rbm, Units};
pub use run::Run;

/// The example of the README, compiled and run with the tests of the documentation.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct ReadmeExample;
