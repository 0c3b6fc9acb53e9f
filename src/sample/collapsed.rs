//! Collapsed Gibbs sampling of an RBM: the smaller layer alone, the larger one summed out exactly.

use rand::RngExt;
use rand_xoshiro::Xoshiro256PlusPlus;

use super::stream;
use crate::{
    kernel::{
        flip::{FlipFactors, FlipProblem},
        layer::UNITS,
        softplus::{conditional_energy, softplus_difference, softplus_sum},
    },
    model::{Chains, ConditionalEnergy, Marginal, Rbm, Sampler},
    stats::sigmoid,
};

/// Heat-bath flips of the kept units, one after the other, in their marginal distribution f(y; β).
///
/// Block Gibbs draws the large layer and then asks the small one to change against it, which a large layer seldom
/// allows; with the large layer summed out (Liu, J. Am. Stat. Assoc. 89, 958 (1994)) the small one crosses barriers
/// that block Gibbs does not. A sweep costs n_kept × n_summed factors, so it pays for a small kept layer.
///
/// Everything is f64.
pub struct CollapsedSampler {
    problem: FlipProblem,
    n_summed: usize,
    summed_bias: Vec<f64>,
    kept_bias: Vec<f64>,
    offset: f64,
}

/// The states of a block of chains.
pub struct CollapsedChains<'a> {
    sampler: &'a CollapsedSampler,
    /// The kept layer of each chain.
    kept: Vec<Vec<bool>>,
    /// The fields a + Wy of the summed layer of each chain, padded.
    fields: Vec<Vec<f64>>,
    rng: Xoshiro256PlusPlus,
}

impl CollapsedSampler {
    /// Prepares the kernel for a model.
    #[must_use]
    pub fn new(rbm: &Rbm) -> Self {
        let marginal = Marginal::of(rbm);
        Self {
            problem: FlipProblem::new(marginal.weights.as_slice(), marginal.summed_bias.as_slice()),
            n_summed: marginal.n_summed(),
            summed_bias: marginal.summed_bias.as_slice().to_vec(),
            kept_bias: marginal.kept_bias.as_slice().to_vec(),
            offset: marginal.offset,
        }
    }

    /// Chains with the given kept layers (the smaller layer, as 0/1), on random stream number `number` of `seed`.
    ///
    /// # Panics
    /// If a state does not have one value for each kept unit.
    #[must_use]
    pub fn chains_from(&self, kept: &[Vec<f64>], seed: u64, number: u64) -> CollapsedChains<'_> {
        let bits = |y: &Vec<f64>| {
            assert_eq!(y.len(), self.kept_bias.len(), "a state has one value for each kept unit");
            y.iter().map(|y| *y == 1.0).collect()
        };
        self.chains_of(kept.iter().map(bits).collect(), stream(seed, number))
    }

    fn chains_of(&self, kept: Vec<Vec<bool>>, rng: Xoshiro256PlusPlus) -> CollapsedChains<'_> {
        let fields = kept.iter().map(|y| self.fields_of(y)).collect();
        CollapsedChains { sampler: self, kept, fields, rng }
    }

    /// a + Wy, padded with zeros.
    fn fields_of(&self, kept: &[bool]) -> Vec<f64> {
        let mut fields = self.summed_bias.clone();
        fields.resize(self.problem.padded(), 0.0);
        for j in (0..kept.len()).filter(|j| kept[*j]) {
            add(&mut fields, self.problem.column(j), 1.0);
        }
        fields
    }

    /// c + b·y.
    fn kept_term(&self, kept: &[bool]) -> f64 {
        self.offset + self.kept_bias.iter().zip(kept).filter(|(_, y)| **y).map(|(b, _)| b).sum::<f64>()
    }

    /// One sweep of one chain by products of factors.
    fn sweep_by_products(
        &self,
        factors: &FlipFactors,
        beta: f64,
        kept: &mut [bool],
        fields: &[f64],
        field_factors: &mut [f64],
        rng: &mut Xoshiro256PlusPlus,
    ) {
        self.problem.field_factors(fields, beta, field_factors);
        let mut log_product = factors.log_product(field_factors, None);
        for j in 0..kept.len() {
            let on = !kept[j];
            let sign = if on { 1.0 } else { -1.0 };
            let flip = factors.column(j, on);
            let flipped = factors.log_product(field_factors, Some(flip));
            if rng.random::<f64>() < sigmoid(flipped - log_product + sign * beta * self.kept_bias[j]) {
                kept[j] = on;
                log_product = flipped;
                field_factors.iter_mut().zip(flip).for_each(|(e, f)| *e *= f);
            }
        }
    }

    /// The same sweep where factors could overflow: with a softplus for each unit. Slow.
    fn sweep_in_logs(
        &self,
        beta: f64,
        kept: &mut [bool],
        fields: &mut [f64],
        flipped: &mut [f64],
        rng: &mut Xoshiro256PlusPlus,
    ) {
        for j in 0..kept.len() {
            let sign = if kept[j] { -1.0 } else { 1.0 };
            flipped.copy_from_slice(fields);
            add(flipped, self.problem.column(j), sign);
            let sum = |fields: &[f64]| softplus_sum(&fields[..self.n_summed], beta);
            if rng.random::<f64>() < sigmoid(sum(flipped) - sum(fields) + sign * beta * self.kept_bias[j]) {
                kept[j] = !kept[j];
                fields.copy_from_slice(flipped);
            }
        }
    }
}

