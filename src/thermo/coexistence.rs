//! Two phases in the distribution of the energy: where they weigh the same, and how far apart they
//! are.

use crate::{
    Error,
    curve::{Claim, Measured},
    stats::{find_root, log_sum_exp, resample_counts, std_dev},
    streams::Purpose,
    thresholds::MIN_SIGMAS_OF_A_DIP,
};

/// The fewest samples from which a histogram is made.
const FEWEST: usize = 100;

/// Samples of the energy, counted in intervals of equal width.
#[derive(Debug, Clone, PartialEq)]
pub struct EnergyHistogram {
    /// The lower end of the first interval, in the model's energy units.
    pub from: f64,
    /// The width of an interval.
    pub width: f64,
    /// How many samples lie in each.
    pub counts: Vec<usize>,
}

impl EnergyHistogram {
    /// Counts energies in about 2n^{1/3} intervals (Rice's rule) from the lowest to the highest.
    ///
    /// # Errors
    /// [`Error::Samples`] if there are fewer than a hundred, or one is not finite.
    pub fn of(energies: &[f64]) -> Result<Self, Error> {
        if energies.len() < FEWEST {
            let problem = format!("{} energies make no histogram", energies.len());
            return Err(Error::Samples { problem, remedy: format!("draw at least {FEWEST}") });
        }
        if let Some(bad) = energies.iter().find(|e| !e.is_finite()) {
            return Err(Error::Samples {
                problem: format!("an energy is {bad}"),
                remedy: "every energy must be finite".into(),
            });
        }
        let low = energies.iter().copied().fold(f64::INFINITY, f64::min);
        let high = energies.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let bins = (2.0 * (energies.len() as f64).cbrt()).ceil() as usize;
        // All the same: one interval is filled, of any width.
        let width = if high > low { (high - low) / bins as f64 } else { 1.0 };
        let mut counts = vec![0; bins];
        energies.iter().for_each(|e| counts[(((e - low) / width) as usize).min(bins - 1)] += 1);
        Ok(Self { from: low, width, counts })
    }

    /// The middle of interval `k`.
    #[must_use]
    pub fn energy(&self, k: usize) -> f64 {
        self.from + (k as f64 + 0.5) * self.width
    }

    /// The lowest part between two maxima, if it is significantly lower than both.
    fn dip(&self) -> Option<Dip> {
        let counts: Vec<f64> = self.counts.iter().map(|count| *count as f64).collect();
        let highest = |side: &[f64]| side.iter().copied().fold(0.0, f64::max);
        let depth = |k: usize| {
            let lower = highest(&counts[..k]).min(highest(&counts[k + 1..])).max(1.0);
            let here = counts[k].max(1.0);
            let (depth, error) = ((lower / here).ln(), (1.0 / lower + 1.0 / here).sqrt());
            (depth / error, depth)
        };
        let inner = || (1..counts.len().max(1) - 1).map(|k| (k, depth(k)));
        // That there is a dip is seen best on its slopes, where there are more samples than at its
        // bottom.
        let (inside, (significance, _)) = inner().max_by(|(_, a), (_, b)| a.0.total_cmp(&b.0))?;
        // The bottom is looked for between its two maxima alone: the gaps of a thin tail are
        // deeper.
        let top = |range: std::ops::Range<usize>| range.max_by(|a, b| counts[*a].total_cmp(&counts[*b]));
        let between = top(0..inside)? + 1..top(inside + 1..counts.len())?;
        let deepest = between.min_by(|a, b| counts[*a].total_cmp(&counts[*b]))?;
        let nats = depth(deepest).1;
        // In a gap between the phases all intervals are as deep; the cut goes through its middle.
        let same = counts[deepest..].iter().take_while(|count| **count == counts[deepest]).count();
        let first = counts[..deepest].iter().rev().take_while(|count| **count == counts[deepest]).count();
        let middle = deepest as f64 + 0.5 * (same as f64 - 1.0 - first as f64);
        (significance >= MIN_SIGMAS_OF_A_DIP).then_some(Dip { energy: self.from + (middle + 0.5) * self.width, nats })
    }
}

struct Dip {
    energy: f64,
    nats: f64,
}

