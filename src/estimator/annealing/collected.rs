//! What a share of an annealing run has collected at one β, as it is pooled and as a file holds it.

use super::{Origin, WeightedSamples};
use crate::{
    estimator::{
        arrays::{Arrays, from_bits, get, get_rows, put, to_bits},
        tempering::LadderMemory,
    },
    sample::ConditionalEnergy,
    stats::IntegratedTime,
};

/// Chains up, chains down, or both, between a base and the model at one β.
#[derive(Debug, Clone)]
pub(in crate::estimator) struct Collected {
    /// Steps of the ladder.
    pub(in crate::estimator) rungs: usize,
    pub(in crate::estimator) up: Option<WeightedSamples>,
    pub(in crate::estimator) down: Option<(WeightedSamples, Origin)>,
}

impl Collected {
    /// What two neighbouring shares have collected. `None` if they do not belong to one run.
    pub(in crate::estimator) fn join(self, next: Self) -> Option<Self> {
        let fits = |one: &WeightedSamples, other: &WeightedSamples| one.log_z_base == other.log_z_base;
        let up = match (self.up, next.up) {
            (Some(one), Some(other)) if fits(&one, &other) => Some(WeightedSamples::concat(&[one, other])),
            (None, None) => None,
            _ => return None,
        };
        let down = match (self.down, next.down) {
            (Some((one, origin)), Some((other, more))) if fits(&one, &other) => {
                Some((WeightedSamples::concat(&[one, other]), origin.join(more)?))
            }
            (None, None) => None,
            _ => return None,
        };
        (self.rungs == next.rungs).then_some(Self { rungs: self.rungs, up, down })
    }

    /// Adds the arrays of one β.
    pub(in crate::estimator) fn put(&self, arrays: &mut Arrays, prefix: &str) {
        put(arrays, prefix, "rungs", &[vec![self.rungs as f64]]);
        if let Some(up) = &self.up {
            up.put(arrays, &format!("{prefix}up."));
        }
        if let Some((down, origin)) = &self.down {
            let prefix = format!("{prefix}down.");
            down.put(arrays, &prefix);
            origin.put(arrays, &prefix);
        }
    }

    /// The arrays of one β, as they were put; `None` if some are missing or of another shape.
    pub(in crate::estimator) fn get(arrays: &Arrays, prefix: &str) -> Option<Self> {
        let &[[rungs]] = get_rows(arrays, prefix, "rungs")?.as_slice() else { return None };
        let (up, down) = (format!("{prefix}up."), format!("{prefix}down."));
        let has = |prefix: &str| arrays.contains_key(&format!("{prefix}log_w"));
        Some(Self {
            rungs: rungs as usize,
            up: if has(&up) { Some(WeightedSamples::get(arrays, &up)?) } else { None },
            down: match has(&down) {
                true => Some((WeightedSamples::get(arrays, &down)?, Origin::get(arrays, &down)?)),
                false => None,
            },
        })
    }
}

impl WeightedSamples {
    fn put(&self, arrays: &mut Arrays, prefix: &str) {
        put(arrays, prefix, "log_z_base", &[vec![self.log_z_base]]);
        put(arrays, prefix, "log_w", &self.log_w.iter().map(|log_w| vec![*log_w]).collect::<Vec<_>>());
        let energies = self.energies.iter().map(|e| vec![e.energy, e.energy_variance]).collect::<Vec<_>>();
        put(arrays, prefix, "energies", &energies);
        put(arrays, prefix, "kept", &from_bits(&self.kept));
    }

    fn get(arrays: &Arrays, prefix: &str) -> Option<Self> {
        let &[[log_z_base]] = get_rows(arrays, prefix, "log_z_base")?.as_slice() else { return None };
        let log_w: Vec<f64> = get_rows(arrays, prefix, "log_w")?.into_iter().map(|[log_w]| log_w).collect();
        let energy = |[energy, energy_variance]: [f64; 2]| ConditionalEnergy { energy, energy_variance };
        let energies: Vec<ConditionalEnergy> = get_rows(arrays, prefix, "energies")?.into_iter().map(energy).collect();
        let kept = to_bits(get(arrays, prefix, "kept")?);
        let whole = log_w.len() == energies.len() && log_w.len() == kept.len();
        whole.then_some(Self { log_z_base, log_w, energies, kept })
    }
}

