//! What a run holds in memory at once, known before anything is allocated.

use super::{MethodConfig, mixture::points_of_certain_bounds, tempering::MAX_TOP_VALUES};
use crate::sample::Capabilities;

/// Kept units whose subsets an enumeration tabulates, and those of a block of work; see
/// `kernel::enumeration`.
const TABULATED: i32 = 10;
const BLOCK: i32 = 5;

/// For each parameter: the model as it is read, its products in single precision, and what is
/// prepared for a search for modes.
const OF_PARAMETER: f64 = 40.0;
/// What it is more where mean field is solved to the end, and where several paths stand side by side.
const OF_PARAMETER_SOLVED: f64 = 24.0;
const OF_PARAMETER_ON_PATHS: f64 = 64.0;
/// Units of the smaller layer up to which the equations of mean field are factorised.
const FACTORISED: f64 = 1024.0;
/// Copies of the points of a search for modes.
const COPIES_OF_POINTS: f64 = 3.2;
/// Starts of a search for modes beside those that are asked for, as a share of them.
const MORE_STARTS: f64 = 1.25;
/// States of `auto`, for each unit: what all its waves keep of chains and ladders.
const STATES_OF_AUTO: f64 = 10_000.0;

impl MethodConfig {
    /// About how many bytes a curve over so many β takes on so many threads, beside the 10 MB of the program: copies
    /// of the model, the tables of an enumeration, chains with what they saw at each β, samples and equations of
    /// MBAR, replicates, searches for modes. Measured peaks were from half of it to a quarter
    /// more (docs/reliability.md).
    #[must_use]
    pub fn memory(&self, model: &dyn Capabilities, betas: usize, threads: usize) -> f64 {
        let setting = |name: &str| self.value(name).and_then(|value| value.as_f64()).unwrap_or(0.0);
        let cost = model.enumerable().enumeration_cost();
        let (units, parameters) = (model.enumerable().n_units() as f64, model.n_parameters() as f64);
        // The certain bounds beside a sampled number keep the modes of each β until the last.
        let beside = || {
            let points = points_of_certain_bounds(model.enumerable().n_units(), betas) as f64;
            8.0 * units * points * (COPIES_OF_POINTS + betas as f64)
        };
        let (betas, threads) = (betas as f64, threads as f64);
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
                chains + 2.0 * tops + potentials + setting("replicates") * (4.0 * records + 40.0 * betas) + beside()
            }
            Self::Auto(_) => OF_PARAMETER_ON_PATHS * parameters + STATES_OF_AUTO * units + beside(),
            Self::Mixture(_) => 8.0 * units * MORE_STARTS * setting("starts") * COPIES_OF_POINTS,
            _ if setting("chains") > 0.0 => {
                let chains = setting("chains");
                let both_ways = if matches!(self, Self::Bar(_)) { 2.0 } else { 1.0 };
                both_ways * chains * (8.0 * units + 64.0 * betas)
                    + setting("replicates") * betas * (40.0 + 4.0 * chains)
                    + beside()
            }
            _ => {
                // A dense model of one layer has half the square of its units as parameters.
                let of_one_layer = (2.0 * parameters).sqrt();
                let smaller = model.as_rbm().map_or(of_one_layer, |rbm| rbm.n_visible().min(rbm.n_hidden()) as f64);
                let smaller = smaller.min(FACTORISED);
                let solutions = setting("starts").max(1.0) * 3.0 * 8.0 * units * betas;
                OF_PARAMETER_SOLVED * parameters + 32.0 * smaller * smaller + solutions
            }
        };
        OF_PARAMETER * parameters + 1000.0 * betas + method
    }
}
