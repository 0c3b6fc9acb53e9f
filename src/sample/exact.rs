//! Exact samples of a model small enough to be enumerated.

use rand::RngExt;
use rayon::prelude::*;

use super::stream;
use crate::{
    kernel::softplus::softplus_sum,
    model::{Marginal, Rbm, Rung},
};

/// Kept units up to which a table of all their states is made: 8 MB.
pub(super) const MAX_KEPT: usize = 20;
/// States of the table that are computed together.
const BLOCK_BITS: usize = 8;

/// Independent draws of the kept units (the smaller layer) from p(y) = f(y; β)/Z(β), by inversion of the cumulated
/// probabilities of all states. `None` if there are more than 20 kept units.
pub(super) fn exact_kept(rbm: &Rbm, beta: f64, count: usize, seed: u64, number: u64) -> Option<Vec<Vec<bool>>> {
    let marginal = Marginal::of(rbm);
    let m = marginal.n_kept();
    if m > MAX_KEPT {
        return None;
    }
    let (no_base, rung) = (vec![0.0; marginal.n_summed()], Rung::at(beta));
    let block_bits = BLOCK_BITS.min(m);
    // The high units of a block are the same for all its states.
    let block = |block: usize| {
        let mut fields = marginal.summed_bias.clone();
        let high = block << block_bits;
        (block_bits..m).filter(|j| high >> j & 1 == 1).for_each(|j| fields += marginal.weights.column(j));
        let state = |low: usize| {
            let mut fields = fields.clone();
            (0..block_bits).filter(|j| low >> j & 1 == 1).for_each(|j| fields += marginal.weights.column(j));
            let bias: f64 = (0..m).filter(|j| (high | low) >> j & 1 == 1).map(|j| marginal.kept_bias[j]).sum();
            beta * bias + softplus_sum(fields.as_slice(), &no_base, rung)
        };
        (0..1usize << block_bits).map(state).collect::<Vec<f64>>()
    };
    let log_f: Vec<f64> = (0..1usize << (m - block_bits)).into_par_iter().flat_map_iter(block).collect();
    let max = log_f.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut total = 0.0;
    let cumulated: Vec<f64> = (log_f.iter())
        .map(|log_f| {
            total += (log_f - max).exp();
            total
        })
        .collect();
    let mut rng = stream(seed, number);
    let draw = |_| {
        let u = rng.random::<f64>() * total;
        let state = cumulated.partition_point(|sum| *sum <= u).min(cumulated.len() - 1);
        (0..m).map(|j| state >> j & 1 == 1).collect()
    };
    Some((0..count).map(draw).collect())
}
