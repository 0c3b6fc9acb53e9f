//! How densely the rungs of a ladder stand along its path.

use serde::{Deserialize, Serialize};

/// Where the rungs stand, for a path parameter t from 0 (the base) to 1 (the end).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Schedule {
    /// Equal steps.
    #[default]
    Linear,
    /// Denser at both ends: t = [σ(4(2u − 1)) − σ(−4)]/[σ(4) − σ(−4)] for u in equal steps.
    Sigmoid,
    /// Denser towards the end, as 500 : 4,000 : 10,000 rungs over [0, 0.5], [0.5, 0.9] and [0.9, 1]
    /// (Salakhutdinov & Murray, ICML 2008, who used 14,500 rungs).
    SalakhutdinovMurray,
    /// Equal steps of thermodynamic length, ∫√Var(d ln f/dt) dt, as a pilot run of a few chains
    /// measures it (Crooks, Phys. Rev. Lett. 99, 100602 (2007); Gelman & Meng, Stat. Sci. 13, 163
    /// (1998)): every step then adds about the same to the variance of the weights.
    Adaptive,
}

impl Schedule {
    /// The names in settings, each with what it means.
    pub(crate) const CHOICES: &[(&'static str, &'static str)] = &[
        ("linear", "equal steps"),
        ("sigmoid", "denser at both ends"),
        ("salakhutdinov-murray", "denser towards the end, as Salakhutdinov and Murray did"),
        ("adaptive", "equal thermodynamic length, measured in a pilot run"),
    ];
}

impl Schedule {
    /// The profile of a schedule that needs no pilot run.
    pub(in crate::estimator) fn profile(self) -> Profile {
        match self {
            Self::Linear | Self::Adaptive => Profile(vec![0.0, 1.0]),
            Self::Sigmoid => {
                // tanh, for σ(4x) − σ(−4) is a scaled and shifted tanh(2x).
                let t = |k: usize| 0.5 * ((4.0 * k as f64 / 500.0 - 2.0).tanh() / 2f64.tanh() + 1.0);
                Profile((0..=500).map(t).collect())
            }
            Self::SalakhutdinovMurray => {
                let dense =
                    |from: f64, to: f64, n: usize| (1..=n).map(move |k| from + (to - from) * k as f64 / n as f64);
                Profile([0.0, 0.5].into_iter().chain(dense(0.5, 0.9, 8)).chain(dense(0.9, 1.0, 20)).collect())
            }
        }
    }
}

/// Points of a measured profile.
const FINE: usize = 500;

/// t at equally spaced shares u of the rungs, linear in between: increasing, from 0 to 1.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::estimator) struct Profile(Vec<f64>);

impl Profile {
    /// Equal steps of a length, given its parts between the increasing `ts`, which begin at 0 and
    /// end at 1.
    ///
    /// A fifth of the rungs is spread evenly over t whatever the lengths are: a measurement may
    /// overlook something.
    pub(in crate::estimator) fn of_equal_length(ts: &[f64], lengths: &[f64]) -> Self {
        let total: f64 = lengths.iter().sum();
        let mut u = vec![0.0];
        for (t, length) in ts.windows(2).zip(lengths) {
            let even = t[1] - t[0];
            let share = if total > 0.0 && total.is_finite() { 0.8 * length / total + 0.2 * even } else { even };
            u.push(u[u.len() - 1] + share);
        }
        let inverse = |k: usize| {
            let target = k as f64 / FINE as f64 * u[u.len() - 1];
            let i = u.partition_point(|u| *u <= target).clamp(1, u.len() - 1);
            let part = (target - u[i - 1]) / (u[i] - u[i - 1]);
            ts[i - 1] + part * (ts[i] - ts[i - 1])
        };
        Self((0..=FINE).map(|k| if k == FINE { 1.0 } else { inverse(k) }).collect())
    }

    /// The share of the rungs that stand below t.
    pub(super) fn share(&self, t: f64) -> f64 {
        let n = self.0.len() - 1;
        let i = self.0.partition_point(|x| *x <= t).clamp(1, n);
        let (low, high) = (self.0[i - 1], self.0[i]);
        ((i - 1) as f64 + ((t - low) / (high - low)).clamp(0.0, 1.0)) / n as f64
    }

    /// t below which this share of the rungs stands.
    pub(in crate::estimator) fn at(&self, share: f64) -> f64 {
        let n = self.0.len() - 1;
        let x = share.clamp(0.0, 1.0) * n as f64;
        let i = (x as usize).min(n - 1);
        self.0[i] + (self.0[i + 1] - self.0[i]) * (x - i as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(lengths: &[f64]) -> Profile {
        let ts: Vec<f64> = (0..=lengths.len()).map(|k| (k as f64 / lengths.len() as f64).powi(2)).collect();
        Profile::of_equal_length(&ts, lengths)
    }

    #[test]
    fn every_profile_rises_from_zero_to_one_and_inverts() {
        let bumpy: Vec<f64> = (0..100).map(|k| if k == 37 { 50.0 } else { 0.01 * k as f64 }).collect();
        let profiles = [Schedule::Linear, Schedule::Sigmoid, Schedule::SalakhutdinovMurray].map(Schedule::profile);
        for profile in profiles.into_iter().chain([&bumpy[..], &[0.0; 7], &[1.0]].map(measured)) {
            assert!(profile.0.windows(2).all(|p| p[0] < p[1]), "{profile:?}");
            assert_eq!((profile.at(0.0), profile.at(1.0)), (0.0, 1.0));
            for k in 0..=50 {
                let t = k as f64 / 50.0;
                assert!((profile.at(profile.share(t)) - t).abs() < 1e-12, "{profile:?} at {t}");
            }
        }
    }

    #[test]
    fn rungs_gather_where_the_length_is() {
        let mut lengths = vec![0.0; 10];
        lengths[4] = 1.0;
        let profile = measured(&lengths);
        // Four fifths of the rungs for the one part that has any length, and its share of the rest.
        let share = profile.share(0.25) - profile.share(0.16);
        assert!((share - 0.818).abs() < 0.01, "{share} of {profile:?}");
        let published = Schedule::SalakhutdinovMurray.profile();
        assert!((published.share(0.5) - 500.0 / 14_500.0).abs() < 1e-12);
        assert!((published.share(0.9) - 4_500.0 / 14_500.0).abs() < 1e-12);
    }
}
