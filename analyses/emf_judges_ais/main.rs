//! Mean field judges sampling: certain lower bounds of ln Z beside annealing and tempering, on
//! trained models that can be enumerated.
//!
//! Writes `expected.csv` and `distance.figure.json` with its SVG to the folder given as an
//! argument, or to `plefka-out/emf_judges_ais`. `--quick` takes seconds, on small models.

use std::{error::Error, sync::Arc};

use plefka::{
    Ais, Betas, Curve, Estimator, MeanField, Run,
    data::Data,
    dataset::digits,
    estimator::{BaseChoice, MeanFieldMixture, Tempering},
    findings,
    io::{CurveRecord, ModelInfo, Provenance, ResultFile},
    model::{AnyModel, Order},
    plot::{Chart, FigureFile, Series},
    stats::log_sum_exp,
};
use serde::{Deserialize, Serialize};

#[path = "../known_models.rs"]
#[allow(dead_code)] // each analysis uses some of it
pub(crate) mod known_models;
#[path = "../shared.rs"]
mod shared;
#[path = "../small_training.rs"]
#[allow(dead_code)] // each analysis uses some of it
mod small_training;
mod wide;

use known_models::{Known, enumerated, union};
use small_training::{Rule, patch, train};

/// One number for one model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub(crate) model: String,
    /// Which number: the bound, the sum over solutions, the best solution, or a sampler.
    pub(crate) what: String,
    pub(crate) exact: f64,
    /// The standard error of `exact` where the model cannot be enumerated.
    pub(crate) exact_error: Option<f64>,
    /// ln Z − exact, nats.
    pub(crate) error: f64,
    pub(crate) std_error: Option<f64>,
    pub(crate) solutions: Option<usize>,
    pub(crate) ess: Option<f64>,
    /// What the method's own evidence says.
    pub(crate) verdict: String,
    /// Whether the certain bound refutes it: it is more than three standard errors below.
    pub(crate) refuted: bool,
    pub(crate) seconds: f64,
}

/// What is run.
pub struct Plan {
    quick: bool,
    /// Models of each rule.
    seeds: u64,
    updates: usize,
    starts: usize,
    chains: usize,
    rungs: usize,
    sweeps: usize,
}

/// The full plan, or the quick one.
pub fn plan(quick: bool) -> Plan {
    if quick {
        Plan { quick, seeds: 1, updates: 300, starts: 128, chains: 100, rungs: 100, sweeps: 500 }
    } else {
        Plan { quick, seeds: 2, updates: 1_000, starts: 1024, chains: 500, rungs: 500, sweeps: 2_000 }
    }
}

impl Plan {
    /// The images, and how many columns they have.
    fn images(&self) -> Result<Data, plefka::Error> {
        if self.quick { patch(&digits(), 28, [8, 8], 12) } else { Ok(digits()) }
    }

    /// Trained models with their exact ln Z, and the data that each was trained on.
    pub fn models(&self) -> Result<Vec<(Known, Arc<Data>)>, plefka::Error> {
        let images = Arc::new(self.images()?);
        let hidden = if self.quick { 8 } else { 20 };
        let mut models = Vec::new();
        for rule in [Rule::Cd, Rule::Pcd, Rule::Emf] {
            for seed in 1..=self.seeds {
                let rbm = train(&images, hidden, rule, self.updates, 0.3, seed)?;
                models.push((enumerated(format!("{} {seed}", rule.name()), rbm)?, Arc::clone(&images)));
            }
        }
        if !self.quick {
            let builtin = plefka::io::load_model("builtin:mnist20")?.rbm()?.clone();
            models.push((enumerated("builtin:mnist20", builtin)?, images));
        }
        Ok(models)
    }

    /// A model of many independent parts, on which every mode is a choice of one mode for each
    /// part.
    pub fn union(&self) -> Result<(Known, Arc<Data>), plefka::Error> {
        let (images, count) = (digits(), if self.quick { 2 } else { 16 });
        let part = |k: usize| {
            let rbm =
                train(&patch(&images, 28, [7 * (k / 4), 7 * (k % 4)], 7)?, 8, Rule::Pcd, self.updates, 0.1, k as u64)?;
            enumerated(format!("patch {k}"), rbm)
        };
        let parts = (0..count).map(part).collect::<Result<Vec<_>, plefka::Error>>()?;
        let known = union(format!("{count} patches"), &parts, 1)?;
        // Rows of the whole model cannot be read off the images once the units are shuffled: one
        // row that says nothing.
        let nothing = Data::new(known.rbm.n_visible(), vec![0; known.rbm.n_visible()], None)?;
        Ok((known, Arc::new(nothing)))
    }

