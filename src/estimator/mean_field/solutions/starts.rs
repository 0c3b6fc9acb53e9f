//! Where the searches start.

use std::{borrow::Cow, iter};

use rand::RngExt;
use rand_xoshiro::Xoshiro256PlusPlus;
use rayon::prelude::*;

use super::super::{choices::StartFrom, config::MeanField};
use crate::{
    Error, Run,
    model::{Channels, Expand, Order},
    streams::Purpose,
};

/// Sweeps of a Gibbs chain: enough to fall from a random state into a valley, too few to forget
/// which.
const SWEEPS: usize = 20;

/// Chains that share a random stream.
const BLOCK: usize = 16;

/// What the starts are at every β: the means of free units, then the given ones, then what
/// `start_from` says as far as it does not depend on β. The k-th start does not depend on how many
/// there are. Of a run that was cancelled only the first is sure to be there.
pub(in crate::estimator::mean_field) fn starts<M: Expand + ?Sized>(
    config: &MeanField,
    model: &M,
    part: usize,
    run: &Run<'_>,
) -> Vec<Vec<f64>> {
    let mut rng = Purpose::MeanFieldStarts { part }.generator(run.seed);
    let known = iter::once(uniform(model)).chain(config.given.iter().cloned());
    match (config.start_from, &config.data) {
        (StartFrom::Data, Some(data)) => {
            let rows = shuffled(data.n_samples(), rng).map(|row| on_first_layer(model, data.row(row)));
            collect(known.chain(rows), config.starts, run)
        }
        _ => collect(known.chain(iter::repeat_with(|| random_state(model, &mut rng))), config.starts, run),
    }
}

/// Hundreds of thousands of starts take seconds.
fn collect(starts: impl Iterator<Item = Vec<f64>>, count: usize, run: &Run<'_>) -> Vec<Vec<f64>> {
    let wanted = starts.take(count).enumerate();
    wanted.take_while(|(k, _)| *k == 0 || !run.cancelled()).map(|(_, start)| start).collect()
}

/// The starts at one β.
pub(in crate::estimator::mean_field) fn at<'a, M: Expand + ?Sized>(
    config: &MeanField,
    model: &M,
    beta: f64,
    starts: &'a [Vec<f64>],
    run: &Run<'_>,
) -> Cow<'a, [Vec<f64>]> {
    let known = 1 + config.given.len();
    if config.start_from == StartFrom::Random || starts.len() <= known {
        return Cow::Borrowed(starts);
    }
    let mut starts = starts.to_vec();
    starts[known..].par_chunks_mut(BLOCK).enumerate().for_each(|(block, starts)| {
        // Of what is cancelled nothing is used.
        if run.cancelled() {
            return;
        }
        let mut layers = Conditional::new(model, beta);
        // At another β the chains draw the same numbers again.
        let mut rng = (config.start_from == StartFrom::Gibbs)
            .then(|| Purpose::MeanFieldChains { part: 0, block }.generator(run.seed));
        for means in starts {
            if let Some(rng) = &mut rng {
                layers.walk(means, rng);
            }
            layers.complete(means);
        }
    });
    Cow::Owned(starts)
}

/// Whether there are data for every start that is to come from them.
pub(in crate::estimator::mean_field) fn check<M: Expand + ?Sized>(config: &MeanField, model: &M) -> Result<(), Error> {
    if config.start_from != StartFrom::Data {
        return Ok(());
    }
    let refuse = |remedy: String| Err(Error::config("start_from", StartFrom::Data.name(), remedy));
    let Some(data) = &config.data else {
        return refuse("give the data with `--data` (in the library: the field `data`)".into());
    };
    let width = model.layers().first().map_or(0, |(range, _)| range.len());
    if data.n_features() != width {
        return refuse(format!(
            "the data have rows of {} values, but the first layer has {width} units; use the data of this model",
            data.n_features()
        ));
    }
    let most = 1 + config.given.len() + data.n_samples();
    if config.starts > most {
        let remedy = format!("the data have {} rows, each for one start: ask for at most {most}", data.n_samples());
        return Err(Error::config("starts", config.starts, remedy));
    }
    Ok(())
}

