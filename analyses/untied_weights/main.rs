//! Does backpropagation keep the weights symmetric, and what is lost if it does not?
//!
//! Writes `expected.csv` and the figures to the folder given as an argument, or to
//! `plefka-out/untied_weights`. `--quick` takes seconds.

use std::error::Error;

use nalgebra::{DMatrix, DVector};
use plefka::{
    Rbm, Run,
    mlp::{Loss, Unrolled, free_energy},
    model::{Enumerate, Order, Sums},
    plot::{Chart, FigureFile, Series},
    stats::{mean, std_dev},
    streams::stream,
};
use rand::RngExt;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

#[path = "../digits.rs"]
#[allow(dead_code)] // each analysis uses some of it
mod digits;
#[path = "../shared.rs"]
mod shared;

use digits::{Recipe, TRAINING, Training, log_likelihood};

/// One moment of the training of an autoencoder, over seeds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Moment {
    /// n: the network has 2n layers.
    pub(crate) steps: usize,
    pub(crate) tied: bool,
    pub(crate) epoch: usize,
    pub(crate) seeds: usize,
    pub(crate) quantity: String,
    pub(crate) value: f64,
    pub(crate) std_error: f64,
}

/// What is measured on held-out digits. LL is the exact mean of ln p(v), nats per digit.
pub const QUANTITIES: [&str; 8] = [
    "cross-entropy",
    "KL",
    "Helmholtz free energy + ln Z",
    "asymmetry",
    "LL of W1",
    "LL of W2",
    "LL of the mean",
    "share of steps that raise F",
];

/// What is run.
#[derive(Debug, Clone)]
pub struct Plan {
    pub(crate) hidden: usize,
    pub(crate) steps: Vec<usize>,
    pub(crate) epochs: Vec<usize>,
    pub(crate) seeds: u64,
    /// Epochs of persistent contrastive divergence before.
    pub(crate) before: usize,
    pub(crate) held_out: usize,
}

impl Plan {
    /// The full plan, or the quick one.
    pub fn new(quick: bool) -> Self {
        if quick {
            Self { hidden: 8, steps: vec![1], epochs: vec![0, 1], seeds: 2, before: 1, held_out: 200 }
        } else {
            let epochs = vec![0, 1, 2, 5, 10];
            Self { hidden: 16, steps: vec![1, 3], epochs, seeds: 3, before: 5, held_out: 1000 }
        }
    }

    /// Every network, with tied and with untied weights.
    pub fn run(&self) -> Result<Vec<Moment>, plefka::Error> {
        let (data, _) = digits::digits();
        let train = data.columns(0, TRAINING).into_owned();
        let held_out = data.columns(TRAINING, self.held_out).into_owned();
        let starts: Vec<Rbm> = (1..=self.seeds)
            .into_par_iter()
            .map(|seed| {
                let updates = 30 * TRAINING / 100;
                let recipe = Recipe { hidden: self.hidden, rate: 0.2, sweeps: 1, updates, centred: false, decay: 0.0 };
                let mut training = Training::new(&train, recipe, seed);
                training.advance(self.before * TRAINING / 100);
                training.rbm()
            })
            .collect();
        let mut rows = Vec::new();
        for &steps in &self.steps {
            for tied in [true, false] {
                // [seed][epoch][quantity]
                let found: Vec<Vec<[f64; 8]>> = starts
                    .iter()
                    .enumerate()
                    .map(|(k, start)| self.train(start, steps, tied, k as u64 + 1, &train, &held_out))
                    .collect::<Result<_, _>>()?;
                for (e, epoch) in self.epochs.iter().enumerate() {
                    for (q, quantity) in QUANTITIES.iter().enumerate() {
                        let values: Vec<f64> = found.iter().map(|seed| seed[e][q]).collect();
                        rows.push(Moment {
                            steps,
                            tied,
                            epoch: *epoch,
                            seeds: values.len(),
                            quantity: (*quantity).into(),
                            value: mean(&values),
                            std_error: std_dev(&values) / (values.len() as f64).sqrt(),
                        });
                    }
                }
            }
        }
        Ok(rows)
    }

    fn train(
        &self,
        start: &Rbm,
        steps: usize,
        tied: bool,
        seed: u64,
        train: &DMatrix<f64>,
        held_out: &DMatrix<f64>,
    ) -> Result<Vec<[f64; 8]>, plefka::Error> {
        let mut rng = stream(seed, 3);
        let (mut w1, mut w2) = (start.weights().clone(), start.weights().clone());
        let (mut a, mut b) = (start.visible_bias().clone(), start.hidden_bias().clone());
        let network = |w1: &DMatrix<f64>, w2: &DMatrix<f64>, a: &DVector<f64>, b: &DVector<f64>| {
            let model = Rbm::new(w2.clone(), a.clone(), b.clone())?;
            Unrolled::tied(model, steps, Order::First)?.untied(w1.clone())
        };
        let (mut moments, mut done) = (Vec::new(), 0);
        for epoch in &self.epochs {
            for _ in done..epoch * TRAINING / 100 {
                let picks: Vec<usize> = (0..100).map(|_| rng.random_range(0..train.ncols())).collect();
                let slope =
                    network(&w1, &w2, &a, &b)?.gradient(Loss::CrossEntropy, &train.select_columns(&picks))?.gradient;
                // Tied weights move by both derivatives, untied ones each by its own.
                let (by1, by2) = match tied {
                    true => (slope.weights(), slope.weights()),
                    false => (slope.recognition, slope.generation),
                };
                w1 -= by1 * RATE;
                w2 -= by2 * RATE;
                a -= slope.visible_bias * RATE;
                b -= slope.hidden_bias * RATE;
            }
            done = epoch * TRAINING / 100;
            moments.push(measure(&network(&w1, &w2, &a, &b)?, held_out)?);
        }
        Ok(moments)
    }
}

