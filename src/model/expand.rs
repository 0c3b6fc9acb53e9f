//! What a model must offer to be expanded at high temperature: its biases, and sums over its
//! couplings.

use std::ops::Range;

use nalgebra::DMatrix;

use super::{Model, Units};

/// Up to which power of β the Plefka expansion is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Naive mean field.
    First,
    /// TAP: with the Onsager reaction term.
    Second,
    /// With the third cumulants.
    Third,
}

impl Order {
    /// The highest power of the couplings.
    pub(crate) fn powers(self) -> usize {
        match self {
            Self::First => 1,
            Self::Second => 2,
            Self::Third => 3,
        }
    }
}

/// The β-free terms of the Plefka expansion at given means:
/// ln Z ≈ S₀ − β⟨E⟩₀ + (β²/2)O₂ + (β³/6)O₃, with the terms above the chosen order zero.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct PlefkaTerms {
    /// S₀: the entropy of independent units with these means, nats.
    pub entropy: f64,
    /// ⟨E⟩₀: the mean energy of independent units with these means.
    pub energy: f64,
    /// O₂ = Σ W² cᵢcⱼ over pairs.
    pub second: f64,
    /// O₃ = Σ W³ κᵢκⱼ over pairs.
    pub third: f64,
}

impl PlefkaTerms {
    /// The terms from the cumulants of all units, and the sums of these that arrive at each unit.
    pub(crate) fn gather<M: Expand + ?Sized>(
        model: &M,
        layers: &[(Range<usize>, Units)],
        moments: &Channels,
        sums: &Channels,
    ) -> Self {
        let mut terms = Self { energy: model.constant(), ..Self::default() };
        for (layer, (range, units)) in layers.iter().enumerate() {
            for (i, bias) in range.clone().zip(model.biases(layer)) {
                let ([m, c, k], [s1, s2, s3]) = (moments.unit(i), sums.unit(i));
                terms.entropy += units.entropy(m);
                // Each pair is met twice, once from either side.
                terms.energy -= m * (bias + s1 / 2.0);
                terms.second += c * s2 / 2.0;
                terms.third += k * s3 / 2.0;
            }
        }
        terms
    }

    /// Φ = S₀ − β⟨E⟩₀ + (β²/2)O₂ + (β³/6)O₃, the approximation to ln Z.
    #[must_use]
    pub fn log_z(&self, beta: f64) -> f64 {
        self.entropy - beta * self.energy + beta.powi(2) / 2.0 * self.second + beta.powi(3) / 6.0 * self.third
    }

    /// U = −∂Φ/∂β at fixed means, which is the total derivative where Φ is stationary.
    #[must_use]
    pub fn mean_energy(&self, beta: f64) -> f64 {
        self.energy - beta * self.second - beta.powi(2) / 2.0 * self.third
    }
}

/// A number for each unit and each power of the couplings: what units send through W, W∘W and
/// W∘W∘W, or receive.
#[derive(Debug, Clone)]
pub struct Channels {
    order: Order,
    by_power: [Vec<f64>; 3],
}

impl Channels {
    /// Zeros for `n` units, and for the powers that `order` has.
    #[must_use]
    pub fn zeros(order: Order, n: usize) -> Self {
        let length = |first: Order| if first <= order { n } else { 0 };
        Self { order, by_power: [Order::First, Order::Second, Order::Third].map(|first| vec![0.0; length(first)]) }
    }

    /// The highest power.
    #[must_use]
    pub fn order(&self) -> Order {
        self.order
    }

    /// The numbers of unit `i`, zero for powers beyond the order.
    #[inline]
    #[must_use]
    pub fn unit(&self, i: usize) -> [f64; 3] {
        [0, 1, 2].map(|p| self.by_power[p].get(i).copied().unwrap_or(0.0))
    }

    /// Sets the numbers of unit `i`; powers beyond the order are dropped.
    #[inline]
    pub fn set(&mut self, i: usize, values: [f64; 3]) {
        for (power, value) in self.by_power.iter_mut().zip(values) {
            if let Some(to) = power.get_mut(i) {
                *to = value;
            }
        }
    }

    /// The numbers of some units, by power; empty beyond the order.
    #[must_use]
    pub fn of(&self, units: Range<usize>) -> [&[f64]; 3] {
        self.by_power.each_ref().map(|power| power.get(units.clone()).unwrap_or(&[]))
    }

    /// The numbers of the first `n` units and of the others, by power, to be written to.
    #[must_use]
    pub(crate) fn split_mut(&mut self, n: usize) -> [[&mut [f64]; 3]; 2] {
        let [mut first, mut rest]: [[&mut [f64]; 3]; 2] = Default::default();
        for ((power, first), rest) in self.by_power.iter_mut().zip(&mut first).zip(&mut rest) {
            let at = n.min(power.len());
            (*first, *rest) = power.split_at_mut(at);
        }
        [first, rest]
    }

