//! The equations of MBAR as a convex minimisation: value, gradient and curvature, and the search
//! for the minimum.

use nalgebra::{DMatrix, DVector, SymmetricEigen};
use rayon::prelude::*;

use crate::Error;

/// Samples of several states, each with its reduced potential (βE, say) in every state.
#[derive(Debug, Clone)]
pub struct MultistateSamples<'a> {
    pub(super) u: &'a DMatrix<f64>,
    counts: Option<&'a [u32]>,
    /// The state that each sample was drawn from.
    owners: Vec<usize>,
    /// How many samples each state has, with counts.
    pub(super) n_k: Vec<f64>,
    /// The states that have samples.
    pub(super) sampled: Vec<usize>,
}

impl<'a> MultistateSamples<'a> {
    /// `u[(k, n)]` is the reduced potential of sample n in state k. The samples of state 0 come
    /// first, then those of state 1, …: `n_k[k]` of state k, which may be none.
    ///
    /// # Errors
    /// [`Error::Samples`] if the shapes do not fit, a potential is not finite, or there are fewer
    /// than two samples.
    pub fn new(u: &'a DMatrix<f64>, n_k: &[usize]) -> Result<Self, Error> {
        if n_k.len() != u.nrows() || n_k.iter().sum::<usize>() != u.ncols() {
            let problem = format!(
                "{} states with {} samples, but potentials of shape ({}, {})",
                n_k.len(),
                n_k.iter().sum::<usize>(),
                u.nrows(),
                u.ncols()
            );
            return Err(Error::samples(problem, "give one row for each state and one column for each sample"));
        }
        if u.ncols() < 2 {
            return Err(Error::samples("fewer than two samples", "give more"));
        }
        if let Some(i) = u.iter().position(|u| !u.is_finite()) {
            let problem = format!("the potential of sample {} in state {} is {}", i / u.nrows(), i % u.nrows(), u[i]);
            return Err(Error::samples(problem, "every reduced potential must be a finite number"));
        }
        let owners = n_k.iter().enumerate().flat_map(|(k, n)| std::iter::repeat_n(k, *n)).collect();
        Ok(Self { u, counts: None, owners, n_k: vec![], sampled: vec![] }.counted())
    }

    /// The same samples, sample n `counts[n]` times: one bootstrap resample.
    ///
    /// # Errors
    /// [`Error::Samples`] if the lengths differ or fewer than two samples remain.
    pub fn with_counts(&self, counts: &'a [u32]) -> Result<Self, Error> {
        if counts.len() != self.owners.len() {
            let problem = format!("{} samples and {} counts", self.owners.len(), counts.len());
            return Err(Error::samples(problem, "give one count for each sample"));
        }
        if counts.iter().map(|c| u64::from(*c)).sum::<u64>() < 2 {
            return Err(Error::samples("the counts add up to fewer than two samples", "draw as many as there are"));
        }
        Ok(Self { counts: Some(counts), ..self.clone() }.counted())
    }

    fn counted(mut self) -> Self {
        self.n_k = vec![0.0; self.u.nrows()];
        for n in 0..self.owners.len() {
            self.n_k[self.owners[n]] += self.count(n);
        }
        self.sampled = (0..self.n_k.len()).filter(|k| self.n_k[*k] > 0.0).collect();
        self
    }

    /// How often sample n occurs.
    pub(super) fn count(&self, n: usize) -> f64 {
        self.counts.map_or(1.0, |c| f64::from(c[n]))
    }

    /// The number of samples, with counts.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.n_k.iter().sum()
    }

    /// ln Nₖ + fₖ − uₖₙ of the sampled states into `out`, made into probabilities; returns ln of
    /// their sum before that.
    pub(super) fn probabilities(&self, log_n_f: &[f64], n: usize, out: &mut [f64]) -> f64 {
        let column = self.u.column(n);
        let mut max = f64::NEG_INFINITY;
        for ((o, k), c) in out.iter_mut().zip(&self.sampled).zip(log_n_f) {
            *o = c - column[*k];
            max = max.max(*o);
        }
        let mut sum = 0.0;
        for o in out.iter_mut() {
            *o = (*o - max).exp();
            sum += *o;
        }
        out.iter_mut().for_each(|o| *o /= sum);
        max + sum.ln()
    }

    /// ln Nₖ + fₖ of the sampled states.
    pub(super) fn log_n_f(&self, f: &[f64]) -> Vec<f64> {
        self.sampled.iter().zip(f).map(|(k, f)| self.n_k[*k].ln() + f).collect()
    }
}

