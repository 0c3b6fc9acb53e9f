//! The Bennett acceptance ratio: the best estimate of Δf from work in both directions.

use super::Work;
use crate::stats::{find_root, log_sum_exp, softplus};

/// Δf from forward and reverse work.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bar {
    /// Δf = f₁ − f₀ = −ln(Z₁/Z₀).
    pub delta_f: f64,
    /// The asymptotic standard error; `None` where the two sides have no overlap that f64 can hold, and Δf is then no more
    /// than a number between the two.
    pub std_error: Option<f64>,
    /// Overlap of the two work distributions, ∫ P_F(w) P_R(−w) / [ρ_F P_F(w) + ρ_R P_R(−w)] dw with ρ the shares of the
    /// samples: 1 if they are the same, 0 if they are disjoint. It is the scalar 1 − λ₂ of the overlap matrix of Klimovich,
    /// Shirts and Mobley (2015), who ask for matrix elements above 0.03.
    pub overlap: f64,
}

/// Solves Σ_F 1/(1+e^{M+w_F−Δf}) = Σ_R 1/(1+e^{−M+w_R−(−Δf)}), M = ln(n_F/n_R).
///
/// # Formula
/// Bennett (1976), eqs. 12 and 13. The difference of the *logarithms* of the two sides increases with Δf, and the root is
/// bracketed before it is sought, so the search always ends; in logarithms nothing underflows, however far apart the two
/// sides are. The standard error is that of maximum likelihood (Shirts, Bair, Hooker and Pande 2003, eq. 10),
/// σ² = 1/Σ p(1−p) − 1/n_F − 1/n_R over all samples, p being the probability that a sample is a reverse one. Written with
/// the overlap O it is σ² = (1/n_F + 1/n_R)(1/O − 1). It holds for independent samples, and asymptotically: where the overlap
/// comes from a few samples, so does the error.
///
/// # Examples
/// ```
/// use plefka::stats::free_energy::{Work, bar};
///
/// let estimate = bar(Work::new(&[1.0, 2.0])?, Work::new(&[-1.0, 0.0])?); // mirror images about w = 1
/// assert!((estimate.delta_f - 1.0).abs() < 1e-14);
/// # Ok::<(), plefka::Error>(())
/// ```
#[must_use]
pub fn bar(forward: Work<'_>, reverse: Work<'_>) -> Bar {
    let (n_forward, n_reverse) = (forward.total(), reverse.total());
    let m = (n_forward / n_reverse).ln();
    // A sample at d, on the axis of forward work, is a reverse one with probability σ(Δf − d).
    let forward: Vec<(f64, f64)> = forward.counted().map(|(c, w)| (c.ln(), m + w)).collect();
    let reverse: Vec<(f64, f64)> = reverse.counted().map(|(c, w)| (c.ln(), m - w)).collect();

    // Outside of all d by more than |M|, the left side is surely the smaller or the larger.
    let (lo, hi) = forward
        .iter()
        .chain(&reverse)
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), (_, d)| (lo.min(*d), hi.max(*d)));
    let excess = |delta_f: f64| log_sum(&forward, |d| delta_f - d) - log_sum(&reverse, |d| d - delta_f);
    let delta_f =
        find_root(excess, lo - m.abs() - 1.0, hi + m.abs() + 1.0).expect("the two sides cross in the bracket");

    let log_terms: Vec<f64> =
        forward.iter().chain(&reverse).map(|(c, d)| c - softplus(delta_f - d) - softplus(d - delta_f)).collect();
    let spread = 1.0 / n_forward + 1.0 / n_reverse;
    let overlap = (log_sum_exp(&log_terms) + spread.ln()).exp().min(1.0);
    let std_error = (spread * (1.0 / overlap - 1.0)).sqrt();
    Bar { delta_f, std_error: std_error.is_finite().then_some(std_error), overlap }
}

/// ln Σ c σ(x(d)).
fn log_sum(side: &[(f64, f64)], x: impl Fn(f64) -> f64) -> f64 {
    log_sum_exp(&side.iter().map(|(c, d)| c - softplus(-x(*d))).collect::<Vec<_>>())
}
