//! How many independent samples a list of samples is worth.

/// The summation window is the smallest that exceeds this many autocorrelation times.
const WINDOW: f64 = 5.0;

/// n_eff = n/(2τ_int) of a series of samples in the order in which they were taken.
///
/// # Formula
/// τ_int = ½ + Σ_{t=1}^{M} ρ(t), with the smallest window M ≥ 5τ_int(M), and Var τ_int ≈ 2(2M + 1)τ²/n (Sokal, *Monte
/// Carlo methods in statistical mechanics*, 1996, section 3; Madras & Sokal, J. Stat. Phys. 50, 109 (1988), eq. E.11).
///
/// Samples that are independent still have a τ_int that scatters about ½. They are therefore taken as independent unless
/// τ_int exceeds ½ by more than twice its own error; error bars would otherwise be noisy for short series.
pub(super) fn effective_size(series: &[f64]) -> f64 {
    let n = series.len() as f64;
    let mean = crate::stats::mean(series);
    let x: Vec<f64> = series.iter().map(|x| x - mean).collect();
    let covariance = |t: usize| x.iter().zip(&x[t..]).map(|(a, b)| a * b).sum::<f64>();
    let variance = covariance(0);
    if variance <= 0.0 {
        return n;
    }
    let mut tau = 0.5;
    for t in 1..series.len() / 2 {
        tau += covariance(t) / variance;
        if t as f64 >= WINDOW * tau {
            let error = tau * (2.0 * (2.0 * t as f64 + 1.0) / n).sqrt();
            return if tau - 2.0 * error > 0.5 { n / (2.0 * tau) } else { n };
        }
    }
    // No window fits: the series is shorter than a few of its autocorrelation times.
    if series.len() < 8 { n } else { (n / (2.0 * tau.max(0.5))).min(n).max(1.0) }
}

/// The variance of the mean of a series.
pub(super) fn variance_of_mean(series: &[f64]) -> f64 {
    crate::stats::std_dev(series).powi(2) / effective_size(series)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::stream;
    use rand::RngExt;

    /// x ← φx + noise has τ_int = ½(1 + φ)/(1 − φ): 4.5 for φ = 0.8, and ½ for independent noise.
    #[test]
    fn an_autoregressive_series_has_its_known_size() {
        for (phi, tau) in [(0.0, 0.5), (0.5, 1.5), (0.8, 4.5)] {
            let mut sizes = 0.0;
            for seed in 0..20 {
                let mut rng = stream(seed, 0);
                let mut x = 0.0;
                let series: Vec<f64> = (0..4000)
                    .map(|_| {
                        x = phi * x + rng.random::<f64>() - 0.5;
                        x
                    })
                    .collect();
                sizes += effective_size(&series) / 20.0;
            }
            let expected = 4000.0 / (2.0 * tau);
            assert!((sizes / expected - 1.0).abs() < 0.05, "φ = {phi}: {sizes} against {expected}");
        }
    }

    #[test]
    fn degenerate_series_have_a_size() {
        assert_eq!(effective_size(&[1.0, 1.0, 1.0]), 3.0);
        assert_eq!(effective_size(&[1.0, 2.0]), 2.0);
        let slow: Vec<f64> = (0..100).map(f64::from).collect();
        assert!((1.0..10.0).contains(&effective_size(&slow)));
    }
}
