//! Sums of weights that range over thousands of orders of magnitude, with the first two cumulants
//! of what they weigh.

/// A weighted sample, summed up: the logarithm of the total weight, and mean and variance under the
/// weights.
///
/// Two of them merge without cancellation (Chan, Golub & LeVeque 1979), so a reduction over many
/// blocks is as accurate as one block.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct WeightedMoments {
    pub(crate) log_weight: f64,
    pub(crate) mean: f64,
    pub(crate) variance: f64,
    /// What the sums have lost of the variance by rounding, at most.
    pub(crate) rounding: f64,
}

impl WeightedMoments {
    /// No weight at all.
    pub(crate) const EMPTY: Self = Self { log_weight: f64::NEG_INFINITY, mean: 0.0, variance: 0.0, rounding: 0.0 };

    /// The union of two samples.
    pub(crate) fn merge(self, other: Self) -> Self {
        let (big, small) = if self.log_weight >= other.log_weight { (self, other) } else { (other, self) };
        if small.log_weight == f64::NEG_INFINITY {
            return big;
        }
        let ratio = (small.log_weight - big.log_weight).exp();
        let share = ratio / (1.0 + ratio);
        let distance = small.mean - big.mean;
        let between = share * (1.0 - share) * distance * distance;
        Self {
            log_weight: big.log_weight + ratio.ln_1p(),
            mean: big.mean + share * distance,
            variance: big.variance + share * (small.variance - big.variance) + between,
            rounding: big.rounding + share * (small.rounding - big.rounding) + LOST * between,
        }
    }
}

/// What a few operations lose of a number, relative to it.
pub(crate) const LOST: f64 = 8.0 * f64::EPSILON;

/// Adds up weights 2^exponent × mantissa, each with a value of its own mean and variance, relative
/// to the largest exponent so far.
///
/// Values are centred on the first one that counts, which keeps ⟨x²⟩ − ⟨x⟩² from cancelling.
#[derive(Debug, Clone)]
pub(crate) struct ScaledSum {
    exponent: i64,
    centre: Option<f64>,
    weight: f64,
    first: f64,
    second: f64,
}

impl ScaledSum {
    pub(crate) fn new() -> Self {
        Self { exponent: i64::MIN / 2, centre: None, weight: 0.0, first: 0.0, second: 0.0 }
    }

    /// Adds a weight `mantissa` × 2^`exponent`, with `mantissa` within a few hundred binary orders
    /// of 1.
    #[inline]
    pub(crate) fn add(&mut self, mantissa: f64, exponent: i64, mean: f64, variance: f64) {
        if exponent > self.exponent {
            let rescale = power_of_two(self.exponent - exponent);
            self.weight *= rescale;
            self.first *= rescale;
            self.second *= rescale;
            self.exponent = exponent;
            // What came before counts for nothing: its values are no centre for those that do.
            if rescale == 0.0 {
                self.centre = None;
            }
        }
        let weight = mantissa * power_of_two(exponent - self.exponent);
        let distance = mean - *self.centre.get_or_insert(mean);
        self.weight += weight;
        self.first += weight * distance;
        self.second += weight * (distance * distance + variance);
    }

    /// Adds a weight given by its natural logarithm.
    pub(crate) fn add_log(&mut self, log_weight: f64, mean: f64, variance: f64) {
        let (mantissa, exponent) = split_exponential(log_weight);
        self.add(mantissa, exponent, mean, variance);
    }

    /// The sum.
    pub(crate) fn moments(&self) -> WeightedMoments {
        let Some(centre) = self.centre else { return WeightedMoments::EMPTY };
        let mean = self.first / self.weight;
        WeightedMoments {
            log_weight: self.weight.ln() + self.exponent as f64 * std::f64::consts::LN_2,
            mean: centre + mean,
            variance: self.second / self.weight - mean * mean,
            rounding: LOST * self.second / self.weight,
        }
    }
}

/// e^x = mantissa × 2^exponent, with a mantissa in [1, 2) up to rounding.
pub(crate) fn split_exponential(x: f64) -> (f64, i64) {
    // The clamp keeps differences of exponents within i64; what lies beyond it makes a sum
    // infinite, not wrong.
    let exponent = (x / std::f64::consts::LN_2).floor().clamp(-1e15, 1e15);
    ((x - exponent * std::f64::consts::LN_2).exp(), exponent as i64)
}

/// 2^e for e ≤ 0; zero below the range of normal numbers.
#[inline]
fn power_of_two(e: i64) -> f64 {
    if e < -1022 { 0.0 } else { f64::from_bits(((e + 1023) as u64) << 52) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_over_six_hundred_orders_of_magnitude_keeps_every_digit() {
        let mut sum = ScaledSum::new();
        let log_weights = [-700.0, 650.0, 651.5, 3.0, 651.0];
        for (k, log_weight) in log_weights.iter().enumerate() {
            sum.add_log(*log_weight, 1e3 + k as f64, 0.25);
        }
        let moments = sum.moments();
        let [a, b, c] = [-1.5f64, 0.0, -0.5].map(f64::exp);
        let total = a + b + c;
        let mean = (a + 2.0 * b + 4.0 * c) / total;
        let variance = 0.25 + (a + 4.0 * b + 16.0 * c) / total - mean * mean;
        assert!((moments.log_weight - 651.5 - total.ln()).abs() < 1e-12);
        assert!((moments.mean - 1e3 - mean).abs() < 1e-12);
        assert!((moments.variance - variance).abs() < 1e-12);
    }

    #[test]
    fn merging_is_summing() {
        let values = [(0.3, 5.0), (-2.0, 7.0), (1.1, -4.0), (40.0, 1.0)];
        let mut whole = ScaledSum::new();
        let mut parts = WeightedMoments::EMPTY;
        for (log_weight, mean) in values {
            whole.add_log(log_weight, mean, 0.5);
            let mut part = ScaledSum::new();
            part.add_log(log_weight, mean, 0.5);
            parts = parts.merge(part.moments());
        }
        let whole = whole.moments();
        assert!((whole.log_weight - parts.log_weight).abs() < 1e-13);
        assert!((whole.mean - parts.mean).abs() < 1e-13);
        assert!((whole.variance - parts.variance).abs() < 1e-13);
    }
}
