//! The identities, on a model small enough to check each of them: envelope, super-efficiency,
//! equilibrium propagation.

use nalgebra::{DMatrix, DVector};
use plefka::{
    Error, Rbm, Units,
    mlp::{Loss, State, Unrolled},
    model::{Channels, Expand, Model, Order},
    stats::Line,
};
use serde::{Deserialize, Serialize};

/// A quantity that identities speak of, as a function of the number of steps n or of the nudge ε.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Convergence {
    pub(crate) what: String,
    pub(crate) order: u8,
    /// n, or −log₁₀ of the nudge.
    pub(crate) n: usize,
    /// ε: the distance of the means from the solution, or the nudge.
    pub(crate) epsilon: f64,
    /// |gradient − limit|, Frobenius.
    pub(crate) error: f64,
}

/// R: 6×4 bits, made by a formula, with W times `scale`.
pub fn fixture_r(scale: f64) -> Rbm {
    let weights =
        DMatrix::from_fn(6, 4, |i, j| scale * (1.0 + 2.0 * i as f64 + 3.0 * j as f64 + 0.5 * (i * j) as f64).cos());
    let a = DVector::from_fn(6, |i, _| 0.3 * (i as f64 + 1.0).sin());
    Rbm::new(weights, a, DVector::from_fn(4, |j, _| -0.2 * (j as f64 + 1.0).cos())).expect("a model")
}

/// Errors below this are rounding.
pub const ROUNDING: f64 = 1e-13;
const ORDERS: [(u8, Order); 2] = [(1, Order::First), (2, Order::Second)];

/// Errors of the explicit gradient of the free energy and of that through all iterations, against
/// ε_n.
pub fn envelope(rbm: &Rbm) -> Result<Vec<Convergence>, Error> {
    let mut rows = Vec::new();
    let free = DMatrix::from_element(rbm.n_visible(), 1, 0.5);
    for (power, order) in ORDERS {
        let state = |n: usize| Ok::<_, Error>(Unrolled::tied(rbm.clone(), n, order)?.forward(&free)?.pop().expect("n"));
        let solution = state(2000)?;
        let limit = explicit(rbm, order, &solution);
        for n in 1..=24 {
            let at = state(n)?;
            let epsilon = (&at.visible - &solution.visible).norm().hypot((&at.hidden - &solution.hidden).norm());
            let through = Unrolled::tied(rbm.clone(), n, order)?.gradient(Loss::FreeEnergyDifference, &free)?;
            // The loss is F(x) − F: what F(x) adds is known.
            let clamped = -(&free * rbm.hidden_given_visible(free.as_slice(), 1.0).transpose());
            let backprop = clamped - through.gradient.weights();
            let errors =
                [("explicit", (explicit(rbm, order, &at) - &limit).norm()), ("backprop", (backprop - &limit).norm())];
            for (what, error) in errors {
                rows.push(Convergence { what: what.into(), order: power, n, epsilon, error });
            }
        }
    }
    Ok(rows)
}

/// ∂F/∂W at fixed means.
fn explicit(rbm: &Rbm, order: Order, at: &State) -> DMatrix<f64> {
    let mut slope = -(&at.visible * at.hidden.transpose());
    if order == Order::Second {
        let variance = |m: &DMatrix<f64>| m.map(|m| Units::Bit.variance(m));
        slope -= rbm.weights().component_mul(&(variance(&at.visible) * variance(&at.hidden).transpose()));
    }
    slope
}

/// The slope of ln error against ln ε over the last five points whose errors are above rounding.
/// That of backpropagation is taken per step: the law is nε², since the error of each of the n
/// steps is passed on.
pub fn slope(rows: &[Convergence], what: &str, order: u8) -> f64 {
    let known: Vec<&Convergence> =
        rows.iter().filter(|r| r.what == what && r.order == order && r.error > ROUNDING).collect();
    let error = |r: &Convergence| if what == "backprop" { r.error / r.n as f64 } else { r.error };
    let last = known[known.len().saturating_sub(5)..].iter();
    Line::fit(last.map(|r| (r.epsilon.ln(), error(r).ln()))).expect("several points").slope
}

