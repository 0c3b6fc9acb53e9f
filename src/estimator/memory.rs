//! What a run holds in memory at once, known before anything is allocated.

use super::{MethodConfig, tempering::MAX_TOP_VALUES};
use crate::sample::Capabilities;

/// Kept units whose subsets an enumeration tabulates, and those of a block of work; see
/// `kernel::enumeration`.
const TABULATED: i32 = 10;
const BLOCK: i32 = 5;

impl MethodConfig {
    /// About how many bytes a curve over so many β takes on so many threads, an estimate that was
    /// held against a single run of annealing: copies of the model, the tables of an enumeration, chains with what
    /// they saw at each β, samples and equations of MBAR, replicates, solutions.
    #[must_use]
    pub fn memory(&self, model: &dyn Capabilities, betas: usize, threads: usize) -> f64 {
        let setting = |name: &str| self.value(name).and_then(|value| value.as_f64()).unwrap_or(0.0);
        let cost = model.enumerable().enumeration_cost();
        let (units, parameters) = (model.enumerable().n_units() as f64, model.n_parameters() as f64);
        let (betas, threads) = (betas as f64, threads as f64);
        let copies = 3.0 * 8.0 * parameters;
        let points = 1000.0 * betas;
        let method = match self {
            Self::Exact(_) => {
                let kept = cost.log2_states as i32;
                let subsets = 2f64.powi(kept.min(TABULATED)) + threads * 2f64.powi((kept - TABULATED).clamp(0, BLOCK));
                3.0 * 8.0 * cost.factors_per_state as f64 * subsets
            }
            Self::Tempering(_) | Self::Integration(_) => {
                let records = setting("ladders") * setting("temperatures") * setting("records");
                // The reduced potential of each record at each temperature and β, and its weights.
                let potentials = 3.0 * 8.0 * records * (setting("temperatures") + betas);
                let tops = (setting("ladders") * setting("records") * units).min(MAX_TOP_VALUES as f64);
                let chains = setting("ladders") * setting("temperatures") * 16.0 * units;
                chains + 2.0 * tops + potentials + setting("replicates") * (4.0 * records + 40.0 * betas)
            }
            _ if setting("chains") > 0.0 => {
                let chains = setting("chains");
                chains * (8.0 * units + 64.0 * betas) + setting("replicates") * betas * (40.0 + 4.0 * chains)
            }
            _ => setting("starts").max(1.0) * 3.0 * 8.0 * units * betas,
        };
        copies + points + method
    }
}
