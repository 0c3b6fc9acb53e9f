//! The Plefka expansion of an RBM: naive mean field, TAP, and third order.

use std::ops::Range;

use super::{Expand, Model, Order, PlefkaTerms, Rbm, Units};
use crate::kernel::coupling::{Coupling, Sources};

/// No two units of a layer are coupled and the graph has no triangles, so the orders are sums over single couplings
/// (Georges & Yedidia 1991; for RBMs Gabrié, Tramel & Krzakala 2015, eqs. 7–10):
///
/// field of vᵢ = β(aᵢ + Σⱼ Wᵢⱼ mⱼ) + (β²/2) c′(mᵢ) Σⱼ Wᵢⱼ² c(mⱼ) + (β³/6) κ′(mᵢ) Σⱼ Wᵢⱼ³ κ(mⱼ),
///
/// and the mirror image for h, with c and κ the second and third cumulants of a unit.
impl Expand for Rbm {
    fn layers(&self) -> Vec<(Range<usize>, Units)> {
        vec![(0..self.n_visible(), self.visible_units()), (self.n_visible()..self.n_units(), self.hidden_units())]
    }

    fn plefka_terms(&self, order: Order, m: &[f64]) -> PlefkaTerms {
        let (v, h) = m.split_at(self.n_visible());
        let sources = self.sources(order, 0, m, |_, units, m| powers(units, m));
        let mut terms = PlefkaTerms {
            entropy: v.iter().map(|m| self.visible_units().entropy(*m)).sum::<f64>()
                + h.iter().map(|m| self.hidden_units().entropy(*m)).sum::<f64>(),
            energy: -self.hidden_bias().iter().zip(h).map(|(b, m)| b * m).sum::<f64>(),
            ..PlefkaTerms::default()
        };
        self.coupling(0).for_each_sum(&sources, |i, sums| {
            let [first, second, third] = powers(self.visible_units(), v[i]);
            terms.energy -= first * (self.visible_bias()[i] + sums[0]);
            terms.second += second * sums[1];
            terms.third += third * sums[2];
        });
        terms
    }

    fn effective_field(&self, order: Order, beta: f64, m: &[f64], layer: usize, field: &mut [f64]) {
        let (own, units, bias) = self.layer(layer, m);
        let sources = self.sources(order, layer, m, |_, units, m| powers(units, m));
        let [b1, b2, b3] = [beta, beta.powi(2) / 2.0, beta.powi(3) / 6.0];
        self.coupling(layer).for_each_sum(&sources, |i, sums| {
            let (c_slope, k_slope) = (units.variance_slope(own[i]), units.third_cumulant_slope(own[i]));
            field[i] = b1 * (bias[i] + sums[0]) + b2 * c_slope * sums[1] + b3 * k_slope * sums[2];
        });
    }

    fn effective_field_along(
        &self,
        order: Order,
        (beta, m): (f64, &[f64]),
        (d_beta, dm): (f64, &[f64]),
        layer: usize,
        d_field: &mut [f64],
    ) {
        let (own, units, bias) = self.layer(layer, m);
        let d_own = &dm[self.layers()[layer].0.clone()];
        let values = self.sources(order, layer, m, |_, units, m| powers(units, m));
        let slopes = self.sources(order, layer, m, |j, units, m| {
            [1.0, units.variance_slope(m), units.third_cumulant_slope(m)].map(|slope| slope * dm[j])
        });
        let [b1, b2, b3] = [beta, beta.powi(2) / 2.0, beta.powi(3) / 6.0];
        let coupling = self.coupling(layer);
        coupling.for_each_sum(&values, |i, sums| {
            let (c_slope, k_slope) = (units.variance_slope(own[i]), units.third_cumulant_slope(own[i]));
            // c″ = −2 and κ″ = (c′² − 2c)′ = −6c′ for both kinds of units.
            let own_change = d_own[i] * (b2 * -2.0 * sums[1] + b3 * -6.0 * c_slope * sums[2]);
            d_field[i] = own_change
                + d_beta * (bias[i] + sums[0] + beta * c_slope * sums[1] + beta.powi(2) / 2.0 * k_slope * sums[2]);
        });
        coupling.for_each_sum(&slopes, |i, sums| {
            let (c_slope, k_slope) = (units.variance_slope(own[i]), units.third_cumulant_slope(own[i]));
            d_field[i] += b1 * sums[0] + b2 * c_slope * sums[1] + b3 * k_slope * sums[2];
        });
    }
}

/// What a unit of mean m contributes to the field of a neighbour through W, W² and W³.
fn powers(units: Units, m: f64) -> [f64; 3] {
    [m, units.variance(m), units.third_cumulant(m)]
}

impl Rbm {
    /// Means, kind and biases of a layer.
    fn layer<'a>(&'a self, layer: usize, m: &'a [f64]) -> (&'a [f64], Units, &'a [f64]) {
        let (v, h) = m.split_at(self.n_visible());
        match layer {
            0 => (v, self.visible_units(), self.visible_bias().as_slice()),
            _ => (h, self.hidden_units(), self.hidden_bias().as_slice()),
        }
    }

    /// W as seen from `layer`.
    fn coupling(&self, layer: usize) -> Coupling<'_> {
        if layer == 0 { Coupling::rows(self.weights()) } else { Coupling::columns(self.weights()) }
    }

    /// The three source vectors that the layer opposite to `layer` sends through W, W² and W³.
    fn sources(
        &self,
        order: Order,
        layer: usize,
        m: &[f64],
        of_unit: impl Fn(usize, Units, f64) -> [f64; 3],
    ) -> Sources {
        let (range, units) = self.layers().swap_remove(1 - layer);
        Sources::collect(order, range.map(|j| of_unit(j, units, m[j])))
    }
}
