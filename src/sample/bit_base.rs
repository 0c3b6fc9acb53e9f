//! The base of a path on the bits of a marginal.

use crate::{
    model::{KeptLayer, Rbm, Units},
    sample::Base,
    stats::softplus,
};

/// Independent units as bits, by layer: ln p₀ = offset + θ·x − ln Z₀. (On bits the offset is 0.)
pub(super) struct BitBase {
    pub(super) summed: Vec<f64>,
    pub(super) kept: Vec<f64>,
    pub(super) offset: f64,
}

impl BitBase {
    /// `base` of the units of `rbm`, of which one layer is kept. Spins become bits: θs = 2θx − θ.
    ///
    /// # Panics
    /// If there is not one field for each unit.
    pub(super) fn new(base: &Base, rbm: &Rbm, kept: KeptLayer) -> Self {
        let fields = base.fields();
        assert_eq!(fields.len(), rbm.n_visible() + rbm.n_hidden(), "a base has one field for each unit");
        let (visible, hidden) = fields.split_at(rbm.n_visible());
        let mut offset = 0.0;
        let mut on_bits = |fields: &[f64], units: Units| match units {
            Units::Bit => fields.to_vec(),
            Units::Spin => {
                offset -= fields.iter().sum::<f64>();
                fields.iter().map(|theta| 2.0 * theta).collect()
            }
        };
        let (visible, hidden) = (on_bits(visible, rbm.visible_units()), on_bits(hidden, rbm.hidden_units()));
        match kept {
            KeptLayer::Hidden => Self { summed: visible, kept: hidden, offset },
            KeptLayer::Visible => Self { summed: hidden, kept: visible, offset },
        }
    }

    /// No base: all fields zero.
    pub(super) fn none(n_summed: usize, n_kept: usize) -> Self {
        Self { summed: vec![0.0; n_summed], kept: vec![0.0; n_kept], offset: 0.0 }
    }

    /// ln Z₀.
    pub(super) fn log_z(&self) -> f64 {
        self.offset + self.summed.iter().chain(&self.kept).map(|theta| softplus(*theta)).sum::<f64>()
    }
}

/// The units in the order of the model, visible before hidden.
pub(super) fn in_model_order(kept_layer: KeptLayer, kept: Vec<bool>, summed: Vec<bool>) -> Vec<bool> {
    let (mut first, second) = match kept_layer {
        KeptLayer::Visible => (kept, summed),
        KeptLayer::Hidden => (summed, kept),
    };
    first.extend(second);
    first
}
