//! Sums over all states of a layer of bits whose partner layer is summed out:
//! Σ_y e^{β b·y} ∏ᵢ (1 + e^{β(aᵢ + Wᵢ·y)}).

use std::time::Instant;

use rayon::prelude::*;

use super::{
    bounds::{FieldBounds, MAX_GROWTH},
    half_table::HalfTable,
    product::{HI, LO, Tile},
    scaled_sum::{LOST, ScaledSum, WeightedMoments, split_exponential},
};
use crate::stats::{sigmoid, softplus};

/// Kept units whose subsets are tabulated once.
const LOW_BITS: usize = 10;
/// Kept units whose subsets make up a block of work, together with all subsets of the low units.
const BLOCK_BITS: usize = 5;
/// Units after which derivatives are taken out in any case, for their accuracy.
const MAX_CHUNK: usize = 64;

/// A layer of n bits summed out (weights column-major (n, m), biases a) and a layer of m bits kept
/// (biases b).
#[derive(Clone, Copy)]
pub(crate) struct Bipartite<'a> {
    pub(crate) weights: &'a [f64],
    pub(crate) summed_bias: &'a [f64],
    pub(crate) kept_bias: &'a [f64],
}

impl Bipartite<'_> {
    fn n(&self) -> usize {
        self.summed_bias.len()
    }

    fn m(&self) -> usize {
        self.kept_bias.len()
    }

    fn column(&self, j: usize) -> &[f64] {
        &self.weights[j * self.n()..][..self.n()]
    }

    /// b·y for a subset of the kept units starting at unit `first`.
    pub(super) fn bias_of(&self, subset: usize, first: usize) -> f64 {
        (0..self.m() - first).filter(|j| subset >> j & 1 == 1).map(|j| self.kept_bias[first + j]).sum()
    }

    /// a + W y for a subset of the kept units starting at unit `first`.
    pub(super) fn fields_of(&self, subset: usize, first: usize) -> Vec<f64> {
        let mut fields = self.summed_bias.to_vec();
        for j in (0..self.m() - first).filter(|j| subset >> j & 1 == 1) {
            fields.iter_mut().zip(self.column(first + j)).for_each(|(x, w)| *x += w);
        }
        fields
    }

    /// The sum over all 2^m states at β, and mean and variance of minus the energy (given y, over
    /// y).
    ///
    /// `done(states)` is called after each block; where it returns `false` the sum is abandoned and
    /// `None` returned. The result does not depend on the number of threads: blocks are merged in
    /// their order.
    pub(crate) fn sum(
        &self,
        beta: f64,
        derivatives: bool,
        done: &(dyn Fn(u64) -> bool + Sync),
    ) -> Option<WeightedMoments> {
        match Factors::of(self, beta, derivatives) {
            Some(factors) if derivatives => {
                let sum = self.sum_by_products::<true>(&factors, done)?;
                Some(WeightedMoments { rounding: sum.rounding + self.lost(&factors), ..sum })
            }
            Some(factors) => self.sum_by_products::<false>(&factors, done),
            None => self.sum_in_logs(beta, done),
        }
    }

    /// What products lose of a variance: that of the units up to each place where derivatives are
    /// taken out is a second difference of numbers as large as the square of their fields.
    fn lost(&self, factors: &Factors) -> f64 {
        let field = |i: usize| self.summed_bias[i].abs() + (0..self.m()).map(|j| self.column(j)[i].abs()).sum::<f64>();
        let starts = std::iter::once(&0).chain(&factors.extract_at);
        let squares = starts.zip(&factors.extract_at).map(|(from, to)| (*from..*to).map(field).sum::<f64>().powi(2));
        LOST * squares.sum::<f64>()
    }

    fn sum_by_products<const DERIVATIVES: bool>(
        &self,
        factors: &Factors,
        done: &(dyn Fn(u64) -> bool + Sync),
    ) -> Option<WeightedMoments> {
        let (n, m) = (self.n(), self.m());
        let low_bits = m.min(LOW_BITS);
        let block_bits = (m - low_bits).min(BLOCK_BITS);
        let mut low = HalfTable::new(n, low_bits, LO, DERIVATIVES);
        let factor_column = |j: usize| &factors.weights[j * n..][..n];
        low.fill(low_bits, (&vec![0.0; n], &vec![1.0; n]), |j| self.column(j), factor_column);
        let low_bias: Vec<KeptTerm> =
            (0..1 << low_bits).map(|s| KeptTerm::new(self.bias_of(s, 0), factors.beta)).collect();

        let block = |block: usize| {
            let subset = block << block_bits;
            let base = self.fields_of(subset, low_bits);
            let base_factors: Vec<f64> = base.iter().map(|x| (factors.beta * x).exp()).collect();
            let mut high = HalfTable::new(n, block_bits, HI, DERIVATIVES);
            high.fill(
                block_bits,
                (&base, &base_factors),
                |j| self.column(low_bits + j),
                |j| factor_column(low_bits + j),
            );
            let high_bias: Vec<KeptTerm> =
                (0..1 << block_bits).map(|s| KeptTerm::new(self.bias_of(subset + s, low_bits), factors.beta)).collect();
            let mut tile = Tile::new();
            let mut sum = ScaledSum::new();
            for (lo, low_bias) in low_bias.chunks(LO).enumerate() {
                for (hi, high_bias) in high_bias.chunks(HI).enumerate() {
                    tile.multiply::<DERIVATIVES>(low.group(lo), high.group(hi), &factors.extract_at);
                    for (c, high) in high_bias.iter().enumerate() {
                        for (r, low) in low_bias.iter().enumerate() {
                            let k = c * LO + r;
                            sum.add(
                                tile.value[k] * (low.mantissa * high.mantissa),
                                tile.exponent[k] + low.exponent + high.exponent,
                                low.bias + high.bias + tile.slope[k],
                                tile.curvature[k],
                            );
                        }
                    }
                }
            }
            done(1 << (low_bits + block_bits)).then(|| sum.moments())
        };
        reduce(1 << (m - low_bits - block_bits), block)
    }

    /// The same sum with logarithms and exponentials for each factor: where a factor alone could
    /// overflow. Slow.
    pub(crate) fn sum_in_logs(&self, beta: f64, done: &(dyn Fn(u64) -> bool + Sync)) -> Option<WeightedMoments> {
        let low_bits = self.m().min(LOW_BITS);
        let block = |block: usize| {
            let mut sum = ScaledSum::new();
            for subset in block << low_bits..(block + 1) << low_bits {
                let (mut log_weight, mut mean, mut variance) = (0.0, self.bias_of(subset, 0), 0.0);
                log_weight += beta * mean;
                for x in self.fields_of(subset, 0) {
                    let p = sigmoid(beta * x);
                    log_weight += softplus(beta * x);
                    mean += x * p;
                    variance += x * x * p * sigmoid(-beta * x);
                }
                sum.add_log(log_weight, mean, variance);
            }
            done(1 << low_bits).then(|| sum.moments())
        };
        reduce(1 << (self.m() - low_bits), block)
    }
}

