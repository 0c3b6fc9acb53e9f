//! The Bennett acceptance ratio: the best estimate of Δf from work in both directions.

use super::Work;
use crate::stats::{find_root, find_root_within, log_sum_exp, softplus};

/// Δf from forward and reverse work.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BennettRatio {
    /// Δf = f₁ − f₀ = −ln(Z₁/Z₀).
    pub delta_f: f64,
    /// The asymptotic standard error; `None` where the two sides have no overlap that f64 can hold,
    /// and Δf is then no more than a number between the two.
    pub std_error: Option<f64>,
    /// Overlap of the two work distributions, ∫ P_F(w) P_R(−w) / [ρ_F P_F(w) + ρ_R P_R(−w)] dw with
    /// ρ the shares of the samples: 1 if they are the same, 0 if they are disjoint. It is the
    /// scalar 1 − λ₂ of the overlap matrix of Klimovich, Shirts and Mobley (2015), who ask for
    /// matrix elements above 0.03.
    pub overlap: f64,
}

/// Solves Σ_F 1/(1+e^{M+w_F−Δf}) = Σ_R 1/(1+e^{−M+w_R−(−Δf)}), M = ln(n_F/n_R).
///
/// # Formula
/// Bennett (1976), eqs. 12 and 13. The difference of the *logarithms* of the two sides increases
/// with Δf, and the root is bracketed before it is sought, so the search always ends; in logarithms
/// nothing underflows, however far apart the two sides are. The standard error is that of maximum
/// likelihood (Shirts, Bair, Hooker and Pande 2003, eq. 10), σ² = 1/Σ p(1−p) − 1/n_F − 1/n_R over
/// all samples, p being the probability that a sample is a reverse one. Written with the overlap O
/// it is σ² = (1/n_F + 1/n_R)(1/O − 1). It holds for independent samples, and asymptotically: where
/// the overlap comes from a few samples, so does the error.
///
/// # Examples
/// ```
/// use plefka::stats::free_energy::{Work, bar};
///
/// let estimate = bar(Work::new(&[1.0, 2.0])?, Work::new(&[-1.0, 0.0])?); // mirror images about w = 1
/// assert!((estimate.delta_f - 1.0).abs() < 1e-14);
/// # Ok::<(), plefka::Error>(())
/// ```
#[must_use]
pub fn bar(forward: Work<'_>, reverse: Work<'_>) -> BennettRatio {
    let sides = Sides::of(forward, reverse);
    let [lo, hi] = sides.bracket();
    let delta_f = find_root(|delta_f| sides.excess(delta_f), lo, hi).unwrap_or_else(|| sides.nearest(lo, hi));
    let [n_forward, n_reverse] = sides.totals;
    let log_terms: Vec<f64> = sides.samples().map(|(c, d)| c - softplus(delta_f - d) - softplus(d - delta_f)).collect();
    let spread = 1.0 / n_forward + 1.0 / n_reverse;
    let overlap = (log_sum_exp(&log_terms) + spread.ln()).exp().min(1.0);
    let std_error = (spread * (1.0 / overlap - 1.0)).sqrt();
    BennettRatio { delta_f, std_error: std_error.is_finite().then_some(std_error), overlap }
}

/// The Δf of [`bar`] alone, by a search that begins at a number near it: for many resamples of the
/// same work.
#[must_use]
pub(crate) fn delta_f_near(guess: f64, forward: Work<'_>, reverse: Work<'_>) -> f64 {
    let sides = Sides::of(forward, reverse);
    let ends = sides.bracket_near(guess);
    let tolerance = PRECISION * guess.abs().max(1.0);
    let root = find_root_within(|delta_f| sides.excess(delta_f), ends, tolerance);
    root.unwrap_or_else(|| sides.nearest(ends[0].0, ends[1].0))
}

/// How precisely a resample is solved, relative to Δf: far better than any sample knows it.
const PRECISION: f64 = 1e-12;

/// The samples of both sides as (ln count, d) on the axis of forward work, where a sample at d is a
/// reverse one with probability σ(Δf − d).
struct Sides {
    forward: Vec<(f64, f64)>,
    reverse: Vec<(f64, f64)>,
    totals: [f64; 2],
}

impl Sides {
    fn of(forward: Work<'_>, reverse: Work<'_>) -> Self {
        let totals = [forward.total(), reverse.total()];
        let m = (totals[0] / totals[1]).ln();
        Self {
            forward: forward.counted().map(|(c, w)| (c.ln(), m + w)).collect(),
            reverse: reverse.counted().map(|(c, w)| (c.ln(), m - w)).collect(),
            totals,
        }
    }

    fn samples(&self) -> impl Iterator<Item = &(f64, f64)> {
        self.forward.iter().chain(&self.reverse)
    }

    /// The logarithm of the left side less that of the right: it increases with Δf.
    fn excess(&self, delta_f: f64) -> f64 {
        log_sum(&self.forward, |d| delta_f - d) - log_sum(&self.reverse, |d| d - delta_f)
    }

