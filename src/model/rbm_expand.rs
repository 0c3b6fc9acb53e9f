//! The couplings of an RBM, as the Plefka expansion sums them.

use std::ops::Range;

use nalgebra::DMatrix;

use super::{Channels, Expand, Model, Rbm, Units};
use crate::kernel::{
    coupling::{Side, coupling_sums},
    coupling_both::all_coupling_sums,
};

/// Couplings from which on both sides are summed in one pass: as many as fill a cache of one core.
const ONE_PASS: usize = 1 << 16;

/// No two units of a layer are coupled, and the graph has no triangles.
impl Expand for Rbm {
    fn layers(&self) -> Vec<(Range<usize>, Units)> {
        vec![(0..self.n_visible(), self.visible_units()), (self.n_visible()..self.n_units(), self.hidden_units())]
    }

    fn constant(&self) -> f64 {
        Rbm::constant(self)
    }

    fn biases(&self, layer: usize) -> &[f64] {
        if layer == 0 { self.visible_bias().as_slice() } else { self.hidden_bias().as_slice() }
    }

    fn couplings(&self) -> Option<&DMatrix<f64>> {
        Some(self.weights())
    }

    fn coupling_sums(&self, layer: usize, sources: &Channels, sums: &mut Channels) {
        let (visible, hidden) = (0..self.n_visible(), self.n_visible()..self.n_units());
        let (side, own, other) =
            if layer == 0 { (Side::Rows, visible, hidden) } else { (Side::Columns, hidden, visible) };
        let weights = self.weights();
        coupling_sums(
            weights.nrows(),
            weights.as_slice(),
            side,
            sources.order().powers(),
            sources.of(other),
            sums.of_mut(own),
        );
    }

    fn all_coupling_sums(&self, sources: &Channels, sums: &mut Channels) {
        let weights = self.weights();
        if weights.len() < ONE_PASS {
            return (0..2).for_each(|layer| self.coupling_sums(layer, sources, sums));
        }
        let (visible, hidden) = (0..self.n_visible(), self.n_visible()..self.n_units());
        all_coupling_sums(
            weights.nrows(),
            weights.as_slice(),
            sources.order().powers(),
            [sources.of(visible), sources.of(hidden)],
            sums.split_mut(self.n_visible()),
        );
    }

    fn coupling_products(&self, layer: usize, points: &DMatrix<f64>) -> DMatrix<f64> {
        let (n, m) = self.weights().shape();
        if layer == 0 {
            points.columns(n, m) * self.weights().transpose()
        } else {
            points.columns(0, n) * self.weights()
        }
    }
}
