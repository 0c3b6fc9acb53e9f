//! Derivatives with respect to the parameters.

use std::ops::AddAssign;

use nalgebra::{DMatrix, DVector};

use super::{Softmax, Unrolled};

/// ∂loss/∂(W₁, W₂, a, b), each in the shape of what it is the derivative of.
#[derive(Debug, Clone, PartialEq)]
pub struct Gradient {
    /// ∂loss/∂W₁, of shape (n_visible, n_hidden).
    pub recognition: DMatrix<f64>,
    /// ∂loss/∂W₂.
    pub generation: DMatrix<f64>,
    /// ∂loss/∂a.
    pub visible_bias: DVector<f64>,
    /// ∂loss/∂b.
    pub hidden_bias: DVector<f64>,
}

/// The mean of a loss over the samples, with its derivatives.
#[derive(Debug, Clone, PartialEq)]
pub struct LossGradient {
    /// The loss, nats per sample (a squared error has no unit).
    pub loss: f64,
    /// Its derivatives.
    pub gradient: Gradient,
    /// Those with respect to the weights and biases of the classifier, if there is one.
    pub classifier: Option<Softmax>,
}

impl Gradient {
    pub(super) fn zeros(network: &Unrolled) -> Self {
        let (n_visible, n_hidden) = network.generation().shape();
        Self {
            recognition: DMatrix::zeros(n_visible, n_hidden),
            generation: DMatrix::zeros(n_visible, n_hidden),
            visible_bias: DVector::zeros(n_visible),
            hidden_bias: DVector::zeros(n_hidden),
        }
    }

    /// ∂loss/∂W of tied layers: the sum of both, because both are W.
    #[must_use]
    pub fn weights(&self) -> DMatrix<f64> {
        &self.recognition + &self.generation
    }

    pub(super) fn scale(&mut self, factor: f64) {
        self.recognition *= factor;
        self.generation *= factor;
        self.visible_bias *= factor;
        self.hidden_bias *= factor;
    }
}

impl AddAssign<&Self> for Gradient {
    fn add_assign(&mut self, other: &Self) {
        self.recognition += &other.recognition;
        self.generation += &other.generation;
        self.visible_bias += &other.visible_bias;
        self.hidden_bias += &other.hidden_bias;
    }
}
