//! What one sees in samples beyond the curve: overlaps of replicas, retrieval, P(q).
//!
//! A *replica* is a chain of its own on the same model, and the overlap of two of them says how far
//! they have frozen into the same state. Everything here is a function of sampled states, as `true`
//! for the upper value of a unit: spins ±1, or the bits they stand for.
//!
//! | observable | definition | of |
//! |---|---|---|
//! | [`overlap`] | q = (1/N) Σᵢ sᵢᵃsᵢᵇ; with a pattern it is the retrieval overlap m | two states |
//! | [`magnetisation`] | (1/N) Σᵢ sᵢ | a state |
//! | [`participation`] | (Σ x²)²/Σ x⁴: how many entries carry a vector, such as the overlaps with all patterns | numbers |
//! | [`Replicas::edwards_anderson`] | √⟨q²⟩, of all units or of a layer | replicas |
//! | [`Replicas::susceptibility`] | χ_SG = N⟨q²⟩ | replicas |
//! | [`Replicas::staggered`] | √⟨(q_v − q_h)²⟩/2 | replicas |
//! | [`Replicas::histogram`] | P(q) | replicas |
//!
//! Those of replicas that are a single number have a name, [`Observable`], and may be columns of a
//! [sweep](crate::sweep).
//!
//! [`Sampling`] makes the replicas, by exchange of temperatures along the β asked for. One model
//! has an error bar from independent pairs of replicas; an average over disorder has one from its
//! models, by [`average`] of the values of each, which contains the sampling noise within each
//! model.
//!
//! ```
//! use plefka::{Run, model::random::sk, observe::Sampling};
//! let sampling = Sampling { replicas: 8, burn_in: 50, records: 100, ..Sampling::default() };
//! let at = sampling.replicas(&sk(20, 1)?, &[0.5, 1.0, 2.0], None, &Run::quiet(1))?;
//! let q: Vec<f64> = at.iter().map(|replicas| replicas.edwards_anderson(0..20).value).collect();
//! assert!(q[0] < q[2]); // frozen when cold
//! # Ok::<(), plefka::Error>(())
//! ```

mod observable;
mod overlap;
mod replicas;
mod sampling;

pub use observable::Observable;
pub use overlap::{magnetisation, overlap, participation};
pub use replicas::{Bin, Replicas, average, root};
pub use sampling::Sampling;
