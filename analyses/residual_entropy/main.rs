//! Does the entropy of a trained RBM tell how well it generalises?
//!
//! Writes `expected.csv` (every model), `predictors.csv` and the figures to the folder given as an
//! argument, or to `plefka-out/residual_entropy`. `--quick` takes seconds.

use std::error::Error;

use nalgebra::{DMatrix, DVector};
use plefka::{
    Rbm, Run, Units,
    model::{Enumerate, Sums},
    plot::{Chart, FigureFile, Series},
    stats::{find_maximum, mean, partial_correlation, std_dev},
    streams::stream,
};
use rand::RngExt;
use rand_distr::StandardNormal;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

#[path = "../digits.rs"]
#[allow(dead_code)] // each analysis uses some of it
mod digits;
#[path = "../shared.rs"]
mod shared;

use digits::{TRAINING, layer, log_likelihood};

/// One model at one moment of its training, everything by enumeration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Moment {
    pub(crate) hidden: usize,
    pub(crate) training: usize,
    pub(crate) decay: f64,
    pub(crate) seed: u64,
    pub(crate) update: usize,
    /// Mean ln p(v), nats per digit.
    pub(crate) train: f64,
    pub(crate) held_out: f64,
    /// S(1), nats.
    pub(crate) entropy: f64,
    /// The mean entropy of h given a training digit, nats.
    pub(crate) hidden_entropy: f64,
    /// U − Ē, with Ē the mean energy of training digits completed by ⟨h|v⟩.
    pub(crate) excess_energy: f64,
    /// The β at which the digits are most likely.
    pub(crate) beta_train: f64,
    pub(crate) beta_held_out: f64,
}

/// How well the held-out likelihood is predicted, within models of one training-set size.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Predictor {
    pub(crate) training: usize,
    pub(crate) models: usize,
    /// Of S with the held-out likelihood at given training likelihood, within the models of a seed;
    /// mean over seeds.
    pub(crate) partial_correlation: f64,
    pub(crate) partial_correlation_std_error: f64,
    /// RMS error of the held-out likelihood, nats, of a seed that was left out of a straight-line
    /// fit…
    pub(crate) error_train: f64,
    /// … with S beside the training likelihood, …
    pub(crate) error_train_entropy: f64,
    /// … and with β̂ of the training digits beside it.
    pub(crate) error_train_beta: f64,
    /// By how much S lowers it, nats: mean over the seeds that were left out.
    pub(crate) gain_entropy: f64,
    pub(crate) gain_entropy_std_error: f64,
}

/// What is trained.
#[derive(Debug, Clone)]
pub struct Plan {
    pub(crate) hidden: Vec<usize>,
    pub(crate) training: Vec<usize>,
    pub(crate) decays: Vec<f64>,
    pub(crate) seeds: u64,
    /// Updates at which a model is measured.
    pub(crate) updates: Vec<usize>,
    pub(crate) held_out: usize,
}

const RATE: f64 = 0.2;

impl Plan {
    /// The full plan, or the quick one.
    pub fn new(quick: bool) -> Self {
        if quick {
            let (hidden, training, decays) = (vec![4], vec![50], vec![0.0, 0.03]);
            Self { hidden, training, decays, seeds: 2, updates: vec![20, 60], held_out: 100 }
        } else {
            let (hidden, training) = (vec![4, 8], vec![100, 300, 1000]);
            let decays = vec![0.0, 0.003, 0.01, 0.03];
            Self { hidden, training, decays, seeds: 3, updates: vec![50, 100, 200, 400], held_out: 1000 }
        }
    }

    /// Every model at every moment.
    pub fn run(&self) -> Result<Vec<Moment>, plefka::Error> {
        let (data, _) = digits::digits();
        let held_out = data.columns(TRAINING, self.held_out).into_owned();
        let mut cases = Vec::new();
        for &hidden in &self.hidden {
            for &training in &self.training {
                for &decay in &self.decays {
                    cases.extend((1..=self.seeds).map(|seed| (hidden, training, decay, seed)));
                }
            }
        }
        let found: Vec<Vec<Moment>> = cases
            .into_par_iter()
            .map(|(hidden, training, decay, seed)| {
                // Other digits for each seed.
                let first = (seed as usize - 1) * training;
                let train = data.columns(first, training).into_owned();
                self.climb(&train, &held_out, (hidden, decay, seed))
            })
            .collect::<Result<_, plefka::Error>>()?;
        Ok(found.concat())
    }

