//! Exact samples, by enumeration.

use rand::{Rng, RngExt};
use rayon::prelude::*;

use super::{Enumerate, Ising, KeptLayer, Levels, Marginal, Model, Rbm, SparseIsing};
use crate::{
    Error,
    kernel::softplus::softplus_at,
    run::Run,
    stats::{log_sum_exp, sigmoid},
    streams::Purpose,
};

/// Enumerated units whose states make up a block of work.
const BLOCK_BITS: u32 = 12;

/// Up to this many enumerated units the weights of all states are kept, in 32 megabytes, and no
/// block is visited twice: a thousand draws fall into most blocks of a small model.
const KEPT_BITS: u32 = 22;

/// The most enumerated units: the sums of the blocks then take two gigabytes.
const MAX_BITS: u32 = 40;

/// A model from which independent states can be drawn exactly.
pub trait Draw: Enumerate {
    /// `count` independent states at β, drawn from e^{−βE}/Z by enumeration: the states one after
    /// the other, each with a 0 or 1 for each unit (a spin is s = 2x − 1), the visible units of an
    /// RBM before the hidden ones.
    ///
    /// The states that [`enumeration_cost`](Enumerate::enumeration_cost) counts are visited once,
    /// in blocks, to sum up the weight of each block; then again, if there are more than 2^22, in
    /// those blocks that a draw has fallen into. So memory grows with the samples and, for large
    /// models, with a 4096th of the states. `None` if the run was cancelled. The result depends on
    /// `run.seed` and not on the number of threads.
    ///
    /// # Errors
    /// [`Error::TooManyStates`] beyond 2^40 states, and [`Error::NotFinite`] if the weights at this
    /// β exceed f64.
    ///
    /// # Examples
    /// ```
    /// use plefka::{Run, model::{Draw, Levels}};
    /// let coin = Levels::new(vec![0.0, 3f64.ln()])?; // weights 1 and 1/3
    /// let flips = coin.draw(1.0, 10_000, &Run::quiet(1))?.expect("nobody cancelled");
    /// let ones = flips.iter().filter(|x| **x == 1).count() as f64;
    /// assert!((ones / 10_000.0 - 0.25).abs() < 0.02); // 4.6 standard errors
    /// # Ok::<(), plefka::Error>(())
    /// ```
    fn draw(&self, beta: f64, count: usize, run: &Run<'_>) -> Result<Option<Vec<u8>>, Error>;
}

impl Draw for Rbm {
    fn draw(&self, beta: f64, count: usize, run: &Run<'_>) -> Result<Option<Vec<u8>>, Error> {
        let marginal = Marginal::of(self);
        let problem = Numbered {
            bits: marginal.n_kept() as u32,
            beta,
            log_weights: &|first, out| {
                marginal.log_weights(beta, first, out);
            },
        };
        let mut rng = Purpose::ExactDraws.generator(run.seed);
        let Some(numbers) = problem.draw(count, &mut rng, run)? else { return Ok(None) };
        let mut states = Vec::with_capacity(count * self.n_units());
        for number in numbers {
            states.extend(marginal.complete(&bits(number, marginal.n_kept()), beta, &mut rng));
        }
        Ok(Some(states))
    }
}

impl Draw for Ising {
    fn draw(&self, beta: f64, count: usize, run: &Run<'_>) -> Result<Option<Vec<u8>>, Error> {
        let log_weights = |first: usize, out: &mut [f64]| {
            let mut s: Vec<f64> = bits(first, self.n_units()).into_iter().map(|x| 2.0 * f64::from(x) - 1.0).collect();
            let mut energy = self.energy(&s);
            gray_walk(out, |flip, out| {
                if let Some(i) = flip {
                    let local: f64 = self.couplings().column(i).iter().zip(&s).map(|(j, s)| j * s).sum();
                    energy += 2.0 * s[i] * (local + self.field()[i]);
                    s[i] = -s[i];
                }
                *out = -beta * energy;
            });
        };
        Numbered { bits: self.n_units() as u32, beta, log_weights: &log_weights }.states(count, run)
    }
}

/// As [`Ising`]: what can be enumerated is small enough for a matrix.
impl Draw for SparseIsing {
    fn draw(&self, beta: f64, count: usize, run: &Run<'_>) -> Result<Option<Vec<u8>>, Error> {
        check_bits(self.n_units() as u32)?;
        self.to_dense().draw(beta, count, run)
    }
}

impl Draw for Levels {
    fn draw(&self, beta: f64, count: usize, run: &Run<'_>) -> Result<Option<Vec<u8>>, Error> {
        let log_weights = |first: usize, out: &mut [f64]| {
            out.iter_mut().zip(&self.energies()[first..]).for_each(|(out, energy)| *out = -beta * energy);
        };
        Numbered { bits: self.n_units() as u32, beta, log_weights: &log_weights }.states(count, run)
    }
}

impl Marginal {
    /// ln f(y; β) of as many kept states y as `out` has room for, numbered from `first` on: unit j is
    /// the j-th bit of the number, the lowest first.
    ///
    /// # Panics
    /// If the length of `out` is no power of two or `first` no multiple of it.
    ///
    /// # Examples
    /// ```
    /// use plefka::{Rbm, model::Marginal};
    /// let rbm = Rbm::from_rows(&[[1.0], [-2.0]], &[0.0, 0.5], &[0.25])?;
    /// let mut log_f = [0.0; 2]; // both states of the hidden unit
    /// Marginal::of(&rbm).log_weights(1.0, 0, &mut log_f);
    /// let softplus = |x: f64| x.exp().ln_1p();
    /// assert!((log_f[1] - (0.25 + softplus(1.0) + softplus(-1.5))).abs() < 1e-14);
    /// # Ok::<(), plefka::Error>(())
    /// ```
    pub fn log_weights(&self, beta: f64, first: usize, out: &mut [f64]) {
        assert!(out.len().is_power_of_two() && first.is_multiple_of(out.len()), "an aligned block of states");
        let mut y = bits(first, self.n_kept());
        let mut fields = self.fields(&y);
        let mut bias: f64 = self.kept_bias.iter().zip(&y).map(|(b, y)| b * f64::from(*y)).sum();
        gray_walk(out, |flip, out| {
            if let Some(j) = flip {
                y[j] ^= 1;
                let sign = if y[j] == 1 { 1.0 } else { -1.0 };
                bias += sign * self.kept_bias[j];
                fields.iter_mut().zip(self.weights.column(j).iter()).for_each(|(x, w)| *x += sign * w);
            }
            *out = beta * bias + softplus_at(&fields, beta);
        });
    }

