//! The peak of the heat capacity.

use crate::curve::{Curve, Measured};

/// Where the heat capacity is highest, and how high.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Peak {
    /// β at the peak.
    pub beta: Measured,
    /// C = β² Var E there, in units of k_B.
    pub height: Measured,
}

/// The highest peak of C(β), from the parabola through the highest point of the grid and its two
/// neighbours; with error bars if the curve has replicates, over those of them that have a peak
/// inside the grid.
///
/// The parabola interpolates: a peak narrower than the grid is not resolved. `None` if C is not
/// known at three points, or is highest at an end of the grid: the peak is then outside.
///
/// ```
/// use plefka::{Betas, Estimator, Exact, Run, model::Levels, thermo};
/// // Two levels: C = β²/(4 cosh²(β/2)) is highest where β/2 = coth(β/2) (Schottky).
/// let grid: Betas = "0:5:101".parse()?;
/// let curve = Exact::default().curve(&Levels::new(vec![0.0, 1.0])?, &grid, &Run::quiet(0))?;
/// let peak = thermo::heat_capacity_peak(&curve).expect("is inside");
/// assert!((peak.beta.value - 2.399357).abs() < 1e-3 && (peak.height.value - 0.439229).abs() < 1e-5);
/// # Ok::<(), plefka::Error>(())
/// ```
#[must_use]
pub fn heat_capacity_peak(curve: &Curve) -> Option<Peak> {
    let peak = curve.derive(|betas, series| {
        let capacity = (0..betas.len()).filter_map(|k| Some((betas[k], betas[k].powi(2) * series.energy_variance[k]?)));
        match top(&capacity.collect::<Vec<_>>()) {
            Some((beta, height)) => vec![Some(beta), Some(height)],
            None => vec![None, None],
        }
    });
    Some(Peak { beta: peak[0]?, height: peak[1]? })
}

/// The top of the parabola through the highest of the points and its neighbours.
fn top(points: &[(f64, f64)]) -> Option<(f64, f64)> {
    let highest = (0..points.len()).max_by(|a, b| points[*a].1.total_cmp(&points[*b].1))?;
    if highest == 0 || highest + 1 == points.len() {
        return None;
    }
    let [(x0, y0), (x1, y1), (x2, y2)] = [points[highest - 1], points[highest], points[highest + 1]];
    let (left, right) = ((y1 - y0) / (x1 - x0), (y2 - y1) / (x2 - x1));
    let curvature = (right - left) / (x2 - x0);
    if curvature >= 0.0 {
        return Some((x1, y1)); // level on both sides
    }
    // y = y₁ + slope (x − x₁) + curvature (x − x₁)².
    let slope = left + curvature * (x1 - x0);
    Some((x1 - 0.5 * slope / curvature, y1 - 0.25 * slope * slope / curvature))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parabola_has_its_top() {
        let parabola = |x: f64| 5.0 - 3.0 * (x - 1.3).powi(2);
        let points: Vec<(f64, f64)> = [0.0, 0.5, 1.1, 1.4, 2.0].map(|x| (x, parabola(x))).into();
        let (x, y) = top(&points).unwrap();
        assert!((x - 1.3).abs() < 1e-12 && (y - 5.0).abs() < 1e-12, "{x} {y}");
        assert_eq!(top(&points[..3]), None, "still rising at the end");
        assert_eq!(top(&points[4..]), None);
        assert_eq!(top(&[(0.0, 1.0), (1.0, 1.0), (2.0, 1.0)]), None);
        assert_eq!(top(&[]), None);
    }
}
