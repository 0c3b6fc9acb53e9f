//! ln Z beyond enumeration, kept current along training.

use rand::RngExt;

use super::{
    batches::Batch,
    bit_layers::BitLayers,
    work::{BURN_IN, CHAINS},
};
use crate::{
    Error, Rbm, Run,
    curve::Curve,
    data::Data,
    estimator::{Effort, two_sided},
    kernel::layer::States,
    streams::Training,
};

/// Rows whose means annealing begins with.
const ROWS_FOR_MEANS: usize = 1000;

/// ln Z of the model after so many updates in so many steps of annealing each way, between
/// independent units with the means of the data and the chains of the negative phase, as far as it
/// has any; else rows of the data, moved a little. `None` if the run was cancelled.
pub(super) fn running_log_z(
    rbm: &Rbm,
    data: &Data,
    chains: Option<States>,
    (update, steps): (usize, usize),
    run: &Run<'_>,
) -> Result<Option<Curve>, Error> {
    // No two checkpoints meet the same random numbers.
    let seed = Training::Evaluation.at(update as u64, 0).generator(run.seed).random();
    let run = &Run { seed, ..*run };
    let means = means(rbm, data);
    let (states, burn_in) = match chains.filter(|chains| chains.chains() >= CHAINS / 2) {
        Some(chains) => (of_chains(rbm, &chains)?, 0),
        None => (some_rows(data, CHAINS)?, BURN_IN),
    };
    two_sided(rbm, &means, &states, Effort { chains: CHAINS, steps, burn_in }, run)
}

/// The means of all units over some of the data, shrunk as if one more row had been undecided.
fn means(rbm: &Rbm, data: &Data) -> Vec<f64> {
    let count = ROWS_FOR_MEANS.min(data.n_samples());
    let rows: Vec<usize> = (0..count).map(|k| k * data.n_samples() / count).collect();
    let means = BitLayers::new(rbm).means(Batch { data, rows: &rows });
    let n = count as f64;
    let shrunk = |mean: f64, middle: f64| (n * mean + middle) / (n + 1.0);
    let (v, h) = (rbm.visible_units().uniform_mean(), rbm.hidden_units().uniform_mean());
    means.visible.iter().map(|m| shrunk(*m, v)).chain(means.hidden.iter().map(|m| shrunk(*m, h))).collect()
}

/// Visible states of chains, evenly from all of them.
fn of_chains(rbm: &Rbm, chains: &States) -> Result<Data, Error> {
    let count = CHAINS.min(chains.chains());
    let chosen = (0..count).map(|k| k * chains.chains() / count);
    let bits = chosen.flat_map(|chain| (0..rbm.n_visible()).map(move |unit| (chain, unit)));
    Data::new(rbm.n_visible(), bits.map(|(chain, unit)| u8::from(chains.get(chain, unit))).collect(), None)
}

/// Rows evenly from the whole of the data, some of them more than once if there are few.
pub(super) fn some_rows(data: &Data, count: usize) -> Result<Data, Error> {
    let rows = (0..count).flat_map(|k| data.row(k * data.n_samples() / count));
    Data::new(data.n_features(), rows.copied().collect(), None)
}
