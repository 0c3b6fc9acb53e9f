//! W, a and b as one vector: a gradient, a velocity, a direction.

use nalgebra::{DMatrix, DVector};

use crate::{Rbm, model::UnitMeans};

/// A vector in the space of the parameters of an RBM.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    /// The part of W, of shape (n_visible, n_hidden).
    pub weights: DMatrix<f64>,
    /// The part of a, of length n_visible.
    pub visible: DVector<f64>,
    /// The part of b, of length n_hidden.
    pub hidden: DVector<f64>,
}

impl Parameters {
    /// The parameters of a model.
    #[must_use]
    pub fn of(rbm: &Rbm) -> Self {
        Self { weights: rbm.weights().clone(), visible: rbm.visible_bias().clone(), hidden: rbm.hidden_bias().clone() }
    }

    /// All zero, in the shape of a model.
    #[must_use]
    pub fn zeros(n_visible: usize, n_hidden: usize) -> Self {
        Self {
            weights: DMatrix::zeros(n_visible, n_hidden),
            visible: DVector::zeros(n_visible),
            hidden: DVector::zeros(n_hidden),
        }
    }

    /// The difference of two sets of moments: ⟨vhᵀ⟩, ⟨v⟩ and ⟨h⟩ of the data less those of the
    /// model.
    #[must_use]
    pub fn difference(data: UnitMeans, model: &UnitMeans) -> Self {
        Self {
            weights: data.pairs - &model.pairs,
            visible: data.visible - &model.visible,
            hidden: data.hidden - &model.hidden,
        }
    }

    /// Adds `factor` times another vector.
    ///
    /// # Panics
    /// If the shapes differ.
    pub fn add_scaled(&mut self, factor: f64, other: &Self) {
        self.zip_apply(other, |x, y| *x += factor * y);
    }

    /// Multiplies by a number.
    pub fn scale(&mut self, factor: f64) {
        self.weights *= factor;
        self.visible *= factor;
        self.hidden *= factor;
    }

    /// The scalar product.
    #[must_use]
    pub fn dot(&self, other: &Self) -> f64 {
        self.weights.dot(&other.weights) + self.visible.dot(&other.visible) + self.hidden.dot(&other.hidden)
    }

    /// Changes every entry with the one of `other` beside it.
    pub(super) fn zip_apply(&mut self, other: &Self, f: impl Fn(&mut f64, f64)) {
        self.weights.zip_apply(&other.weights, &f);
        self.visible.zip_apply(&other.visible, &f);
        self.hidden.zip_apply(&other.hidden, &f);
    }

    /// Each part with the name by which it is saved.
    pub(super) fn named(&self) -> [(&'static str, &[f64]); 3] {
        [("W", self.weights.as_slice()), ("vbias", self.visible.as_slice()), ("hbias", self.hidden.as_slice())]
    }

    /// The same, to be written to.
    pub(super) fn named_mut(&mut self) -> [(&'static str, &mut [f64]); 3] {
        [
            ("W", self.weights.as_mut_slice()),
            ("vbias", self.visible.as_mut_slice()),
            ("hbias", self.hidden.as_mut_slice()),
        ]
    }
}