impl Sampler for CollapsedSampler {
    fn chains_at_zero(&self, count: usize, seed: u64, number: u64) -> Box<dyn Chains + '_> {
        let mut rng = stream(seed, number);
        let kept = (0..count).map(|_| self.kept_bias.iter().map(|_| rng.random()).collect()).collect();
        Box::new(self.chains_of(kept, rng))
    }
}

impl CollapsedChains<'_> {
    /// c + b·y and the fields of the summed layer, chain by chain.
    fn terms(&self) -> impl Iterator<Item = (f64, &[f64])> {
        let (sampler, n) = (self.sampler, self.sampler.n_summed);
        self.kept.iter().zip(&self.fields).map(move |(kept, fields)| (sampler.kept_term(kept), &fields[..n]))
    }
}

impl Chains for CollapsedChains<'_> {
    fn sweep(&mut self, beta: f64) {
        let sampler = self.sampler;
        let factors = sampler.problem.factors(beta);
        let mut scratch = vec![0.0; sampler.problem.padded()];
        for (kept, fields) in self.kept.iter_mut().zip(&mut self.fields) {
            let rng = &mut self.rng;
            match &factors {
                Some(factors) => sampler.sweep_by_products(factors, beta, kept, fields, &mut scratch, rng),
                None => sampler.sweep_in_logs(beta, kept, fields, &mut scratch, rng),
            }
            // Anew from the weights, so that rounding does not pile up over many flips.
            *fields = sampler.fields_of(kept);
        }
    }

    fn add_log_ratio(&self, from: f64, to: f64, log_w: &mut [f64]) {
        for (log_w, (kept_term, fields)) in log_w.iter_mut().zip(self.terms()) {
            *log_w += (to - from) * kept_term + softplus_difference(fields.chunks(UNITS), from, to);
        }
    }

    fn conditional_energies(&self, beta: f64) -> Vec<ConditionalEnergy> {
        let of_chain = |(kept_term, fields): (f64, &[f64])| {
            let (mean, variance) = conditional_energy(fields.chunks(UNITS), beta);
            ConditionalEnergy { energy: -(kept_term + mean), energy_variance: variance }
        };
        self.terms().map(of_chain).collect()
    }

    fn kept(&self) -> Vec<Vec<f64>> {
        self.kept.iter().map(|y| y.iter().map(|y| f64::from(u8::from(*y))).collect()).collect()
    }
}

/// to += sign × from.
fn add(to: &mut [f64], from: &[f64], sign: f64) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to += sign * from);
}
