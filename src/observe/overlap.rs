//! Functions of one or two states.

/// q = (1/N) Σᵢ sᵢtᵢ on spins ±1: 1 less twice the share of units that differ. 0 without units.
///
/// With a pattern for one of the states it is the retrieval overlap of a Hopfield model.
///
/// # Panics
/// If the states differ in length.
///
/// ```
/// assert_eq!(plefka::observe::overlap(&[true, false, true, true], &[true, true, true, true]), 0.5);
/// ```
#[must_use]
pub fn overlap(s: &[bool], t: &[bool]) -> f64 {
    assert_eq!(s.len(), t.len(), "two states of one model have as many units");
    share(s.iter().zip(t).filter(|(s, t)| s == t).count(), s.len())
}

/// m = (1/N) Σᵢ sᵢ on spins ±1: 0 where half of the units are at their upper value. 0 without
/// units.
#[must_use]
pub fn magnetisation(s: &[bool]) -> f64 {
    share(s.iter().filter(|s| **s).count(), s.len())
}

/// 2·count/n − 1: exact at both ends.
fn share(count: usize, n: usize) -> f64 {
    if n == 0 { 0.0 } else { (2.0 * count as f64 - n as f64) / n as f64 }
}

/// The participation ratio (Σ x²)²/Σ x⁴: 1 if one entry is all there is, n if n entries are alike
/// in size; 0 if all are 0.
///
/// Of the overlaps with all patterns it is the number of patterns in a state.
///
/// ```
/// assert_eq!(plefka::observe::participation(&[0.0, -2.0, 0.0, 2.0]), 2.0);
/// ```
#[must_use]
pub fn participation(xs: &[f64]) -> f64 {
    // On the scale of the largest entry, whose fourth power need not be within f64.
    let scale = xs.iter().fold(0.0, |scale: f64, x| scale.max(x.abs()));
    if scale == 0.0 {
        return 0.0;
    }
    let squares = || xs.iter().map(|x| (x / scale).powi(2));
    squares().sum::<f64>().powi(2) / squares().map(|x| x * x).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_overlaps_with_itself_and_not_with_half_of_it_turned() {
        let s = [true, false, false, true, true, false];
        let turned = s.map(|x| !x);
        assert_eq!((overlap(&s, &s), overlap(&s, &turned), magnetisation(&s)), (1.0, -1.0, 0.0));
        assert_eq!((overlap(&[], &[]), magnetisation(&[true; 3])), (0.0, 1.0));
    }

    #[test]
    fn participation_counts_entries_on_any_scale() {
        for scale in [1e-200, 1.0, 1e200] {
            assert!((participation(&[scale; 7]) - 7.0).abs() < 1e-12);
            assert!((participation(&[3.0 * scale, 1.0 * scale]) - 100.0 / 82.0).abs() < 1e-14);
        }
        assert_eq!(participation(&[0.0; 3]), 0.0);
    }
}
