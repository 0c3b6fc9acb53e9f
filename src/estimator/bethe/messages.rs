//! The messages of belief propagation, as log-odds on bits: nothing overflows at any strength of
//! the couplings.

use nalgebra::{DMatrix, DVector};
use rayon::prelude::*;

use crate::{
    Rbm,
    stats::{sigmoid, softplus},
};

/// Messages on some graph at some β.
pub(super) trait Passing: Sized {
    /// The same messages at β + `step`.
    fn at(&self, step: f64) -> Self;

    /// One damped update of all messages; the largest change that an undamped one would have made.
    fn update(&mut self, damping: f64) -> f64;

    /// The Bethe ln Z and the energy of the beliefs.
    fn log_z_and_energy(&self) -> (f64, f64);
}

/// Any RBM as one on bits: E = −constant − a·v − b·h − vᵀWh over 0/1.
pub(super) struct BitModel {
    weights: DMatrix<f64>,
    visible_bias: DVector<f64>,
    hidden_bias: DVector<f64>,
    constant: f64,
}

impl BitModel {
    /// A unit with the values l and l + d is l + dx with a bit x.
    pub(super) fn new(rbm: &Rbm) -> Self {
        let [v_low, v_high] = rbm.visible_units().values();
        let [h_low, h_high] = rbm.hidden_units().values();
        let (v_step, h_step) = (v_high - v_low, h_high - h_low);
        let (w, a, b) = (rbm.weights(), rbm.visible_bias(), rbm.hidden_bias());
        Self {
            weights: w * (v_step * h_step),
            visible_bias: (a + w.column_sum() * h_low) * v_step,
            hidden_bias: (b + w.row_sum_tr() * v_low) * h_step,
            constant: v_low * a.sum() + h_low * b.sum() + v_low * h_low * w.sum() - rbm.constant(),
        }
    }
}

/// The messages to the visible units, from which all others follow, and the fields that they make.
#[derive(Clone)]
pub(super) struct Messages<'a> {
    bits: &'a BitModel,
    beta: f64,
    /// To the visible unit i from the hidden unit j: log-odds, a column for each j.
    to_visible: DMatrix<f64>,
    /// xᵢ = βaᵢ + Σⱼ uⱼᵢ.
    field: DVector<f64>,
}

/// Below so many couplings a task is not worth a thread.
const GRAIN: usize = 8192;

impl<'a> Messages<'a> {
    pub(super) fn zero(bits: &'a BitModel, beta: f64) -> Self {
        let to_visible = DMatrix::zeros(bits.weights.nrows(), bits.weights.ncols());
        Self { bits, beta, to_visible, field: &bits.visible_bias * beta }
    }

    /// The messages to the hidden unit j and its field yⱼ = βbⱼ + Σᵢ wᵢⱼ.
    fn to_hidden(bits: &BitModel, beta: f64, field: &DVector<f64>, to_visible: &[f64], j: usize) -> (Vec<f64>, f64) {
        let send = |(i, u): (usize, &f64)| message(field[i] - u, beta * bits.weights[(i, j)]);
        let to_hidden: Vec<f64> = to_visible.iter().enumerate().map(send).collect();
        let y = beta * bits.hidden_bias[j] + to_hidden.iter().sum::<f64>();
        (to_hidden, y)
    }
}

impl Passing for Messages<'_> {
    fn at(&self, step: f64) -> Self {
        let field = &self.field + &self.bits.visible_bias * step;
        Self { beta: self.beta + step, field, ..self.clone() }
    }

    fn update(&mut self, damping: f64) -> f64 {
        let (bits, beta, field) = (self.bits, self.beta, &self.field);
        let n = bits.weights.nrows();
        let column = |(j, to_visible): (usize, &mut [f64])| {
            let (to_hidden, y) = Self::to_hidden(bits, beta, field, to_visible, j);
            let mut change = 0.0_f64;
            for (i, u) in to_visible.iter_mut().enumerate() {
                let next = message(y - to_hidden[i], beta * bits.weights[(i, j)]);
                // Written so that a NaN, should one arise, is not lost: it then fails every
                // tolerance.
                let step = (next - *u).abs();
                change = if step <= change { change } else { step };
                *u = damping * *u + (1.0 - damping) * next;
            }
            change
        };
        let columns = self.to_visible.as_mut_slice().par_chunks_mut(n).with_min_len(GRAIN.div_ceil(n));
        let changes: Vec<f64> = columns.enumerate().map(column).collect();
        // In the order of the columns, whatever the threads did: the same bits every time.
        self.field = &bits.visible_bias * beta + self.to_visible.column_sum();
        changes.into_iter().fold(0.0, |most, change| if change <= most { most } else { change })
    }

    fn log_z_and_energy(&self) -> (f64, f64) {
        let (bits, beta) = (self.bits, self.beta);
        let n = bits.weights.nrows();
        let column = |(j, to_visible): (usize, &[f64])| {
            let (to_hidden, y) = Self::to_hidden(bits, beta, &self.field, to_visible, j);
            let mut log_z = softplus(y);
            let mut energy = -bits.hidden_bias[j] * sigmoid(y);
            for (i, u) in to_visible.iter().enumerate() {
                let weight = bits.weights[(i, j)];
                let (cavity_v, cavity_h) = (self.field[i] - u, y - to_hidden[i]);
                let both = cavity_v + cavity_h + beta * weight;
                let pair = log_sum_exp([0.0, cavity_v, cavity_h, both]);
                log_z -= pair - softplus(cavity_v) - softplus(cavity_h);
                energy -= weight * (both - pair).exp();
            }
            (log_z, energy)
        };
        let columns = self.to_visible.as_slice().par_chunks(n).with_min_len(GRAIN.div_ceil(n));
        let parts: Vec<(f64, f64)> = columns.enumerate().map(column).collect();
        let mut log_z = beta * bits.constant;
        let mut energy = -bits.constant;
        for (x, a) in self.field.iter().zip(bits.visible_bias.iter()) {
            log_z += softplus(*x);
            energy -= a * sigmoid(*x);
        }
        for (part_of_log_z, part_of_energy) in parts {
            log_z += part_of_log_z;
            energy += part_of_energy;
        }
        (log_z, energy)
    }
}

/// The log-odds that a unit in the cavity field x passes over the coupling k: ln[(1 + e^{x+k})/(1 +
/// eˣ)].
pub(super) fn message(x: f64, k: f64) -> f64 {
    softplus(x + k) - softplus(x)
}

pub(super) fn log_sum_exp(terms: [f64; 4]) -> f64 {
    let most = terms.into_iter().fold(f64::NEG_INFINITY, f64::max);
    most + terms.into_iter().map(|x| (x - most).exp()).sum::<f64>().ln()
}
