//! A perceptron with binary weights that learns from a teacher: the local entropy of every one of
//! its 2^N weights, exactly.

use plefka::{
    stats::{correlation, mean, std_dev},
    streams::stream,
};
use rand::RngExt;
use rand_distr::StandardNormal;
use serde::{Deserialize, Serialize};

/// All weights of N signs, numbered by their bits; those of the teacher are all +1, number 2^N − 1.
pub struct Perceptron {
    pub(crate) n: usize,
    /// Misclassified examples.
    pub(crate) errors: Vec<u32>,
}

impl Perceptron {
    /// `examples` Gaussian inputs, labelled by the teacher.
    pub fn learning(n: usize, examples: usize, seed: u64) -> Self {
        let mut rng = stream(seed, 1);
        let mut errors = vec![0; 1 << n];
        for _ in 0..examples {
            let mut input: Vec<f64> = (0..n).map(|_| rng.sample::<f64, _>(StandardNormal)).collect();
            // An input times its label is one that the teacher calls +1.
            let label = input.iter().sum::<f64>().signum();
            input.iter_mut().for_each(|x| *x *= label);
            let mut sum = -input.iter().sum::<f64>();
            let mut state = 0usize;
            for k in 0..1usize << n {
                errors[state] += u32::from(sum <= 0.0);
                // Gray code: one weight turns at each step.
                let bit = (k + 1).trailing_zeros() as usize;
                if bit < n {
                    state ^= 1 << bit;
                    sum += if state >> bit & 1 == 1 { 2.0 } else { -2.0 } * input[bit];
                }
            }
        }
        Self { n, errors }
    }

    /// The generalisation error arccos(R)/π of weights with overlap R with the teacher, on Gaussian
    /// inputs.
    pub fn generalisation_error(&self, state: usize) -> f64 {
        let overlap = 2.0 * f64::from(state.count_ones()) / self.n as f64 - 1.0;
        overlap.clamp(-1.0, 1.0).acos() / std::f64::consts::PI
    }

    /// −F(w) = ln Σ_{w′} p(w′) e^{−(γ/2)|w − w′|²} at every w. A turned weight is at a squared
    /// distance of 4, so that the sum is a product of 2×2 matrices, one for each weight.
    pub fn local_entropy(&self, weight: impl Fn(u32) -> f64, gamma: f64) -> Vec<f64> {
        let mut sums: Vec<f64> = self.errors.iter().map(|e| weight(*e)).collect();
        let turned = (-2.0 * gamma).exp();
        for bit in 0..self.n {
            for block in sums.chunks_exact_mut(2 << bit) {
                let (low, high) = block.split_at_mut(1 << bit);
                for (a, b) in low.iter_mut().zip(high) {
                    (*a, *b) = (*a + turned * *b, *b + turned * *a);
                }
            }
        }
        sums.iter_mut().for_each(|sum| *sum = sum.ln());
        sums
    }

    /// Where each state flows to if the weight that lowers `f` the most is turned, until none does.
    pub fn descend(&self, f: &[f64]) -> Vec<usize> {
        let lower = |state: usize| {
            let neighbours = (0..self.n).map(|bit| state ^ 1 << bit);
            neighbours.fold(state, |best, next| if f[next] < f[best] - 1e-12 { next } else { best })
        };
        let mut to: Vec<usize> = (0..f.len()).map(lower).collect();
        // Path doubling: in a few rounds every state points to its minimum.
        loop {
            let twice: Vec<usize> = to.iter().map(|next| to[*next]).collect();
            if twice == to {
                return to;
            }
            to = twice;
        }
    }
}

/// Flatness and generalisation among the solutions of many tasks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Flatness {
    pub(crate) n_weights: usize,
    /// Examples per weight.
    pub(crate) load: f64,
    pub(crate) gamma: f64,
    /// Tasks with at least three solutions of different overlap.
    pub(crate) tasks: usize,
    /// Of the local entropy of solutions with their generalisation error.
    pub(crate) correlation: f64,
    pub(crate) correlation_std_error: f64,
    /// The generalisation error of all solutions, of that with the largest local entropy, and of
    /// their majority.
    pub(crate) typical: f64,
    pub(crate) flattest: f64,
    pub(crate) majority: f64,
    /// flattest − typical, over tasks.
    pub(crate) gain: f64,
    pub(crate) gain_std_error: f64,
}

/// Smoothness: what descent finds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Descent {
    pub(crate) n_weights: usize,
    pub(crate) load: f64,
    /// Of the local entropy at β = 2 that is descended first; none for the errors themselves.
    pub(crate) gamma: Option<f64>,
    pub(crate) tasks: usize,
    /// States that no single turn improves. (Of the errors, which are whole numbers, these include
    /// whole plateaus.)
    pub(crate) minima: f64,
    pub(crate) minima_std_error: f64,
    /// The share of starts that end without an error.
    pub(crate) solved: f64,
    pub(crate) solved_std_error: f64,
}

