//! The equations linearised at a point: Hessian-vector products.

use super::equations::Equations;
use crate::model::{Channels, Expand};

/// The Hessian of −Φ at a point, H = C⁻¹ − K with C = diag(c) and K = ∂field/∂m.
///
/// It is used in the form A = C^½ H C^½ = 1 − C^½ K C^½, which has the same signs of eigenvalues
/// and stays regular where units saturate (c → 0). At β = 0 it is the identity.
pub(in crate::estimator::mean_field) struct Linearised<'e, 'a, M: ?Sized> {
    equations: &'e Equations<'a, M>,
    coefficients: [f64; 3],
    /// C^½.
    pub(in crate::estimator::mean_field) root_c: Vec<f64>,
    slopes: Channels,
    /// ∂field/∂m of a unit on itself: the Onsager term moves with its own mean.
    own: Vec<f64>,
    sources: Channels,
    sums: Channels,
    direction: Vec<f64>,
}

impl<'e, 'a, M: Expand + ?Sized> Linearised<'e, 'a, M> {
    /// At the point of `equations`, whose sums must be up to date.
    pub(in crate::estimator::mean_field) fn new(equations: &'e Equations<'a, M>) -> Self {
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
    pub(in crate::estimator::mean_field) fn field_change(&mut self, dm: &[f64], out: &mut [f64]) {
        let [b1, b2, b3] = self.coefficients;
        for (i, dm) in dm.iter().enumerate() {
            self.sources.set(i, self.slopes.unit(i).map(|slope| slope * dm));
        }
        self.equations.model.all_coupling_sums(&self.sources, &mut self.sums);
        for (i, out) in out.iter_mut().enumerate() {
            let ([t1, t2, t3], [s1, s2, s3]) = (self.slopes.unit(i), self.sums.unit(i));
            *out = self.own[i] * dm[i] + b1 * t1 * s1 + b2 * t2 * s2 + b3 * t3 * s3;
        }
    }

    /// out = A u.
    pub(in crate::estimator::mean_field) fn apply(&mut self, u: &[f64], out: &mut [f64]) {
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

    /// The diagonal of A, where no unit is coupled to itself.
    pub(in crate::estimator::mean_field) fn diagonal(&self) -> Vec<f64> {
        self.own.iter().zip(&self.root_c).map(|(own, root)| 1.0 - root * root * own).collect()
    }

    /// What the couplings of each unit are multiplied by in A: √c, and beside it dc/dm and dκ/dm for
    /// their powers.
    pub(in crate::estimator::mean_field) fn scales(&self) -> Vec<[f64; 3]> {
        let scale = |(i, root): (usize, &f64)| {
            let [_, t2, t3] = self.slopes.unit(i);
            [*root, t2, t3]
        };
        self.root_c.iter().enumerate().map(scale).collect()
    }

    /// ∂field/∂β at fixed means, of every unit.
    pub(in crate::estimator::mean_field) fn field_slope(&self) -> Vec<f64> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Rbm, Units,
        model::{Ising, Order},
    };
    use nalgebra::{DMatrix, DVector};

    /// K dm and ∂field/∂β against central differences of the field. Planted bugs that it catches:
    /// the wrong sign of `own`, a forgotten c″ or κ″, W² summed with m instead of c.
    #[test]
    fn hessian_products_are_differences_of_the_field() {
        let weights = DMatrix::from_fn(5, 4, |i, j| ((1 + 2 * i + 5 * j + i * j) as f64).sin());
        let bits = Rbm::new(weights, DVector::from_element(5, 0.2), DVector::from_element(4, -0.3)).unwrap();
        for units in [[Units::Bit, Units::Bit], [Units::Spin, Units::Spin], [Units::Bit, Units::Spin]] {
            let rbm = bits.clone().with_units(units[0], units[1]);
            for order in [Order::First, Order::Second, Order::Third] {
                products_are_differences(&rbm, order);
            }
        }
        // Spins that are all coupled to each other.
        let couplings =
            DMatrix::from_fn(9, 9, |i, j| if i == j { 0.0 } else { ((1 + 2 * (i + j) + 5 * i * j) as f64).sin() });
        let ising = Ising::new(couplings, DVector::from_element(9, 0.2)).unwrap();
        products_are_differences(&ising, Order::First);
        products_are_differences(&ising, Order::Second);
    }

    fn products_are_differences<M: Expand>(model: &M, order: Order) {
        let means = |shift: f64| -> Vec<f64> {
            (0..9).map(|i| 0.4 + 0.3 * (i as f64).cos() + shift * (1.0 + 2.0 * i as f64).sin()).collect()
        };
        let field = |shift: f64, beta: f64| {
            let mut equations = Equations::new(model, order, beta);
            equations.move_to_means(&means(shift));
            equations.residual();
            equations.field
        };
        let h = 1e-5;
        let slope = |plus: Vec<f64>, minus: Vec<f64>| -> Vec<f64> {
            plus.iter().zip(&minus).map(|(a, b)| (a - b) / (2.0 * h)).collect()
        };
        let mut equations = Equations::new(model, order, 1.3);
        equations.move_to_means(&means(0.0));
        equations.residual();
        let mut linear = Linearised::new(&equations);
        let direction: Vec<f64> = (0..9).map(|i| (1.0 + 2.0 * i as f64).sin()).collect();
        let mut product = vec![0.0; 9];
        linear.field_change(&direction, &mut product);
        let along_m = slope(field(h, 1.3), field(-h, 1.3));
        let along_beta = slope(field(0.0, 1.3 + h), field(0.0, 1.3 - h));
        for i in 0..9 {
            assert!((product[i] - along_m[i]).abs() < 1e-6, "{order:?}, unit {i}");
            assert!((linear.field_slope()[i] - along_beta[i]).abs() < 1e-6, "{order:?}, unit {i}");
        }
    }

    /// A = C^½ H C^½ is symmetric, as a Hessian must be.
    #[test]
    fn the_scaled_hessian_is_symmetric() {
        let weights = DMatrix::from_fn(5, 4, |i, j| ((1 + 2 * i + 5 * j + i * j) as f64).sin());
        let rbm = Rbm::new(weights, DVector::from_element(5, 0.2), DVector::from_element(4, -0.3)).unwrap();
        let mut equations = Equations::new(&rbm, Order::Third, 1.3);
        equations.residual();
        let mut linear = Linearised::new(&equations);
        let (x, y): (Vec<f64>, Vec<f64>) = (0..9).map(|i| ((i as f64).sin(), (2.0 * i as f64).cos())).unzip();
        let (mut ax, mut ay) = (vec![0.0; 9], vec![0.0; 9]);
        linear.apply(&x, &mut ax);
        linear.apply(&y, &mut ay);
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        assert!((dot(&y, &ax) - dot(&x, &ay)).abs() < 1e-13);
    }
}