/// b·y of some kept units, and e^{β b·y} = mantissa × 2^exponent.
struct KeptTerm {
    bias: f64,
    mantissa: f64,
    exponent: i64,
}

impl KeptTerm {
    fn new(bias: f64, beta: f64) -> Self {
        let (mantissa, exponent) = split_exponential(beta * bias);
        Self { bias, mantissa, exponent }
    }
}

/// Computes the blocks in parallel and merges them in order.
pub(super) fn reduce(
    blocks: usize,
    block: impl Fn(usize) -> Option<WeightedMoments> + Sync + Send,
) -> Option<WeightedMoments> {
    let sums: Option<Vec<_>> = (0..blocks).into_par_iter().map(block).collect();
    Some(sums?.into_iter().fold(WeightedMoments::EMPTY, WeightedMoments::merge))
}

/// The time this machine needs for one factor of one state, all threads at work, measured on a
/// small sum.
pub(crate) fn seconds_per_factor(derivatives: bool) -> f64 {
    const N: usize = 256;
    const M: usize = 18;
    let (weights, bias) = (vec![1e-3; N * M], vec![0.0; N]);
    let problem = Bipartite { weights: &weights, summed_bias: &bias, kept_bias: &bias[..M] };
    let start = Instant::now();
    problem.sum(1.0, derivatives, &|_| true);
    start.elapsed().as_secs_f64() / (N << M) as f64
}

