//! What annealing has collected at one β.

use super::Dependence;
use crate::{
    curve::{Series, Visited},
    sample::ConditionalEnergy,
    stats::LogWeights,
};

/// What one chain has collected on its way to one β.
#[derive(Debug, Clone, Default)]
pub(super) struct ChainSample {
    /// ln w.
    pub(super) log_w: f64,
    /// The energy of its state there.
    pub(super) energy: ConditionalEnergy,
    /// The units that it keeps there.
    pub(super) kept: Vec<bool>,
}

/// The log-weights of all chains between a base and one β, and the energies of their states at that
/// β: the end of the way up, or the start of the way down.
#[derive(Debug, Clone)]
pub(in crate::estimator) struct WeightedSamples {
    /// ln Z of the base.
    pub(in crate::estimator) log_z_base: f64,
    /// ln w of each chain: up from the base, or down to it.
    pub(in crate::estimator) log_w: Vec<f64>,
    /// The energy of each chain at β.
    pub(in crate::estimator) energies: Vec<ConditionalEnergy>,
    /// The kept units of each chain at β.
    pub(in crate::estimator) kept: Vec<Vec<bool>>,
}

impl WeightedSamples {
    pub(super) fn new(log_z_base: f64, chains: impl ExactSizeIterator<Item = ChainSample>) -> Self {
        let n = chains.len();
        let (mut log_w, mut energies, mut kept) = (Vec::with_capacity(n), Vec::with_capacity(n), Vec::with_capacity(n));
        for sample in chains {
            log_w.push(sample.log_w);
            energies.push(sample.energy);
            kept.push(sample.kept);
        }
        Self { log_z_base, log_w, energies, kept }
    }

    /// The chains of several batches between the same two ends, in one.
    ///
    /// # Panics
    /// If there is no batch.
    pub(in crate::estimator) fn concat(batches: &[Self]) -> Self {
        let all = |of: fn(&Self) -> &[f64]| batches.iter().flat_map(of).copied().collect();
        Self {
            log_z_base: batches[0].log_z_base,
            log_w: all(|batch| &batch.log_w),
            energies: batches.iter().flat_map(|batch| batch.energies.iter().copied()).collect(),
            kept: batches.iter().flat_map(|batch| batch.kept.iter().cloned()).collect(),
        }
    }

    /// The states of chains on the way up, with their weights.
    pub(in crate::estimator) fn into_visited(self) -> Visited {
        Visited { states: self.kept, log_weights: self.log_w, independent: None }
    }

    /// The states that chains on the way down began with.
    pub(in crate::estimator) fn into_visited_reverse(self, dependence: Dependence) -> Visited {
        let independent = dependence.independent(self.kept.len());
        Visited::equally(self.kept, independent)
    }

    /// Appends the point that chains on the way up give, with chain i counted `counts[i]` times:
    /// ln Z = ln Z₀ + ln⟨w⟩, and the energy under the weights.
    pub(in crate::estimator) fn push_forward(&self, counts: &[u32], series: &mut Series) {
        let weights = LogWeights::with_counts(&self.log_w, counts);
        self.push(self.log_z_base + weights.log_mean, &weights, series);
    }

    /// Appends the point that chains on the way down give: ln Z = ln Z₀ − ln⟨w⟩, and the energy
    /// where they started, which is a plain mean.
    pub(in crate::estimator) fn push_reverse(&self, counts: &[u32], series: &mut Series) {
        let log_mean = LogWeights::with_counts(&self.log_w, counts).log_mean;
        let equal = LogWeights::with_counts(&vec![0.0; counts.len()], counts);
        self.push(self.log_z_base - log_mean, &equal, series);
    }

    fn push(&self, log_z: f64, weights: &LogWeights, series: &mut Series) {
        let energy = weights.mean(self.energies.iter().map(|e| e.energy));
        // Var E = ⟨Var(E | x)⟩ + Var⟨E | x⟩.
        let variance = weights.mean(self.energies.iter().map(|e| e.energy_variance + (e.energy - energy).powi(2)));
        series.push(log_z, Some(energy), Some(variance));
    }
}
