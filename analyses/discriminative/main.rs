//! Labels: what is gained for classification and lost for the likelihood, and does mean field with
//! labels point where backprop does?
//!
//! Writes `expected.csv` (scores), `cosines.csv` and the figure to the folder given as an argument,
//! or to `plefka-out/discriminative`. `--quick` takes seconds.

use std::error::Error;

use nalgebra::DMatrix;
use plefka::{
    plot::{Chart, FigureFile, Series},
    stats::{mean, std_dev},
    streams::stream,
};
use rand::RngExt;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

#[path = "../digits.rs"]
#[allow(dead_code)] // each analysis uses some of it
pub mod digits;
#[path = "joint.rs"]
pub mod joint;
#[path = "../shared.rs"]
mod shared;

use digits::{TRAINING, cosine};
use joint::{Joint, one_hot};

/// What is climbed: ln p(y|x) + α ln p(x, y), or its parts.
const OBJECTIVES: [(&str, f64, f64); 5] = [
    ("discriminative", 1.0, 0.0),
    ("hybrid, α = 0.01", 1.0, 0.01),
    ("hybrid, α = 0.1", 1.0, 0.1),
    ("generative (PCD-1)", 0.0, 1.0),
    ("EMF, labels", 1.0, 0.0),
];

/// Scores on held-out digits, over seeds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Score {
    pub(crate) objective: String,
    pub(crate) hidden: usize,
    pub(crate) seeds: usize,
    /// Share of wrong labels.
    pub(crate) error: f64,
    pub(crate) error_std_error: f64,
    /// Mean ln p(y|x), nats per digit.
    pub(crate) label_likelihood: f64,
    pub(crate) label_likelihood_std_error: f64,
    /// Mean ln p(x), nats per digit, exact.
    pub(crate) image_likelihood: f64,
    pub(crate) image_likelihood_std_error: f64,
}

/// The cosine of two gradients of W at the end of a training, over seeds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Angle {
    pub(crate) objective: String,
    pub(crate) gradient: String,
    pub(crate) versus: String,
    pub(crate) cosine: f64,
    pub(crate) std_error: f64,
}

/// Pairs of gradients.
pub const PAIRS: [[&str; 2]; 4] = [
    ["backprop of ln p(y|x)", "EMF, labels, n = 10"],
    ["backprop of ln p(y|x)", "EMF, labels, n = 1"],
    ["backprop of ln p(y|x)", "joint EMF from the batch"],
    ["backprop of ln p(y|x)", "likelihood of (x, y)"],
];

/// Both tables.
pub fn run(
    hidden: usize,
    updates: usize,
    seeds: u64,
    n_held_out: usize,
) -> Result<(Vec<Score>, Vec<Angle>), plefka::Error> {
    let (data, labels) = digits::digits();
    let train = data.columns(0, TRAINING).into_owned();
    let held_out = data.columns(TRAINING, n_held_out).into_owned();
    let unseen = &labels[TRAINING..TRAINING + n_held_out];
    let (mut scores, mut angles) = (Vec::new(), Vec::new());
    for (objective, by_label, by_joint) in OBJECTIVES {
        let mean_field = objective.starts_with("EMF");
        let one = |seed: u64| -> Result<([f64; 3], [f64; 4]), plefka::Error> {
            let model = climb(&train, &labels, hidden, updates, (by_label, by_joint, mean_field), seed);
            Ok((model.score(&held_out, unseen)?, compare(&model, &held_out, unseen)?))
        };
        let found: Vec<_> = (1..=seeds).into_par_iter().map(one).collect::<Result<_, plefka::Error>>()?;
        let of = |f: &dyn Fn(&([f64; 3], [f64; 4])) -> f64| {
            let values: Vec<f64> = found.iter().map(f).collect();
            (mean(&values), std_dev(&values) / (values.len() as f64).sqrt())
        };
        let [error, label, image] = [0, 1, 2].map(|q| of(&move |x| x.0[q]));
        scores.push(Score {
            objective: objective.into(),
            hidden,
            seeds: found.len(),
            error: error.0,
            error_std_error: error.1,
            label_likelihood: label.0,
            label_likelihood_std_error: label.1,
            image_likelihood: image.0,
            image_likelihood_std_error: image.1,
        });
        for (p, [gradient, versus]) in PAIRS.into_iter().enumerate() {
            let (cosine, std_error) = of(&move |x| x.1[p]);
            let (objective, gradient, versus) = (objective.into(), gradient.into(), versus.into());
            angles.push(Angle { objective, gradient, versus, cosine, std_error });
        }
    }
    Ok((scores, angles))
}

