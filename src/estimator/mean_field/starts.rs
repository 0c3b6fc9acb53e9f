//! Where the searches start.

use rand::RngExt;

use super::MeanField;
use crate::{
    model::Expand,
    sample::{block_stream, stream},
};

/// The means to start from: those of free units, then the given ones, then random states. The k-th start does not depend
/// on how many there are.
pub(super) fn starts<M: Expand + ?Sized>(config: &MeanField, model: &M, seed: u64) -> Vec<Vec<f64>> {
    let mut rng = stream(seed, block_stream(0));
    let layers = model.layers();
    let mut uniform = vec![0.0; model.n_units()];
    for (range, units) in &layers {
        uniform[range.clone()].fill(units.uniform_mean());
    }
    // A state rather than random means: it is as far from the uniform start, and from any other, as can be.
    let random = std::iter::repeat_with(|| {
        let mut state = vec![0.0; model.n_units()];
        for (range, units) in &layers {
            for x in &mut state[range.clone()] {
                *x = units.values()[usize::from(rng.random::<bool>())];
            }
        }
        state
    });
    let known = std::iter::once(uniform).chain(config.given.iter().cloned());
    known.chain(random).take(config.starts).collect()
}