/// Two phases at the temperature at which they weigh the same.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Coexistence {
    /// The energy that divides the phases: the minimum of the histogram between its maxima, in the
    /// model's energy units.
    pub cut: f64,
    /// β at which half of the weight lies on each side of the cut.
    pub beta: Measured,
    /// ⟨E⟩ above the cut less ⟨E⟩ below it, at that β. Times β it is the entropy that is lost,
    /// since the phases have the same ln Z.
    pub latent_heat: Measured,
    /// How deep the dip is below the lower maximum, ln(p_max/p_min) at the β of the samples, nats.
    pub barrier: f64,
    /// How many samples carry the weight at the coexistence, (Σw)²/Σw².
    pub effective_samples: f64,
}

/// The coexistence of two phases, from independent samples of the energy at `beta` (exact ones:
/// [`Draw`](crate::model::Draw)). `None` if their histogram does not have two maxima with a dip
/// between them that is lower by five standard errors: a broad transition, or no transition, or a β
/// too far from it.
///
/// # Formula
/// The samples are weighed by e^{−(β−β₀)E} (Ferrenberg and Swendsen, Phys. Rev. Lett. 61, 2635
/// (1988)); β is where both sides of the cut have the same weight (Borgs and Kotecký, J. Stat.
/// Phys. 61, 79 (1990)). The standard errors are those of a bootstrap of the samples with the cut
/// held fixed. If `effective_samples` is small, draw again at the β that was found.
///
/// # Errors
/// [`Error::Samples`] as [`EnergyHistogram::of`]; [`Error::Config`] if β is not positive or there
/// are fewer than two replicates.
pub fn coexistence(energies: &[f64], beta: f64, replicates: usize, seed: u64) -> Result<Option<Coexistence>, Error> {
    if !(beta > 0.0 && beta.is_finite()) {
        return Err(Error::config("beta", beta, "take a finite β above 0"));
    }
    if replicates < 2 {
        return Err(Error::config("replicates", replicates, "take at least 2"));
    }
    let Some(dip) = EnergyHistogram::of(energies)?.dip() else { return Ok(None) };
    let cut = dip.energy;
    let once = vec![1; energies.len()];
    let Some((at, latent_heat)) = equal_weight(energies, &once, cut, beta) else { return Ok(None) };
    let mut rng = Purpose::Bootstrap.generator(seed);
    let drawn =
        (0..replicates).filter_map(|_| equal_weight(energies, &resample_counts(energies.len(), &mut rng), cut, beta));
    let (betas, heats): (Vec<f64>, Vec<f64>) = drawn.unzip();
    let measured = |value, spread: &[f64]| Measured { value, claim: Claim::Estimate { std_error: std_dev(spread) } };
    let log_w: Vec<f64> = energies.iter().map(|e| (beta - at) * e).collect();
    let squares: Vec<f64> = log_w.iter().map(|w| 2.0 * w).collect();
    let effective_samples = (2.0 * log_sum_exp(&log_w) - log_sum_exp(&squares)).exp();
    let (beta, latent_heat) = (measured(at, &betas), measured(latent_heat, &heats));
    Ok(Some(Coexistence { cut, beta, latent_heat, barrier: dip.nats, effective_samples }))
}

/// β where both sides of the cut have the same weight, and the difference of their mean energies
/// there. Samples drawn at `drawn_at`, as often as `counts` says.
fn equal_weight(energies: &[f64], counts: &[u32], cut: f64, drawn_at: f64) -> Option<(f64, f64)> {
    let side = |below: bool| -> Vec<(f64, f64)> {
        let drawn = energies.iter().zip(counts).filter(|(e, count)| **count > 0 && (**e < cut) == below);
        drawn.map(|(e, count)| (*e, f64::from(*count).ln())).collect()
    };
    let (low, high) = (side(true), side(false));
    let log_w = |side: &[(f64, f64)], beta: f64| {
        side.iter().map(|(e, log_count)| log_count + (drawn_at - beta) * e).collect::<Vec<f64>>()
    };
    let lean = |beta: f64| log_sum_exp(&log_w(&low, beta)) - log_sum_exp(&log_w(&high, beta));
    // It grows with β: its slope is the latent heat.
    let beta = find_root(lean, 0.5 * drawn_at, 2.0 * drawn_at)?;
    let mean = |side: &[(f64, f64)]| {
        let log_w = log_w(side, beta);
        let total = log_sum_exp(&log_w);
        side.iter().zip(&log_w).map(|((e, _), w)| e * (w - total).exp()).sum::<f64>()
    };
    Some((beta, mean(&high) - mean(&low)))
}