fn uniform<M: Expand + ?Sized>(model: &M) -> Vec<f64> {
    let mut means = vec![0.0; model.n_units()];
    for (range, units) in model.layers() {
        means[range].fill(units.uniform_mean());
    }
    means
}

/// A state rather than random means: it is as far from the uniform start, and from any other, as
/// can be.
fn random_state<M: Expand + ?Sized>(model: &M, rng: &mut Xoshiro256PlusPlus) -> Vec<f64> {
    let mut state = vec![0.0; model.n_units()];
    for (range, units) in model.layers() {
        for x in &mut state[range] {
            *x = units.values()[usize::from(rng.random::<bool>())];
        }
    }
    state
}

/// A row of 0 and 1 on the units of the first layer, the others free.
fn on_first_layer<M: Expand + ?Sized>(model: &M, row: &[u8]) -> Vec<f64> {
    let mut means = uniform(model);
    if let Some((range, units)) = model.layers().into_iter().next() {
        means[range].iter_mut().zip(row).for_each(|(m, bit)| *m = units.values()[usize::from(*bit)]);
    }
    means
}

/// 0, …, n − 1 in random order: the rows of a data file may be sorted.
fn shuffled(n: usize, mut rng: Xoshiro256PlusPlus) -> impl Iterator<Item = usize> {
    let mut order: Vec<usize> = (0..n).collect();
    (0..n).map(move |k| {
        order.swap(k, rng.random_range(k..n));
        order[k]
    })
}

/// The layers of a model, each given the others, at one β.
struct Conditional<'a, M: ?Sized> {
    model: &'a M,
    beta: f64,
    sources: Channels,
    sums: Channels,
}

impl<'a, M: Expand + ?Sized> Conditional<'a, M> {
    fn new(model: &'a M, beta: f64) -> Self {
        let zeros = Channels::zeros(Order::First, model.n_units());
        Self { model, beta, sources: zeros.clone(), sums: zeros }
    }

    /// Sets each unit of `layer` to what `choose` makes of its two values and the mean ⟨xᵢ⟩ =
    /// f(β(bᵢ + Σⱼ Wᵢⱼxⱼ)).
    fn update(&mut self, layer: usize, x: &mut [f64], mut choose: impl FnMut([f64; 2], f64) -> f64) {
        x.iter().enumerate().for_each(|(i, x)| self.sources.set(i, [*x, 0.0, 0.0]));
        self.model.coupling_sums(layer, &self.sources, &mut self.sums);
        let (range, units) = self.model.layers()[layer].clone();
        for (i, bias) in range.zip(self.model.biases(layer)) {
            let mean = units.mean(self.beta * (bias + self.sums.unit(i)[0]));
            x[i] = choose(units.values(), mean);
        }
    }

    /// Some sweeps of block Gibbs sampling.
    fn walk(&mut self, x: &mut [f64], rng: &mut Xoshiro256PlusPlus) {
        for _ in 0..SWEEPS {
            // The last layer first, so that the first one ends as a sample given all the others.
            for layer in (0..self.model.layers().len()).rev() {
                self.update(layer, x, |[low, high], mean| {
                    let up = rng.random::<f64>() * (high - low) < mean - low;
                    if up { high } else { low }
                });
            }
        }
    }

