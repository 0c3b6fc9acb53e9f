//! The two work distributions on one axis, for a figure.

use super::Work;

/// Densities P_F(w) and P_R(−w) over common bins.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkHistogram {
    /// The edges of the bins, increasing, one more than there are bins.
    pub edges: Vec<f64>,
    /// P_F(w) of each bin, which integrates to 1.
    pub forward: Vec<f64>,
    /// P_R(−w) of each bin, which integrates to 1.
    pub reverse: Vec<f64>,
}

/// Histograms of w_F and of −w_R in `bins` (at least one) equal bins over the range of both.
#[must_use]
pub fn work_histogram(forward: Work<'_>, reverse: Work<'_>, bins: usize) -> WorkHistogram {
    let bins = bins.max(1);
    let ((f_lo, f_hi), (r_lo, r_hi)) = (forward.range(), reverse.range());
    let (mut lo, mut hi) = (f_lo.min(-r_hi), f_hi.max(-r_lo));
    // Values of the work that are all equal still need a bin with a width.
    let least = 1e-9 * lo.abs().max(hi.abs()).max(1.0);
    if hi - lo < least {
        (lo, hi) = (lo - least, hi + least);
    }
    let width = (hi - lo) / bins as f64;
    let density = |work: Work<'_>, sign: f64| {
        let mut density = vec![0.0; bins];
        for (c, w) in work.counted() {
            density[(((sign * w - lo) / width) as usize).min(bins - 1)] += c / (work.total() * width);
        }
        density
    };
    WorkHistogram {
        edges: (0..=bins).map(|i| lo + width * i as f64).collect(),
        forward: density(forward, 1.0),
        reverse: density(reverse, -1.0),
    }
}
