//! Coordinate ascent: each layer in turn, or each unit, is put where Φ is largest given the others.

use super::{
    equations::Equations,
    search::{Budget, Search, iterate},
};
use crate::model::{Expand, Units};

/// Exact maximisation over one layer after the other.
///
/// Given the other layers, Φ is a sum over the units of a layer, each with a problem of its own in
/// one variable: θ = β(b + s₁) + (β²/2) c′(m) s₂ + (β³/6) κ′(m) s₃ at m = m(θ). To second order
/// this is strictly concave, since c″ = −2 and s₂ ≥ 0, so it has one solution, and Φ rises until it
/// is stationary, however strong the couplings.
///
/// The iteration of the literature evaluates c′ at the *old* mean instead. That is what makes it
/// oscillate where β²s₂ is large, and what damping is needed for.
///
/// Where the units of a layer are coupled to each other, the same holds for one unit at a time. A
/// sweep then reads each coupling once all the same.
pub(in crate::estimator::mean_field) struct Ascent;

impl<M: Expand + ?Sized> Search<M> for Ascent {
    fn search(&self, equations: &mut Equations<'_, M>, goal: f64, budget: &mut Budget<'_>) -> f64 {
        iterate(equations, goal, budget, |equations| sweep(equations))
    }
}

/// One update of every layer. Returns the largest change of a mean.
pub(in crate::estimator::mean_field) fn sweep<M: Expand + ?Sized>(equations: &mut Equations<'_, M>) -> f64 {
    let [b1, b2, b3] = equations.coefficients();
    let mut change = 0.0f64;
    for layer in 0..equations.layers.len() {
        let (range, units) = equations.layers[layer].clone();
        let coupled = equations.coupled(layer);
        if !coupled {
            equations.gather(layer);
        }
        for (i, bias) in range.zip(equations.model.biases(layer)) {
            if coupled {
                equations.gather_unit(i);
            }
            let [s1, s2, s3] = equations.sums.unit(i);
            let unit = Unit { units, field: b1 * (bias + s1), onsager: b2 * s2, third: b3 * s3 };
            equations.logits[i] = unit.solve(equations.logits[i]);
            if coupled {
                change = change.max(equations.refresh_unit(i, units));
            }
        }
        if !coupled {
            change = change.max(equations.refresh(layer));
        }
    }
    change
}

/// The problem of one unit: to find g(θ) = θ − field − onsager · c′ − third · κ′ = 0.
struct Unit {
    units: Units,
    field: f64,
    onsager: f64,
    third: f64,
}

impl Unit {
    /// g and dg/dθ. With c″ = −2 and κ″ = −6c′, dg/dθ = 1 + c(2 onsager + 6 third c′).
    fn equation(&self, logit: f64) -> (f64, f64) {
        let m = self.units.mean(logit);
        let [_, c_slope, k_slope] = self.units.cumulant_slopes(m);
        let value = logit - self.field - self.onsager * c_slope - self.third * k_slope;
        (value, 1.0 + self.units.variance(m) * (2.0 * self.onsager + 6.0 * self.third * c_slope))
    }