    /// Sets the layers after the first to their means, given those before.
    fn complete(&mut self, x: &mut [f64]) {
        for layer in 1..self.model.layers().len() {
            self.update(layer, x, |_, mean| mean);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{Rbm, Units, data::Data};

    fn model() -> Rbm {
        Rbm::from_rows(&[[0.9, -1.2], [-0.4, 1.1], [0.3, 0.8]], &[0.2, -0.5, 0.1], &[0.4, -0.3]).unwrap()
    }

    fn config(start_from: StartFrom, starts: usize) -> MeanField {
        let row = |k: usize| (0..3).map(move |i| u8::from(k >> i & 1 == 1));
        let data = Data::new(3, (0..50).flat_map(row).collect(), None).unwrap();
        MeanField { start_from, starts, data: Some(Arc::new(data)), ..MeanField::default() }
    }

    fn all(config: &MeanField, rbm: &Rbm, beta: f64) -> Vec<Vec<f64>> {
        let run = &Run::quiet(7);
        at(config, rbm, beta, &starts(config, rbm, 0, run), run).into_owned()
    }

    #[test]
    fn the_kth_start_does_not_depend_on_how_many_there_are() {
        let rbm = model();
        for from in [StartFrom::Random, StartFrom::Data, StartFrom::Gibbs] {
            let (few, many) = (all(&config(from, 21), &rbm, 0.8), all(&config(from, 50), &rbm, 0.8));
            assert_eq!((few.len(), many.len()), (21, 50));
            assert_eq!(few, many[..21], "{from:?}");
            assert_eq!(many[0], [0.5; 5]);
        }
    }

    #[test]
    fn every_row_is_used_once_and_completed_by_the_hidden_means() {
        for units in [Units::Bit, Units::Spin] {
            let rbm = model().with_units(units, units);
            let starts = all(&config(StartFrom::Data, 51), &rbm, 0.8);
            let mut counts = [0; 8];
            for start in &starts[1..] {
                let index = |i: usize| usize::from(start[i] == units.values()[1]) << i;
                counts[index(0) + index(1) + index(2)] += 1;
                let hidden = rbm.hidden_given_visible(&start[..3], 0.8);
                assert!((0..2).all(|j| (start[3 + j] - hidden[j]).abs() < 1e-15));
            }
            assert_eq!(counts, [7, 7, 6, 6, 6, 6, 6, 6]);
        }
    }

    /// Twenty sweeps are enough for equilibrium on this small model, so that the means of the
    /// visible units are those of the enumeration. Six means within 4.5 standard errors:
    /// false-alarm rate 4e−5, and the seed is fixed.
    #[test]
    fn gibbs_starts_are_samples_of_the_model() {
        let chains = 4000;
        // The couplings are four times as strong on spins.
        for (units, beta) in [(Units::Bit, 1.3), (Units::Spin, 0.4)] {
            let rbm = model().with_units(units, units);
            let [low, high] = units.values();
            let (mut z, mut sums) = (0.0, [0.0; 3]);
            for k in 0..8 {
                let v: Vec<f64> = (0..3).map(|i| units.values()[k >> i & 1]).collect();
                let weight = (-beta * rbm.visible_free_energy(&v, beta)).exp();
                z += weight;
                (0..3).for_each(|i| sums[i] += weight * v[i]);
            }
            let starts = all(&config(StartFrom::Gibbs, chains + 1), &rbm, beta);
            for i in 0..3 {
                let (exact, mean) =
                    (sums[i] / z, starts[1..].iter().map(|start| start[i]).sum::<f64>() / chains as f64);
                let std_error = ((exact - low) * (high - exact) / chains as f64).sqrt();
                assert!((mean - exact).abs() < 4.5 * std_error, "{units} {i}: {mean} against {exact} ± {std_error}");
            }
        }
    }

    /// A run that was cancelled before it began has the first start all the same, and no more.
    #[test]
    fn a_cancelled_run_has_one_start() {
        let cancel = std::sync::atomic::AtomicBool::new(true);
        let starts = || (0..5).map(|k| vec![f64::from(k)]);
        assert_eq!(collect(starts(), 4, &Run { cancel: &cancel, ..Run::quiet(0) }), [[0.0]]);
        assert_eq!(collect(starts(), 3, &Run::quiet(0)), [[0.0], [1.0], [2.0]]);
    }
}
