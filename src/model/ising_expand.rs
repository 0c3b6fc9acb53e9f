//! The couplings of fully connected spins, as the Plefka expansion sums them.

use std::ops::Range;

use nalgebra::DMatrix;

use super::{Channels, Expand, Ising, Model, Order, Units};
use crate::kernel::coupling::{Side, coupling_sums};

/// One layer of spins, coupled to each other.
impl Expand for Ising {
    fn layers(&self) -> Vec<(Range<usize>, Units)> {
        vec![(0..self.n_units(), Units::Spin)]
    }

    fn highest_order(&self) -> Order {
        Order::Second
    }

    fn biases(&self, _layer: usize) -> &[f64] {
        self.field().as_slice()
    }

    fn coupling_sums(&self, _layer: usize, sources: &Channels, sums: &mut Channels) {
        let (n, all) = (self.n_units(), 0..self.n_units());
        let couplings = self.couplings().as_slice();
        coupling_sums(n, couplings, Side::Columns, sources.order().powers(), sources.of(all.clone()), sums.of_mut(all));
    }

    fn coupling_products(&self, _layer: usize, points: &DMatrix<f64>) -> DMatrix<f64> {
        // J is symmetric.
        points * self.couplings()
    }

    fn unit_sums(&self, unit: usize, sources: &Channels) -> Option<[f64; 3]> {
        let n = self.n_units();
        // J is symmetric: what arrives at a spin is in its column.
        let column = &self.couplings().as_slice()[unit * n..(unit + 1) * n];
        let mut sums = [0.0; 3];
        let each = sums.each_mut().map(std::slice::from_mut);
        coupling_sums(n, column, Side::Columns, sources.order().powers(), sources.of(0..n), each);
        Some(sums)
    }
}
