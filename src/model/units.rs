//! Two-state units and their single-site statistics.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    Error,
    stats::{sigmoid, softplus},
};

/// The two values a unit can take. A layer has one kind.
///
/// The single-site functions below are those of a unit with weight e^{field·x}; the cumulants are
/// written as functions of the mean m, which is how the Plefka expansion uses them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Units {
    /// 0 or 1.
    #[default]
    Bit,
    /// −1 or +1.
    Spin,
}

impl Units {
    /// The name used in model files and results: `bit` or `spin`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bit => "bit",
            Self::Spin => "spin",
        }
    }

    /// The lower and the upper value.
    #[must_use]
    pub fn values(self) -> [f64; 2] {
        match self {
            Self::Bit => [0.0, 1.0],
            Self::Spin => [-1.0, 1.0],
        }
    }

    /// Mean under zero field: ½ or 0.
    #[must_use]
    pub fn uniform_mean(self) -> f64 {
        match self {
            Self::Bit => 0.5,
            Self::Spin => 0.0,
        }
    }

    /// ln Σₓ e^{field·x}: softplus(field), or ln 2cosh(field) = |field| + ln(1 + e^{−2|field|}).
    #[must_use]
    pub fn log_partition(self, field: f64) -> f64 {
        match self {
            Self::Bit => softplus(field),
            Self::Spin => field.abs() + (-2.0 * field.abs()).exp().ln_1p(),
        }
    }

    /// ⟨x⟩ in a field: σ(field), or tanh(field).
    #[must_use]
    pub fn mean(self, field: f64) -> f64 {
        match self {
            Self::Bit => sigmoid(field),
            Self::Spin => field.tanh(),
        }
    }

    /// Variance c at mean m: m(1−m), or 1−m².
    #[must_use]
    pub fn variance(self, m: f64) -> f64 {
        match self {
            Self::Bit => m * (1.0 - m),
            Self::Spin => (1.0 - m) * (1.0 + m),
        }
    }

    /// dc/dm: 1−2m, or −2m.
    #[must_use]
    pub fn variance_slope(self, m: f64) -> f64 {
        match self {
            Self::Bit => 1.0 - 2.0 * m,
            Self::Spin => -2.0 * m,
        }
    }

    /// Third cumulant κ at mean m: m(1−m)(1−2m), or −2m(1−m²). Both are c·dc/dm.
    #[must_use]
    pub fn third_cumulant(self, m: f64) -> f64 {
        self.variance(m) * self.variance_slope(m)
    }

    /// dκ/dm = (dc/dm)² − 2c: 1−6m(1−m), or 6m²−2.
    #[must_use]
    pub fn third_cumulant_slope(self, m: f64) -> f64 {
        let slope = self.variance_slope(m);
        slope * slope - 2.0 * self.variance(m)
    }

    /// Mean, variance and third cumulant at mean m.
    #[must_use]
    pub fn cumulants(self, m: f64) -> [f64; 3] {
        [m, self.variance(m), self.third_cumulant(m)]
    }

    /// Their derivatives with respect to m.
    #[must_use]
    pub fn cumulant_slopes(self, m: f64) -> [f64; 3] {
        [1.0, self.variance_slope(m), self.third_cumulant_slope(m)]
    }

    /// The field in which a unit has mean m: ln m/(1−m), or artanh m; infinite at the ends.
    #[must_use]
    pub fn field(self, m: f64) -> f64 {
        let [low, high] = self.values();
        ((m - low) / (high - m)).ln() / (high - low)
    }

    /// Entropy in nats of a unit with mean m.
    #[must_use]
    pub fn entropy(self, m: f64) -> f64 {
        let [low, high] = self.values();
        let term = |p: f64| if p > 0.0 { -p * p.ln() } else { 0.0 };
        term((m - low) / (high - low)) + term((high - m) / (high - low))
    }
}

impl fmt::Display for Units {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Units {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        match name {
            "bit" => Ok(Self::Bit),
            "spin" => Ok(Self::Spin),
            _ => Err(Error::model(format!("`units` is `{name}`"), "it must be `bit` (0/1) or `spin` (±1)")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cumulants are the derivatives of the log-partition function; checked by central differences.
    #[test]
    fn cumulants_are_derivatives_of_the_log_partition_function() {
        for units in [Units::Bit, Units::Spin] {
            for field in [-3.0, -0.4, 0.0, 0.7, 2.5] {
                let h = 1e-4;
                let slope = |f: &dyn Fn(f64) -> f64, x: f64, h: f64| (f(x + h) - f(x - h)) / (2.0 * h);
                let m = units.mean(field);
                assert!((units.field(m) - field).abs() < 1e-12);
                let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-7, "{units} at {field}: {a} against {b}");
                close(m, slope(&|x| units.log_partition(x), field, h));
                close(units.variance(m), slope(&|x| units.mean(x), field, h));
                close(units.third_cumulant(m), slope(&|x| units.variance(units.mean(x)), field, h));
                close(units.variance_slope(m), slope(&|m| units.variance(m), m, 1e-3));
                close(units.third_cumulant_slope(m), slope(&|m| units.third_cumulant(m), m, 1e-5));
                close(units.entropy(m), units.log_partition(field) - field * m);
            }
        }
    }

    #[test]
    fn saturated_units_have_no_entropy_and_no_overflow() {
        for units in [Units::Bit, Units::Spin] {
            let [low, high] = units.values();
            assert_eq!((units.entropy(low), units.entropy(high)), (0.0, 0.0));
            assert_eq!((units.mean(-1e9), units.mean(1e9)), (low, high));
            assert_eq!(units.log_partition(1e9), 1e9);
        }
    }
}