    /// Ascent by the exact gradient of the likelihood, centred, with −½λ|W|².
    fn climb(
        &self,
        train: &DMatrix<f64>,
        held_out: &DMatrix<f64>,
        (hidden, decay, seed): (usize, f64, u64),
    ) -> Result<Vec<Moment>, plefka::Error> {
        let mut rng = stream(seed, 1);
        let n = train.ncols() as f64;
        let means = train.column_sum() / n;
        let mut w = DMatrix::from_fn(train.nrows(), hidden, |_, _| 0.01 * rng.sample::<f64, _>(StandardNormal));
        let mut a = train.column_sum().map(|sum| ((sum + 1.0) / (n - sum + 1.0)).ln());
        let mut b = DVector::zeros(hidden);
        let (mut moments, mut done) = (Vec::new(), 0);
        for &update in &self.updates {
            for _ in done..update {
                let rbm = Rbm::new(w.clone(), a.clone(), b.clone())?;
                let model = rbm.unit_means(1.0, &Run::quiet(0)).expect("nobody cancels");
                let h = layer(&w.transpose(), &b, train);
                let offset = h.column_sum() / n;
                let (mut dw, mut da, mut db) =
                    (train * h.transpose() / n - model.pairs, &means - model.visible, &offset - model.hidden);
                dw -= &da * offset.transpose() + &means * db.transpose();
                dw -= &w * decay;
                da -= &dw * &offset;
                db -= dw.tr_mul(&means);
                w += dw * RATE;
                a += da * RATE;
                b += db * RATE;
            }
            done = update;
            let rbm = Rbm::new(w.clone(), a.clone(), b.clone())?;
            moments.push(measure(&rbm, train, held_out, (decay, seed, update)));
        }
        Ok(moments)
    }
}

fn measure(
    rbm: &Rbm,
    train: &DMatrix<f64>,
    held_out: &DMatrix<f64>,
    (decay, seed, update): (f64, u64, usize),
) -> Moment {
    let sums = rbm.enumerate(1.0, Sums::Cumulants, &Run::quiet(0)).expect("nobody cancels");
    let energy = sums.energy.expect("cumulants were asked for");
    let h = layer(&rbm.weights().transpose(), rbm.hidden_bias(), train);
    let n = train.ncols() as f64;
    let mean_energy = -(rbm.visible_bias().dot(&train.column_sum())
        + rbm.hidden_bias().dot(&h.column_sum())
        + train.component_mul(&(rbm.weights() * &h)).sum())
        / n;
    let beta = |v: &DMatrix<f64>| {
        let likelihood = |beta: f64| {
            let log_z = rbm.enumerate(beta, Sums::LogZ, &Run::quiet(0)).expect("nobody cancels").log_z;
            let sum: f64 = v.column_iter().map(|v| rbm.visible_log_weight(v.clone_owned().as_slice(), beta)).sum();
            sum / v.ncols() as f64 - log_z
        };
        find_maximum(likelihood, 0.5, 2.0).expect("the likelihood of β is concave")
    };
    // A few hundred rows say where the maximum is.
    let few = |v: &DMatrix<f64>| v.columns(0, v.ncols().min(300)).into_owned();
    Moment {
        hidden: rbm.n_hidden(),
        training: train.ncols(),
        decay,
        seed,
        update,
        train: log_likelihood(rbm, train, sums.log_z),
        held_out: log_likelihood(rbm, held_out, sums.log_z),
        entropy: sums.log_z + energy,
        hidden_entropy: h.iter().map(|h| Units::Bit.entropy(*h)).sum::<f64>() / n,
        excess_energy: energy - mean_energy,
        beta_train: beta(&few(train)),
        beta_held_out: beta(&few(held_out)),
    }
}

/// Mean square error of the held-out likelihood of each seed from a fit to the others.
fn errors_of_left_out(rows: &[&Moment], features: &dyn Fn(&Moment) -> Vec<f64>) -> Vec<f64> {
    let design = |rows: &[&Moment]| {
        let features: Vec<Vec<f64>> = rows.iter().map(|row| [vec![1.0], features(row)].concat()).collect();
        DMatrix::from_fn(rows.len(), features[0].len(), |i, j| features[i][j])
    };
    let target = |rows: &[&Moment]| DVector::from_iterator(rows.len(), rows.iter().map(|row| row.held_out));
    let mut seeds: Vec<u64> = rows.iter().map(|row| row.seed).collect();
    seeds.sort_unstable();
    seeds.dedup();
    let of_seed = |seed: u64| {
        let (out, rest): (Vec<&Moment>, Vec<&Moment>) = rows.iter().partition(|row| row.seed == seed);
        let fit = design(&rest).svd(true, true).solve(&target(&rest), 1e-12).expect("both bases were computed");
        (design(&out) * fit - target(&out)).norm_squared() / out.len() as f64
    };
    seeds.into_iter().map(of_seed).collect()
}

/// To six decimals: what a fit of nearly collinear numbers has beyond them is rounding error, another
/// one on every machine.
fn rounded(x: f64) -> f64 {
    (x * 1e6).round() / 1e6
}