    /// Outside of all d by more than |M|, the left side is surely the smaller or the larger.
    fn bracket(&self) -> [f64; 2] {
        let m = (self.totals[0] / self.totals[1]).ln().abs();
        let ends = self.samples().fold([f64::INFINITY, f64::NEG_INFINITY], |[lo, hi], (_, d)| [lo.min(*d), hi.max(*d)]);
        [ends[0] - m - 1.0, ends[1] + m + 1.0]
    }

    /// Where the two sides are closest, of the ends of a bracket in which f64 sees no crossing: work
    /// so large that its rounding error hides the crossing.
    fn nearest(&self, lo: f64, hi: f64) -> f64 {
        let [at_lo, at_hi] = [lo, hi].map(|delta_f| self.excess(delta_f).abs());
        if at_lo == at_hi {
            return 0.5 * lo + 0.5 * hi;
        }
        if at_lo < at_hi { lo } else { hi }
    }

    /// The excess rises by less than 2 for each unit of Δf, so that its half is the least distance
    /// of the root; from there in growing steps.
    fn bracket_near(&self, guess: f64) -> [(f64, f64); 2] {
        let at = |delta_f: f64| (delta_f, self.excess(delta_f));
        let (here, [lo, hi]) = (at(guess), self.bracket());
        let mut step = here.1.abs().max(1e-12 * guess.abs().max(1.0));
        loop {
            let other = guess - step * here.1.signum();
            if other <= lo || other >= hi {
                return [at(lo), at(hi)];
            }
            let there = at(other);
            let product = there.1 * here.1;
            if !product.is_finite() {
                return [at(lo), at(hi)];
            }
            if product <= 0.0 {
                return if there.0 < here.0 { [there, here] } else { [here, there] };
            }
            step *= 3.0;
        }
    }
}

/// ln Σ c σ(x(d)).
fn log_sum(side: &[(f64, f64)], x: impl Fn(f64) -> f64) -> f64 {
    log_sum_exp(&side.iter().map(|(c, d)| c - softplus(-x(*d))).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waves() -> [Vec<f64>; 2] {
        let forward = (0..50).map(|k| 3.0 + 2.0 * (1.7 * f64::from(k)).sin()).collect();
        [forward, (0..70).map(|k| -1.0 + 2.0 * (2.3 * f64::from(k)).cos()).collect()]
    }

    #[test]
    fn a_search_from_anywhere_ends_at_the_same_root() {
        let [forward, reverse] = waves();
        let works = || (Work::new(&forward).unwrap(), Work::new(&reverse).unwrap());
        let root = bar(works().0, works().1).delta_f;
        for guess in [root, root + 1e-9, root - 0.3, root + 2.0, -1e3, 1e3, f64::NAN] {
            let near = delta_f_near(guess, works().0, works().1);
            assert!((near - root).abs() < 1e-11, "{near} from {guess}, not {root}");
        }
    }

    /// What a search is given has the root inside and no more than three times its distance outside.
    #[test]
    fn a_bracket_is_as_narrow_as_its_guess_is_near() {
        let [forward, reverse] = waves();
        let sides = Sides::of(Work::new(&forward).unwrap(), Work::new(&reverse).unwrap());
        let [lo, hi] = sides.bracket();
        let root = find_root(|delta_f| sides.excess(delta_f), lo, hi).unwrap();
        for distance in [-1e3, -10.0, -1.5, -0.3, -1e-6, 1e-6, 0.3, 1.5, 10.0, 1e3] {
            let [left, right] = sides.bracket_near(root + distance);
            assert!(left.0 <= root && root <= right.0, "{left:?} {right:?} around {root}");
            assert!(right.0 - left.0 <= 3.0 * distance.abs(), "{left:?} {right:?} around {root}");
            assert_eq!([left.1, right.1], [left.0, right.0].map(|delta_f| sides.excess(delta_f)));
        }
    }

    /// Works so large that adding ln(n_F/n_R), or 1, changes nothing: all but one lie at X, and where
    /// many are on one side, neither side sees a crossing.
    #[test]
    fn work_that_hides_the_crossing_leaves_the_nearer_end() {
        let (x, step) = (4e17, 64.0);
        assert!(x + 0.4 * step == x && x + step > x);
        let delta_f = |forward: &[f64], reverse: &[f64]| {
            let works = || (Work::new(forward).unwrap(), Work::new(reverse).unwrap());
            let found = bar(works().0, works().1).delta_f;
            assert_eq!(delta_f_near(found, works().0, works().1), found);
            found
        };
        let many = |at: f64, one: f64| [vec![at; 3_000], vec![one]].concat();
        assert_eq!(delta_f(&many(x, x + step), &[-x, -x]), x);
        assert_eq!(delta_f(&[x, x], &many(-x, step - x)), x);
        // All at one place.
        assert_eq!(delta_f(&[x, x], &[-x, -x, -x]), x);
    }
}
