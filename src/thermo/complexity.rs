//! Complexity: how many solutions there are at a free energy.

/// The solutions in one interval of free energy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Level {
    /// The lower end of the interval, in the units of the free energies.
    pub from: f64,
    /// Its upper end, which belongs to the next interval.
    pub to: f64,
    /// How many solutions lie in it; at least one.
    pub solutions: usize,
    /// Σ = ln(number of solutions), nats, a total over the system.
    pub complexity: f64,
}

/// Σ(f): the logarithm of the number of distinct solutions against their free energy, in intervals
/// of `width` that begin at multiples of it. Empty intervals are left out, and so are free energies
/// that are not finite.
///
/// With the free energies F = −Φ/β of the distinct stable solutions of the TAP equations this is
/// the complexity of Bray & Moore (J. Phys. C 13, L469 (1980)), as far as the starts have found the
/// solutions: a lower bound of the count. Empty if `width` is not positive.
///
/// ```
/// let levels = plefka::thermo::complexity(&[-3.2, -3.1, -1.0], 0.5);
/// let counts: Vec<_> = levels.iter().map(|level| (level.from, level.solutions)).collect();
/// assert_eq!(counts, [(-3.5, 2), (-1.0, 1)]);
/// ```
#[must_use]
pub fn complexity(free_energies: &[f64], width: f64) -> Vec<Level> {
    if !(width > 0.0 && width.is_finite()) {
        return Vec::new();
    }
    let mut indices: Vec<f64> =
        free_energies.iter().map(|f| (f / width).floor()).filter(|index| index.is_finite()).collect();
    indices.sort_by(f64::total_cmp);
    let level = |same: &[f64]| Level {
        from: same[0] * width,
        to: (same[0] + 1.0) * width,
        solutions: same.len(),
        complexity: (same.len() as f64).ln(),
    };
    indices.chunk_by(|a, b| a == b).map(level).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_solution_is_counted_once() {
        let free_energies: Vec<f64> = (0..500).map(|k| -10.0 + 3.0 * (k as f64).sin()).collect();
        for width in [0.01, 0.3, 5.0] {
            let levels = complexity(&free_energies, width);
            assert_eq!(levels.iter().map(|level| level.solutions).sum::<usize>(), 500);
            for level in &levels {
                let within = free_energies.iter().filter(|f| (level.from..level.to).contains(*f)).count();
                assert!(within.abs_diff(level.solutions) <= 1, "up to rounding at the ends");
                assert_eq!(level.complexity, (level.solutions as f64).ln());
            }
            assert!(levels.windows(2).all(|pair| pair[0].to <= pair[1].from + 1e-12));
        }
    }

    #[test]
    fn nothing_to_count_is_no_level() {
        assert_eq!(complexity(&[], 1.0), []);
        assert_eq!(complexity(&[f64::NAN, f64::INFINITY], 1.0), []);
        assert_eq!(complexity(&[1.0], 0.0), []);
        assert_eq!(complexity(&[1.0], f64::NAN), []);
    }
}