/// The minus log-likelihood that each sample came from its own state, with its derivatives with
/// respect to f.
pub(super) struct Likelihood {
    value: f64,
    /// Σₙ pₖₙ/Nₖ − 1: zero at the solution.
    residual: DVector<f64>,
    /// The second derivative in units of 1/√(NᵢNⱼ), plus vvᵀ with vₖ = √(Nₖ/N), the direction of a
    /// common shift of all f.
    curvature: DMatrix<f64>,
}

/// Samples in one unit of work. Fixed, so that sums do not depend on the number of threads.
const BLOCK: usize = 1024;

impl Likelihood {
    pub(super) fn new(samples: &MultistateSamples<'_>, f: &[f64]) -> Self {
        let states = samples.sampled.len();
        let log_n_f = samples.log_n_f(f);
        let blocks: Vec<(f64, DVector<f64>, DMatrix<f64>)> = (0..samples.owners.len().div_ceil(BLOCK))
            .into_par_iter()
            .map(|block| {
                let range = block * BLOCK..((block + 1) * BLOCK).min(samples.owners.len());
                let mut p = DMatrix::zeros(states, range.len());
                let (mut value, mut sums) = (0.0, DVector::zeros(states));
                for (mut column, n) in p.column_iter_mut().zip(range) {
                    let c = samples.count(n);
                    if c == 0.0 {
                        continue;
                    }
                    let log_sum = samples.probabilities(&log_n_f, n, column.as_mut_slice());
                    let own = samples.sampled.binary_search(&samples.owners[n]).expect("a counted sample has a state");
                    value += c * (log_sum - (log_n_f[own] - samples.u[(samples.owners[n], n)]));
                    sums.axpy(c, &column, 1.0);
                    column *= c.sqrt();
                }
                let products = &p * p.transpose();
                (value, sums, products)
            })
            .collect();
        let (mut value, mut sums, mut products) = (0.0, DVector::zeros(states), DMatrix::zeros(states, states));
        for block in blocks {
            value += block.0;
            sums += block.1;
            products += block.2;
        }
        let n: Vec<f64> = samples.sampled.iter().map(|k| samples.n_k[*k]).collect();
        let total: f64 = n.iter().sum();
        let curvature = DMatrix::from_fn(states, states, |i, j| {
            let scale = (n[i] * n[j]).sqrt();
            let diagonal = if i == j { sums[i] / n[i] } else { 0.0 };
            diagonal - products[(i, j)] / scale + scale / total
        });
        let residual = DVector::from_fn(states, |k, _| sums[k] / n[k] - 1.0);
        Self { value, residual, curvature }
    }

    pub(super) fn largest_residual(&self) -> f64 {
        self.residual.amax()
    }
}

/// Directions with a smaller curvature are those in which the samples say nothing.
pub(super) const FLAT: f64 = 1e-12;

/// Where the search ended.
pub(super) struct Minimum {
    /// f of the sampled states, the first one 0.
    pub f: Vec<f64>,
    pub curvature: SymmetricEigen<f64, nalgebra::Dyn>,
    pub residual: f64,
    pub iterations: usize,
    pub converged: bool,
}

