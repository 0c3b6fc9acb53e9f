//! Averages over replicas of one model at one β.

use std::ops::Range;

use super::overlap::overlap;
use crate::{Claim, Error, Measured, stats};

/// Sampled states of independent replicas of one model: as many records of each, the k-th of all
/// taken at the same time.
#[derive(Debug, Clone, PartialEq)]
pub struct Replicas {
    /// By replica, then by record.
    states: Vec<Vec<Vec<bool>>>,
}

/// A bar of P(q).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bin {
    /// Its ends.
    pub from: f64,
    /// The upper one belongs to the next bar, except q = 1.
    pub to: f64,
    /// Probability per unit of q; over all bars it integrates to 1.
    pub density: Measured,
}

impl Replicas {
    /// States by replica, then by record.
    ///
    /// # Errors
    /// [`Error::Samples`] unless there is an even number of replicas, at least four, with as many
    /// records each, and states of one length.
    pub fn new(states: Vec<Vec<Vec<bool>>>) -> Result<Self, Error> {
        let (records, units) =
            (states.first().map_or(0, Vec::len), states.first().and_then(|s| s.first()).map(Vec::len));
        let alike = states.iter().all(|s| s.len() == records && s.iter().all(|s| Some(s.len()) == units));
        if states.len() < 4 || states.len() % 2 == 1 || records == 0 || !alike {
            return Err(Error::samples(
                format!("{} replicas give no average over pairs with an error", states.len()),
                "give an even number of replicas, at least 4, with as many records each",
            ));
        }
        Ok(Self { states })
    }

    /// The average of a function of a state, with its error over replicas.
    #[must_use]
    pub fn mean(&self, f: impl Fn(&[bool]) -> f64) -> Measured {
        let of_replica = |records: &Vec<Vec<bool>>| stats::mean(&records.iter().map(|s| f(s)).collect::<Vec<_>>());
        average(&self.states.iter().map(of_replica).collect::<Vec<_>>())
    }

    /// The average of a function of two replicas, with its error over pairs.
    ///
    /// Each replica is in one pair, so that the pairs are independent and the spread over them is
    /// all there is to the error. (All pairs would have a smaller error, but one that neither their
    /// spread nor a jackknife tells: above the transition, where overlaps are noise, the jackknife
    /// is too large by √2.)
    #[must_use]
    pub fn pair_mean(&self, f: impl Fn(&[bool], &[bool]) -> f64) -> Measured {
        let of_pair = |pair: &[Vec<Vec<bool>>]| {
            let values: Vec<f64> = pair[0].iter().zip(&pair[1]).map(|(s, t)| f(s, t)).collect();
            stats::mean(&values)
        };
        average(&self.states.chunks_exact(2).map(of_pair).collect::<Vec<_>>())
    }

    /// ⟨q²⟩ of a range of units: (1/N²) Σᵢⱼ ⟨sᵢsⱼ⟩².
    #[must_use]
    pub fn q_squared(&self, units: Range<usize>) -> Measured {
        self.pair_mean(|s, t| overlap(&s[units.clone()], &t[units.clone()]).powi(2))
    }

    /// q_EA = √⟨q²⟩ of a range of units: all of them, or a layer.
    ///
    /// Without fields s and −s weigh the same, and ⟨q⟩ itself is 0. For many units it is the
    /// overlap of the replica-symmetric theory where that holds. Its square is unbiased, the root
    /// is not: to order 1/N it is not 0 in the paramagnet either.
    #[must_use]
    pub fn edwards_anderson(&self, units: Range<usize>) -> Measured {
        root(self.q_squared(units))
    }

    /// χ_SG = N⟨q²⟩ of a range of N units; 1 for free units.
    #[must_use]
    pub fn susceptibility(&self, units: Range<usize>) -> Measured {
        let n = units.len() as f64;
        let Measured { value, claim } = self.q_squared(units);
        estimate(n * value, n * claim.std_error().unwrap_or(0.0))
    }

    /// √⟨(q_v − q_h)²⟩/2 of two layers: how far their overlaps are from being the same.
    #[must_use]
    pub fn staggered(&self, visible: Range<usize>, hidden: Range<usize>) -> Measured {
        root(self.pair_mean(|s, t| {
            let q = |units: &Range<usize>| overlap(&s[units.clone()], &t[units.clone()]);
            0.25 * (q(&visible) - q(&hidden)).powi(2)
        }))
    }

