//! The multistate Bennett acceptance ratio: free energies and averages at any state from samples of
//! many.

use super::mbar_equations::{FLAT, MultistateSamples, first_guess, minimise};
use crate::{Error, stats::log_sum_exp};
use nalgebra::{DMatrix, DVector};
use rayon::prelude::*;

/// Fewer samples than these in the narrowest place between two groups of states, and they do not
/// count as connected.
const LEAST_SHARED: f64 = 10.0;

/// Steps of the search from a first guess, and from the solution for other samples of the same
/// states, which is near: where that takes more, the states have nothing in common. Where there is no solution, neither has a
/// resample one, and a hundred of them would take a minute to say so.
const MOST_STEPS: usize = 500;
const MOST_STEPS_AGAIN: usize = 30;
const MOST_STEPS_UNSOLVED: usize = 3;

/// The solution of the equations of MBAR (Shirts and Chodera 2008).
///
/// # Formula
/// fₖ = −ln Σₙ e^{−uₖₙ}/Dₙ with Dₙ = Σⱼ Nⱼ e^{fⱼ−uⱼₙ} (eq. 11), f₀ = 0. It is the maximum of the
/// likelihood that each sample came from the state it did come from; with two states it is
/// [`bar`](super::bar).
///
/// Standard errors are asymptotic and hold for **independent** samples (eq. 8, in the eigenbasis of
/// the overlap matrix): of correlated ones, give every 2τ-th, or resample blocks and call
/// [`MultistateSamples::with_counts`].
///
/// # Examples
/// ```
/// use nalgebra::DMatrix;
/// use plefka::stats::free_energy::{Mbar, MultistateSamples};
///
/// // Two states whose potentials differ by 3 for every sample.
/// let u = DMatrix::from_row_slice(2, 4, &[0.1, 0.2, 0.3, 0.4, 3.1, 3.2, 3.3, 3.4]);
/// let mbar = Mbar::solve(&MultistateSamples::new(&u, &[2, 2])?);
/// assert!(mbar.converged && (mbar.f[1] - 3.0).abs() < 1e-12);
/// # Ok::<(), plefka::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Mbar<'a> {
    samples: MultistateSamples<'a>,
    /// fₖ = −ln(Zₖ/Z₀) of every state, also of those without samples.
    pub f: Vec<f64>,
    /// Whether the equations were solved, to 10⁻¹² in f.
    pub converged: bool,
    /// Steps of the search.
    pub iterations: usize,
    /// The largest |Σₙ pₖₙ/Nₖ − 1|.
    pub residual: f64,
    /// 1 − λ₂ of the overlap matrix Oᵢⱼ = Σₙ Nⱼ Wₙᵢ Wₙⱼ of the sampled states (Klimovich, Shirts
    /// and Mobley 2015): 0 where they fall into two groups without common ground.
    pub overlap: f64,
    log_n_f: Vec<f64>,
    log_denominators: Vec<f64>,
    /// Eigenvectors and eigenvalues of 1 − overlap (symmetrised).
    vectors: DMatrix<f64>,
    values: DVector<f64>,
}

/// Where the potentials are so large that ln Σ is lost in their rounding error, weights relative to
/// it do not add up to 1: their ratios still hold.
fn renormalise(weights: &mut [f64]) {
    let sum: f64 = weights.iter().sum();
    if (sum - 1.0).abs() > 1e-6 {
        weights.iter_mut().for_each(|w| *w /= sum);
    }
}

impl<'a> Mbar<'a> {
    /// Solves from a first guess that needs no overlap.
    #[must_use]
    pub fn solve(samples: &MultistateSamples<'a>) -> Self {
        Self::from_guess(samples, first_guess(samples), MOST_STEPS)
    }

    /// Solves for a resample of the same states, starting from this solution.
    #[must_use]
    pub fn resolve(&self, samples: &MultistateSamples<'a>) -> Self {
        let most = if self.converged { MOST_STEPS_AGAIN } else { MOST_STEPS_UNSOLVED };
        Self::from_guess(samples, samples.sampled.iter().map(|k| self.f[*k]).collect(), most)
    }

    fn from_guess(samples: &MultistateSamples<'a>, guess: Vec<f64>, most: usize) -> Self {
        let minimum = minimise(samples, guess, most);
        let mut log_n_f = samples.log_n_f(&minimum.f);
        let mut scratch = vec![0.0; log_n_f.len()];
        let mut log_denominators: Vec<f64> =
            (0..samples.u.ncols()).map(|n| samples.probabilities(&log_n_f, n, &mut scratch)).collect();
        let free_energy = |k: usize| {
            let terms = log_denominators.iter().enumerate();
            -log_sum_exp(&terms.map(|(n, d)| samples.count(n).ln() - samples.u[(k, n)] - d).collect::<Vec<_>>())
        };
        let f: Vec<f64> = (0..samples.u.nrows()).into_par_iter().map(free_energy).collect();
        // The origin is state 0, which need not have samples.
        let origin = f[0];
        log_n_f.iter_mut().chain(&mut log_denominators).for_each(|x| *x -= origin);
        Self {
            samples: samples.clone(),
            f: f.iter().map(|f| f - origin).collect(),
            converged: minimum.converged,
            iterations: minimum.iterations,
            residual: minimum.residual,
            overlap: minimum.curvature.eigenvalues.min().clamp(0.0, 1.0),
            log_n_f,
            log_denominators,
            vectors: minimum.curvature.eigenvectors,
            values: minimum.curvature.eigenvalues,
        }
    }

