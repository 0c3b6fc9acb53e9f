//! Where the entropies of two sizes, over √N, are the same.

use super::MeanCurve;
use crate::stats::{Line, find_root};

/// Where S/√N of two sizes crosses.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Crossing {
    /// √(N₁N₂), the geometric mean of the sizes.
    pub size: f64,
    /// β at the crossing.
    pub beta: f64,
}

/// The β at which S/√N is the same for two sizes.
///
/// # Formula
/// S is of order N above the temperature of the transition, of order one below it, and S = √N g((β
/// − β_c)√N) + O(1) between: of two curves S/√N the one of the larger size lies above at small β
/// and below at large β. The term of order one displaces the crossing by about 1/√(N₁N₂). The exact
/// means of the random energy model cross at 1.878, 1.797 and 1.759 for the sizes (8, 16), (12, 20)
/// and (16, 24).
///
/// Only β in both curves count. Between them the difference is a cubic through the four points
/// around its change of sign, the first one from + to − as β grows. `None` if there is no such
/// change.
#[must_use]
pub fn crossing(one: &MeanCurve, other: &MeanCurve) -> Option<Crossing> {
    let (small, large) = if one.n_units < other.n_units { (one, other) } else { (other, one) };
    let scaled = |curve: &MeanCurve, k: usize| curve.entropy[k] / (curve.n_units as f64).sqrt();
    let difference = |(k, beta): (usize, &f64)| {
        let l = large.betas.iter().position(|b| b == beta)?;
        Some((*beta, scaled(large, l) - scaled(small, k)))
    };
    let points: Vec<(f64, f64)> = small.betas.iter().enumerate().filter_map(difference).collect();
    let change = points.windows(2).position(|pair| pair[0].1 > 0.0 && pair[1].1 <= 0.0)?;
    let around = &points[change.saturating_sub(1)..(change + 3).min(points.len())];
    let beta = find_root(|beta| through(around, beta), points[change].0, points[change + 1].0)?;
    Some(Crossing { size: (small.n_units as f64 * large.n_units as f64).sqrt(), beta })
}

/// The polynomial of the lowest degree through `points`, in the form of Lagrange.
fn through(points: &[(f64, f64)], x: f64) -> f64 {
    let basis = |k: usize| -> f64 {
        let others = points.iter().enumerate().filter(|(j, _)| *j != k);
        others.map(|(_, (xj, _))| (x - xj) / (points[k].0 - xj)).product()
    };
    points.iter().enumerate().map(|(k, (_, y))| y * basis(k)).sum()
}

/// The crossings extrapolated to infinite size: the intercept of the line of least squares of β
/// against size^(−`exponent`).
///
/// The leading displacement has the exponent 1, but at sizes that can be enumerated the next orders
/// are as large: on the exact means of the random energy model (sizes as in [`crossing`]) an
/// exponent of 1 gives 1.594 and 3/2 gives 1.666, for β_c = 1.6651. That spread, and not the
/// standard error of the sampling, is what is known about the limit.
///
/// `None` for fewer than two different sizes.
#[must_use]
pub fn crossing_limit(crossings: &[Crossing], exponent: f64) -> Option<f64> {
    let points = crossings.iter().map(|c| (c.size.powf(-exponent), c.beta));
    Line::fit(points).map(|line| line.intercept)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(n_units: usize, betas: &[f64], entropy: impl Fn(f64) -> f64) -> MeanCurve {
        let entropy = betas.iter().map(|beta| entropy(*beta)).collect();
        MeanCurve { n_units, betas: betas.to_vec(), entropy, participation: vec![None; betas.len()] }
    }

    /// S/√N = 2 − x + x³/5 + c/√N with x = (β − 1.3)√N: the difference is a cubic, which is found
    /// exactly; c puts its zero at 1.05.
    ///
    /// Fails for S/N in place of S/√N, and for a straight line between the points (off by 0.02).
    #[test]
    fn a_crossing_is_found_between_the_points_of_the_grid_they_share() {
        let s = |n: f64| {
            move |beta: f64| {
                let x = (beta - 1.3) * n.sqrt();
                n.sqrt() * (2.0 - x + 0.2 * x.powi(3)) + 1.14375
            }
        };
        let small = curve(4, &[0.8, 0.9, 1.0, 1.1, 1.2, 1.35, 1.5], s(4.0));
        let large = curve(9, &[0.9, 1.0, 1.2, 1.35, 1.7], s(9.0));
        let found = crossing(&small, &large).unwrap();
        assert_eq!(crossing(&large, &small), Some(found));
        assert!((found.beta - 1.05).abs() < 1e-12, "{found:?}");
        assert_eq!(found.size, 6.0);
        assert_eq!(crossing(&small, &curve(9, &[1.2, 1.35, 1.5], s(9.0))), None, "it lies below the grid");
        assert_eq!(crossing(&small, &curve(9, &[7.0], s(9.0))), None, "no β in both");
    }

    #[test]
    fn the_limit_is_the_intercept() {
        let at = |size: f64| Crossing { size, beta: 1.5 + 3.0 * size.powf(-1.5) };
        let limit = crossing_limit(&[at(8.0), at(12.0), at(20.0)], 1.5).unwrap();
        assert!((limit - 1.5).abs() < 1e-12, "{limit}");
        assert_eq!(crossing_limit(&[at(8.0), at(8.0)], 1.5), None);
    }
}