/// β of the landscapes that are descended.
pub const BETA: f64 = 2.0;

fn average(values: &[f64]) -> (f64, f64) {
    (mean(values), std_dev(values) / (values.len() as f64).sqrt())
}

/// One row for each γ.
pub fn flatness(n: usize, load: f64, gammas: &[f64], tasks: u64) -> Vec<Flatness> {
    let examples = (load * n as f64).round() as usize;
    let mut found: Vec<Vec<[f64; 4]>> = vec![Vec::new(); gammas.len()];
    for task in 1..=tasks {
        let perceptron = Perceptron::learning(n, examples, task);
        let solutions: Vec<usize> = (0..perceptron.errors.len()).filter(|w| perceptron.errors[*w] == 0).collect();
        let errors: Vec<f64> = solutions.iter().map(|w| perceptron.generalisation_error(*w)).collect();
        let up = |bit: usize| 2 * solutions.iter().filter(|w| *w >> bit & 1 == 1).count() > solutions.len();
        let majority = (0..n).fold(0usize, |state, bit| state | usize::from(up(bit)) << bit);
        for (k, gamma) in gammas.iter().enumerate() {
            let flat = perceptron.local_entropy(|e| f64::from(u8::from(e == 0)), *gamma);
            let of_solutions: Vec<f64> = solutions.iter().map(|w| flat[*w]).collect();
            let Some(r) = (solutions.len() > 2).then(|| correlation(&of_solutions, &errors)).flatten() else {
                continue;
            };
            let best = (0..solutions.len()).max_by(|a, b| of_solutions[*a].total_cmp(&of_solutions[*b]));
            let flattest = errors[best.expect("solutions")];
            found[k].push([r, mean(&errors), flattest, perceptron.generalisation_error(majority)]);
        }
    }
    let row = |(gamma, found): (&f64, &Vec<[f64; 4]>)| {
        let of = |f: &dyn Fn(&[f64; 4]) -> f64| average(&found.iter().map(f).collect::<Vec<_>>());
        let ((correlation, correlation_std_error), (gain, gain_std_error)) = (of(&|x| x[0]), of(&|x| x[2] - x[1]));
        Flatness {
            n_weights: n,
            load,
            gamma: *gamma,
            tasks: found.len(),
            correlation,
            correlation_std_error,
            typical: of(&|x| x[1]).0,
            flattest: of(&|x| x[2]).0,
            majority: of(&|x| x[3]).0,
            gain,
            gain_std_error,
        }
    };
    gammas.iter().zip(&found).map(row).collect()
}

/// The errors themselves, then each γ.
pub fn descents(n: usize, load: f64, gammas: &[f64], tasks: u64) -> Vec<Descent> {
    let examples = (load * n as f64).round() as usize;
    let mut found: Vec<Vec<[f64; 2]>> = vec![Vec::new(); gammas.len() + 1];
    for task in 1..=tasks {
        let perceptron = Perceptron::learning(n, examples, task);
        let errors: Vec<f64> = perceptron.errors.iter().map(|e| f64::from(*e)).collect();
        let by_errors = perceptron.descend(&errors);
        let states = errors.len() as f64;
        for (k, gamma) in std::iter::once(None).chain(gammas.iter().map(Some)).enumerate() {
            let ends = match gamma {
                None => by_errors.clone(),
                Some(gamma) => {
                    let weight = |e: u32| (-BETA * f64::from(e)).exp();
                    let f: Vec<f64> = perceptron.local_entropy(weight, *gamma).into_iter().map(|x| -x).collect();
                    perceptron.descend(&f)
                }
            };
            let minima = ends.iter().enumerate().filter(|(state, end)| state == *end).count();
            let solved = ends.iter().filter(|end| errors[by_errors[**end]] == 0.0).count();
            found[k].push([minima as f64, solved as f64 / states]);
        }
    }
    let row = |(gamma, found): (Option<f64>, &Vec<[f64; 2]>)| {
        let of = |q: usize| average(&found.iter().map(|x| x[q]).collect::<Vec<_>>());
        let ((minima, minima_std_error), (solved, solved_std_error)) = (of(0), of(1));
        Descent { n_weights: n, load, gamma, tasks: found.len(), minima, minima_std_error, solved, solved_std_error }
    };
    std::iter::once(None).chain(gammas.iter().copied().map(Some)).zip(&found).map(row).collect()
}
