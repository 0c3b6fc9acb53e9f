//! Where the iterations start: free units, random states, Gibbs chains, data, and what the caller
//! gives.

use nalgebra::DMatrix;
use rand::RngExt;
use rand_xoshiro::Xoshiro256PlusPlus;
use rayon::prelude::*;

use super::{
    MeanFieldMixture,
    alternation::{Alternation, stack},
    layered::Layered,
};
use crate::{model::Expand, run::Run, streams::Purpose};

/// Sweeps of a Gibbs chain: enough to fall into a valley that carries weight. On a model of digits
/// (784 × 20) a thousand chains of 20 sweeps lead to a bound 1.4 nats below that from chains of
/// 100.
const SWEEPS: usize = 100;

/// Of so many states all but one are moved by a Gibbs chain. Without chains the heaviest modes are
/// hardly found where there are many; without plain random states, modes that the dynamics leaves
/// at once.
const ONE_STAYS_OF: usize = 4;

/// One more chain for so many starts begins from random units of the first layer. Such chains fall
/// into fewer valleys than those that begin from random units of the second, but into heavier ones:
/// on two models of digits (784 × 500) the bound is 0.3 nats higher and as high, on one of 784 × 20
/// alone they leave it 0.5 nats lower.
const FIRST_LAYER_OF: usize = 4;

/// Points that share a random stream.
const POINTS_A_STREAM: usize = 64;

/// All starts at one β, one in each row: the means of free units, those of the biases alone, the
/// given ones, random states and the states of Gibbs chains, and rows of the data if there are any.
/// The random numbers are the same at every β. `None` if the run was cancelled.
pub(super) fn starts<M: Expand + ?Sized>(
    config: &MeanFieldMixture,
    model: &M,
    beta: f64,
    layered: Option<&Layered>,
    part: usize,
    run: &Run<'_>,
) -> Option<DMatrix<f64>> {
    let n = model.n_units();
    let alternation = Alternation::new(model, beta);
    let mut known = DMatrix::zeros(2 + config.given.len(), n);
    for (layer, (range, units)) in model.layers().into_iter().enumerate() {
        for (i, bias) in range.zip(model.biases(layer)) {
            known[(0, i)] = units.uniform_mean();
            known[(1, i)] = units.mean(beta * bias);
        }
    }
    for (k, means) in config.given.iter().enumerate() {
        known.row_mut(2 + k).iter_mut().zip(means).for_each(|(m, x)| *m = *x);
    }
    let sampled = |block: usize| sampled(config, model, (&alternation, layered), (part, block), run);
    let sampled: Option<Vec<DMatrix<f64>>> =
        (0..config.starts.div_ceil(POINTS_A_STREAM)).into_par_iter().map(sampled).collect();
    // Of large models, some from random units of the first layer as well.
    let first_layer = |block: usize| -> Option<DMatrix<f64>> {
        let rng = Purpose::MeanFieldChains { part, block: config.starts.div_ceil(POINTS_A_STREAM) + block };
        let mut rng = rng.generator(run.seed);
        let rows = POINTS_A_STREAM.min(config.starts / FIRST_LAYER_OF - block * POINTS_A_STREAM);
        let mut states = DMatrix::zeros(rows, n);
        (0..rows).for_each(|k| random_state(model, &mut states, k, &mut rng));
        layered?.chains.walk(&mut states, SWEEPS, 1, rng, run)?;
        Some(states)
    };
    let count = layered.map_or(0, |_| (config.starts / FIRST_LAYER_OF).div_ceil(POINTS_A_STREAM));
    let more: Option<Vec<DMatrix<f64>>> = (0..count).into_par_iter().map(first_layer).collect();
    let data = data_starts(config, model, &alternation, part, run.seed);
    Some(stack([&known].into_iter().chain(&sampled?).chain(&more?).chain(&data)))
}