    /// P(q) of a range of units in `bins` bars of equal width from −1 to 1.
    ///
    /// Overlaps of N spins lie 2/N apart: bars narrower than that, or not a multiple of it, look
    /// ragged.
    ///
    /// # Panics
    /// Without bins.
    #[must_use]
    pub fn histogram(&self, units: Range<usize>, bins: usize) -> Vec<Bin> {
        assert!(bins > 0, "a histogram has bars");
        let width = 2.0 / bins as f64;
        let place = |q: f64| (((q + 1.0) / width + 1e-9) as usize).min(bins - 1);
        (0..bins)
            .map(|k| {
                let inside = |s: &[bool], t: &[bool]| place(overlap(&s[units.clone()], &t[units.clone()])) == k;
                let density = self.pair_mean(|s, t| if inside(s, t) { width.recip() } else { 0.0 });
                Bin { from: k as f64 * width - 1.0, to: (k + 1) as f64 * width - 1.0, density }
            })
            .collect()
    }
}

/// The mean of independent values, of replicas or of samples of the disorder, with its standard
/// error.
///
/// Of fewer than two values no error is known: the mean is then reported as an approximation.
#[must_use]
pub fn average(values: &[f64]) -> Measured {
    let value = stats::mean(values);
    if values.len() < 2 {
        return Measured { value, claim: Claim::Approximation };
    }
    estimate(value, stats::std_dev(values) / (values.len() as f64).sqrt())
}

/// √x, with the error of x carried over; that of x itself, as a bound, where x is less than its
/// error.
#[must_use]
pub fn root(x: Measured) -> Measured {
    let value = x.value.max(0.0).sqrt();
    match x.claim.std_error() {
        // √(x + σ) − √x is σ/2√x for small σ, and stays finite at x = 0.
        Some(sigma) => estimate(value, if x.value >= sigma { sigma / (2.0 * value) } else { sigma.sqrt() }),
        None => Measured { value, ..x },
    }
}

fn estimate(value: f64, std_error: f64) -> Measured {
    Measured { value, claim: Claim::Estimate { std_error } }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_of_each() -> Replicas {
        let (a, b) = (vec![true, true, true, true], vec![true, true, false, true]);
        Replicas::new(vec![
            vec![a.clone(), a.clone()],
            vec![b.clone(), a.clone()],
            vec![b.clone(), b],
            vec![a.clone(), a],
        ])
        .unwrap()
    }

    /// Pairs have the overlaps ½, 1 and ½, ½: the means of q² are 5/8 and 1/4, of the first layer's
    /// 1, of the second's ½ and 0.
    #[test]
    fn averages_over_pairs_are_those_by_hand() {
        let replicas = two_of_each();
        let close = |m: Measured, value: f64, error: f64| {
            assert!((m.value - value).abs() < 1e-15, "{m:?}");
            assert!((m.claim.std_error().unwrap() - error).abs() < 1e-15, "{m:?}");
        };
        close(replicas.q_squared(0..4), 7.0 / 16.0, 3.0 / 16.0);
        close(replicas.susceptibility(0..4), 7.0 / 4.0, 3.0 / 4.0);
        close(replicas.edwards_anderson(0..2), 1.0, 0.0);
        close(replicas.edwards_anderson(2..4), 0.5, 0.25);
        close(replicas.staggered(0..2, 2..4), (3.0f64 / 16.0).sqrt(), (1.0 / 16.0) / (2.0 * (3.0f64 / 16.0).sqrt()));
        let bins = replicas.histogram(0..4, 4);
        close(bins[3].density, 2.0, 0.0);
        assert_eq!((bins[0].density.value, bins[0].from, bins[3].to), (0.0, -1.0, 1.0));
    }

    #[test]
    fn replicas_without_pairs_are_refused() {
        let states = |n: usize| vec![vec![vec![true; 3]]; n];
        assert!(Replicas::new(states(4)).is_ok());
        for bad in [states(0), states(2), states(5), vec![vec![]; 4]] {
            assert!(Replicas::new(bad).is_err());
        }
        assert_eq!(average(&[2.0]).claim, Claim::Approximation);
    }
}