    /// A state of all units, the visible before the hidden ones: the kept units as given (0/1), the
    /// others drawn given them at β.
    ///
    /// # Panics
    /// If `kept` does not have one value for each kept unit.
    pub fn complete(&self, kept: &[u8], beta: f64, rng: &mut impl Rng) -> Vec<u8> {
        assert_eq!(kept.len(), self.n_kept(), "a state has one value for each kept unit");
        let summed = self.fields(kept).into_iter().map(|x| u8::from(rng.random::<f64>() < sigmoid(beta * x)));
        match self.kept {
            KeptLayer::Visible => kept.iter().copied().chain(summed).collect(),
            KeptLayer::Hidden => summed.chain(kept.iter().copied()).collect(),
        }
    }

    /// a + Wy.
    fn fields(&self, kept: &[u8]) -> Vec<f64> {
        let mut fields = self.summed_bias.as_slice().to_vec();
        for j in (0..kept.len()).filter(|j| kept[*j] == 1) {
            fields.iter_mut().zip(self.weights.column(j).iter()).for_each(|(x, w)| *x += w);
        }
        fields
    }
}

/// Refuses more states than anybody can visit.
fn check_bits(units: u32) -> Result<(), Error> {
    match units {
        0..=MAX_BITS => Ok(()),
        _ => Err(Error::TooManyStates { units, limit: MAX_BITS, estimate: "days".into() }),
    }
}

/// 2^bits numbered states with weights.
struct Numbered<'a> {
    bits: u32,
    beta: f64,
    /// Writes ln of the weights of the states from a number on; the number is a multiple of the
    /// length.
    log_weights: &'a (dyn Fn(usize, &mut [f64]) + Sync),
}