    /// Bounds and samplers on one model.
    pub fn run(&self, known: &Known, data: &Arc<Data>) -> Result<Vec<Row>, plefka::Error> {
        let (rbm, run, one) = (&known.rbm, Run::quiet(1), Betas::one(1.0)?);
        let mixture = MeanFieldMixture { starts: self.starts, ..MeanFieldMixture::default() };
        let mut rows = Vec::new();
        for (what, data) in [("bound", None), ("bound, with data", Some(Arc::clone(data)))] {
            let curve = MeanFieldMixture { data, ..mixture.clone() }.curve(rbm, &one, &run)?;
            let solutions = curve.diagnostics.at("solutions_by_beta", 0).map(|n| n as usize);
            rows.push(Row { solutions, ..row(known, what, &curve) });
            if what == "bound" {
                let modes = mixture.modes(rbm, 1.0, &run)?.expect("nobody cancels");
                let logs: Vec<f64> = modes.list().iter().map(|mode| mode.log_weight).collect();
                let single = MeanField { order: Order::First, ..MeanField::default() }.curve(rbm, &one, &run)?;
                rows.push(row(known, "mf, one start", &single));
                for (what, log_z) in [("best solution", logs[0]), ("sum of solutions (no bound)", log_sum_exp(&logs))] {
                    rows.push(Row { error: log_z - known.log_z, solutions, ..row(known, what, &curve) });
                }
            }
        }
        let bound = known.log_z
            + rows.iter().filter(|r| r.what.starts_with("bound")).map(|r| r.error).fold(f64::NEG_INFINITY, f64::max);
        let ais = |base| Ais { chains: self.chains, rungs: self.rungs, base, ..Ais::default() };
        for (what, base) in [("ais, uniform", BaseChoice::Uniform), ("ais, mean-field", BaseChoice::MeanField)] {
            rows.push(row(known, what, &ais(base).curve(rbm, &one, &run)?));
        }
        let (sweeps, base) = (self.sweeps, BaseChoice::Biases);
        let tempering = Tempering { sweeps, burn_in: sweeps / 5, records: sweeps / 10, base, ..Tempering::default() };
        rows.push(row(known, "tempering, biases", &tempering.curve(rbm, &one, &run)?));
        for r in &mut rows {
            r.refuted = r.std_error.is_some_and(|sigma| known.log_z + r.error + 3.0 * sigma < bound);
        }
        Ok(rows)
    }
}

fn row(known: &Known, what: &str, curve: &Curve) -> Row {
    let number = curve.log_z()[0].expect("nobody cancels");
    let info = ModelInfo::new(&AnyModel::from(known.rbm.clone()), known.name.clone(), "");
    let results = ResultFile::new(info, vec![CurveRecord::from(curve)], Provenance::default());
    Row {
        model: known.name.clone(),
        what: what.into(),
        exact: known.log_z,
        exact_error: None,
        error: number.value - known.log_z,
        std_error: number.claim.std_error(),
        solutions: None,
        ess: curve.diagnostics.at("ess_by_beta", 0),
        verdict: findings::judgements(&results, &results.curves[0]).remove(0).to_string(),
        refuted: false,
        seconds: curve.seconds,
    }
}

/// The distance from the exact value of each number, model by model; without the numbers that own
/// up to being poor, and without the models of many parts and of many hidden units, whose distances
/// would hide all others.
pub fn chart(rows: &[Row]) -> Chart {
    let shown =
        |r: &&Row| !r.model.contains("patches") && r.exact_error.is_none() && !r.verdict.starts_with("untrustworthy");
    let rows: Vec<&Row> = rows.iter().filter(shown).collect();
    let mut models: Vec<&str> = rows.iter().map(|r| r.model.as_str()).collect();
    models.dedup();
    let place = |model: &str| models.iter().position(|m| *m == model).unwrap_or(0) as f64 + 1.0;
    let whats = [
        "bound",
        "sum of solutions (no bound)",
        "best solution",
        "ais, uniform",
        "ais, mean-field",
        "tempering, biases",
    ];
    let series = whats.iter().enumerate().map(|(k, what)| {
        let of = rows.iter().filter(|r| r.what == *what);
        // Beside each other, and not joined: models have no order.
        let shift = 0.11 * (k as f64 - 2.5);
        let points = of.flat_map(|r| [(place(&r.model) + shift, Some(r.error), r.std_error), (0.0, None, None)]);
        Series::measured(*what, k, points)
    });
    let names: Vec<String> = models.iter().enumerate().map(|(k, model)| format!("{} {model}", k + 1)).collect();
    Chart {
        title: "Lower bounds from mean field beside samplers, on trained models".into(),
        subtitle: names.join(" · "),
        caption: "A sampler below the bound by more than its error is refuted without any sampling.".into(),
        labels: ["model".into(), "ln Z − exact, nats; ± 1σ".into()],
        series: series.collect(),
        vertical: Vec::new(),
        horizontal: vec![(0.0, "exact".into())],
    }
}

/// Prints rows on their way.
fn report(found: Vec<Row>) -> Vec<Row> {
    for r in &found {
        let sigma = r.std_error.map(|s| format!(" ± {s:.3}")).unwrap_or_default();
        let refuted = if r.refuted { ", refuted" } else { "" };
        println!(
            "- {} ({:.4}), {}: {:+.4}{sigma}, {}{refuted}; {:.2} s",
            r.model, r.exact, r.what, r.error, r.verdict, r.seconds
        );
    }
    found
}

fn main() -> Result<(), Box<dyn Error>> {
    let (folder, quick) = shared::arguments("emf_judges_ais")?;
    let plan = plan(quick);
    let mut rows = Vec::new();
    for (known, data) in plan.models()?.into_iter().chain([plan.union()?]) {
        rows.extend(report(plan.run(&known, &data)?));
    }
    rows.extend(report(plan.wide()?));
    shared::save_csv(&folder.join("expected.csv"), &rows)?;
    FigureFile::from(chart(&rows)).save(&folder, "distance")?;
    let sampled: Vec<&Row> = rows.iter().filter(|r| r.std_error.is_some()).collect();
    let wrong = sampled.iter().filter(|r| r.std_error.is_some_and(|s| r.error < -4.0 * s)).count();
    println!(
        "- {} of {} sampled numbers are too low by more than 4σ; the bound refutes {}",
        wrong,
        sampled.len(),
        sampled.iter().filter(|r| r.refuted).count()
    );
    Ok(())
}
