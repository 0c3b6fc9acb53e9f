//! Where gradients point: those of the likelihood, of mean field and of backpropagation, on the
//! same digits.

use nalgebra::{DMatrix, DVector};
use plefka::{
    Error, Rbm, Run,
    mlp::{Gradient, Loss, Softmax, Unrolled, free_energy},
    model::{Draw, Order},
    stats::{log_sum_exp, mean, std_dev},
    streams::stream,
};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use training::{Recipe, Slope, TRAINING, Training, cosine, digits, gibbs, layer};

#[path = "../digits.rs"]
#[allow(dead_code)] // each analysis uses some of it
mod training;

/// A cosine between two gradients of W, over seeds of the training and minibatches.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Direction {
    pub(crate) training: String,
    pub(crate) epoch: usize,
    pub(crate) gradient: String,
    pub(crate) versus: String,
    pub(crate) cosine: f64,
    /// Between seeds; between minibatches where there is one model only.
    pub(crate) std_error: f64,
    pub(crate) seeds: usize,
}

/// One training: persistent contrastive divergence with a rate that falls to 0 at the last epoch.
#[derive(Debug, Clone)]
pub struct Schedule {
    pub(crate) name: &'static str,
    pub(crate) rate: f64,
    pub(crate) sweeps: usize,
    /// When it is measured.
    pub(crate) epochs: Vec<usize>,
}

/// What is measured.
#[derive(Debug, Clone)]
pub struct Plan {
    pub(crate) hidden: usize,
    pub(crate) trainings: Vec<Schedule>,
    pub(crate) seeds: u64,
    pub(crate) batches: usize,
    /// Digits in a minibatch.
    pub(crate) batch: usize,
    /// Whether the built-in model is measured too.
    pub(crate) built_in: bool,
}

impl Plan {
    /// The full plan, or the quick one.
    pub fn new(quick: bool) -> Self {
        let schedule = |name, rate, sweeps, epochs| Schedule { name, rate, sweeps, epochs };
        if quick {
            let trainings = vec![schedule("PCD-1, rate 0.2", 0.2, 1, vec![1, 3])];
            Self { hidden: 8, trainings, seeds: 2, batches: 2, batch: 200, built_in: false }
        } else {
            let trainings = vec![
                schedule("PCD-1, rate 0.2", 0.2, 1, vec![1, 2, 5, 10, 20, 30]),
                schedule("PCD-10, rate 0.05", 0.05, 10, vec![1, 2, 5]),
            ];
            Self { hidden: 16, trainings, seeds: 3, batches: 4, batch: 400, built_in: true }
        }
    }

    /// All cosines.
    pub fn run(&self) -> Result<Vec<Direction>, Error> {
        let (data, labels) = digits();
        let train = data.columns(0, TRAINING).into_owned();
        let mut rows = Vec::new();
        for Schedule { name, rate, sweeps, epochs } in &self.trainings {
            let (rate, sweeps) = (*rate, *sweeps);
            let updates = epochs[epochs.len() - 1] * (TRAINING / 100);
            let recipe = Recipe { hidden: self.hidden, rate, sweeps, updates, centred: false, decay: 0.0 };
            let of_seed = |seed: u64| -> Result<Vec<Vec<f64>>, Error> {
                let mut pcd = Training::new(&train, recipe, seed);
                let at = |epoch: &usize| {
                    pcd.advance(epoch * (TRAINING / 100));
                    Ok(average(&self.measure(&pcd.rbm(), &train, &labels, seed)?))
                };
                epochs.iter().map(at).collect()
            };
            // [seed][epoch][pair]
            let found: Vec<Vec<Vec<f64>>> = (1..=self.seeds).into_par_iter().map(of_seed).collect::<Result<_, _>>()?;
            for (k, epoch) in epochs.iter().enumerate() {
                rows.extend(directions(name, *epoch, &found.iter().map(|seed| seed[k].clone()).collect::<Vec<_>>()));
            }
        }
        if self.built_in {
            let plefka::model::AnyModel::Rbm(rbm) = plefka::io::load_model("builtin:mnist20")?.model else {
                unreachable!("it is an RBM")
            };
            rows.extend(directions("mnist20", 0, &self.measure(&rbm, &train, &labels, 1)?).into_iter().map(
                |mut row| {
                    row.seeds = 1;
                    row
                },
            ));
        }
        Ok(rows)
    }

