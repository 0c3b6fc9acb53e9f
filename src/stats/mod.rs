//! Numerically safe elementary functions, and the statistics of samples.

mod autocorrelation;
mod bootstrap;
mod correlation;
pub mod free_energy;
mod hermite;
mod line;
mod log_weights;
mod root;
mod rounding;
mod shannon;
mod special;

pub use autocorrelation::{IntegratedTime, integrated_time};
pub use bootstrap::{Jackknife, block_counts, jackknife, resample_counts};
pub use correlation::{correlation, partial_correlation};
pub use hermite::Hermite;
pub use line::Line;
pub use log_weights::{LogWeights, log_sum_exp};
pub use root::find_maximum;
pub(crate) use root::find_root;
pub(crate) use root::find_root_within;
pub use rounding::resolved;
pub use shannon::shannon_entropy;
pub use special::{sigmoid, softplus};

/// Mean of a sample; 0 for an empty one.
#[must_use]
pub fn mean(xs: &[f64]) -> f64 {
    xs.iter().sum::<f64>() / xs.len().max(1) as f64
}

/// Standard deviation with the n−1 divisor; 0 for fewer than two values, and exactly 0 for equal
/// ones.
#[must_use]
pub fn std_dev(xs: &[f64]) -> f64 {
    let Some(&origin) = xs.first() else { return 0.0 };
    let centre = origin + mean(&xs.iter().map(|x| x - origin).collect::<Vec<_>>());
    (xs.iter().map(|x| (x - centre).powi(2)).sum::<f64>() / (xs.len().max(2) - 1) as f64).sqrt()
}