/// Gradient ascent with batches of 100 and a rate that falls from 0.2 to 0.
fn climb(
    train: &DMatrix<f64>,
    labels: &[usize],
    hidden: usize,
    updates: usize,
    (by_label, by_joint, mean_field): (f64, f64, bool),
    seed: u64,
) -> Joint {
    let mut rng = stream(seed, 1);
    let mut model = Joint::new(train, hidden, &mut rng);
    let picks = |rng: &mut rand_xoshiro::Xoshiro256PlusPlus| -> Vec<usize> {
        (0..100).map(|_| rng.random_range(0..train.ncols())).collect()
    };
    let batch =
        |picks: &[usize]| (train.select_columns(picks), one_hot(&picks.iter().map(|k| labels[*k]).collect::<Vec<_>>()));
    let mut chains = batch(&picks(&mut rng));
    for update in 0..updates {
        let (x, y) = batch(&picks(&mut rng));
        let data = Joint::moments(&x, &y, &model.hidden(&x, &y));
        let rate = 0.2 * (1.0 - update as f64 / updates as f64);
        let mut step = data.clone();
        step.add(&data, by_label + by_joint - 1.0);
        if by_label > 0.0 {
            let clamped = if mean_field { model.clamped_mean_field(&x, 10) } else { model.clamped(&x) };
            step.add(&clamped, -by_label);
        }
        if by_joint > 0.0 {
            chains = model.gibbs((&chains.0, &chains.1), &mut rng);
            let h = model.hidden(&chains.0, &chains.1);
            step.add(&Joint::moments(&chains.0, &chains.1, &h), -by_joint);
        }
        model.add(&step, rate);
    }
    model
}

/// The cosines of [`PAIRS`].
fn compare(model: &Joint, x: &DMatrix<f64>, labels: &[usize]) -> Result<[f64; 4], plefka::Error> {
    let y = one_hot(labels);
    let data = Joint::moments(x, &y, &model.hidden(x, &y));
    let backprop = data.clone().minus(&model.clamped(x)).w;
    let others = [
        data.clone().minus(&model.clamped_mean_field(x, 10)).w,
        data.clone().minus(&model.clamped_mean_field(x, 1)).w,
        data.clone().minus(&model.joint_mean_field(x, &y, 3)).w,
        data.w - model.exact_pairs()?,
    ];
    Ok(others.map(|other| cosine(&backprop, &other)))
}

/// Error against likelihood.
pub fn chart(scores: &[Score]) -> Chart {
    let series = scores.iter().enumerate().map(|(k, s)| {
        let point = (s.image_likelihood, Some(100.0 * s.error), Some(100.0 * s.error_std_error));
        Series::measured(s.objective.clone(), k + 1, [point])
    });
    Chart {
        title: "What labels gain and images lose".into(),
        subtitle: format!(
            "RBMs of 784×{} bits and 10 classes; held-out digits, mean of {} seeds ± 1σ",
            scores[0].hidden, scores[0].seeds
        ),
        caption: "The share of wrong labels against the exact mean of ln p(x), for five training objectives; lower right is best.".into(),
        labels: ["mean ln p(x), nats per digit".into(), "wrong labels, %".into()],
        series: series.collect(),
        vertical: Vec::new(),
        horizontal: Vec::new(),
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let (folder, quick) = shared::arguments("discriminative")?;
    let (scores, angles) = if quick { run(6, 200, 2, 300)? } else { run(16, 1200, 2, 2000)? };
    shared::save_csv(&folder.join("expected.csv"), &scores)?;
    shared::save_csv(&folder.join("cosines.csv"), &angles)?;
    FigureFile::from(chart(&scores)).save(&folder, "tradeoff")?;
    Ok(())
}