/// e^{βW}, and the unit numbers at which products must give up their exponents.
struct Factors {
    beta: f64,
    weights: Vec<f64>,
    extract_at: Vec<usize>,
}

impl Factors {
    /// `None` if some product of factors of one unit could leave the range of f64.
    fn of(problem: &Bipartite<'_>, beta: f64, derivatives: bool) -> Option<Self> {
        let n = problem.n();
        let bounds = FieldBounds::new(problem.weights, problem.summed_bias);
        if !bounds.fit(beta, 0.0) {
            return None;
        }
        let mut extract_at = Vec::new();
        let mut growth = 0.0;
        for i in 0..n {
            let units = i - extract_at.last().unwrap_or(&0);
            if growth + bounds.growth(i, beta, 0.0) > MAX_GROWTH || (derivatives && units == MAX_CHUNK) {
                extract_at.push(i);
                growth = 0.0;
            }
            growth += bounds.growth(i, beta, 0.0);
        }
        extract_at.push(n);
        Some(Self { beta, weights: problem.weights.iter().map(|w| (beta * w).exp()).collect(), extract_at })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters(n: usize, m: usize, scale: f64) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
        let wave = |k: usize, phase: f64| scale * (1.7 * k as f64 + phase).sin();
        (
            (0..n * m).map(|k| wave(k, 0.1)).collect(),
            (0..n).map(|k| wave(k, 0.2)).collect(),
            (0..m).map(|k| wave(k, 0.3)).collect(),
        )
    }

    /// The scalar twin: the same sum by logarithms. Sizes cover no, partial and several blocks,
    /// tiles and lanes.
    #[test]
    fn products_agree_with_logarithms() {
        for (n, m) in [(1, 1), (3, 2), (40, 3), (7, 5), (130, 9), (64, 12), (21, 15)] {
            for (scale, beta) in [(1.0, 0.0), (1.0, 0.7), (4.0, 1.0), (9.0, 2.0)] {
                let (weights, summed_bias, kept_bias) = parameters(n, m, scale);
                let problem = Bipartite { weights: &weights, summed_bias: &summed_bias, kept_bias: &kept_bias };
                let twin = problem.sum_in_logs(beta, &|_| true).unwrap();
                assert!(Factors::of(&problem, beta, true).is_some(), "the test means to test the products");
                for derivatives in [false, true] {
                    let fast = problem.sum(beta, derivatives, &|_| true).unwrap();
                    let close = |a: f64, b: f64| (a - b).abs() <= 1e-13 * b.abs().max(1.0);
                    assert!(close(fast.log_weight, twin.log_weight), "{n}×{m} β={beta}: {fast:?} {twin:?}");
                    if derivatives {
                        assert!(close(fast.mean, twin.mean), "{n}×{m} β={beta}: {fast:?} {twin:?}");
                        // A second difference of numbers near mean² is what rounding leaves of it.
                        let rounding = 1e-15 * twin.mean * twin.mean;
                        assert!(
                            (fast.variance - twin.variance).abs() < 1e-11 * twin.variance.max(1.0) + rounding,
                            "{fast:?} {twin:?}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn factors_beyond_the_range_of_f64_go_to_logarithms() {
        let (weights, summed_bias, kept_bias) = parameters(5, 6, 1e4);
        let problem = Bipartite { weights: &weights, summed_bias: &summed_bias, kept_bias: &kept_bias };
        assert!(Factors::of(&problem, 1.0, true).is_none());
        let sum = problem.sum(1.0, true, &|_| true).unwrap();
        assert!(sum.log_weight.is_finite() && sum.mean.is_finite() && sum.variance >= 0.0, "{sum:?}");
    }

    #[test]
    fn a_sum_can_be_abandoned() {
        let (weights, summed_bias, kept_bias) = parameters(5, 10, 1.0);
        let problem = Bipartite { weights: &weights, summed_bias: &summed_bias, kept_bias: &kept_bias };
        assert_eq!(problem.sum(1.0, true, &|_| false), None);
    }
}
