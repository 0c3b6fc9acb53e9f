//! U(β) between the points of a curve.

use crate::{
    curve::{Claim, Curve, Measured, Series},
    thermo,
};

/// One point of U(β).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Knot {
    /// β.
    pub beta: f64,
    /// U(β), with its claim.
    pub energy: Measured,
    /// Var E = −∂U/∂β.
    pub energy_variance: f64,
}

/// U(β) of a model as a smooth function, through the points that some estimator of ln Z has
/// computed.
///
/// Between two points it is the cubic with the right values U and slopes −Var E at both (Hermite):
/// its error falls as the fourth power of the spacing. Outside of the points it is not defined.
#[derive(Debug, Clone, PartialEq)]
pub struct EnergyCurve {
    knots: Vec<Knot>,
}

impl EnergyCurve {
    /// A curve through at least two points in the order of β; `None` if there are fewer.
    #[must_use]
    pub fn new(knots: Vec<Knot>) -> Option<Self> {
        (knots.len() > 1 && knots.windows(2).all(|k| k[0].beta < k[1].beta)).then_some(Self { knots })
    }

    /// The points of an estimator's curve that have U and Var E; `None` if fewer than two have.
    #[must_use]
    pub fn of(curve: &Curve) -> Option<Self> {
        let energy = thermo::energy(curve);
        let point = |(k, energy): (usize, &Option<Measured>)| {
            Some(Knot { beta: curve.betas[k], energy: (*energy)?, energy_variance: curve.values.energy_variance[k]? })
        };
        Self::new(energy.iter().enumerate().filter_map(point).collect())
    }

    /// The points.
    #[must_use]
    pub fn knots(&self) -> &[Knot] {
        &self.knots
    }

    /// The first and the last β.
    #[must_use]
    pub fn range(&self) -> (f64, f64) {
        (self.knots[0].beta, self.knots[self.knots.len() - 1].beta)
    }

    /// Whether the numbers have no error control.
    #[must_use]
    pub fn is_approximate(&self) -> bool {
        self.knots.iter().any(|k| !matches!(k.energy.claim, Claim::Exact | Claim::Estimate { .. }))
    }

    /// U(β).
    #[must_use]
    pub fn energy(&self, beta: f64) -> f64 {
        let (a, b, t) = self.interval(beta);
        let h = b.beta - a.beta;
        let (t2, t3) = (t * t, t * t * t);
        let values = a.energy.value * (2.0 * t3 - 3.0 * t2 + 1.0) + b.energy.value * (3.0 * t2 - 2.0 * t3);
        values - h * (a.energy_variance * (t3 - 2.0 * t2 + t) + b.energy_variance * (t3 - t2))
    }

    /// Var E(β): −∂U/∂β of the interpolated curve; if U was sampled, the sampled Var E in a
    /// straight line between the points, because differences of noisy U over a short interval say
    /// nothing about its slope.
    #[must_use]
    pub fn energy_variance(&self, beta: f64) -> f64 {
        let (a, b, t) = self.interval(beta);
        if [a, b].iter().any(|k| k.energy.claim.std_error().is_some()) {
            return (1.0 - t) * a.energy_variance + t * b.energy_variance;
        }
        let (h, t2) = (b.beta - a.beta, t * t);
        let rise = (b.energy.value - a.energy.value) / h * 6.0 * (t - t2);
        a.energy_variance * (3.0 * t2 - 4.0 * t + 1.0) + b.energy_variance * (3.0 * t2 - 2.0 * t) - rise
    }

    /// The standard error of U(β), between the points in a straight line; 0 where U is exact.
    #[must_use]
    pub fn std_error(&self, beta: f64) -> f64 {
        let (a, b, t) = self.interval(beta);
        let [at_a, at_b] = [a, b].map(|k| k.energy.claim.std_error().unwrap_or(0.0));
        (1.0 - t) * at_a + t * at_b
    }

    /// The points on both sides of β, and how far it is between them, 0 to 1.
    fn interval(&self, beta: f64) -> (Knot, Knot, f64) {
        let after = self.knots.partition_point(|k| k.beta <= beta).clamp(1, self.knots.len() - 1);
        let (a, b) = (self.knots[after - 1], self.knots[after]);
        (a, b, ((beta - a.beta) / (b.beta - a.beta)).clamp(0.0, 1.0))
    }
}

/// dS/dU between the points of a series: for each pair of neighbours the U in the middle and ΔS/ΔU.
///
/// Empty if U does not fall everywhere, as it must.
pub(super) fn entropy_slopes(betas: &[f64], series: &Series) -> Vec<(f64, f64)> {
    let point = |k: usize| {
        let energy = series.energy[k]?;
        Some((energy, series.log_z[k] + betas[k] * energy))
    };
    let points: Option<Vec<(f64, f64)>> = (0..series.log_z.len()).map(point).collect();
    let Some(points) = points.filter(|p| p.windows(2).all(|pair| pair[1].0 < pair[0].0)) else { return Vec::new() };
    points.windows(2).map(|p| (0.5 * (p[0].0 + p[1].0), (p[1].1 - p[0].1) / (p[1].0 - p[0].0))).collect()
}

#[cfg(test)]
mod tests {
    use crate::temperature::energy_curve::*;

    /// U = −β³ has the slope −3β², and a cubic goes through it exactly.
    #[test]
    fn a_cubic_is_interpolated_without_error() {
        let point = |beta: f64| {
            let energy = Measured { value: -beta.powi(3), claim: Claim::Exact };
            Knot { beta, energy, energy_variance: 3.0 * beta * beta }
        };
        let curve = EnergyCurve::new(vec![point(0.5), point(1.0), point(2.0)]).unwrap();
        for beta in [0.5, 0.8, 1.0, 1.3, 2.0] {
            assert!((curve.energy(beta) + beta.powi(3)).abs() < 1e-14);
            assert!((curve.energy_variance(beta) - 3.0 * beta * beta).abs() < 1e-13);
            assert_eq!(curve.std_error(beta), 0.0);
        }
        assert!(
            EnergyCurve::new(vec![point(1.0)]).is_none() && EnergyCurve::new(vec![point(1.0), point(0.5)]).is_none()
        );
    }
}