/// Minimises by Newton's method with a line search. Where no part of Newton's step helps, one step
/// of the self-consistent equations fₖ ← fₖ − ln(Σₙ pₖₙ/Nₖ) is taken instead: never uphill, but too
/// slow to be the method (Shirts and Chodera 2008, eq. C3). There are `most` steps at most.
pub(super) fn minimise(samples: &MultistateSamples<'_>, mut f: Vec<f64>, most: usize) -> Minimum {
    let sqrt_n = DVector::from_iterator(f.len(), samples.sampled.iter().map(|k| samples.n_k[*k].sqrt()));
    let mut here = Likelihood::new(samples, &f);
    let (mut iterations, mut converged) = (0, false);
    let mut curvature = here.curvature.clone().symmetric_eigen();
    while iterations < most {
        iterations += 1;
        // In units of √Nₖ the gradient is √Nₖ rₖ, and the step is divided by √Nₖ at the end.
        let along = curvature.eigenvectors.tr_mul(&here.residual.component_mul(&sqrt_n));
        let scaled = along.zip_map(&curvature.eigenvalues, |g, c| if c > FLAT { g / c } else { 0.0 });
        let step = -(&curvature.eigenvectors * &scaled).component_div(&sqrt_n);
        let decrease = along.dot(&scaled);
        let size = f.iter().fold(1.0, |m: f64, f| m.max(f.abs()));
        if step.amax() <= 1e-12 * size && here.largest_residual() <= 1e-9 {
            moved(&mut f, &step, 1.0);
            converged = true;
            break;
        }
        let newton = (0..20).map(|halvings| 0.5f64.powi(halvings)).find_map(|t| {
            let mut trial = f.clone();
            moved(&mut trial, &step, t);
            let there = Likelihood::new(samples, &trial);
            // Near the minimum the value is flat to rounding and only the residual still says what
            // is better.
            let better = there.value <= here.value - 1e-4 * t * decrease;
            (better || there.largest_residual() < 0.5 * here.largest_residual()).then_some((trial, there))
        });
        let (next, there) = newton.unwrap_or_else(|| {
            let mut next = f.clone();
            moved(&mut next, &here.residual.map(|r| -(1.0 + r).max(f64::MIN_POSITIVE).ln()), 1.0);
            let there = Likelihood::new(samples, &next);
            (next, there)
        });
        if there.value >= here.value && there.largest_residual() >= here.largest_residual() {
            converged = here.largest_residual() <= 1e-10; // nothing helps any more: rounding, or a flat direction
            break;
        }
        (f, here) = (next, there);
        curvature = here.curvature.clone().symmetric_eigen();
    }
    Minimum { f, curvature, residual: here.largest_residual(), iterations, converged }
}

fn moved(f: &mut [f64], step: &DVector<f64>, t: f64) {
    f.iter_mut().zip(step.iter()).for_each(|(f, s)| *f += t * s);
    let origin = f[0];
    f.iter_mut().for_each(|f| *f -= origin);
}

/// Differences of neighbouring sampled states from the mean change of the potential, averaged over
/// both: right for small steps, and near enough for Newton's method whatever the scale of the
/// potentials.
pub(super) fn first_guess(samples: &MultistateSamples<'_>) -> Vec<f64> {
    let mut sums = vec![[0.0; 2]; samples.sampled.len()]; // of u(next) − u(own) and of u(own) − u(previous), over own samples
    for n in 0..samples.owners.len() {
        let c = samples.count(n);
        if c == 0.0 {
            continue;
        }
        let own = samples.sampled.binary_search(&samples.owners[n]).expect("a counted sample has a state");
        let at = |i: usize| samples.u[(samples.sampled[i], n)];
        if own + 1 < sums.len() {
            sums[own][0] += c * (at(own + 1) - at(own));
        }
        if own > 0 {
            sums[own][1] += c * (at(own) - at(own - 1));
        }
    }
    let n = |i: usize| samples.n_k[samples.sampled[i]];
    let mut f = vec![0.0];
    for i in 1..sums.len() {
        f.push(f[i - 1] + 0.5 * (sums[i - 1][0] / n(i - 1) + sums[i][1] / n(i)));
    }
    f
}

#[cfg(test)]
mod tests {
    use super::*;

    /// States of different widths and offsets, the third of them without samples, and more samples
    /// than one unit of work has.
    fn potentials() -> DMatrix<f64> {
        let x = |n: usize| 1.7 * (0.37 * n as f64).sin() + if n < 700 { 0.0 } else { 0.8 };
        DMatrix::from_fn(4, 1500, |k, n| 0.5 * (1.0 + k as f64) * (x(n) - 0.3 * k as f64).powi(2) + 0.9 * k as f64)
    }

    const N_K: [usize; 4] = [700, 500, 0, 300];

