//! Mean-field steps of an RBM as the layers of a perceptron, and the exact gradient of a loss
//! through all of them.
//!
//! # Formula
//! One step of the Plefka expansion at β = 1 updates the hidden means, and then the visible ones:
//!
//! h ← f(b + W₁ᵀv + ½ c′(h) (W₁∘W₁)ᵀc(v)), v ← f(a + W₂h + ½ c′(v) (W₂∘W₂)c(h)),
//!
//! with f = σ on bits and tanh on spins, and c the variance of a unit with a given mean. To first
//! order the last terms are absent, and n steps *are* a perceptron of 2n layers with the weights
//! W₁ᵀ, W₂, W₁ᵀ, …; to second order (TAP) the Onsager term gives each layer its own previous state
//! as a second input, a skip connection. In an RBM W₁ = W₂ = W: the layers are *tied*. An
//! [`Unrolled`] network has n such steps. For another β scale the model first
//! ([`Rbm::scaled_temperature`](crate::Rbm::scaled_temperature)).
//!
//! [`Unrolled::forward`] gives the states of all layers, and [`Unrolled::gradient`] the mean of a
//! [`Loss`] over the samples of a batch with its derivatives with respect to W₁, W₂, a and b, by
//! reverse-mode differentiation (backpropagation): no approximation is made. Batches are matrices
//! of shape (units, samples), a sample a column.
//!
//! # Examples
//! ```
//! use nalgebra::DMatrix;
//! use plefka::{Rbm, mlp::{Loss, Unrolled}, model::Order};
//! let rbm = Rbm::from_rows(&[[1.0, -2.0], [0.5, 1.5], [-1.0, 2.0]], &[0.1, 0.0, -0.1], &[0.2, -0.3])?;
//! let batch = DMatrix::from_column_slice(3, 2, &[1.0, 0.0, 1.0, 0.0, 1.0, 1.0]);
//!
//! // Two steps: four layers. As an autoencoder the output is compared with the input.
//! let network = Unrolled::tied(rbm, 2, Order::First)?;
//! let result = network.gradient(Loss::CrossEntropy, &batch)?;
//! assert!(result.loss > 0.0);
//! assert_eq!(result.gradient.weights().shape(), (3, 2));
//! # Ok::<(), plefka::Error>(())
//! ```

mod backward;
mod free_energy;
mod gradient;
mod half_step;
mod loss;
mod unrolled;

pub use free_energy::free_energy;
pub use gradient::{Gradient, LossGradient};
pub use loss::{Loss, Softmax};
pub use unrolled::{State, Unrolled};
