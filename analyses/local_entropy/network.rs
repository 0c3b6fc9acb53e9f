//! Flatness of small networks that have been trained: the local entropy at their weights by
//! Langevin sampling, against their error on digits that they have not seen.

use nalgebra::{DMatrix, DVector};
use plefka::{
    Error, Rbm, dataset,
    mlp::{Loss, Softmax, Unrolled},
    model::Order,
    streams::stream,
};
use rand::RngExt;
use rand_distr::StandardNormal;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::langevin::integrated;

/// Pixels of a digit after means over 4×4 blocks, hidden units, and classes.
const VISIBLE: usize = 49;
const HIDDEN: usize = 10;
const CLASSES: usize = 10;
const TRAINING: usize = 300;
const HELD_OUT: usize = 4000;
/// The loss is summed over the training set, so that β = 1 is the posterior.
const BETA: f64 = 1.0;

/// One trained network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Network {
    pub(crate) batch: usize,
    pub(crate) seed: u64,
    /// Nats per digit.
    pub(crate) training_loss: f64,
    pub(crate) held_out_loss: f64,
    pub(crate) held_out_error: f64,
    pub(crate) gamma: f64,
    /// F(x; β, γ) − F(x; 0, γ) − βf(x): what the neighbourhood costs beyond the loss at its centre,
    /// nats.
    pub(crate) sharpness: f64,
    pub(crate) std_error: f64,
    /// |x|, of all weights.
    pub(crate) norm: f64,
}

/// Pooled digits, and their labels.
fn digits() -> (DMatrix<f64>, Vec<usize>) {
    let data = dataset::digits();
    let pooled = |k: usize, i: usize| {
        let (row, column) = (i / 7 * 4, i % 7 * 4);
        let block = (0..16).map(|p| f64::from(data.row(k)[28 * (row + p / 4) + column + p % 4]));
        block.sum::<f64>() / 16.0
    };
    let labels = data.labels().expect("digits have labels").iter().map(|l| *l as usize).collect();
    (DMatrix::from_fn(VISIBLE, TRAINING + HELD_OUT, |i, k| pooled(k, i)), labels)
}

/// All weights in one vector: W, b, C, d.
const SIZE: usize = VISIBLE * HIDDEN + HIDDEN + CLASSES * HIDDEN + CLASSES;

fn parts(x: &DVector<f64>) -> (Rbm, Softmax) {
    let mut rest = x.as_slice();
    let mut take = |n: usize| {
        let (head, tail) = rest.split_at(n);
        rest = tail;
        head.to_vec()
    };
    let w = DMatrix::from_vec(VISIBLE, HIDDEN, take(VISIBLE * HIDDEN));
    let b = DVector::from_vec(take(HIDDEN));
    let weights = DMatrix::from_vec(CLASSES, HIDDEN, take(CLASSES * HIDDEN));
    let bias = DVector::from_vec(take(CLASSES));
    (Rbm::new(w, DVector::zeros(VISIBLE), b).expect("finite weights"), Softmax { weights, bias })
}

/// The mean loss of a set, and its gradient.
fn loss(x: &DVector<f64>, v: &DMatrix<f64>, labels: &[usize]) -> (f64, DVector<f64>) {
    let (rbm, classifier) = parts(x);
    let network = Unrolled::tied(rbm, 1, Order::First).expect("a step");
    let found = network.gradient(Loss::Classifier { classifier: &classifier, labels }, v).expect("labels fit");
    let head = found.classifier.expect("a classifier");
    let (w, b) = (found.gradient.weights(), found.gradient.hidden_bias);
    let slope = w.iter().chain(b.iter()).chain(head.weights.iter()).chain(head.bias.iter()).copied();
    (found.loss, DVector::from_iterator(SIZE, slope))
}

fn error(x: &DVector<f64>, v: &DMatrix<f64>, labels: &[usize]) -> f64 {
    let (rbm, classifier) = parts(x);
    let states = Unrolled::tied(rbm, 1, Order::First).expect("a step").forward(v).expect("means");
    let logits = classifier.logits(&states[0].hidden);
    let wrong = logits.column_iter().zip(labels).filter(|(column, label)| column.imax() != **label).count();
    wrong as f64 / labels.len() as f64
}

/// Networks trained with several sizes of minibatches until the loss on the training set is
/// `until`, and their flatness.
pub fn networks(seeds: u64, batches: &[usize], gamma: f64, until: f64, steps: usize) -> Result<Vec<Network>, Error> {
    let (v, labels) = digits();
    let (train, held_out) = (v.columns(0, TRAINING).into_owned(), v.columns(TRAINING, HELD_OUT).into_owned());
    let (known, unknown) = (&labels[..TRAINING], &labels[TRAINING..TRAINING + HELD_OUT]);
    let cases: Vec<(usize, u64)> =
        batches.iter().flat_map(|batch| (1..=seeds).map(move |seed| (*batch, seed))).collect();
    let study = |(batch, seed): &(usize, u64)| {
        let mut rng = stream(*seed, 1);
        let mut x = DVector::from_fn(SIZE, |_, _| 0.3 * rng.sample::<f64, _>(StandardNormal));
        for update in 0..20_000 {
            let picks: Vec<usize> = (0..*batch).map(|_| rng.random_range(0..TRAINING)).collect();
            let classes: Vec<usize> = picks.iter().map(|k| known[*k]).collect();
            x -= loss(&x, &train.select_columns(&picks), &classes).1 * 0.5;
            if update % 50 == 0 && loss(&x, &train, known).0 < until {
                break;
            }
        }
        let (training_loss, _) = loss(&x, &train, known);
        let summed = |y: &DVector<f64>| {
            let (f, slope) = loss(y, &train, known);
            (f * TRAINING as f64, slope * TRAINING as f64)
        };
        let (f, std_error) = integrated(&summed, &x, BETA, gamma, steps, *seed);
        let free = -0.5 * SIZE as f64 * (std::f64::consts::TAU / gamma).ln();
        Network {
            batch: *batch,
            seed: *seed,
            training_loss,
            held_out_loss: loss(&x, &held_out, unknown).0,
            held_out_error: error(&x, &held_out, unknown),
            gamma,
            sharpness: f - free - BETA * training_loss * TRAINING as f64,
            std_error,
            norm: x.norm(),
        }
    };
    Ok(cases.par_iter().map(study).collect())
}