    /// The value against its definition, the slope and the curvature against differences of it.
    #[test]
    fn the_derivatives_of_the_likelihood_are_those_of_its_definition() {
        let u = potentials();
        let counts: Vec<u32> = (0..1500).map(|n| [0, 1, 1, 3, 2][n % 5]).collect();
        let all = MultistateSamples::new(&u, &N_K).unwrap();
        let samples = all.with_counts(&counts).unwrap();
        let n_k = [980.0, 700.0, 420.0];
        assert_eq!((samples.total(), &samples.sampled), (2_100.0, &vec![0, 1, 3]));
        assert_eq!([0, 1, 3].map(|k| samples.n_k[k]), n_k);
        let value = |f: &[f64]| -> f64 {
            (0..1500)
                .map(|n| {
                    let terms: Vec<f64> = (0..3).map(|i| n_k[i] * (f[i] - u[([0, 1, 3][i], n)]).exp()).collect();
                    let own = if n < 700 {
                        0
                    } else if n < 1_200 {
                        1
                    } else {
                        2
                    };
                    f64::from(counts[n]) * (terms.iter().sum::<f64>() / terms[own]).ln()
                })
                .sum()
        };
        let f = [0.0, 0.6, 2.1];
        let at = |i: usize, by: f64| {
            let mut there = f;
            there[i] += by;
            there
        };
        let here = Likelihood::new(&samples, &f);
        assert!((here.value - value(&f)).abs() < 1e-8, "{} and {}", here.value, value(&f));
        let h = 1e-4;
        for i in 0..3 {
            let slope = (value(&at(i, h)) - value(&at(i, -h))) / (2.0 * h);
            assert!((here.residual[i] * n_k[i] - slope).abs() < 1e-4, "{} and {slope}", here.residual[i] * n_k[i]);
            for j in 0..3 {
                let root = (n_k[i] * n_k[j]).sqrt();
                let slope_i = |by: f64| Likelihood::new(&samples, &at(j, by)).residual[i] * n_k[i];
                let curvature = (slope_i(h) - slope_i(-h)) / (2.0 * h) / root + root / 2_100.0;
                assert!((here.curvature[(i, j)] - curvature).abs() < 1e-7, "{i} {j}");
            }
        }
        let largest = (0..3).map(|i| here.residual[i].abs()).fold(0.0, f64::max);
        assert_eq!(here.largest_residual(), largest);
    }

    /// Between neighbours the mean over both of the mean change of the potential, by hand.
    #[test]
    fn the_first_guess_is_the_mean_change_of_the_potential() {
        // Samples 0 and 1 are of state 0, 2 and 3 of state 1, 4 of state 3.
        let u = DMatrix::from_row_slice(
            4,
            5,
            &[
                1.0, 2.0, 3.0, 4.0, 5.0, //
                2.0, 5.0, 3.5, 6.0, 9.0, //
                0.0, 0.0, 0.0, 0.0, 0.0, //
                4.0, 1.0, 2.0, 7.0, 3.0,
            ],
        );
        let samples = MultistateSamples::new(&u, &[2, 2, 0, 1]).unwrap();
        // 0 to 1: (1 + 3)/2 = 2 and (0.5 + 2)/2 = 1.25; 1 to 3: (−1.5 + 1)/2 = −0.25 and 3 − 9.
        assert_eq!(first_guess(&samples), [0.0, 1.625, 1.625 - 3.125]);
        // Sample 1 three times and sample 3 not at all: (1 + 9)/4 and 0.5; −1.5 and −6.
        let counts = samples.with_counts(&[1, 3, 1, 0, 1]).unwrap();
        assert_eq!(first_guess(&counts), [0.0, 1.5, 1.5 - 3.75]);
    }

    /// Newton's method doubles the number of right digits with each step.
    #[test]
    fn the_search_takes_a_few_steps() {
        let u = potentials();
        let samples = MultistateSamples::new(&u, &N_K).unwrap();
        let near = minimise(&samples, first_guess(&samples), 100);
        assert!(
            near.converged && (2..=6).contains(&near.iterations) && near.residual < 1e-12,
            "{} {:e}",
            near.iterations,
            near.residual
        );
        let stopped = minimise(&samples, first_guess(&samples), 1);
        assert!(!stopped.converged && stopped.iterations == 1);
    }
}