/// The numbers by which a file tells origins apart.
const ORIGINS: [f64; 3] = [0.0, 1.0, 2.0];

impl Origin {
    fn put(&self, arrays: &mut Arrays, prefix: &str) {
        let [exact, gibbs, tempering] = ORIGINS;
        let row = match self {
            Self::Exact => vec![exact],
            Self::Gibbs => vec![gibbs],
            Self::Tempering { ladders, records, seen } => {
                put(arrays, prefix, "ladders", &seen.iter().map(LadderMemory::row).collect::<Vec<_>>());
                vec![tempering, *ladders as f64, *records as f64]
            }
        };
        put(arrays, prefix, "origin", &[row]);
    }

    fn get(arrays: &Arrays, prefix: &str) -> Option<Self> {
        let [exact, gibbs, tempering] = ORIGINS;
        match get(arrays, prefix, "origin")?.first()?.as_slice() {
            [kind] if *kind == exact => Some(Self::Exact),
            [kind] if *kind == gibbs => Some(Self::Gibbs),
            [kind, ladders, records] if *kind == tempering => Some(Self::Tempering {
                ladders: *ladders as usize,
                records: *records as usize,
                seen: get_rows(arrays, prefix, "ladders")?.into_iter().map(LadderMemory::of_row).collect(),
            }),
            _ => None,
        }
    }
}

impl LadderMemory {
    fn row(&self) -> Vec<f64> {
        let IntegratedTime { tau, std_error, window, n } = self.slowest;
        vec![self.ladder as f64, self.round_trips, tau, std_error, window as f64, n as f64]
    }

    fn of_row([ladder, round_trips, tau, std_error, window, n]: [f64; 6]) -> Self {
        let slowest = IntegratedTime { tau, std_error, window: window as usize, n: n as usize };
        Self { ladder: ladder as usize, slowest, round_trips }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chains(log_z_base: f64) -> WeightedSamples {
        let energy = ConditionalEnergy { energy: -1.0, energy_variance: 0.5 };
        WeightedSamples { log_z_base, log_w: vec![0.1, 0.2], energies: vec![energy; 2], kept: vec![vec![true]; 2] }
    }

    /// Shares that differ in one respect only: the steps, the base of either way, the origin, or
    /// a way that only one of them has gone.
    #[test]
    fn shares_that_differ_in_one_respect_are_of_two_runs() {
        let share = |rungs, up: Option<f64>, down: Option<f64>, origin| Collected {
            rungs,
            up: up.map(chains),
            down: down.map(|base| (chains(base), origin)),
        };
        let one = || share(6, Some(1.0), Some(2.0), Origin::Exact);
        let joined = one().join(one()).expect("two shares of one run");
        assert_eq!((joined.rungs, joined.up.unwrap().log_w), (6, vec![0.1, 0.2, 0.1, 0.2]));
        let (down, origin) = joined.down.unwrap();
        assert_eq!((down.log_z_base, down.log_w.len(), down.energies.len(), down.kept.len()), (2.0, 4, 4, 4));
        assert_eq!(origin, Origin::Exact);
        for other in [
            share(7, Some(1.0), Some(2.0), Origin::Exact),
            share(6, Some(1.5), Some(2.0), Origin::Exact),
            share(6, Some(1.0), Some(2.5), Origin::Exact),
            share(6, Some(1.0), Some(2.0), Origin::Gibbs),
            share(6, None, Some(2.0), Origin::Exact),
            share(6, Some(1.0), None, Origin::Exact),
        ] {
            assert!(one().join(other.clone()).is_none() && other.clone().join(one()).is_none(), "{other:?}");
        }
    }

    /// Origins, and the memory of ladders, are what they were after a file.
    #[test]
    fn origins_go_through_arrays() {
        let slowest = IntegratedTime { tau: 1.5, std_error: 0.25, window: 8, n: 40 };
        let memory = |ladder| LadderMemory { ladder, slowest, round_trips: 3.0 + ladder as f64 };
        let tempering = Origin::Tempering { ladders: 5, records: 20, seen: vec![memory(2), memory(3)] };
        for origin in [Origin::Exact, Origin::Gibbs, tempering] {
            let mut arrays = Arrays::new();
            origin.put(&mut arrays, "0.down.");
            assert_eq!(Origin::get(&arrays, "0.down."), Some(origin));
        }
    }
}