    /// Newton's method from `logit`, kept within a bracket by bisection. Between the two ends of a
    /// saturated unit its steps may go back and forth for ever, so a step must be at most half as
    /// long as the one before.
    ///
    /// Of several solutions, which only third order can have, it takes one across which g changes
    /// from negative to positive: a maximum, since dΦ/dθ = −c g.
    fn solve(&self, logit: f64) -> f64 {
        if self.onsager == 0.0 && self.third == 0.0 {
            return self.field;
        }
        // |c′| ≤ high − low and −(high − low)²/2 ≤ κ′ ≤ (high − low)² on both kinds of units.
        let [low, high] = self.units.values();
        let reach = self.onsager.abs() * (high - low) + self.third.abs() * (high - low).powi(2);
        let (mut below, mut above) = (self.field - reach, self.field + reach);
        // Couplings whose powers overflow have no equation; what comes of it is refused at the end.
        if !below.is_finite() || !above.is_finite() {
            return f64::NAN;
        }
        let mut x = logit.clamp(below, above);
        let mut last = above - below;
        for _ in 0..100 {
            let (value, slope) = self.equation(x);
            if value.abs() <= f64::EPSILON * (self.field.abs() + reach) {
                break;
            }
            if value > 0.0 {
                above = x;
            } else {
                below = x;
            }
            let newton = x - value / slope;
            let converges = slope > 0.0 && (below..=above).contains(&newton) && (newton - x).abs() <= 0.5 * last;
            let next = if converges { newton } else { 0.5 * (below + above) };
            last = (next - x).abs();
            x = next;
            if last <= 1e-14 * (1.0 + x.abs()) {
                break;
            }
        }
        x
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_finds_its_maximum_however_strong_the_reaction() {
        for units in [Units::Bit, Units::Spin] {
            for (field, onsager, third) in
                [(0.3, 0.0, 0.0), (-2.0, 0.5, 0.1), (4.0, 30.0, -3.0), (-50.0, 400.0, 1e3), (1e4, 1e6, -1e5)]
            {
                for start in [-30.0, 0.0, 5.0] {
                    let unit = Unit { units, field, onsager, third };
                    let x = unit.solve(start);
                    let (value, slope) = unit.equation(x);
                    let scale = 1.0 + field.abs() + onsager + third.abs();
                    assert!(value.abs() < 1e-11 * scale, "{units} {field} {onsager} {third}: {value:e}");
                    assert!(slope > -1e-9, "{units} {field} {onsager} {third}: not a maximum");
                }
            }
        }
    }

    /// The root by bisection alone, in twice as wide a bracket.
    fn bisected(unit: &Unit) -> f64 {
        let reach = 2.0 + 2.0 * (2.0 * unit.onsager.abs() + 4.0 * unit.third.abs());
        let (mut below, mut above) = (unit.field - reach, unit.field + reach);
        for _ in 0..200 {
            let x = 0.5 * (below + above);
            if unit.equation(x).0 > 0.0 { above = x } else { below = x }
        }
        0.5 * (below + above)
    }

    /// To second order there is one root, and to third order too where the last term is small.
    #[test]
    fn a_unit_agrees_with_bisection_at_any_field() {
        for units in [Units::Bit, Units::Spin] {
            for field in [-1e8, -700.0, -20.0, -1.0, -1e-9, 0.0, 1e-3, 2.0, 35.0, 1e5] {
                for (onsager, third) in [(1e-6, 0.0), (0.5, 0.02), (3.0, -0.1), (40.0, 1.0), (1e5, 0.0)] {
                    let unit = Unit { units, field, onsager, third };
                    let expected = bisected(&unit);
                    for start in [-1e9, -5.0, 0.0, 5.0, 1e9] {
                        let x = unit.solve(start);
                        let rounding = 1e-12 * (1.0 + field.abs() + onsager);
                        assert!(
                            (x - expected).abs() < rounding,
                            "{units} {field} {onsager} {third} from {start}: {x} against {expected}"
                        );
                    }
                }
            }
        }
    }

    /// dg/dθ is the derivative of g, on both kinds of units and in all its terms.
    #[test]
    fn the_slope_of_a_unit_is_the_derivative_of_its_equation() {
        for units in [Units::Bit, Units::Spin] {
            for (onsager, third) in [(0.0, 0.0), (0.7, 0.0), (0.0, 0.3), (1.5, -0.4)] {
                let unit = Unit { units, field: 0.2, onsager, third };
                for x in [-3.0, -0.6, 0.0, 0.4, 2.0] {
                    let (_, slope) = unit.equation(x);
                    let difference = (unit.equation(x + 1e-5).0 - unit.equation(x - 1e-5).0) / 2e-5;
                    assert!((slope - difference).abs() < 1e-8, "{units} {onsager} {third} at {x}: {slope}");
                }
            }
        }
    }
}
