//! Many resamples of the same samples: the equations of MBAR again and again, close to a solution
//! that is known.

use nalgebra::{DMatrix, DVector};

use super::Mbar;

/// Steps after which the chord method is given up.
const MAX_STEPS: usize = 100;

/// Steps in f below which a resample counts as solved: far below the spread of resamples.
const TOLERANCE: f64 = 1e-7;

/// A solution, prepared for resamples.
///
/// The probabilities pₖₙ of the solution are kept. Where f is δ away from it they are pₖₙrₖ/Σⱼ
/// pⱼₙrⱼ with rₖ = e^{δₖ}N′ₖ/Nₖ, so that no exponential of a potential is ever taken again; and
/// Newton's method with the curvature of the solution, which a resample changes by a little, needs
/// no new matrix (the chord method).
pub(crate) struct Resampler<'m> {
    mbar: &'m Mbar<'m>,
    /// pₖₙ of the sampled states, a column for each sample.
    probabilities: DMatrix<f64>,
    /// Of the sampled states.
    n_k: DVector<f64>,
    /// The weights of all samples in state 0, and in each state of interest.
    weights: Vec<Vec<f64>>,
    /// f of the states of interest.
    f: Vec<f64>,
}

/// What one resample says of a state of interest.
pub(crate) struct Resampled {
    /// f relative to state 0.
    pub(crate) f: f64,
    /// The weight of each sample (of all its copies), Σ = 1.
    pub(crate) weights: Vec<f64>,
}

impl<'m> Resampler<'m> {
    /// Prepares a solution, of samples that count once each, for resamples that are to say
    /// something of the states `targets`.
    pub(crate) fn new(mbar: &'m Mbar<'m>, targets: impl Iterator<Item = usize> + Clone) -> Self {
        let samples = mbar.samples();
        let n_k = DVector::from_iterator(samples.sampled.len(), samples.sampled.iter().map(|k| samples.n_k[*k]));
        let mut probabilities = DMatrix::zeros(n_k.len(), samples.u.ncols());
        for (n, mut column) in probabilities.column_iter_mut().enumerate() {
            samples.probabilities(mbar.log_n_f(), n, column.as_mut_slice());
        }
        Self {
            mbar,
            probabilities,
            n_k,
            weights: std::iter::once(0).chain(targets.clone()).map(|k| mbar.state(k).weights).collect(),
            f: targets.map(|k| mbar.f[k]).collect(),
        }
    }

    /// The states of interest with sample n taken `counts[n]` times and each state keeping its
    /// number of samples, solved to 10⁻⁷ in f. `None` where the resample is too far from the
    /// solution for that; then it is to be solved from the beginning.
    pub(crate) fn resample(&self, counts: &[u32]) -> Option<Vec<Resampled>> {
        let sqrt_n = self.n_k.map(f64::sqrt);
        let mut delta: DVector<f64> = DVector::zeros(self.n_k.len());
        for _ in 0..MAX_STEPS {
            let ratios = delta.map(f64::exp);
            let mut sums = DVector::zeros(delta.len());
            for (n, c) in drawn(counts) {
                let p = self.probabilities.column(n);
                sums.axpy(c / p.dot(&ratios), &p, 1.0);
            }
            let residual = sums.component_mul(&ratios).component_div(&self.n_k).add_scalar(-1.0);
            let step = self.mbar.newton_step(&residual, &sqrt_n);
            delta += &step;
            delta.add_scalar_mut(-delta[0]);
            if step.amax().is_nan() || step.amax() > 100.0 {
                return None;
            }
            if step.amax() <= TOLERANCE {
                return Some(self.reweighted(counts, &delta.map(f64::exp)));
            }
        }
        None
    }

    /// The states of interest: the weights of the solution times cₙ/Σₖ pₖₙrₖ.
    fn reweighted(&self, counts: &[u32], ratios: &DVector<f64>) -> Vec<Resampled> {
        let mut factors = vec![0.0; counts.len()];
        drawn(counts).for_each(|(n, c)| factors[n] = c / self.probabilities.column(n).dot(ratios));
        let sum = |weights: &Vec<f64>| weights.iter().zip(&factors).map(|(w, x)| w * x).sum::<f64>();
        let origin = sum(&self.weights[0]);
        let target = |(f, weights): (&f64, &Vec<f64>)| {
            let sum = sum(weights);
            let weights = weights.iter().zip(&factors).map(|(w, x)| w * x / sum).collect();
            Resampled { f: f - (sum / origin).ln(), weights }
        };
        self.f.iter().zip(&self.weights[1..]).map(target).collect()
    }
}

/// The samples that occur, and how often they do.
fn drawn(counts: &[u32]) -> impl Iterator<Item = (usize, f64)> + '_ {
    counts.iter().enumerate().filter(|(_, c)| **c > 0).map(|(n, c)| (n, f64::from(*c)))
}

#[cfg(test)]
mod tests {
    use super::{super::MultistateSamples, *};
    use crate::{stats::resample_counts, streams::stream};

    /// Six Gaussians in a row, of which the last or the first has no samples; resamples that keep the
    /// numbers, as tempering draws them.
    #[test]
    fn a_resample_is_what_solving_from_the_beginning_gives() {
        for empty in [5, 0] {
            let (states, times) = (6, 40);
            let sampled: Vec<usize> = (0..states).filter(|k| *k != empty).collect();
            let mut rng = stream(5, 0);
            let noise: Vec<f64> = (0..5 * times).map(|_| resample_counts(24, &mut rng)[0] as f64 - 1.0).collect();
            let x = |n: usize| sampled[n / times] as f64 + 0.7 * noise[n] + 0.01 * (n % times) as f64;
            let u = DMatrix::from_fn(states, 5 * times, |k, n| 0.5 * (x(n) - 0.9 * k as f64).powi(2) + k as f64);
            let n_k: Vec<usize> = (0..states).map(|k| if k == empty { 0 } else { times }).collect();
            let samples = MultistateSamples::new(&u, &n_k).unwrap();
            let mbar = Mbar::solve(&samples);
            let resampler = Resampler::new(&mbar, [5, 2].into_iter());
            for _ in 0..20 {
                let of_time = resample_counts(times, &mut rng);
                let counts: Vec<u32> = (0..5 * times).map(|n| of_time[n % times]).collect();
                let resampled = samples.with_counts(&counts).unwrap();
                let full = Mbar::solve(&resampled);
                let short = resampler.resample(&counts).expect("a resample of the solution is near it");
                assert_eq!(short.len(), 2);
                for (short, k) in short.iter().zip([5, 2]) {
                    assert!((short.f - full.f[k]).abs() < 1e-6, "{} and {}", short.f, full.f[k]);
                    assert!((full.f[k] - mbar.f[k]).abs() > 1e-5, "the resample changed nothing");
                    assert_eq!(short.weights.len(), counts.len());
                    for (a, b) in short.weights.iter().zip(&full.state(k).weights) {
                        assert!((a - b).abs() < 1e-6);
                    }
                }
            }
        }
    }
}