/// One row for each training-set size.
pub fn predictors(moments: &[Moment]) -> Vec<Predictor> {
    let mut sizes: Vec<usize> = moments.iter().map(|m| m.training).collect();
    sizes.sort_unstable();
    sizes.dedup();
    let of_size = |training: usize| {
        let rows: Vec<&Moment> = moments.iter().filter(|m| m.training == training).collect();
        let within_seed = |rows: &[&Moment]| {
            let of = |f: &dyn Fn(&Moment) -> f64| rows.iter().map(|m| f(m)).collect::<Vec<_>>();
            partial_correlation(&of(&|m| m.entropy), &of(&|m| m.held_out), &of(&|m| m.train))
        };
        let mut by_seed = rows.clone();
        by_seed.sort_by_key(|m| m.seed);
        let partial: Vec<f64> = by_seed.chunk_by(|a, b| a.seed == b.seed).filter_map(within_seed).collect();
        let errors = |features: &dyn Fn(&Moment) -> Vec<f64>| errors_of_left_out(&rows, features);
        // Of each seed there are as many models.
        let rms = |errors: &[f64]| rounded(mean(errors).sqrt());
        let (train, with_entropy) = (errors(&|m| vec![m.train]), errors(&|m| vec![m.train, m.entropy]));
        let gains: Vec<f64> = train.iter().zip(&with_entropy).map(|(a, b)| a.sqrt() - b.sqrt()).collect();
        Predictor {
            training,
            models: rows.len(),
            partial_correlation: rounded(mean(&partial)),
            partial_correlation_std_error: rounded(std_dev(&partial) / (partial.len() as f64).sqrt()),
            error_train: rms(&train),
            error_train_entropy: rms(&with_entropy),
            error_train_beta: rms(&errors(&|m| vec![m.train, m.beta_train])),
            gain_entropy: rounded(mean(&gains)),
            gain_entropy_std_error: rounded(std_dev(&gains) / (gains.len() as f64).sqrt()),
        }
    };
    sizes.into_iter().map(of_size).collect()
}

/// One thing against another, a series for each training-set size.
fn scatter(moments: &[Moment], title: &str, labels: [&str; 2], at: impl Fn(&Moment) -> (f64, f64)) -> Chart {
    let mut sizes: Vec<usize> = moments.iter().map(|m| m.training).collect();
    sizes.sort_unstable();
    sizes.dedup();
    let mut series = Vec::new();
    for (k, size) in sizes.into_iter().enumerate() {
        let points: Vec<(f64, f64)> = moments.iter().filter(|m| m.training == size).map(&at).collect();
        // Points with gaps between them, so that no line joins models that have nothing to do with
        // each other; and few in a series, since long ones are drawn without markers.
        for (c, chunk) in points.chunks(20).enumerate() {
            let name = if c == 0 { format!("{size} digits") } else { String::new() };
            let single = chunk.iter().flat_map(|(x, y)| [(*x, Some(*y), None), (*x, None, None)]);
            series.push(Series::measured(name, k + 1, single));
        }
    }
    Chart {
        title: title.into(),
        subtitle:
            "RBMs of 784×4 and 784×8 bits, exact gradient; four decays, three seeds, four moments of training each"
                .into(),
        caption: format!("{} against {}; every number by enumeration.", labels[1], labels[0]),
        labels: labels.map(String::from),
        series,
        vertical: Vec::new(),
        horizontal: Vec::new(),
    }
}

/// The figures by name.
pub fn charts(moments: &[Moment]) -> [(&'static str, Chart); 2] {
    let gap = scatter(
        moments,
        "The generalisation gap against the entropy of the model",
        ["S(1), nats", "training minus held-out mean ln p(v), nats"],
        |m| (m.entropy, m.train - m.held_out),
    );
    let mut identity = scatter(
        moments,
        "S(1) is the training likelihood in other words",
        ["−⟨ln p(v)⟩ of the training digits, nats", "S(1), nats"],
        |m| (-m.train, m.entropy),
    );
    // On the line nothing would be left of S beside the training likelihood.
    let given = || moments.iter().map(|m| -m.train);
    let ends = [given().fold(f64::INFINITY, f64::min), given().fold(f64::NEG_INFINITY, f64::max)];
    let line = Series::theory("S = −⟨ln p(v)⟩; above it ⟨H(h|v)⟩ + U − Ē", 0, ends.map(|x| (x, x)));
    identity.series.push(line);
    [("gap", gap), ("identity", identity)]
}

fn main() -> Result<(), Box<dyn Error>> {
    let (folder, quick) = shared::arguments("residual_entropy")?;
    let moments = Plan::new(quick).run()?;
    shared::save_csv(&folder.join("expected.csv"), &moments)?;
    shared::save_csv(&folder.join("predictors.csv"), predictors(&moments))?;
    for (name, chart) in charts(&moments) {
        FigureFile::from(chart).save(&folder, name)?;
    }
    Ok(())
}