/// A block of random states, of which most are moved by Gibbs chains.
fn sampled<M: Expand + ?Sized>(
    config: &MeanFieldMixture,
    model: &M,
    (alternation, layered): (&Alternation<'_, M>, Option<&Layered>),
    (part, block): (usize, usize),
    run: &Run<'_>,
) -> Option<DMatrix<f64>> {
    let mut rng = Purpose::MeanFieldChains { part, block }.generator(run.seed);
    let rows = POINTS_A_STREAM.min(config.starts - block * POINTS_A_STREAM);
    let mut states = DMatrix::zeros(rows, model.n_units());
    for k in 0..rows {
        random_state(model, &mut states, k, &mut rng);
    }
    let moved: Vec<usize> = (0..rows).filter(|k| k % ONE_STAYS_OF > 0).collect();
    let mut chains = states.select_rows(&moved);
    walk((alternation, layered), &mut chains, SWEEPS, 0, rng, run)?;
    moved.iter().enumerate().for_each(|(from, to)| states.row_mut(*to).copy_from(&chains.row(from)));
    Some(states)
}

/// Moves states, one in each row, by sweeps of block Gibbs sampling, those of two layers beginning
/// with the layer `first`. `None` if the run was cancelled.
fn walk<M: Expand + ?Sized>(
    (alternation, layered): (&Alternation<'_, M>, Option<&Layered>),
    chains: &mut DMatrix<f64>,
    sweeps: usize,
    first: usize,
    mut rng: Xoshiro256PlusPlus,
    run: &Run<'_>,
) -> Option<()> {
    if let Some(layered) = layered {
        return layered.chains.walk(chains, sweeps, first, rng, run);
    }
    for _ in 0..sweeps {
        if run.cancelled() {
            return None;
        }
        for layer in 0..alternation.layers() {
            alternation.update(
                layer,
                chains,
                |[low, high], mean| {
                    if rng.random::<f64>() * (high - low) < mean - low { high } else { low }
                },
            );
        }
    }
    Some(())
}

/// So many chains from random states after so many sweeps, and after so many sweeps of mean field
/// from there. `None` if the run was cancelled.
pub(in crate::estimator) fn relaxed_chains<M: Expand + ?Sized>(
    model: &M,
    beta: f64,
    [chains, sweeps, relaxation]: [usize; 3],
    mut rng: Xoshiro256PlusPlus,
    run: &Run<'_>,
) -> Option<DMatrix<f64>> {
    let (alternation, layered) = (Alternation::new(model, beta), Layered::new(model, beta));
    let mut points = DMatrix::zeros(chains, model.n_units());
    (0..chains).for_each(|k| random_state(model, &mut points, k, &mut rng));
    walk((&alternation, layered.as_ref()), &mut points, sweeps, 1, rng, run)?;
    match layered {
        Some(layered) => layered.relaxed(&points, relaxation, run),
        None => alternation.relaxed(points, relaxation, run),
    }
}

/// A state whose units are at their upper value with a probability that is drawn for each layer:
/// models whose units are mostly off have solutions that a state with half of them on never leads
/// to.
fn random_state<M: Expand + ?Sized>(model: &M, states: &mut DMatrix<f64>, row: usize, rng: &mut Xoshiro256PlusPlus) {
    for (range, units) in model.layers() {
        let density: f64 = rng.random();
        for i in range {
            states[(row, i)] = units.values()[usize::from(rng.random::<f64>() < density)];
        }
    }
}

/// Rows of the data on the first layer, spread evenly over the file, with the other layers at their
/// means given them.
fn data_starts<M: Expand + ?Sized>(
    config: &MeanFieldMixture,
    model: &M,
    alternation: &Alternation<'_, M>,
    part: usize,
    seed: u64,
) -> Option<DMatrix<f64>> {
    let data = config.data.as_deref()?;
    let layers = model.layers();
    let (range, units) = layers.first()?.clone();
    let count = config.starts.min(data.n_samples());
    // A file may be sorted, so the rows are spread over the whole of it, from a place that the seed
    // says.
    let mut rng = Purpose::MeanFieldStarts { part }.generator(seed);
    let first = rng.random_range(0..data.n_samples());
    let mut points = DMatrix::from_fn(count, model.n_units(), |_, _| 0.0);
    for k in 0..count {
        let row = data.row((first + k * data.n_samples() / count) % data.n_samples());
        range.clone().zip(row).for_each(|(i, bit)| points[(k, i)] = units.values()[usize::from(*bit)]);
    }
    for (layer, (range, units)) in layers.iter().enumerate().skip(1) {
        points.columns_mut(range.start, range.len()).fill(units.uniform_mean());
        alternation.update(layer, &mut points, |_, mean| mean);
    }
    Some(points)
}
