//! The equations linearised at a point: Hessian-vector products.

use super::equations::Equations;
use crate::model::{Channels, Expand};

/// The Hessian of −Φ at a point, H = C⁻¹ − K with C = diag(c) and K = ∂field/∂m.
///
/// It is used in the form A = C^½ H C^½ = 1 − C^½ K C^½, which has the same signs of eigenvalues and stays regular where
/// units saturate (c → 0). At β = 0 it is the identity.
pub(super) struct Linearised<'e, 'a, M: ?Sized> {
    equations: &'e Equations<'a, M>,
    coefficients: [f64; 3],
    /// C^½.
    pub(super) root_c: Vec<f64>,
    slopes: Channels,
    /// ∂field/∂m of a unit on itself: the Onsager term moves with its own mean.
    own: Vec<f64>,
    sources: Channels,
    sums: Channels,
    direction: Vec<f64>,
}

impl<'e, 'a, M: Expand + ?Sized> Linearised<'e, 'a, M> {
    /// At the point of `equations`, whose sums must be up to date.
    pub(super) fn new(equations: &'e Equations<'a, M>) -> Self {
        let n = equations.means.len();
        let order = equations.order;
        let coefficients = equations.coefficients();
        let mut root_c = vec![0.0; n];
        let mut own = vec![0.0; n];
        let mut slopes = Channels::zeros(order, n);
        for (range, units) in &equations.layers {
            for i in range.clone() {
                let m = equations.means[i];
                let [_, s2, s3] = equations.sums.unit(i);
                let slope = units.cumulant_slopes(m);
                root_c[i] = units.variance(m).max(0.0).sqrt();
                // c″ = −2 and κ″ = (c′² − 2c)′ = −6c′ for both kinds of units.
                own[i] = -2.0 * coefficients[1] * s2 - 6.0 * coefficients[2] * slope[1] * s3;
                slopes.set(i, slope);
            }
        }
        let (sources, sums) = (Channels::zeros(order, n), Channels::zeros(order, n));
        Self { equations, coefficients, root_c, slopes, own, sources, sums, direction: vec![0.0; n] }
    }

    /// out = K dm: how the fields change with the means.
    pub(super) fn field_change(&mut self, dm: &[f64], out: &mut [f64]) {
        let [b1, b2, b3] = self.coefficients;
        for (i, dm) in dm.iter().enumerate() {
            self.sources.set(i, self.slopes.unit(i).map(|slope| slope * dm));
        }
        for (layer, (range, _)) in self.equations.layers.iter().enumerate() {
            self.equations.model.coupling_sums(layer, &self.sources, &mut self.sums);
            for i in range.clone() {
                let ([t1, t2, t3], [s1, s2, s3]) = (self.slopes.unit(i), self.sums.unit(i));
                out[i] = self.own[i] * dm[i] + b1 * t1 * s1 + b2 * t2 * s2 + b3 * t3 * s3;
            }
        }
    }

    /// out = A u.
    pub(super) fn apply(&mut self, u: &[f64], out: &mut [f64]) {
        let mut dm = std::mem::take(&mut self.direction);
        for (dm, (u, root)) in dm.iter_mut().zip(u.iter().zip(&self.root_c)) {
            *dm = root * u;
        }
        self.field_change(&dm, out);
        self.direction = dm;
        for (out, (u, root)) in out.iter_mut().zip(u.iter().zip(&self.root_c)) {
            *out = u - root * *out;
        }
    }

    /// ∂field/∂β at fixed means, of every unit.
    pub(super) fn field_slope(&self) -> Vec<f64> {
        let Equations { model, beta, layers, sums, .. } = self.equations;
        let mut slope = vec![0.0; self.own.len()];
        for (layer, (range, _)) in layers.iter().enumerate() {
            for (i, bias) in range.clone().zip(model.biases(layer)) {
                let ([_, t2, t3], [s1, s2, s3]) = (self.slopes.unit(i), sums.unit(i));
                slope[i] = bias + s1 + beta * t2 * s2 + beta.powi(2) / 2.0 * t3 * s3;
            }
        }
        slope
    }
}
