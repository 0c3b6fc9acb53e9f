//! Round numbers for axes.

use std::ops::Range;

/// Tick positions and how many decimals their labels need.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ticks {
    pub at: Vec<f64>,
    decimals: usize,
}

impl Ticks {
    /// About `count` round numbers within `range`: multiples of 1, 2, 2.5 or 5 times a power of
    /// ten.
    pub fn over(range: &Range<f64>, count: f64) -> Self {
        let wanted = (range.end - range.start) / count.max(1.0);
        let power = wanted.log10().floor();
        let unit = 10f64.powf(power);
        let step = [1.0, 2.0, 2.5, 5.0, 10.0].map(|m| m * unit).into_iter().find(|s| *s >= 0.999 * wanted);
        let step = step.unwrap_or(10.0 * unit);
        let first = (range.start / step - 1e-9).ceil() as i64;
        let last = (range.end / step + 1e-9).floor() as i64;
        let fraction =
            (0..9).find(|d| (step * 10f64.powi(*d)).fract().min(1.0 - (step * 10f64.powi(*d)).fract()) < 1e-6);
        let decimals = fraction.unwrap_or(9).unsigned_abs() as usize;
        Self { at: (first..=last).map(|k| k as f64 * step).collect(), decimals }
    }

    /// One tick at `value`.
    pub fn one(value: f64) -> Self {
        let decimals = format!("{value}").split_once('.').map_or(0, |(_, d)| d.len().min(6));
        Self { at: vec![value], decimals }
    }

    /// The label of a tick; with a minus, not a hyphen.
    pub fn label(&self, x: f64) -> String {
        // Numbers that would not fit beside the axis.
        if x != 0.0 && (self.decimals > 5 || x.abs() >= 1e7) {
            return format!("{x:.1e}").replace('-', "−");
        }
        let text = format!("{x:.*}", self.decimals);
        let zero = text.trim_start_matches('-').bytes().all(|b| matches!(b, b'0' | b'.'));
        if zero { "0".into() } else { text.replace('-', "−") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside() {
        for (range, count, labels) in [
            (0.0..2.0, 4.0, vec!["0", "0.5", "1.0", "1.5", "2.0"]),
            (-140.0..10.0, 4.0, vec!["−100", "−50", "0"]),
            (-0.021..0.021, 5.0, vec!["−0.02", "−0.01", "0", "0.01", "0.02"]),
            (0.0..2.1e8, 2.0, vec!["0", "2.0e8"]),
            (0.0..1505.0, 5.0, vec!["0", "500", "1000", "1500"]),
        ] {
            let ticks = Ticks::over(&range, count);
            let got: Vec<String> = ticks.at.iter().map(|x| ticks.label(*x)).collect();
            assert_eq!(got, labels, "{range:?}");
        }
    }
}