const RATE: f64 = 0.05;

/// [`QUANTITIES`] of a network.
pub fn measure(network: &Unrolled, held_out: &DMatrix<f64>) -> Result<[f64; 8], plefka::Error> {
    let (w1, w2, model) = (network.recognition(), network.generation(), network.model());
    let rbm = |w: DMatrix<f64>| Rbm::new(w, model.visible_bias().clone(), model.hidden_bias().clone());
    let log_z = |rbm: &Rbm| rbm.enumerate(1.0, Sums::LogZ, &Run::quiet(0)).expect("nobody cancels").log_z;
    let (recognising, mean) = (rbm(w1.clone())?, rbm((w1 + w2) * 0.5)?);
    let log_zs = [log_z(&recognising), log_z(model), log_z(&mean)];
    // q(h|v) by W₁ against p(h|v) by W₂: both factorise.
    let kl: f64 = held_out
        .column_iter()
        .map(|v| {
            let v = v.clone_owned();
            let (q, p) =
                (recognising.hidden_given_visible(v.as_slice(), 1.0), model.hidden_given_visible(v.as_slice(), 1.0));
            q.iter().zip(p.iter()).map(|(q, p)| bernoulli_kl(*q, *p)).sum::<f64>()
        })
        .sum::<f64>()
        / held_out.ncols() as f64;
    let likelihood = log_likelihood(model, held_out, log_zs[1]);
    let states = Unrolled::tied(model.clone(), 10, Order::First)?.untied(w1.clone())?.forward(held_out)?;
    let f: Vec<DVector<f64>> = states.iter().map(|s| free_energy(model, Order::First, &s.visible, &s.hidden)).collect();
    let raised: usize =
        f.windows(2).map(|f| f[0].iter().zip(f[1].iter()).filter(|(a, b)| **b > **a + 1e-9).count()).sum();
    Ok([
        network.gradient(Loss::CrossEntropy, held_out)?.loss,
        kl,
        // F(v) + KL, measured from the free energy of the model: −ln p(v) + KL.
        kl - likelihood,
        (w1 - w2).norm() / (w1 + w2).norm(),
        log_likelihood(&recognising, held_out, log_zs[0]),
        likelihood,
        log_likelihood(&mean, held_out, log_zs[2]),
        raised as f64 / (9 * held_out.ncols()) as f64,
    ])
}

/// KL of two bits with these means, nats.
fn bernoulli_kl(q: f64, p: f64) -> f64 {
    let term = |q: f64, p: f64| if q > 0.0 { q * (q / p.max(f64::MIN_POSITIVE)).ln() } else { 0.0 };
    term(q, p) + term(1.0 - q, 1.0 - p)
}

/// What a quantity is called in a legend whose axis says what it is.
fn curve_of(quantity: &str) -> &str {
    match quantity {
        "LL of W1" => "W₁, ",
        "LL of W2" => "W₂, ",
        "LL of the mean" => "mean of W₁ and W₂, ",
        _ => "",
    }
}

/// One quantity of the networks against the epoch.
pub fn chart(rows: &[Moment], quantities: &[(&str, bool)], title: &str, label: &str) -> Chart {
    let mut series = Vec::new();
    let mut steps: Vec<usize> = rows.iter().map(|row| row.steps).collect();
    steps.dedup();
    for steps in steps {
        for (quantity, tied) in quantities {
            let of = rows.iter().filter(|r| r.steps == steps && r.tied == *tied && r.quantity == *quantity);
            let name = match (*quantity, *tied) {
                ("LL of W2", true) => format!("W₁ = W₂, tied, n = {steps}"),
                (_, tied) => {
                    format!("{}{}, n = {steps}", curve_of(quantity), if tied { "tied" } else { "untied" })
                }
            };
            let points = of.map(|r| (r.epoch as f64, Some(r.value), Some(r.std_error)));
            series.push(Series::measured(name, series.len() + 1, points));
        }
    }
    Chart {
        title: title.into(),
        subtitle:
            "784×16 bits, 5 epochs of PCD-1 and then an autoencoder by backprop; held-out digits, ± 1σ of 3 seeds"
                .into(),
        caption: format!("{label} of held-out digits while an autoencoder is trained by backpropagation, from an RBM."),
        labels: ["epoch of backpropagation".into(), label.into()],
        series,
        vertical: Vec::new(),
        horizontal: Vec::new(),
    }
}

/// The figures by name.
pub fn charts(rows: &[Moment]) -> [(&'static str, Chart); 2] {
    let errors = [("cross-entropy", true), ("cross-entropy", false)];
    let (title, label) = ("Untied weights reconstruct a little better, with one step", "cross-entropy, nats per digit");
    let reconstruction = chart(rows, &errors, title, label);
    let likelihoods = [("LL of W2", true), ("LL of W1", false), ("LL of W2", false), ("LL of the mean", false)];
    let title = "What backprop of an autoencoder does to the likelihood";
    let likelihood = chart(rows, &likelihoods, title, "mean ln p(v), nats per digit");
    [("reconstruction", reconstruction), ("likelihood", likelihood)]
}

fn main() -> Result<(), Box<dyn Error>> {
    let (folder, quick) = shared::arguments("untied_weights")?;
    let rows = Plan::new(quick).run()?;
    shared::save_csv(&folder.join("expected.csv"), &rows)?;
    for (name, chart) in charts(&rows) {
        FigureFile::from(chart).save(&folder, name)?;
    }
    Ok(())
}