    /// The same, to be written to.
    #[must_use]
    pub fn of_mut(&mut self, units: Range<usize>) -> [&mut [f64]; 3] {
        self.by_power.each_mut().map(|power| power.get_mut(units.clone()).unwrap_or(&mut []))
    }
}

/// A model of units coupled in pairs, E(x) = c − Σᵢ bᵢxᵢ − Σ_{i<j} Wᵢⱼxᵢxⱼ: naive mean field and
/// TAP.
///
/// At fixed means its high-temperature expansion needs no more than sums over single couplings, up
/// to second order on any graph and up to third order on a graph without triangles (Georges &
/// Yedidia, J. Phys. A 24, 2173 (1991); for RBMs Gabrié, Tramel & Krzakala, NeurIPS 2015), so a
/// model states its couplings here and the physics stands once, in [`MeanField`](crate::MeanField).
pub trait Expand: Model {
    /// Groups of units, in the order of updating, each with its kind. The units of a group are not
    /// coupled among themselves, and can be updated all at once, unless
    /// [`unit_sums`](Self::unit_sums) says otherwise.
    fn layers(&self) -> Vec<(Range<usize>, Units)>;

    /// The order up to which sums over single couplings are the whole expansion: the second where
    /// the graph has triangles, which enter the third as β³ Σ_{i<j<k} WᵢⱼWⱼₖWₖᵢ cᵢcⱼcₖ.
    fn highest_order(&self) -> Order {
        Order::Third
    }

    /// c, the constant energy.
    fn constant(&self) -> f64 {
        0.0
    }

    /// bᵢ of each unit of `layer`.
    fn biases(&self, layer: usize) -> &[f64];

    /// W itself, of shape (units of the first layer, units of the second), for a model of two layers
    /// that has no other couplings.
    fn couplings(&self) -> Option<&DMatrix<f64>> {
        None
    }

    /// Writes Σⱼ Wᵢⱼᵖ x⁽ᵖ⁾ⱼ for each unit i of `layer` and each power p into `sums`, with x⁽ᵖ⁾ in
    /// `sources`; the units of other layers are left alone. Both have the same order, and n units.
    fn coupling_sums(&self, layer: usize, sources: &Channels, sums: &mut Channels);

    /// What [`coupling_sums`](Self::coupling_sums) writes for every layer, at one and the same point.
    fn all_coupling_sums(&self, sources: &Channels, sums: &mut Channels) {
        (0..self.layers().len()).for_each(|layer| self.coupling_sums(layer, sources, sums));
    }

    /// What [`coupling_sums`](Self::coupling_sums) writes for one unit, if its layer is coupled
    /// within itself; `None` if it is not. Where units of a layer are coupled, only one of them at
    /// a time can be put where Φ is largest.
    fn unit_sums(&self, _unit: usize, _sources: &Channels) -> Option<[f64; 3]> {
        None
    }

    /// Σⱼ Wᵢⱼ mⱼ for each unit i of `layer` at many points at once. `points` has a point in each
    /// row, of shape (points, n), and the result has the shape (points, units of the layer).
    ///
    /// A dense model does this as one matrix product, which reads its couplings once for all
    /// points.
    fn coupling_products(&self, layer: usize, points: &DMatrix<f64>) -> DMatrix<f64> {
        let range = self.layers()[layer].0.clone();
        let mut sources = Channels::zeros(Order::First, self.n_units());
        let mut sums = sources.clone();
        let mut products = DMatrix::zeros(points.nrows(), range.len());
        for k in 0..points.nrows() {
            points.row(k).iter().enumerate().for_each(|(i, m)| sources.set(i, [*m, 0.0, 0.0]));
            self.coupling_sums(layer, &sources, &mut sums);
            range.clone().for_each(|i| products[(k, i - range.start)] = sums.unit(i)[0]);
        }
        products
    }

    /// The terms of the expansion at means `m`.
    ///
    /// # Panics
    /// If `m` does not have one entry for each unit, or `order` is beyond
    /// [`highest_order`](Self::highest_order).
    fn plefka_terms(&self, order: Order, m: &[f64]) -> PlefkaTerms {
        assert!(order <= self.highest_order(), "the expansion of this model ends at order {:?}", self.highest_order());
        let layers = self.layers();
        let mut moments = Channels::zeros(order, self.n_units());
        for (range, units) in &layers {
            range.clone().for_each(|i| moments.set(i, units.cumulants(m[i])));
        }
        let mut sums = Channels::zeros(order, self.n_units());
        self.all_coupling_sums(&moments, &mut sums);
        PlefkaTerms::gather(self, &layers, &moments, &sums)
    }
}