#[cfg(test)]
mod tests {
    use rand::RngExt;
    use rand_distr::{Distribution, Normal};

    use super::*;

    /// Energies of two Gaussian phases around −60 and −20, the lower one with the given share.
    fn two_phases(n: usize, share_low: f64, width: f64) -> Vec<f64> {
        let mut rng = crate::streams::stream(5, 1);
        let noise = Normal::new(0.0, width).unwrap();
        (0..n).map(|_| if rng.random::<f64>() < share_low { -60.0 } else { -20.0 } + noise.sample(&mut rng)).collect()
    }

    /// Gaussians of one width σ keep their distance Δ when they are weighed anew, and the ratio of
    /// their weights changes by e^{(β−β₀)Δ}: from 0.3/0.7 to 1 it takes ln(0.7/0.3)/40. Four
    /// standard errors; fails for an error bar that is twice too small or a sign turned in the
    /// weights.
    #[test]
    fn gaussian_phases_coexist_where_they_must() {
        let found = coexistence(&two_phases(20_000, 0.3, 5.0), 1.0, 100, 1).unwrap().expect("two phases");
        let known = [(found.beta, 1.0 + (0.7f64 / 0.3).ln() / 40.0), (found.latent_heat, 40.0)];
        for (found, known) in known {
            let error = found.claim.std_error().unwrap();
            assert!((found.value - known).abs() < 4.0 * error && error < 0.005 * known, "{found:?}, {known}");
        }
        // Of a binomial share: 1/√(n p (1−p))/Δ.
        let of_share = 1.0 / (20_000.0 * 0.3 * 0.7f64).sqrt() / 40.0;
        assert!((found.beta.claim.std_error().unwrap() / of_share - 1.0).abs() < 0.3, "{found:?}");
        assert!((found.cut + 40.0).abs() < 6.0 && found.barrier > 3.0 && found.effective_samples > 10_000.0);
    }

    /// Five stray states far away leave a gap that is deeper than the dip between the phases, and
    /// is not meant.
    #[test]
    fn the_gaps_of_a_tail_are_no_dip() {
        let mut energies = two_phases(20_000, 0.5, 13.0);
        energies.extend([150.0; 5]);
        let found = coexistence(&energies, 1.0, 20, 1).unwrap().expect("two phases");
        assert!((found.cut + 40.0).abs() < 6.0 && (found.barrier - 0.5).abs() < 0.2, "{found:?}");
        assert!((found.beta.value - 1.0).abs() < 0.005, "{found:?}");
    }

    #[test]
    fn one_phase_is_not_two() {
        for seed_like in 0..20 {
            let energies: Vec<f64> = two_phases(3000 + seed_like, 0.0, 5.0);
            assert_eq!(coexistence(&energies, 1.0, 2, 1).unwrap(), None);
        }
        assert_eq!(coexistence(&two_phases(5000, 0.5, 25.0), 1.0, 2, 1).unwrap(), None, "they overlap");
        assert_eq!(coexistence(&[-3.0; 200], 1.0, 2, 1).unwrap(), None);
    }

    #[test]
    fn what_cannot_be_used_is_refused() {
        let few = coexistence(&[1.0; 5], 1.0, 10, 1).unwrap_err().to_string();
        assert!(few.contains("5 energies") && few.contains("100"), "{few}");
        assert!(coexistence(&[f64::NAN; 200], 1.0, 10, 1).unwrap_err().to_string().contains("NaN"));
        assert!(coexistence(&[1.0; 200], 0.0, 10, 1).unwrap_err().to_string().contains("beta"));
        assert!(coexistence(&[1.0; 200], 1.0, 1, 1).unwrap_err().to_string().contains("replicates"));
    }
}
