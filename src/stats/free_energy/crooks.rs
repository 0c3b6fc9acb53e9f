//! The fluctuation theorem of Crooks as a test of forward and reverse work.

use super::Work;
use crate::stats::{sigmoid, softplus};

/// The straight line ln \[P_F(w)/P_R(−w)\] = slope · (w − crossing).
///
/// For a valid pair of processes the slope is 1 and the crossing Δf (Crooks 1999, eq. 2). A slope
/// away from 1 by several standard errors shows that one side did not start in equilibrium, or that
/// one is not the time reverse of the other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Crooks {
    /// The slope: 1 in theory.
    pub slope: f64,
    /// Its standard error.
    pub slope_error: f64,
    /// The work at which the two distributions cross: Δf in theory.
    pub crossing: f64,
    /// Its standard error.
    pub crossing_error: f64,
}

/// How far rounding moves the sum that is minimised, relative to it.
const ROUNDING: f64 = 1e-13;

/// Fits slope and crossing by maximum likelihood; no histogram, no bins. `None` where the two sides
/// do not interleave (or all works are equal): then every steep enough line fits, and nothing has
/// been tested.
///
/// # Formula
/// A sample at w is a forward one with the probability σ(ln(n_F/n_R) + a + s w): a logistic
/// regression (Shirts, Bair, Hooker and Pande 2003 have it with s = 1 fixed), crossing = −a/s.
/// Errors come from the inverse of the Fisher information; since the numbers of forward and of
/// reverse samples were chosen and not drawn, the variance of a is less by 1/n_F + 1/n_R (Anderson
/// 1972). They hold for independent samples.
#[must_use]
pub fn crooks(forward: Work<'_>, reverse: Work<'_>) -> Option<Crooks> {
    let (n_forward, n_reverse) = (forward.total(), reverse.total());
    let ((f_lo, f_hi), (r_lo, r_hi)) = (forward.range(), reverse.range());
    let (r_lo, r_hi) = (-r_hi, -r_lo);
    // Separated by a threshold: the likelihood rises for ever as the slope grows, and has no
    // maximum.
    if f_lo >= r_hi || r_lo >= f_hi {
        return None;
    }
    // Origin and unit of the abscissa, so that the equations are well conditioned.
    let origin = 0.5 * (f_lo.min(r_lo) + f_hi.max(r_hi));
    let unit = 0.5 * (f_hi.max(r_hi) - f_lo.min(r_lo));
    let m = (n_forward / n_reverse).ln();
    // (count, abscissa, +1 for forward and −1 for reverse)
    let samples: Vec<(f64, f64, f64)> = forward
        .counted()
        .map(|(c, w)| (c, (w - origin) / unit, 1.0))
        .chain(reverse.counted().map(|(c, w)| (c, (-w - origin) / unit, -1.0)))
        .collect();

    let loss = |a: f64, s: f64| samples.iter().map(|(c, x, y)| c * softplus(-y * (m + a + s * x))).sum::<f64>();
    let (mut a, mut s) = (0.0, 0.0);
    let mut current = loss(a, s);
    let mut information = [0.0; 3];
    // Newton's method on a convex function; some ten steps are enough, and the cap is never met but
    // for rounding.
    for _ in 0..200 {
        let mut gradient = [0.0; 2];
        information = [0.0; 3];
        for (c, x, y) in &samples {
            let margin = y * (m + a + s * x);
            let (p, q) = (sigmoid(-margin), sigmoid(margin));
            gradient[0] += c * y * p;
            gradient[1] += c * y * p * x;
            for (i, power) in [1.0, *x, x * x].into_iter().enumerate() {
                information[i] += c * p * q * power;
            }
        }
        let det = information[0] * information[2] - information[1] * information[1];
        let step_a = (information[2] * gradient[0] - information[1] * gradient[1]) / det;
        let step_s = (information[0] * gradient[1] - information[1] * gradient[0]) / det;
        if !(step_a.is_finite() && step_s.is_finite()) {
            return None;
        }
        // The full step overshoots where the logistic function is flat; a half of it, or less, does
        // not. Near the minimum all that the loss changes by is its rounding error, which halves nothing.
        let mut t = 1.0;
        while loss(a + t * step_a, s + t * step_s) > current * (1.0 + ROUNDING) && t > 1e-6 {
            t *= 0.5;
        }
        (a, s) = (a + t * step_a, s + t * step_s);
        current = loss(a, s);
        if step_a.abs() + step_s.abs() <= 1e-12 * (1.0 + a.abs() + s.abs()) {
            break;
        }
    }
    let det = information[0] * information[2] - information[1] * information[1];
    let var_a = information[2] / det - 1.0 / n_forward - 1.0 / n_reverse;
    let (var_s, cov) = (information[0] / det, -information[1] / det);
    // x₀ = −a/s, so dx₀ = −(da + x₀ ds)/s.
    let x0 = -a / s;
    let var_x0 = (var_a + 2.0 * x0 * cov + x0 * x0 * var_s) / (s * s);
    let fit = Crooks {
        slope: s / unit,
        slope_error: var_s.sqrt() / unit,
        crossing: origin + unit * x0,
        crossing_error: unit * var_x0.max(0.0).sqrt(),
    };
    [fit.slope, fit.slope_error, fit.crossing, fit.crossing_error].iter().all(|x| x.is_finite()).then_some(fit)
}