impl Numbered<'_> {
    /// `count` independent states as bits.
    fn states(&self, count: usize, run: &Run<'_>) -> Result<Option<Vec<u8>>, Error> {
        let numbers = self.draw(count, &mut Purpose::ExactDraws.generator(run.seed), run)?;
        Ok(numbers.map(|numbers| numbers.into_iter().flat_map(|k| bits(k, self.bits as usize)).collect()))
    }

    /// `count` independent numbers.
    fn draw(&self, count: usize, rng: &mut impl Rng, run: &Run<'_>) -> Result<Option<Vec<usize>>, Error> {
        check_bits(self.bits)?;
        let length = 1usize << self.bits.min(BLOCK_BITS);
        let blocks = (1usize << self.bits) / length;
        let block_weights = |block: usize| {
            let mut logs = vec![0.0; length];
            (self.log_weights)(block * length, &mut logs);
            logs
        };
        run.progress.begin("exact samples", 1 << self.bits);
        let visit = |block: usize| {
            let logs = block_weights(block);
            (log_sum_exp(&logs), (self.bits <= KEPT_BITS).then_some(logs))
        };
        let visited: Option<Vec<(f64, Option<Vec<f64>>)>> =
            (0..blocks).into_par_iter().map(|block| run.advance_or_stop(length as u64).then(|| visit(block))).collect();
        run.progress.end();
        let Some(visited) = visited else { return Ok(None) };
        let (sums, kept): (Vec<f64>, Vec<Option<Vec<f64>>>) = visited.into_iter().unzip();
        if !log_sum_exp(&sums).is_finite() {
            return Err(Error::NotFinite { quantity: "ln Z", beta: self.beta });
        }

        // The block of each draw, and where in the block it falls; then block by block.
        let among_blocks = Cumulative::new(&sums);
        let mut wanted: Vec<(usize, usize, f64)> =
            (0..count).map(|k| (among_blocks.find(rng.random()), k, rng.random())).collect();
        wanted.sort_unstable_by_key(|(block, k, _)| (*block, *k));
        let found: Vec<Vec<(usize, usize)>> = wanted
            .par_chunk_by(|a, b| a.0 == b.0)
            .map(|draws| {
                let block = draws[0].0;
                let within = match &kept[block] {
                    Some(logs) => Cumulative::new(logs),
                    None => Cumulative::new(&block_weights(block)),
                };
                draws.iter().map(|(_, k, u)| (*k, block * length + within.find(*u))).collect()
            })
            .collect();
        let mut numbers = vec![0; count];
        found.into_iter().flatten().for_each(|(k, number)| numbers[k] = number);
        Ok(Some(numbers))
    }
}

/// Cumulative weights, from their logarithms.
struct Cumulative(Vec<f64>);

impl Cumulative {
    fn new(logs: &[f64]) -> Self {
        let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut sum = 0.0;
        Self(
            logs.iter()
                .map(|log| {
                    sum += (log - largest).exp();
                    sum
                })
                .collect(),
        )
    }

    /// The index that `u`, uniform on [0, 1), falls upon. One of weight zero is never hit.
    fn find(&self, u: f64) -> usize {
        let total = self.0[self.0.len() - 1];
        // Rounding may carry u × total up to the total itself: then the last index that has a
        // weight.
        let target = (u * total).min(total.next_down());
        self.0.partition_point(|sum| *sum <= target)
    }
}

/// Visits the states of a block, whose number of states is a power of two, in Gray-code order: each
/// step tells which unit is flipped, the first that none is, and where to write about the state.
fn gray_walk(out: &mut [f64], mut visit: impl FnMut(Option<usize>, &mut f64)) {
    visit(None, &mut out[0]);
    for step in 1..out.len() {
        visit(Some(step.trailing_zeros() as usize), &mut out[step ^ (step >> 1)]);
    }
}

/// The lowest `n` bits of a number, the lowest first.
fn bits(number: usize, n: usize) -> Vec<u8> {
    (0..n).map(|i| u8::from(number >> i & 1 == 1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weight_of_zero_is_never_hit_and_the_ends_are_within() {
        let weights = Cumulative::new(&[f64::NEG_INFINITY, 0.0, f64::NEG_INFINITY, 0.0, f64::NEG_INFINITY]);
        for (u, k) in [(0.0, 1), (0.499, 1), (0.5, 3), (1.0 - f64::EPSILON / 2.0, 3), (1.0, 3)] {
            assert_eq!(weights.find(u), k, "u = {u}");
        }
    }

    #[test]
    fn more_states_than_anybody_can_visit_are_refused() {
        for n in [41, 64, 200] {
            let spins = Ising::new(nalgebra::DMatrix::zeros(n, n), nalgebra::DVector::zeros(n)).unwrap();
            let error = spins.draw(1.0, 1, &Run::quiet(1)).unwrap_err().to_string();
            assert!(error.contains(&format!("2^{n}")), "{error}");
        }
    }

    #[test]
    fn weights_beyond_f64_are_refused() {
        let error = Levels::new(vec![-1e200, 1e200]).unwrap().draw(1e200, 1, &Run::quiet(1)).unwrap_err();
        assert!(matches!(error, Error::NotFinite { .. }), "{error}");
    }
}
