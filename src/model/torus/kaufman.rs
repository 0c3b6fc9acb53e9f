//! The exact partition function of the Ising model on a finite torus.

use std::f64::consts::PI;

use super::jet::Jet;
use crate::model::Cumulants;

/// ln Z, U and Var E of [`ferromagnet`](super::ferromagnet) at any size.
///
/// # Formula
/// With m rows, n columns and s = sinh 2β,
///
/// Z = ½ (2s)^{mn/2} [Π 2cosh(½mγ_{2r+1}) + Π 2sinh(½mγ_{2r+1}) + Π 2cosh(½mγ_{2r}) + Π
/// 2sinh(½mγ_{2r})], r = 0 … n−1, cosh γ_l = s + 1/s − cos(πl/n), γ_l > 0 except that γ₀ = 2β + ln
/// tanh β changes its sign at β_c (Kaufman, Phys. Rev. 76, 1232 (1949); Ferdinand & Fisher, Phys.
/// Rev. 185, 832 (1969)). U and Var E are the first two derivatives of ln Z.
///
/// # Numerics
/// With A = (1 − s)² + 2s sin²(πl/2n), B = A + 2s and f = √A + √B, one has √(2s) e^{γ_l/2} = f, so
/// each factor is taken together with its share of the prefactor: (2s)^{m/2} 2cosh(½mγ) = f^m (1 +
/// t^m), t = e^{−γ} = 2s/f² ≤ 1. Nothing there overflows or is singular: not at β = 0, where γ is
/// infinite, nor at β_c, where γ₀ = 0. The products are sums of logarithms.
///
/// # Panics
/// If a side is shorter than two, or `beta` is negative or not finite.
#[must_use]
pub fn kaufman(rows: usize, columns: usize, beta: f64) -> Cumulants {
    assert!(rows > 1 && columns > 1, "a torus of {rows} × {columns} spins: both sides must be at least 2");
    assert!(beta >= 0.0 && beta.is_finite(), "β = {beta} must be finite and at least 0");
    // sinh 2β overflows where β is in the hundreds. Long before, only the two ordered states are
    // left.
    if beta > COLD {
        let spins = rows as f64 * columns as f64;
        let log_z = 2.0 * spins * beta + std::f64::consts::LN_2;
        return Cumulants { log_z, energy: Some(-2.0 * spins), energy_variance: Some(0.0) };
    }
    let m = i32::try_from(rows).expect("a side fits in an i32");
    let s = Jet((2.0 * beta).sinh(), 2.0 * (2.0 * beta).cosh(), 4.0 * (2.0 * beta).sinh());
    let one = Jet::constant(1.0);
    let two_s = 2.0 * s;

    // Of the mode l: ln f^m, and t^m.
    let mode = |l: usize| {
        let sine = (PI * l as f64 / (2 * columns) as f64).sin();
        let gap = s - one;
        let a = gap * gap + (sine * sine) * two_s;
        // √A is |s − 1| for l = 0; either branch serves at s = 1, since the result is smooth there.
        let root = if l > 0 { a.sqrt() } else { gap.0.signum() * gap };
        let f = root + (a + two_s).sqrt();
        (f64::from(m) * f.ln(), (two_s / (f * f)).powi(m))
    };
    let mut terms = [Jet::constant(0.0); 4];
    for r in 0..columns {
        for (parity, l) in [(0, 2 * r + 1), (1, 2 * r)] {
            let (log_power, t) = mode(l);
            terms[2 * parity] = terms[2 * parity] + log_power + t.ln_1p();
            terms[2 * parity + 1] = terms[2 * parity + 1] + log_power;
            if l > 0 {
                terms[2 * parity + 1] = terms[2 * parity + 1] + (-1.0 * t).ln_1p();
            }
        }
    }
    // 2sinh(½mγ₀) is negative above the transition temperature and zero at it, so it has no
    // logarithm.
    let sign = (s.0 - 1.0).signum();
    let amplitudes = [one, one, one, sign * (one - mode(0).1)];

    let largest = terms.iter().map(|term| term.0).fold(f64::NEG_INFINITY, f64::max);
    let sum = (terms.into_iter().zip(amplitudes))
        .map(|(term, amplitude)| amplitude * (term - Jet::constant(largest)).exp())
        .fold(Jet::constant(0.0), |sum, term| sum + term);
    let Jet(log_sum, slope, curvature) = (0.5 * sum).ln();
    Cumulants { log_z: largest + log_sum, energy: Some(-slope), energy_variance: Some(curvature) }
}

/// β beyond which an excitation, which breaks at least four bonds and so has a weight of e^{−8β} =
/// 10⁻⁷⁰ at most, is lost in rounding at any size; up to here s⁴ is far from overflow.
const COLD: f64 = 20.0;
