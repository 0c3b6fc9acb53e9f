//! Where the entropy collapses.

/// The stretch of β over which an entropy falls most steeply.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EntropyDrop {
    /// Where it begins, a point of the grid.
    pub from: f64,
    /// Where it ends, a point of the grid.
    pub to: f64,
    /// S at the beginning, nats.
    pub entropy_before: f64,
    /// S at the end, nats.
    pub entropy_after: f64,
}

impl EntropyDrop {
    /// By how much S falls, nats.
    #[must_use]
    pub fn nats(&self) -> f64 {
        self.entropy_before - self.entropy_after
    }
}

/// The steepest fall of S, per unit of ln β, from points (β, S) in the order of β: the intervals
/// around the steepest one over which S falls at least half as steeply.
///
/// −∂S/∂ln β is the heat capacity, so this is the full width at half maximum of its highest peak,
/// read from the entropies alone. Per unit of ln β rather than of β, because the latter finds the
/// trivial loss of entropy near β = 0.
///
/// `None` if there is no such peak: there are fewer than four points, or the steepest interval is
/// the first or the last one (the peak is then outside the grid), or S falls by less than a
/// twentieth of its range, or the fall is spread over more than a factor of two in β, which is a
/// slope and not a collapse.
#[must_use]
pub fn steepest_drop(points: &[(f64, f64)]) -> Option<EntropyDrop> {
    if points.len() < 4 {
        return None;
    }
    // The heat capacity in the middle of an interval, −β ΔS/Δβ.
    let steepness = |pair: &[(f64, f64)]| {
        let [(b0, s0), (b1, s1)] = [pair[0], pair[1]];
        0.5 * (b0 + b1) * (s0 - s1) / (b1 - b0)
    };
    let steepness: Vec<f64> = points.windows(2).map(steepness).collect();
    let (peak, &highest) = steepness.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1))?;
    if peak == 0 || peak == steepness.len() - 1 {
        return None;
    }
    let steep = |k: &usize| steepness[*k] >= 0.5 * highest;
    let first = (0..peak).rev().take_while(steep).last().unwrap_or(peak);
    let last = (peak + 1..steepness.len()).take_while(steep).last().unwrap_or(peak);
    let [(from, entropy_before), (to, entropy_after)] = [points[first], points[last + 1]];
    let fall = EntropyDrop { from, to, entropy_before, entropy_after };

    let entropies = || points.iter().map(|p| p.1);
    let range = entropies().fold(f64::MIN, f64::max) - entropies().fold(f64::MAX, f64::min);
    let narrow = to <= 2.0 * from;
    (narrow && range > 0.0 && fall.nats() > 0.05 * range).then_some(fall)
}
