//! The local entropy of a continuous loss: its closed form where the loss is quadratic, and
//! Langevin sampling anywhere.

use nalgebra::{DMatrix, DVector};
use plefka::{
    stats::{integrated_time, mean, std_dev},
    streams::stream,
};
use rand::RngExt;
use rand_distr::StandardNormal;
use serde::{Deserialize, Serialize};

/// A loss f(x) and ∇f(x).
pub type Loss<'a> = &'a dyn Fn(&DVector<f64>) -> (f64, DVector<f64>);

/// A number from sampling beside its closed form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Check {
    pub(crate) quantity: String,
    pub(crate) beta: f64,
    pub(crate) gamma: f64,
    pub(crate) exact: f64,
    pub(crate) estimate: f64,
    /// By the integrated autocorrelation time.
    pub(crate) std_error: f64,
}

/// What is averaged over the neighbourhood e^{−βf(x′) − (γ/2)|x − x′|²} of x.
pub struct Neighbourhood {
    /// f(x′) along the chain.
    pub(crate) loss: Vec<f64>,
    /// |x − x′|².
    pub(crate) distance: Vec<f64>,
    /// x′ − x, component by component.
    pub(crate) shift: Vec<Vec<f64>>,
    pub(crate) acceptance: f64,
}

/// A mean along a chain with its standard error.
pub fn chain_average(values: &[f64]) -> (f64, f64) {
    let tau = integrated_time(values).tau;
    (mean(values), std_dev(values) * (2.0 * tau / values.len() as f64).sqrt())
}

/// Metropolis-adjusted Langevin sampling (Roberts & Tweedie 1996) of the neighbourhood of `x`,
/// started from the one at β = 0. A quarter as many steps come before those that count; the step
/// adapts to an acceptance near 0.6 during these and is then fixed.
pub fn sample(loss: Loss<'_>, x: &DVector<f64>, beta: f64, gamma: f64, steps: usize, seed: u64) -> Neighbourhood {
    let mut rng = stream(seed, 1);
    let potential = |y: &DVector<f64>| {
        let (f, slope) = loss(y);
        let away = y - x;
        (beta * f + 0.5 * gamma * away.norm_squared(), slope * beta + away * gamma, f)
    };
    // Proposals that move all d components are accepted only if they shrink as d grows.
    let mut tau = (x.len() as f64).powf(-1.0 / 3.0) / gamma;
    let start = x + DVector::from_fn(x.len(), |_, _| rng.sample::<f64, _>(StandardNormal)) / gamma.sqrt();
    let there = potential(&start);
    let mut at = (start, there);
    let burn_in = steps / 4;
    let mut chain =
        Neighbourhood { loss: Vec::new(), distance: Vec::new(), shift: vec![Vec::new(); x.len()], acceptance: 0.0 };
    for step in 0..burn_in + steps {
        let noise = DVector::from_fn(x.len(), |_, _| rng.sample::<f64, _>(StandardNormal));
        let to = &at.0 - &at.1.1 * (0.5 * tau) + noise * tau.sqrt();
        let there = potential(&to);
        // ln of the density with which one end proposes the other.
        let proposes = |from: &DVector<f64>, slope: &DVector<f64>, to: &DVector<f64>| {
            -(to - from + slope * (0.5 * tau)).norm_squared() / (2.0 * tau)
        };
        let log_ratio = at.1.0 - there.0 + proposes(&to, &there.1, &at.0) - proposes(&at.0, &at.1.1, &to);
        let accepted = rng.random::<f64>().ln() < log_ratio;
        if accepted {
            at = (to, there);
        }
        if step < burn_in {
            tau *= if accepted { 1.07 } else { 0.9 };
            continue;
        }
        chain.acceptance += f64::from(u8::from(accepted)) / steps as f64;
        chain.loss.push(at.1.2);
        let away = &at.0 - x;
        chain.distance.push(away.norm_squared());
        chain.shift.iter_mut().zip(away.iter()).for_each(|(values, away)| values.push(*away));
    }
    chain
}

/// A quadratic loss ½ xᵀHx.
pub struct Quadratic {
    pub(crate) hessian: DMatrix<f64>,
}

