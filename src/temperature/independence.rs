//! How many independent samples a list of samples is worth.

use crate::stats::{integrated_time, std_dev};

/// A series shorter than this says nothing about its own correlation.
const SHORTEST: usize = 8;

/// n_eff = n/(2τ_int) of a series of samples in the order in which they were taken.
///
/// Samples that are independent still have a τ_int that scatters about ½. They are therefore taken
/// as independent unless τ_int exceeds ½ by more than twice its own error; error bars would
/// otherwise be noisy for short series.
pub(super) fn effective_size(series: &[f64]) -> f64 {
    let n = series.len() as f64;
    if series.len() < SHORTEST || std_dev(series) == 0.0 {
        return n;
    }
    let time = integrated_time(series);
    if time.tau - 2.0 * time.std_error > 0.5 || !time.is_long_enough() { time.effective_size().max(1.0) } else { n }
}

/// The variance of the mean of a series.
pub(super) fn variance_of_mean(series: &[f64]) -> f64 {
    std_dev(series).powi(2) / effective_size(series)
}

#[cfg(test)]
mod tests {
    use crate::{streams::stream, temperature::independence::*};
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
