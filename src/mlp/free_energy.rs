//! The free energy of the Plefka expansion at given means, and its derivatives.

use nalgebra::{DMatrix, DVector};

use super::half_step::{Sums, sums};
use crate::{
    Rbm,
    kernel::coupling::Side,
    model::{Order, Units},
};

/// −Φ at given means for each sample, nats: the free energy that the steps of an
/// [`Unrolled`](super::Unrolled) network lower.
///
/// # Formula
/// −Φ = −S₀ − a·v − b·h − vᵀWh − ½ Σ W²c(v)c(h), the last term to second order only (Plefka, J.
/// Phys. A 15, 1971 (1982)). To first order it is an upper bound of −ln Z at any means.
///
/// # Panics
/// If the shapes are not (n_visible, samples) and (n_hidden, samples), or the order is the third.
#[must_use]
pub fn free_energy(model: &Rbm, order: Order, visible: &DMatrix<f64>, hidden: &DMatrix<f64>) -> DVector<f64> {
    assert!(order <= Order::Second, "the free energy of first or second order");
    let at = Plefka::at(model, order, visible, hidden);
    DVector::from_fn(visible.ncols(), |k, _| -at.log_z(k))
}

/// The expansion at the means of a batch.
pub(super) struct Plefka<'a> {
    model: &'a Rbm,
    order: Order,
    visible: &'a DMatrix<f64>,
    hidden: &'a DMatrix<f64>,
    at_visible: Sums,
    at_hidden: Sums,
}

impl<'a> Plefka<'a> {
    pub(super) fn at(model: &'a Rbm, order: Order, visible: &'a DMatrix<f64>, hidden: &'a DMatrix<f64>) -> Self {
        let weights = model.weights();
        let shapes = (visible.nrows(), hidden.nrows());
        assert!(shapes == weights.shape() && visible.ncols() == hidden.ncols(), "one row of means for each unit");
        let (cv, ch) =
            (visible.map(|m| model.visible_units().variance(m)), hidden.map(|m| model.hidden_units().variance(m)));
        let at_visible = sums(weights, Side::Rows, order, hidden, &ch);
        let at_hidden = sums(weights, Side::Columns, order, visible, &cv);
        Self { model, order, visible, hidden, at_visible, at_hidden }
    }

    /// Φ of the k-th sample.
    pub(super) fn log_z(&self, k: usize) -> f64 {
        let (v, h) = (self.visible.column(k), self.hidden.column(k));
        let entropy = |m: f64, units: Units| units.entropy(m);
        let s0: f64 = v.iter().map(|m| entropy(*m, self.model.visible_units())).sum::<f64>()
            + h.iter().map(|m| entropy(*m, self.model.hidden_units())).sum::<f64>();
        let fields = self.model.visible_bias() + self.at_visible.first.column(k);
        let first = s0 + fields.dot(&v) + self.model.hidden_bias().dot(&h);
        if self.order < Order::Second {
            return first;
        }
        let cv = v.map(|m| self.model.visible_units().variance(m));
        first + 0.5 * cv.dot(&self.at_visible.second.column(k))
    }

    /// (∂Φ/∂mᵢ) c(mᵢ) of the visible units, which is ∂Φ/∂θᵢ with the fields θ that have these
    /// means.
    pub(super) fn by_visible_field(&self, field: &DMatrix<f64>) -> DMatrix<f64> {
        let (bias, units) = (self.model.visible_bias(), self.model.visible_units());
        self.by_mean(&self.at_visible, bias, units, self.visible, field)
            .zip_map(self.visible, |slope, m| slope * units.variance(m))
    }

    /// ∂Φ/∂m of the hidden units.
    pub(super) fn by_hidden_mean(&self, field: &DMatrix<f64>) -> DMatrix<f64> {
        self.by_mean(&self.at_hidden, self.model.hidden_bias(), self.model.hidden_units(), self.hidden, field)
    }

    /// −θ + bias + Σ W m + ½ c′ Σ W²c: the entropy's derivative is −θ, known from the layer even
    /// where m has saturated.
    fn by_mean(
        &self,
        sums: &Sums,
        bias: &DVector<f64>,
        units: Units,
        means: &DMatrix<f64>,
        field: &DMatrix<f64>,
    ) -> DMatrix<f64> {
        let mut slope = &sums.first - field;
        for mut column in slope.column_iter_mut() {
            column += bias;
        }
        if self.order >= Order::Second {
            slope += means.map(|m| 0.5 * units.variance_slope(m)).component_mul(&sums.second);
        }
        slope
    }

    /// ∂Φ/∂W at fixed means, summed over the samples: v hᵀ + W ∘ c(v)c(h)ᵀ.
    pub(super) fn by_weights(&self) -> DMatrix<f64> {
        let mut slope = self.visible * self.hidden.transpose();
        if self.order >= Order::Second {
            let cv = self.visible.map(|m| self.model.visible_units().variance(m));
            let ch = self.hidden.map(|m| self.model.hidden_units().variance(m));
            slope += self.model.weights().component_mul(&(cv * ch.transpose()));
        }
        slope
    }
}
