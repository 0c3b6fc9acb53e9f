//! Exact samples of an RBM on bits, by enumeration of its hidden layer.

use plefka::{Rbm, data::Data, stats::sigmoid, streams::stream};
use rand::RngExt;
use rayon::prelude::*;

/// The cumulative distribution of the hidden states at one β, from which independent states are
/// drawn.
///
/// Written apart from the library's own enumeration, which the estimators under test rest on.
pub struct ExactSampler<'a> {
    rbm: &'a Rbm,
    beta: f64,
    cumulative: Vec<f64>,
}

impl<'a> ExactSampler<'a> {
    /// ln f(h) = β b·h + Σᵢ ln(1 + e^{β(aᵢ + Wᵢ·h)}) of all 2^n_hidden states: e^{βx} is a product
    /// of a factor of the lower and one of the upper half of h, and a logarithm is taken of the
    /// product of as many terms as cannot overflow.
    pub fn new(rbm: &'a Rbm, beta: f64) -> Self {
        let (n, m) = (rbm.n_visible(), rbm.n_hidden());
        let (low, high) = (m / 2, m - m / 2);
        let part = |i: usize, state: usize, first: usize, count: usize| {
            (0..count).filter(|j| state >> j & 1 == 1).map(|j| rbm.weights()[(i, first + j)]).sum::<f64>()
        };
        let largest =
            (0..n).map(|i| rbm.visible_bias()[i].abs() + rbm.weights().row(i).abs().sum()).fold(0.0, f64::max);
        let terms = (600.0 / (beta * largest + 1.0)).floor() as usize;
        assert!(terms >= 1, "the fields are too large for this sampler");
        let lower: Vec<Vec<f64>> = (0..n)
            .map(|i| (0..1 << low).map(|l| (beta * (rbm.visible_bias()[i] + part(i, l, 0, low))).exp()).collect())
            .collect();
        let bias = |state: usize| (0..m).filter(|j| state >> j & 1 == 1).map(|j| rbm.hidden_bias()[j]).sum::<f64>();
        let log_f: Vec<f64> = (0..1usize << high)
            .into_par_iter()
            .flat_map_iter(|h| {
                let mut sums: Vec<f64> = (0..1 << low).map(|l| beta * bias(h << low | l)).collect();
                for units in (0..n).collect::<Vec<_>>().chunks(terms) {
                    let mut product = vec![1.0; 1 << low];
                    for &i in units {
                        let factor = (beta * part(i, h, low, high)).exp();
                        product.iter_mut().zip(&lower[i]).for_each(|(p, a)| *p *= 1.0 + a * factor);
                    }
                    sums.iter_mut().zip(&product).for_each(|(sum, p)| *sum += p.ln());
                }
                sums
            })
            .collect();
        let max = log_f.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut total = 0.0;
        let cumulative = log_f
            .iter()
            .map(|x| {
                total += (x - max).exp();
                total
            })
            .collect();
        Self { rbm, beta, cumulative }
    }

    /// `count` independent states (v, h), as 0 and 1.
    pub fn states(&self, count: usize, seed: u64) -> Vec<(Vec<u8>, Vec<u8>)> {
        let mut rng = stream(seed, 0);
        let total = self.cumulative[self.cumulative.len() - 1];
        let mut state = || {
            let place = rng.random::<f64>() * total;
            let k = self.cumulative.partition_point(|c| *c <= place).min(self.cumulative.len() - 1);
            let h: Vec<u8> = (0..self.rbm.n_hidden()).map(|j| (k >> j & 1) as u8).collect();
            let on = |i: usize| {
                let pairs = (0..h.len()).filter(|j| h[*j] == 1).map(|j| self.rbm.weights()[(i, j)]);
                sigmoid(self.beta * (self.rbm.visible_bias()[i] + pairs.sum::<f64>()))
            };
            let v = (0..self.rbm.n_visible()).map(|i| u8::from(rng.random::<f64>() < on(i))).collect();
            (v, h)
        };
        (0..count).map(|_| state()).collect()
    }

    /// The visible parts alone.
    pub fn data(&self, count: usize, seed: u64) -> Data {
        let rows = self.states(count, seed).into_iter().flat_map(|(v, _)| v).collect();
        Data::new(self.rbm.n_visible(), rows, None).unwrap()
    }
}
