//! The stationarity equations of the Plefka expansion at one β, and a point that is to solve them.

use std::ops::Range;

use crate::model::{Channels, Expand, Order, PlefkaTerms, Units};

/// Beyond this field a mean has saturated to rounding error; a start at the very ends of the range
/// is put here.
const SATURATED: f64 = 40.0;

/// The equations mᵢ = ⟨x⟩ in the effective field of unit i, and a point.
///
/// The effective field is ∂(Φ − S₀)/∂mᵢ:
///
/// β(bᵢ + Σⱼ Wᵢⱼ mⱼ) + (β²/2) c′(mᵢ) Σⱼ Wᵢⱼ² c(mⱼ) + (β³/6) κ′(mᵢ) Σⱼ Wᵢⱼ³ κ(mⱼ),
///
/// with c and κ the second and third cumulants of a unit. The point is kept as the fields θᵢ
/// (logits, for bits) in which free units have these means: they are unconstrained, and keep their
/// precision where the means saturate.
///
/// All buffers live here, so that no iteration allocates.
pub(in crate::estimator::mean_field) struct Equations<'a, M: ?Sized> {
    pub(in crate::estimator::mean_field) model: &'a M,
    pub(in crate::estimator::mean_field) order: Order,
    pub(in crate::estimator::mean_field) beta: f64,
    pub(in crate::estimator::mean_field) layers: Vec<(Range<usize>, Units)>,
    /// θ: where the point is.
    pub(in crate::estimator::mean_field) logits: Vec<f64>,
    /// m(θ).
    pub(in crate::estimator::mean_field) means: Vec<f64>,
    /// The effective field of each unit, as far as it was computed last.
    pub(in crate::estimator::mean_field) field: Vec<f64>,
    /// [m, c, κ] of each unit.
    moments: Channels,
    /// What arrives at each unit, as far as it was computed last.
    pub(in crate::estimator::mean_field) sums: Channels,
}

impl<'a, M: Expand + ?Sized> Equations<'a, M> {
    /// The equations, at the point where all units are free.
    pub(in crate::estimator::mean_field) fn new(model: &'a M, order: Order, beta: f64) -> Self {
        let n = model.n_units();
        let mut equations = Self {
            model,
            order,
            beta,
            layers: model.layers(),
            logits: vec![0.0; n],
            means: vec![0.0; n],
            field: vec![0.0; n],
            moments: Channels::zeros(order, n),
            sums: Channels::zeros(order, n),
        };
        equations.move_to(&vec![0.0; n]);
        equations
    }

    /// Moves to the point with these θ.
    pub(in crate::estimator::mean_field) fn move_to(&mut self, logits: &[f64]) {
        self.logits.copy_from_slice(logits);
        self.refresh_all();
    }

    /// Moves to the point with these means.
    pub(in crate::estimator::mean_field) fn move_to_means(&mut self, means: &[f64]) {
        for (range, units) in &self.layers {
            for i in range.clone() {
                self.logits[i] = units.field(means[i]).clamp(-SATURATED, SATURATED);
            }
        }
        self.refresh_all();
    }

    fn refresh_all(&mut self) {
        for layer in 0..self.layers.len() {
            self.refresh(layer);
        }
    }

    /// Brings the means and cumulants of `layer` up to date with its θ. Returns the largest change
    /// of a mean.
    pub(in crate::estimator::mean_field) fn refresh(&mut self, layer: usize) -> f64 {
        let (range, units) = self.layers[layer].clone();
        let mut change = 0.0f64;
        for i in range {
            let mean = units.mean(self.logits[i]);
            change = change.max((mean - self.means[i]).abs());
            self.means[i] = mean;
            self.moments.set(i, units.cumulants(mean));
        }
        change
    }

    /// The same for one unit.
    pub(in crate::estimator::mean_field) fn refresh_unit(&mut self, i: usize, units: Units) -> f64 {
        let mean = units.mean(self.logits[i]);
        self.moments.set(i, units.cumulants(mean));
        (std::mem::replace(&mut self.means[i], mean) - mean).abs()
    }

    /// Whether the units of `layer` are coupled to each other.
    pub(in crate::estimator::mean_field) fn coupled(&self, layer: usize) -> bool {
        self.model.unit_sums(self.layers[layer].0.start, &self.moments).is_some()
    }

    /// Brings the sums that arrive at `layer` up to date with the point.
    pub(in crate::estimator::mean_field) fn gather(&mut self, layer: usize) {
        self.model.coupling_sums(layer, &self.moments, &mut self.sums);
    }

    /// Brings the sums that arrive at one unit of a coupled layer up to date with the point.
    pub(in crate::estimator::mean_field) fn gather_unit(&mut self, i: usize) {
        if let Some(sums) = self.model.unit_sums(i, &self.moments) {
            self.sums.set(i, sums);
        }
    }

    /// The coefficients β^p/p! of the powers p = 1, 2, 3.
    pub(in crate::estimator::mean_field) fn coefficients(&self) -> [f64; 3] {
        [self.beta, self.beta.powi(2) / 2.0, self.beta.powi(3) / 6.0]
    }

    /// Brings the effective fields of `layer` up to date with the point.
    pub(in crate::estimator::mean_field) fn update_field(&mut self, layer: usize) {
        self.gather(layer);
        self.combine(layer);
    }

    /// The effective fields of `layer` from the sums that arrive there.
    fn combine(&mut self, layer: usize) {
        let (range, units) = self.layers[layer].clone();
        let coefficients = self.coefficients();
        for (i, bias) in range.zip(self.model.biases(layer)) {
            self.field[i] =
                effective_field(coefficients, *bias, units.cumulant_slopes(self.means[i]), self.sums.unit(i));
        }
    }

    /// Brings all sums and fields up to date, and returns the residual maxᵢ |mᵢ − fᵢ(m)|: the
    /// certificate.
    pub(in crate::estimator::mean_field) fn residual(&mut self) -> f64 {
        let mut residual = 0.0f64;
        self.model.all_coupling_sums(&self.moments, &mut self.sums);
        for layer in 0..self.layers.len() {
            self.combine(layer);
            let (range, units) = self.layers[layer].clone();
            for i in range {
                let distance = (units.mean(self.field[i]) - self.means[i]).abs();
                // Not `max`, which would overlook a NaN.
                residual = if distance <= residual { residual } else { distance };
            }
        }
        residual
    }

    /// The terms of the expansion at the point. The sums must be up to date.
    pub(in crate::estimator::mean_field) fn terms(&self) -> PlefkaTerms {
        PlefkaTerms::gather(self.model, &self.layers, &self.moments, &self.sums)
    }
}

/// The effective field of a unit, β(b + s₁) + (β²/2) c′ s₂ + (β³/6) κ′ s₃: that of its neighbours'
/// means, the Onsager reaction term (its own fluctuations, thrown back by its neighbours, taken off
/// again), and the term of third order.
#[inline]
pub(in crate::estimator::mean_field) fn effective_field(
    [b1, b2, b3]: [f64; 3],
    bias: f64,
    slopes: [f64; 3],
    [s1, s2, s3]: [f64; 3],
) -> f64 {
    b1 * (bias + s1) + b2 * slopes[1] * s2 + b3 * slopes[2] * s3
}
