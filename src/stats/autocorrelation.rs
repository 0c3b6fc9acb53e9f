//! How many independent samples a correlated series is worth.

use super::mean;

/// Runs shorter than this many τ do not determine τ.
const LEAST_TIMES: f64 = 50.0;

/// The integrated autocorrelation time of a series, in steps: ½ for independent samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IntegratedTime {
    /// τ = ½ + Σ ρ(t), t from 1 to the window.
    pub tau: f64,
    /// Its standard error, τ√(2(2W+1)/n) (Madras and Sokal 1988, eq. E.5b).
    pub std_error: f64,
    /// The smallest window W with W ≥ 5τ(W).
    pub window: usize,
    /// The length of the series.
    pub n: usize,
}

impl IntegratedTime {
    /// n/(2τ): the number of independent samples with the same error of the mean.
    #[must_use]
    pub fn effective_size(&self) -> f64 {
        self.n as f64 / (2.0 * self.tau)
    }

    /// Whether the series is at least 50τ long. If not, τ is too uncertain, and probably too small,
    /// to rest an error bar on.
    #[must_use]
    pub fn is_long_enough(&self) -> bool {
        self.n as f64 >= LEAST_TIMES * self.tau
    }

    /// A length of blocks for [`block_counts`](super::block_counts): never less than 2τ, and longer
    /// where the series allows it, (3nτ²/2)^{1/3}.
    ///
    /// Blocks of 2τ alone give half of the variance of a mean: those of length b miss the share τ/b
    /// of it, at the ends, and the noise of the estimate grows as 4b/3n. The sum τ²/b² + 4b/3n is
    /// smallest at this length (Politis and White 2004, §3.2, for exponential correlations).
    #[must_use]
    pub fn block_length(&self) -> usize {
        (1.5 * self.n as f64 * self.tau * self.tau).cbrt().max(2.0 * self.tau).ceil() as usize
    }
}

/// τ of a series by summing its autocorrelations up to Sokal's window.
///
/// # Formula
/// ρ(t) = [C(t) + C/n]/[C(0) + C/n] with C = C(0) + 2Σ C(t): the mean of the series itself was
/// subtracted, which lowers every C(t) by C/n (Wolff 2004, eq. 49). The window closes at the first
/// W ≥ 5τ (Sokal 1997, §3): longer, and the sum collects noise; shorter, and it misses the tail, of
/// which e⁻⁵ is left outside if the correlations are exponential. The cost is n operations for each
/// lag inside the window.
///
/// τ is never below ½: the window closes on an anticorrelated series before its signs have
/// cancelled, and counting it as independent errs to the safe side.
///
/// A constant series, and one whose window does not close within half of its length, say only that
/// τ is long: τ is then at least n/10, and [`is_long_enough`](IntegratedTime::is_long_enough) is
/// false.
#[must_use]
pub fn integrated_time(xs: &[f64]) -> IntegratedTime {
    let n = xs.len();
    // From the first value and not from 0, so that a constant series becomes exactly 0.
    let mut xs: Vec<f64> = xs.iter().map(|x| x - xs[0]).collect();
    let centre = mean(&xs);
    xs.iter_mut().for_each(|x| *x -= centre);
    let scale = xs.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
    let covariance = |t: usize| {
        let products = xs[..n - t].iter().zip(&xs[t..]).map(|(a, b)| (a / scale) * (b / scale));
        products.sum::<f64>() / (n - t) as f64
    };
    let made = |tau: f64, window: usize| IntegratedTime {
        tau,
        std_error: tau * (2.0 * (2.0 * window as f64 + 1.0) / n.max(1) as f64).sqrt(),
        window,
        n,
    };
    let unknown = |tau: f64| made(tau.max(n as f64 / 10.0).max(0.5), n / 2);
    if scale == 0.0 {
        return unknown(n as f64 / 2.0);
    }
    let zero = covariance(0);
    let mut sum = 0.0;
    for window in 1..=n / 2 {
        sum += covariance(window);
        let lost = (zero + 2.0 * sum) / n as f64;
        let tau = (0.5 + (sum + window as f64 * lost) / (zero + lost)).max(0.5);
        if window as f64 >= 5.0 * tau {
            return made(tau, window);
        }
    }
    unknown(0.5 + sum / zero)
}