impl Quadratic {
    /// H = AAᵀ/d with Gaussian A: eigenvalues from nearly 0 to 4.
    pub fn random(d: usize, seed: u64) -> Self {
        let mut rng = stream(seed, 2);
        let a = DMatrix::from_fn(d, d, |_, _| rng.sample::<f64, _>(StandardNormal));
        Self { hessian: &a * a.transpose() / d as f64 }
    }

    /// F = ½γ xᵀβH(βH+γ)⁻¹x + ½ ln det(βH+γ) − (d/2) ln 2π.
    pub fn local_entropy(&self, x: &DVector<f64>, beta: f64, gamma: f64) -> f64 {
        let d = x.len();
        let h = &self.hessian * beta;
        let stiff = &h + DMatrix::identity(d, d) * gamma;
        let solved = stiff.clone().lu().solve(x).expect("positive");
        let log_det: f64 = stiff.symmetric_eigenvalues().iter().map(|x| x.ln()).sum();
        0.5 * gamma * x.dot(&(h * solved)) + 0.5 * log_det - 0.5 * d as f64 * std::f64::consts::TAU.ln()
    }

    /// Langevin against the closed form: ∂F/∂β = ⟨f⟩, ∂F/∂γ = ½⟨|x − x′|²⟩, and ∇F = γ(x − ⟨x′⟩)
    /// along its own direction; and F itself by integrating ⟨f⟩ from β = 0.
    pub fn checks(&self, x: &DVector<f64>, gamma: f64, steps: usize) -> Vec<Check> {
        let loss = |y: &DVector<f64>| {
            let slope = &self.hessian * y;
            (0.5 * y.dot(&slope), slope)
        };
        let mut rows = Vec::new();
        let h = 1e-4;
        let beta = 1.0;
        let by_beta = (self.local_entropy(x, beta + h, gamma) - self.local_entropy(x, beta - h, gamma)) / (2.0 * h);
        let by_gamma = (self.local_entropy(x, beta, gamma + h) - self.local_entropy(x, beta, gamma - h)) / (2.0 * h);
        let along = x.normalize();
        let by_x = (self.local_entropy(&(x + &along * h), beta, gamma)
            - self.local_entropy(&(x - &along * h), beta, gamma))
            / (2.0 * h);
        let chain = sample(&loss, x, beta, gamma, steps, 1);
        let projected: Vec<f64> = (0..chain.loss.len())
            .map(|k| -gamma * along.iter().zip(&chain.shift).map(|(u, shift)| u * shift[k]).sum::<f64>())
            .collect();
        let half: Vec<f64> = chain.distance.iter().map(|d| 0.5 * d).collect();
        for (quantity, exact, values) in
            [("∂F/∂β", by_beta, &chain.loss), ("∂F/∂γ", by_gamma, &half), ("∂F/∂x along x", by_x, &projected)]
        {
            let (estimate, std_error) = chain_average(values);
            rows.push(Check { quantity: quantity.into(), beta, gamma, exact, estimate, std_error });
        }
        let (estimate, std_error) = integrated(&loss, x, beta, gamma, steps / 4, 10);
        let exact = self.local_entropy(x, beta, gamma);
        rows.push(Check { quantity: "F".into(), beta, gamma, exact, estimate, std_error });
        rows
    }
}

/// F(β) = −(d/2) ln(2π/γ) + ∫₀^β ⟨f⟩ dβ′, by Gauss–Legendre quadrature with five nodes and a chain
/// at each.
pub fn integrated(loss: Loss<'_>, x: &DVector<f64>, beta: f64, gamma: f64, steps: usize, seed: u64) -> (f64, f64) {
    const NODES: [(f64, f64); 5] = [
        (0.046_910_077_030_668, 0.118_463_442_528_095),
        (0.230_765_344_947_158, 0.239_314_335_249_683),
        (0.5, 0.284_444_444_444_444),
        (0.769_234_655_052_842, 0.239_314_335_249_683),
        (0.953_089_922_969_332, 0.118_463_442_528_095),
    ];
    let (mut sum, mut variance) = (-0.5 * x.len() as f64 * (std::f64::consts::TAU / gamma).ln(), 0.0);
    for (k, (t, weight)) in NODES.into_iter().enumerate() {
        let (value, error) = chain_average(&sample(loss, x, t * beta, gamma, steps, seed + k as u64).loss);
        sum += beta * weight * value;
        variance += (beta * weight * error).powi(2);
    }
    (sum, variance.sqrt())
}
