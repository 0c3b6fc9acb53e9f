//! Neighbour lists as the Plefka expansion sums them.

use std::ops::Range;

use super::{Channels, Expand, Model, Order, SparseIsing, Units};

/// One layer of spins, coupled to each other.
impl Expand for SparseIsing {
    fn layers(&self) -> Vec<(Range<usize>, Units)> {
        vec![(0..self.n_units(), Units::Spin)]
    }

    fn highest_order(&self) -> Order {
        Order::Second
    }

    fn constant(&self) -> f64 {
        SparseIsing::constant(self)
    }

    fn biases(&self, _layer: usize) -> &[f64] {
        self.field().as_slice()
    }

    fn coupling_sums(&self, _layer: usize, sources: &Channels, sums: &mut Channels) {
        for i in 0..self.n_units() {
            sums.set(i, self.sums_at(i, sources));
        }
    }

    fn unit_sums(&self, unit: usize, sources: &Channels) -> Option<[f64; 3]> {
        Some(self.sums_at(unit, sources))
    }
}

impl SparseIsing {
    /// Σⱼ Jᵢⱼᵖ x⁽ᵖ⁾ⱼ for p = 1, 2, 3; zero beyond the order of the sources.
    fn sums_at(&self, i: usize, sources: &Channels) -> [f64; 3] {
        self.neighbours(i).fold([0.0; 3], |[s1, s2, s3], (j, strength)| {
            let [x1, x2, x3] = sources.unit(j);
            let square = strength * strength;
            [s1 + strength * x1, s2 + square * x2, s3 + square * strength * x3]
        })
    }
}