    /// The cosines of each minibatch, in the order of [`PAIRS`].
    fn measure(&self, rbm: &Rbm, train: &DMatrix<f64>, labels: &[usize], seed: u64) -> Result<Vec<Vec<f64>>, Error> {
        let exact = rbm.unit_means(1.0, &Run::quiet(0)).expect("nobody cancels");
        let n = rbm.n_visible() + rbm.n_hidden();
        let states = rbm.draw(1.0, 100 * self.batches, &Run::quiet(seed))?.expect("nobody cancels");
        let mixture = mixture(rbm, &train.columns(0, 300).into_owned())?;
        let classifier = fit(rbm, &train.columns(0, 1000).into_owned(), &labels[..1000]);
        let mut rng = stream(seed, 2);
        let mut of_batch = |k: usize| -> Result<Vec<f64>, Error> {
            let v = train.columns(2000 + k * self.batch, self.batch).into_owned();
            let classes = &labels[2000 + k * self.batch..][..self.batch];
            let up = rbm.weights().transpose();
            let h = layer(&up, rbm.hidden_bias(), &v);
            let offsets = (v.column_sum() / v.ncols() as f64, h.column_sum() / v.ncols() as f64);
            let minus = |w: &DMatrix<f64>, a: &DVector<f64>, b: &DVector<f64>| {
                let data = Slope::between(&v, &h, &DMatrix::zeros(v.nrows(), 1), &DMatrix::zeros(h.nrows(), 1));
                Slope { w: data.w - w, a: data.a - a, b: data.b - b }.centred(&offsets.0, &offsets.1)
            };
            let sampled = |v2: &DMatrix<f64>| {
                let h2 = layer(&up, rbm.hidden_bias(), v2);
                Slope::between(&v, &h, v2, &h2).centred(&offsets.0, &offsets.1)
            };
            // Losses fall, likelihoods rise.
            let descent = |gradient: Gradient| {
                let slope = Slope { w: -gradient.weights(), a: -gradient.visible_bias, b: -gradient.hidden_bias };
                slope.centred(&offsets.0, &offsets.1)
            };
            let backprop = |order, steps, loss: Loss<'_>| {
                Ok::<_, Error>(descent(Unrolled::tied(rbm.clone(), steps, order)?.gradient(loss, &v)?.gradient))
            };
            let emf = |order: Order| -> Result<DMatrix<f64>, Error> {
                let last = Unrolled::tied(rbm.clone(), 3, order)?.forward(&v)?.pop().expect("three steps");
                let mut slope = Slope::between(&v, &h, &last.visible, &last.hidden);
                if order == Order::Second {
                    let variance = |m: &DMatrix<f64>| m.map(|m| m * (1.0 - m));
                    let onsager = variance(&last.visible) * variance(&last.hidden).transpose() / v.ncols() as f64;
                    slope.w -= rbm.weights().component_mul(&onsager);
                }
                Ok(slope.centred(&offsets.0, &offsets.1))
            };
            let values = |row: &[u8]| row.iter().map(|x| f64::from(*x)).collect::<Vec<_>>();
            let drawn: Vec<f64> =
                states[100 * k * n..100 * (k + 1) * n].chunks(n).flat_map(|s| values(&s[..rbm.n_visible()])).collect();
            let drawn = DMatrix::from_vec(rbm.n_visible(), 100, drawn);
            let loss = Loss::Classifier { classifier: &classifier, labels: classes };
            let gradients = [
                minus(&exact.pairs, &exact.visible, &exact.hidden),
                sampled(&gibbs(rbm, v.clone(), 1, &mut rng)),
                sampled(&gibbs(rbm, v.clone(), 10, &mut rng)),
                sampled(&drawn),
                emf(Order::First)?,
                emf(Order::Second)?,
                backprop(Order::Second, 3, Loss::FreeEnergyDifference)?,
                minus(&mixture.w, &mixture.a, &mixture.b),
                backprop(Order::First, 1, Loss::CrossEntropy)?,
                backprop(Order::First, 3, Loss::CrossEntropy)?,
                backprop(Order::First, 1, loss)?,
            ];
            Ok(PAIRS.iter().map(|[a, b]| cosine(&gradients[place(a)], &gradients[place(b)])).collect())
        };
        (0..self.batches).map(&mut of_batch).collect()
    }
}

