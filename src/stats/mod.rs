//! Numerically safe elementary functions, and the statistics of samples.

mod bootstrap;
mod log_weights;
mod special;

pub use bootstrap::resample_counts;
pub use log_weights::{LogWeights, log_sum_exp};
pub use special::{sigmoid, softplus};

/// Mean of a sample; 0 for an empty one.
#[must_use]
pub fn mean(xs: &[f64]) -> f64 {
    xs.iter().sum::<f64>() / xs.len().max(1) as f64
}

/// Standard deviation with the n−1 divisor; 0 for fewer than two values.
#[must_use]
pub fn std_dev(xs: &[f64]) -> f64 {
    let centre = mean(xs);
    (xs.iter().map(|x| (x - centre).powi(2)).sum::<f64>() / (xs.len().max(2) - 1) as f64).sqrt()
}
