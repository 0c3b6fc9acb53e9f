//! Exponential averages of work, from one side.

use super::Work;
use crate::stats::LogWeights;

/// Δf from an exponential average, and how many samples carry it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ExponentialAverage {
    /// Δf = f₁ − f₀ = −ln(Z₁/Z₀).
    pub delta_f: f64,
    /// √(Σ w̃² − 1/n), the standard error of the logarithm to first order. Useless where
    /// `effective_size` is a few: the samples that would matter were not seen.
    pub std_error: f64,
    /// 1/Σ w̃² (Kong 1992), between 1 and n.
    pub effective_size: f64,
    /// The largest normalised weight of one sample.
    pub largest_share: f64,
}

/// Δf = −ln⟨e^{−w_F}⟩ (Jarzynski 1997, eq. 2), in expectation not below the truth.
///
/// # Examples
/// ```
/// use plefka::stats::free_energy::{Work, forward_average};
///
/// let same = forward_average(Work::new(&[2.5, 2.5, 2.5])?); // reversible: every work is Δf
/// assert!((same.delta_f - 2.5).abs() < 1e-15 && same.std_error < 1e-7);
/// # Ok::<(), plefka::Error>(())
/// ```
#[must_use]
pub fn forward_average(forward: Work<'_>) -> ExponentialAverage {
    average(forward, -1.0)
}

/// Δf = +ln⟨e^{−w_R}⟩, w_R the work done in the reverse process; in expectation not above the
/// truth, if the reverse process started in equilibrium.
#[must_use]
pub fn reverse_average(reverse: Work<'_>) -> ExponentialAverage {
    average(reverse, 1.0)
}

fn average(work: Work<'_>, sign: f64) -> ExponentialAverage {
    // One log-weight for each distinct value; its count is put in by hand, since a value drawn
    // twice is two samples.
    let (counts, log_w): (Vec<f64>, Vec<f64>) = work.counted().map(|(c, w)| (c, -w)).unzip();
    let copies: Vec<u32> = counts.iter().map(|c| *c as u32).collect();
    let weights = LogWeights::with_counts(&log_w, &copies);
    let n = work.total();
    let squares: f64 = weights.normalized.iter().zip(&counts).map(|(w, c)| w * w / c).sum();
    ExponentialAverage {
        delta_f: sign * weights.log_mean,
        std_error: ((squares - 1.0 / n).max(0.0) * n / (n - 1.0)).sqrt(),
        effective_size: 1.0 / squares,
        largest_share: weights.normalized.iter().zip(&counts).map(|(w, c)| w / c).fold(0.0, f64::max),
    }
}