/// Equilibrium propagation (Scellier & Bengio 2017) against implicit differentiation, for the cost
/// ½|v − x|².
pub fn equilibrium_propagation(rbm: &Rbm) -> Result<Vec<Convergence>, Error> {
    let target = DVector::from_fn(rbm.n_visible(), |i, _| f64::from(i % 2 == 0));
    let mut rows = Vec::new();
    for (power, order) in ORDERS {
        let implicit = implicit(rbm, order, &target);
        for exponent in 0..=4 {
            let nudge = 10f64.powi(-exponent);
            let slope = |nudge: f64| explicit(rbm, order, &nudged(rbm, order, &target, nudge));
            let propagated = (slope(nudge) - slope(-nudge)) / (2.0 * nudge);
            let error = (propagated - &implicit).norm() / implicit.norm();
            let what = "equilibrium propagation".to_string();
            rows.push(Convergence { what, order: power, n: exponent as usize, epsilon: nudge, error });
        }
        // Backpropagation through two thousand steps, another way to the same limit: the cost is 0
        // at its input, so that the target is given as the input; the solution does not remember
        // it.
        let input = DMatrix::from_columns(std::slice::from_ref(&target));
        let unrolled = Unrolled::tied(rbm.clone(), 2000, order)?.gradient(Loss::SquaredError, &input)?;
        let error = (unrolled.gradient.weights() - &implicit).norm() / implicit.norm();
        rows.push(Convergence { what: "backprop, n = 2000".into(), order: power, n: 2000, epsilon: 0.0, error });
    }
    Ok(rows)
}

/// The effective field of every unit at means m.
fn fields(rbm: &Rbm, order: Order, m: &[f64]) -> Vec<f64> {
    let (mut sources, mut sums) = (Channels::zeros(order, m.len()), Channels::zeros(order, m.len()));
    m.iter().enumerate().for_each(|(i, m)| sources.set(i, Units::Bit.cumulants(*m)));
    (0..2).for_each(|layer| rbm.coupling_sums(layer, &sources, &mut sums));
    let bias = |i: usize| if i < rbm.n_visible() { rbm.biases(0)[i] } else { rbm.biases(1)[i - rbm.n_visible()] };
    let field = |i: usize| {
        let [first, second, _] = sums.unit(i);
        bias(i) + first + 0.5 * Units::Bit.variance_slope(m[i]) * second
    };
    (0..m.len()).map(field).collect()
}

/// The minimum of F + ε ½|v − x|².
fn nudged(rbm: &Rbm, order: Order, target: &DVector<f64>, nudge: f64) -> State {
    let n = rbm.n_visible();
    let mut m = vec![0.5; rbm.n_units()];
    for _ in 0..20_000 {
        let mut theta = fields(rbm, order, &m);
        (0..n).for_each(|i| theta[i] -= nudge * (m[i] - target[i]));
        m.iter_mut().zip(&theta).for_each(|(m, x)| *m = 0.5 * (*m + Units::Bit.mean(*x)));
    }
    let matrix = |m: &[f64]| DMatrix::from_column_slice(m.len(), 1, m);
    State { visible: matrix(&m[..n]), hidden: matrix(&m[n..]) }
}

/// dC/dW of the solution by the implicit function theorem: −λ·∂²F/∂m∂W with (∂²F/∂m²) λ = ∂C/∂m.
fn implicit(rbm: &Rbm, order: Order, target: &DVector<f64>) -> DMatrix<f64> {
    let (n, units) = (rbm.n_visible(), rbm.n_units());
    let at = nudged(rbm, order, target, 0.0);
    let m: Vec<f64> = at.visible.iter().chain(at.hidden.iter()).copied().collect();
    let c: Vec<f64> = m.iter().map(|m| Units::Bit.variance(*m)).collect();
    let slope: Vec<f64> = m.iter().map(|m| Units::Bit.variance_slope(*m)).collect();
    let onsager = if order == Order::Second { 1.0 } else { 0.0 };
    let mut hessian = DMatrix::zeros(units, units);
    for i in 0..n {
        for j in 0..rbm.n_hidden() {
            let (k, w) = (n + j, rbm.weights()[(i, j)]);
            let coupling = -w - onsager * 0.5 * w * w * slope[i] * slope[k];
            hessian[(i, k)] = coupling;
            hessian[(k, i)] = coupling;
            // ½ d²c/dm² = −1, with the sign of F.
            hessian[(i, i)] += onsager * w * w * c[k];
            hessian[(k, k)] += onsager * w * w * c[i];
        }
    }
    (0..units).for_each(|i| hessian[(i, i)] += c[i].recip());
    let cost = DVector::from_fn(units, |i, _| if i < n { m[i] - target[i] } else { 0.0 });
    let lambda = hessian.lu().solve(&cost).expect("a minimum, so that the Hessian is positive");
    DMatrix::from_fn(n, rbm.n_hidden(), |i, j| {
        let k = n + j;
        let first = lambda[i] * m[k] + m[i] * lambda[k];
        let second = rbm.weights()[(i, j)] * (slope[i] * lambda[i] * c[k] + c[i] * slope[k] * lambda[k]);
        first + onsager * second
    })
}
