//! How densely the rungs of a ladder stand along its path.

use serde::{Deserialize, Serialize};

use crate::path::Profile;

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
            Self::Linear | Self::Adaptive => Profile::even(),
            Self::Sigmoid => {
                // tanh, for σ(4x) − σ(−4) is a scaled and shifted tanh(2x).
                let t = |k: usize| 0.5 * ((4.0 * k as f64 / 500.0 - 2.0).tanh() / 2f64.tanh() + 1.0);
                Profile::through((0..=500).map(t).collect())
            }
            Self::SalakhutdinovMurray => {
                let dense =
                    |from: f64, to: f64, n: usize| (1..=n).map(move |k| from + (to - from) * k as f64 / n as f64);
                Profile::through([0.0, 0.5].into_iter().chain(dense(0.5, 0.9, 8)).chain(dense(0.9, 1.0, 20)).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schedule_rises_from_zero_to_one_and_inverts() {
        for profile in [Schedule::Linear, Schedule::Sigmoid, Schedule::SalakhutdinovMurray].map(Schedule::profile) {
            profile.check();
        }
        let published = Schedule::SalakhutdinovMurray.profile();
        assert!((published.share(0.5) - 500.0 / 14_500.0).abs() < 1e-12);
        assert!((published.share(0.9) - 4_500.0 / 14_500.0).abs() < 1e-12);
    }
}
