//! Enumeration of ±1 spins with any couplings, one flip at a time.

use nalgebra::DMatrix;

use super::{
    enumeration::reduce,
    scaled_sum::{ScaledSum, WeightedMoments},
};

/// Spins whose configurations make up a block of work.
const BLOCK_BITS: usize = 14;

/// Σ_s e^{−βE(s)} with E = −½ sᵀJs − f·s, and mean and variance of −E under these weights.
///
/// A block walks its configurations in Gray-code order: each step flips one spin, which changes the
/// energy by 2sᵢ times its local field, and every local field by one column of J. The fields start
/// afresh with each block, so that rounding does not pile up. Without a field, s and −s have one
/// energy, and the last spin need not be flipped.
pub(crate) fn sum(
    couplings: &DMatrix<f64>,
    field: &[f64],
    beta: f64,
    done: &(dyn Fn(u64) -> bool + Sync),
) -> Option<WeightedMoments> {
    let n = field.len();
    let symmetric = field.iter().all(|f| *f == 0.0);
    let free = if symmetric { n - 1 } else { n };
    let block_bits = free.min(BLOCK_BITS);
    let block = |block: usize| {
        let mut spins: Vec<f64> =
            (0..n).map(|i| if i >= block_bits && (block << block_bits) >> i & 1 == 1 { 1.0 } else { -1.0 }).collect();
        let mut local: Vec<f64> = (0..n)
            .map(|i| field[i] + couplings.column(i).iter().zip(&spins).map(|(j, s)| j * s).sum::<f64>())
            .collect();
        // E = −½ Σ sᵢ(localᵢ + fᵢ).
        let mut energy = -0.5 * (0..n).map(|i| spins[i] * (local[i] + field[i])).sum::<f64>();
        let mut sum = ScaledSum::new();
        sum.add_log(-beta * energy, -energy, 0.0);
        for step in 1u64..1 << block_bits {
            let flipped = step.trailing_zeros() as usize;
            energy += 2.0 * spins[flipped] * local[flipped];
            spins[flipped] = -spins[flipped];
            let change = 2.0 * spins[flipped];
            local.iter_mut().zip(couplings.column(flipped).iter()).for_each(|(local, j)| *local += change * j);
            sum.add_log(-beta * energy, -energy, 0.0);
        }
        done(1 << block_bits).then(|| sum.moments())
    };
    let half = reduce(1 << (free - block_bits), block)?;
    let mirror = if symmetric { std::f64::consts::LN_2 } else { 0.0 };
    Some(WeightedMoments { log_weight: half.log_weight + mirror, ..half })
}