    pub(super) fn samples(&self) -> &MultistateSamples<'a> {
        &self.samples
    }

    /// ln Nₖ + fₖ of the sampled states.
    pub(super) fn log_n_f(&self) -> &[f64] {
        &self.log_n_f
    }

    /// The step in f against a residual, with the curvature of this solution.
    pub(super) fn newton_step(&self, residual: &DVector<f64>, sqrt_n: &DVector<f64>) -> DVector<f64> {
        let along = self.vectors.tr_mul(&residual.component_mul(sqrt_n));
        let scaled = along.zip_map(&self.values, |g, c| if c > FLAT { g / c } else { 0.0 });
        -(&self.vectors * &scaled).component_div(sqrt_n)
    }

    /// Whether enough samples lie between any two groups of sampled states, N(1−λ₂) ≥ 10. If not,
    /// differences across the gap mean nothing, however well the equations were solved, and there
    /// is no standard error.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.overlap * self.samples.total() >= LEAST_SHARED
    }

    /// fⱼ − fᵢ and its standard error.
    #[must_use]
    pub fn difference(&self, i: usize, j: usize) -> (f64, Option<f64>) {
        let (from, to) = (self.state(i), self.state(j));
        let influence: Vec<f64> = from.weights.iter().zip(&to.weights).map(|(a, b)| b - a).collect();
        (self.f[j] - self.f[i], self.std_error(&influence))
    }

    /// State k, sampled or not.
    #[must_use]
    pub fn state(&self, k: usize) -> Reweighted<'_> {
        let u: Vec<f64> = self.samples.u.row(k).iter().copied().collect();
        self.reweighted(&u)
    }

    /// The state in which sample n has the reduced potential `u[n]`.
    ///
    /// # Errors
    /// [`Error::Samples`] if there is not one finite potential for each sample.
    pub fn at(&self, u: &[f64]) -> Result<Reweighted<'_>, Error> {
        if u.len() != self.log_denominators.len() || u.iter().any(|u| !u.is_finite()) {
            let problem =
                format!("{} samples, and potentials that are not as many finite numbers", self.samples.u.ncols());
            return Err(Error::samples(problem, "give the potential of every sample in the new state"));
        }
        Ok(self.reweighted(u))
    }

    fn reweighted(&self, u: &[f64]) -> Reweighted<'_> {
        let log_w: Vec<f64> = u
            .iter()
            .zip(&self.log_denominators)
            .enumerate()
            .map(|(n, (u, d))| self.samples.count(n).ln() - u - d)
            .collect();
        let log_z = log_sum_exp(&log_w);
        let mut weights: Vec<f64> = log_w.iter().map(|w| (w - log_z).exp()).collect();
        renormalise(&mut weights);
        Reweighted { mbar: self, f: -log_z, weights }
    }

    /// The standard error of a quantity that changes by `influence[n]` (all copies of sample n
    /// together, Σ = 0) when the weight of sample n does: δᵀ(1 − WNWᵀ)⁺δ, with the inverse written
    /// in the eigenbasis of the K×K overlap matrix.
    fn std_error(&self, influence: &[f64]) -> Option<f64> {
        if !self.is_connected() || self.values.min() <= FLAT {
            return None;
        }
        let (mut own, mut shared) = (0.0, DVector::zeros(self.values.len()));
        let mut p = DVector::zeros(self.values.len());
        for (n, d) in influence.iter().enumerate().filter(|(n, _)| self.samples.count(*n) > 0.0) {
            own += d * d / self.samples.count(n);
            self.samples.probabilities(&self.log_n_f, n, p.as_mut_slice());
            shared.axpy(*d, &p, 1.0);
        }
        let sqrt_n = self.samples.sampled.iter().map(|k| self.samples.n_k[*k].sqrt());
        shared.iter_mut().zip(sqrt_n).for_each(|(s, root)| *s /= root);
        let along = self.vectors.tr_mul(&shared);
        let variance = own + along.zip_map(&self.values, |a, c| a * a / c).sum();
        Some(variance.sqrt()).filter(|e| e.is_finite())
    }
}

/// All samples, weighted for one state.
#[derive(Debug, Clone)]
pub struct Reweighted<'m> {
    mbar: &'m Mbar<'m>,
    /// f of this state, relative to state 0.
    pub f: f64,
    /// The weight of each sample (of all its copies), Σ = 1.
    pub weights: Vec<f64>,
}

impl Reweighted<'_> {
    /// The standard error of `f`.
    #[must_use]
    pub fn f_error(&self) -> Option<f64> {
        let origin = self.mbar.state(0);
        let influence: Vec<f64> = self.weights.iter().zip(&origin.weights).map(|(a, b)| a - b).collect();
        self.mbar.std_error(&influence)
    }

    /// ⟨a⟩ in this state, and its standard error; `a[n]` belongs to sample n.
    ///
    /// # Panics
    /// If there is not one value for each sample.
    #[must_use]
    pub fn mean(&self, a: &[f64]) -> (f64, Option<f64>) {
        assert_eq!(a.len(), self.weights.len(), "one value for each sample");
        let mean = self.weights.iter().zip(a).map(|(w, a)| w * a).sum();
        let influence: Vec<f64> = self.weights.iter().zip(a).map(|(w, a)| w * (a - mean)).collect();
        (mean, self.mbar.std_error(&influence))
    }

    /// 1/Σ w² (Kong 1992): the effective number of samples of this state. With only a few, its
    /// error bar cannot be believed.
    #[must_use]
    pub fn effective_size(&self) -> f64 {
        let samples = self.weights.iter().enumerate().filter(|(_, w)| **w > 0.0);
        1.0 / samples.map(|(n, w)| w * w / self.mbar.samples.count(n)).sum::<f64>()
    }
}
