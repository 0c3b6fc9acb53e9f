//! What many visible states weigh under one model, by products of bits.

use crate::{
    Rbm,
    kernel::{
        bit_product::{BitDot, BitProduct},
        layer::{Fields, States},
        rung::Rung,
        softplus::softplus_difference,
    },
    model::{KeptLayer, Marginal},
};

/// ln f(v) = −F(v) of many visible states under one model.
pub(super) struct VisibleWeights {
    to_hidden: BitProduct,
    bias: BitDot,
    offset: f64,
    zeros: Vec<f64>,
}

impl VisibleWeights {
    pub(super) fn of(rbm: &Rbm) -> Self {
        let Marginal { weights, summed_bias, kept_bias, offset, .. } = Marginal::keeping(rbm, KeptLayer::Visible);
        Self {
            to_hidden: BitProduct::new(&weights, summed_bias.as_slice()),
            bias: BitDot::new(kept_bias.as_slice()),
            // Every softplus below is counted from ln 2.
            offset: offset + summed_bias.len() as f64 * std::f64::consts::LN_2,
            zeros: vec![0.0; summed_bias.len()],
        }
    }

    /// ln f of each state.
    pub(super) fn log_weights(&self, visible: &States) -> Vec<f64> {
        let mut fields = Fields::zeros(self.zeros.len(), visible.chains());
        self.to_hidden.apply_in_parallel(visible, &mut fields);
        let log_weight = |(chain, bias): (usize, f64)| {
            self.offset + bias + softplus_difference(fields.of_chain(chain), &self.zeros, Rung::at(0.0), Rung::at(1.0))
        };
        self.bias.apply(visible).into_iter().enumerate().map(log_weight).collect()
    }
}
