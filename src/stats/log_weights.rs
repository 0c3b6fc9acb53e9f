//! Importance weights kept as logarithms.

/// ln Σ e^{xᵢ}, shifted by the maximum so that it never overflows; −∞ for an empty list.
#[must_use]
pub fn log_sum_exp(xs: &[f64]) -> f64 {
    let max = xs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if max.is_infinite() {
        return max;
    }
    max + xs.iter().map(|x| (x - max).exp()).sum::<f64>().ln()
}

/// A set of log-weights, normalised once: w̃ᵢ = e^{ln wᵢ} / Σ e^{ln wⱼ}.
#[derive(Debug, Clone)]
pub struct LogWeights {
    /// ln of the mean weight, ln (1/n) Σ wᵢ.
    pub log_mean: f64,
    /// The normalised weights w̃ᵢ, which sum to 1.
    pub normalized: Vec<f64>,
}

impl LogWeights {
    /// Normalises a list of log-weights, of which each counts `counts[i]` times.
    #[must_use]
    pub fn with_counts(log_w: &[f64], counts: &[u32]) -> Self {
        let max = log_w.iter().zip(counts).filter(|(_, c)| **c > 0).map(|(w, _)| *w).fold(f64::NEG_INFINITY, f64::max);
        let mut normalized: Vec<f64> =
            log_w.iter().zip(counts).map(|(w, c)| if *c > 0 { f64::from(*c) * (w - max).exp() } else { 0.0 }).collect();
        let sum: f64 = normalized.iter().sum();
        let n: f64 = counts.iter().map(|c| f64::from(*c)).sum();
        normalized.iter_mut().for_each(|w| *w /= sum);
        Self { log_mean: max + (sum / n).ln(), normalized }
    }

    /// Normalises a list of log-weights.
    #[must_use]
    pub fn new(log_w: &[f64]) -> Self {
        Self::with_counts(log_w, &vec![1; log_w.len()])
    }

    /// Σ w̃ᵢ xᵢ.
    #[must_use]
    pub fn mean(&self, xs: impl IntoIterator<Item = f64>) -> f64 {
        self.normalized.iter().zip(xs).map(|(w, x)| w * x).sum()
    }

    /// Effective sample size 1/Σ w̃ᵢ² (Kong 1992): between 1 and n.
    #[must_use]
    pub fn effective_size(&self) -> f64 {
        1.0 / self.normalized.iter().map(|w| w * w).sum::<f64>()
    }

    /// The largest normalised weight: the share of the answer that rests on one sample.
    #[must_use]
    pub fn largest_share(&self) -> f64 {
        self.normalized.iter().copied().fold(0.0, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_sum_exp_is_shift_invariant_at_any_scale() {
        let xs = [0.3, -1.2, 2.0];
        let direct = xs.iter().map(|x: &f64| x.exp()).sum::<f64>().ln();
        for shift in [-1e5, 0.0, 1e5] {
            let shifted: Vec<f64> = xs.iter().map(|x| x + shift).collect();
            assert!((log_sum_exp(&shifted) - shift - direct).abs() < 1e-10);
        }
        assert_eq!(log_sum_exp(&[]), f64::NEG_INFINITY);
        assert_eq!(log_sum_exp(&[f64::NEG_INFINITY; 2]), f64::NEG_INFINITY);
        assert_eq!(log_sum_exp(&[1.0, f64::INFINITY]), f64::INFINITY);
    }

    #[test]
    fn counts_repeat_a_sample() {
        let repeated = LogWeights::new(&[1.0, 1.0, 3.0]);
        let counted = LogWeights::with_counts(&[1.0, 2.0, 3.0], &[2, 0, 1]);
        assert!((repeated.log_mean - counted.log_mean).abs() < 1e-15);
        assert!((repeated.mean([5.0, 5.0, 7.0]) - counted.mean([5.0, 6.0, 7.0])).abs() < 1e-15);
    }

    /// Weights 1, 2 and 4, the second of them three times.
    #[test]
    fn weights_are_shares_of_their_sum() {
        let weights = LogWeights::with_counts(&[0.0, 2f64.ln(), 4f64.ln(), 900.0], &[1, 3, 1, 0]);
        assert!((weights.log_mean - (11.0f64 / 5.0).ln()).abs() < 1e-15);
        for (ours, share) in weights.normalized.iter().zip([1.0 / 11.0, 6.0 / 11.0, 4.0 / 11.0, 0.0]) {
            assert!((ours - share).abs() < 1e-15);
        }
        assert!((weights.mean([11.0, 22.0, 33.0, 1e9]) - 25.0).abs() < 1e-13);
        assert!((weights.largest_share() - 6.0 / 11.0).abs() < 1e-15);
        assert!((weights.effective_size() - 121.0 / 53.0).abs() < 1e-14);
    }

    #[test]
    fn effective_size_runs_from_one_to_n() {
        assert!((LogWeights::new(&[-7.0; 5]).effective_size() - 5.0).abs() < 1e-12);
        let one = LogWeights::new(&[0.0, -800.0, -900.0]);
        assert_eq!((one.effective_size(), one.largest_share()), (1.0, 1.0));
    }
}