const GRADIENTS: [&str; 11] = [
    "likelihood",
    "CD-1",
    "CD-10",
    "100 exact samples",
    "EMF-1 from the batch",
    "EMF-2 from the batch",
    "backprop of F, EMF-2",
    "EMF-1 weighted mixture",
    "autoencoder, n = 1",
    "autoencoder, n = 3",
    "classifier, n = 1",
];

/// What is laid beside what.
pub const PAIRS: [[&str; 2]; 14] = [
    ["CD-1", "likelihood"],
    ["CD-10", "likelihood"],
    ["100 exact samples", "likelihood"],
    ["EMF-1 from the batch", "likelihood"],
    ["EMF-2 from the batch", "likelihood"],
    ["backprop of F, EMF-2", "likelihood"],
    ["EMF-1 weighted mixture", "likelihood"],
    ["autoencoder, n = 1", "likelihood"],
    ["autoencoder, n = 3", "likelihood"],
    ["classifier, n = 1", "likelihood"],
    ["EMF-2 from the batch", "backprop of F, EMF-2"],
    ["EMF-2 from the batch", "autoencoder, n = 1"],
    ["CD-1", "autoencoder, n = 1"],
    ["EMF-2 from the batch", "classifier, n = 1"],
];

fn place(name: &str) -> usize {
    GRADIENTS.iter().position(|known| *known == name).expect("a gradient of the list")
}

fn average(rows: &[Vec<f64>]) -> Vec<f64> {
    (0..PAIRS.len()).map(|p| mean(&rows.iter().map(|row| row[p]).collect::<Vec<_>>())).collect()
}

fn directions(training: &str, epoch: usize, rows: &[Vec<f64>]) -> Vec<Direction> {
    let of_pair = |(p, [gradient, versus]): (usize, &[&str; 2])| {
        let cosines: Vec<f64> = rows.iter().map(|row| row[p]).collect();
        Direction {
            training: training.into(),
            epoch,
            gradient: (*gradient).into(),
            versus: (*versus).into(),
            cosine: mean(&cosines),
            std_error: std_dev(&cosines) / (cosines.len() as f64).sqrt(),
            seeds: rows.len(),
        }
    };
    PAIRS.iter().enumerate().map(of_pair).collect()
}

/// ⟨v hᵀ⟩, ⟨v⟩ and ⟨h⟩ of a mixture of mean-field solutions started from digits, each with its
/// weight e^{−F}.
fn mixture(rbm: &Rbm, starts: &DMatrix<f64>) -> Result<Slope, Error> {
    let last = Unrolled::tied(rbm.clone(), 50, Order::First)?.forward(starts)?.pop().expect("fifty steps");
    let f = free_energy(rbm, Order::First, &last.visible, &last.hidden);
    // Starts that ended in the same solution count once.
    let mut kept: Vec<usize> = Vec::new();
    for k in 0..starts.ncols() {
        let same = |l: &usize| (last.hidden.column(*l) - last.hidden.column(k)).amax() < 0.1;
        if !kept.iter().any(same) {
            kept.push(k);
        }
    }
    let logs: Vec<f64> = kept.iter().map(|k| -f[*k]).collect();
    let log_z = log_sum_exp(&logs);
    let weights = DVector::from_iterator(kept.len(), logs.iter().map(|log| (log - log_z).exp()));
    let (v, h) = (last.visible.select_columns(&kept), last.hidden.select_columns(&kept));
    let mut weighted = h.clone();
    weighted.column_iter_mut().zip(weights.iter()).for_each(|(mut column, weight)| column *= *weight);
    Ok(Slope { w: &v * weighted.transpose(), a: &v * &weights, b: h * weights })
}

/// Softmax regression of the labels on ⟨h|x⟩, by gradient descent.
fn fit(rbm: &Rbm, v: &DMatrix<f64>, labels: &[usize]) -> Softmax {
    let h = layer(&rbm.weights().transpose(), rbm.hidden_bias(), v);
    let mut softmax = Softmax { weights: DMatrix::zeros(10, h.nrows()), bias: DVector::zeros(10) };
    for _ in 0..300 {
        let mut delta = softmax.logits(&h);
        for (mut column, label) in delta.column_iter_mut().zip(labels) {
            let log_z = log_sum_exp(column.clone_owned().as_slice());
            column.apply(|x| *x = (*x - log_z).exp());
            column[*label] -= 1.0;
        }
        softmax.weights -= &delta * h.transpose() / h.ncols() as f64;
        softmax.bias -= delta.column_sum() / h.ncols() as f64;
    }
    softmax
}
