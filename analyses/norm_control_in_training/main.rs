//! Is a limit on the norm of the weights a control of the temperature in training?
//!
//! Centred PCD with weight decay, and with a limit on the norm that is kept after each epoch in
//! three ways. The likelihood, the entropy and the β of the data are exact. Writes `expected.csv`
//! and the figures to the folder given as an argument, or to `plefka-out/norm_control_in_training`.
//! `--quick` takes seconds, on fewer units and updates.

use std::{error::Error, sync::Arc};

use plefka::{
    Run,
    data::Data,
    dataset,
    model::{Enumerate, Sums},
    plot::{Chart, FigureFile, Series},
    temperature::Observed,
    train::{Evaluator, Gauge, Train, Trainer},
};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

#[path = "../shared.rs"]
mod shared;

/// The end of one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// `decay` or `limit`.
    pub(crate) control: String,
    /// The decay λ, or the limit as it is written.
    pub(crate) value: String,
    pub(crate) gauge: String,
    pub(crate) log_likelihood_train: f64,
    pub(crate) log_likelihood_test: f64,
    pub(crate) entropy: f64,
    pub(crate) beta_hat_train: Option<f64>,
    pub(crate) beta_hat_test: Option<f64>,
    pub(crate) frobenius: f64,
    /// U − ⟨⟨E|v⟩⟩ of the training rows, which is θ·∂L/∂θ.
    pub(crate) virial: f64,
    /// ⟨H(h|v)⟩ of the training rows.
    pub(crate) hidden_entropy: f64,
}

/// What is run.
pub struct Plan {
    pub(crate) hidden: usize,
    pub(crate) rows: usize,
    pub(crate) updates: usize,
    pub(crate) decays: Vec<f64>,
    pub(crate) limits: Vec<&'static str>,
}

/// The full plan, or the quick one.
pub fn plan(quick: bool) -> Plan {
    if quick {
        Plan { hidden: 8, rows: 1000, updates: 400, decays: vec![0.0, 0.01], limits: vec!["frobenius=12"] }
    } else {
        Plan {
            hidden: 20,
            rows: 8000,
            updates: 2400,
            decays: vec![0.0, 0.001, 0.003, 0.01, 0.03],
            limits: vec!["frobenius=40", "frobenius=20", "l1=3000"],
        }
    }
}

const GAUGES: [(Gauge, &str); 3] = [(Gauge::Weights, "weights"), (Gauge::All, "all"), (Gauge::Centred, "centred")];

impl Plan {
    /// All runs.
    pub fn run(&self) -> Result<Vec<Row>, plefka::Error> {
        let digits = dataset::digits();
        let n = digits.n_features();
        let part = |from: usize, to: usize| Data::new(n, digits.values()[from * n..to * n].to_vec(), None);
        let (train, test) = (Arc::new(part(0, self.rows)?), part(8000, 10_000)?);
        let base = Train { hidden: self.hidden, rate: 0.2, updates: Some(self.updates), ..Train::default() };
        let mut jobs: Vec<(String, String, String, Train)> = Vec::new();
        for &decay in &self.decays {
            jobs.push(("decay".into(), decay.to_string(), "–".into(), Train { decay, ..base.clone() }));
        }
        for limit in &self.limits {
            for (gauge, name) in GAUGES {
                let plan = Train { limit: Some(limit.parse()?), gauge, ..base.clone() };
                jobs.push(("limit".into(), (*limit).into(), name.into(), plan));
            }
        }
        jobs.into_par_iter()
            .map(|(control, value, gauge, plan)| {
                let mut trainer = Trainer::new(&plan, &train)?;
                while trainer.update() < self.updates {
                    trainer.advance(&Run::quiet(1))?;
                }
                let rbm = trainer.rbm();
                let row = Evaluator::default().evaluate(rbm, &train, Some(&test), &Run::quiet(1))?;
                let row = row.expect("nobody cancels");
                let energy = rbm.enumerate(1.0, Sums::Cumulants, &Run::quiet(1)).and_then(|sums| sums.energy);
                let observed = Observed::new(rbm, &train)?;
                let mean = |xs: Vec<f64>| xs.iter().sum::<f64>() / xs.len() as f64;
                let of_data = mean(observed.energies(1.0).iter().map(|e| e.energy).collect());
                // ln f(v) = −⟨E|v⟩ + H(h|v).
                let hidden_entropy = mean(observed.log_weights(1.0)) + of_data;
                eprintln!("{control} {value} {gauge}: {:.1}", row.log_likelihood_test.unwrap_or(f64::NAN));
                Ok(Row {
                    control,
                    value,
                    gauge,
                    log_likelihood_train: row.log_likelihood_train.expect("there are training rows"),
                    log_likelihood_test: row.log_likelihood_test.expect("there are held-out rows"),
                    entropy: row.entropy.expect("it is enumerated"),
                    beta_hat_train: row.beta_hat_train,
                    beta_hat_test: row.beta_hat_test,
                    frobenius: row.frobenius,
                    virial: energy.expect("nobody cancels") - of_data,
                    hidden_entropy,
                })
            })
            .collect()
    }
}

/// The figures by name.
pub fn charts(rows: &[Row], plan: &Plan) -> [(&'static str, Chart); 2] {
    let subtitle =
        format!("784×{}, {} digits, centred PCD-1, rate 0.2 → 0, seed 1; ln Z by enumeration", plan.hidden, plan.rows);
    let of = |name: &str, look: usize, keep: &dyn Fn(&Row) -> bool, point: &dyn Fn(&Row) -> (f64, f64)| {
        let mut points: Vec<_> = rows.iter().filter(|r| keep(r)).map(point).collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        Series::measured(name, look, points.into_iter().map(|(x, y)| (x, Some(y), None)))
    };
    let kinds: [(&str, usize, &str); 4] = [
        ("weight decay", 1, "–"),
        ("limit, W alone", 2, "weights"),
        ("limit, all", 3, "all"),
        ("limit, centred", 4, "centred"),
    ];
    let likelihood = |r: &Row| (r.frobenius, r.log_likelihood_test);
    // −LL = S − ⟨H(h|v)⟩ − (U − Ē) identically: what is off the diagonal is the last two terms.
    let entropy = |r: &Row| (-r.log_likelihood_train, r.entropy);
    let series = |point: &dyn Fn(&Row) -> (f64, f64)| {
        kinds.iter().map(|(name, look, gauge)| of(name, *look, &|r| r.gauge == *gauge, point)).collect::<Vec<_>>()
    };
    let mut identity = series(&entropy);
    let ends = rows.iter().map(|r| -r.log_likelihood_train);
    let (low, high) = (ends.clone().fold(f64::INFINITY, f64::min), ends.fold(0.0, f64::max));
    identity.push(Series::theory("S = −ln p(v)", 0, [(low, low), (high, high)]));
    let chart = |title: &str, caption: &str, labels: [&str; 2], series| Chart {
        title: title.into(),
        subtitle: subtitle.clone(),
        caption: caption.into(),
        labels: labels.map(String::from),
        series,
        vertical: Vec::new(),
        horizontal: Vec::new(),
    };
    [
        (
            "likelihood",
            chart(
                "What a smaller norm costs depends on what shrinks with W",
                "Exact held-out likelihood at the end of training.",
                ["‖W‖_F", "ln p(v) held out / nats"],
                series(&likelihood),
            ),
        ),
        (
            "entropy",
            chart(
                "Entropy at the end of training, beside the likelihood",
                "S + ln p(v) = ⟨H(h|v)⟩ + (U − Ē) for every model and all data; the first is 2.3 nats at most here, so that \
                 the distance from the diagonal is U − Ē, which a control of the norm makes positive.",
                ["−ln p(v) in training / nats", "S(1) / nats"],
                identity,
            ),
        ),
    ]
}

fn main() -> Result<(), Box<dyn Error>> {
    let (folder, quick) = shared::arguments("norm_control_in_training")?;
    let plan = plan(quick);
    let rows = plan.run()?;
    shared::save_csv(&folder.join("expected.csv"), &rows)?;
    for (name, chart) in charts(&rows, &plan) {
        FigureFile::from(chart).save(&folder, name)?;
    }
    let beta = |x: Option<f64>| x.map_or("–".into(), |x| format!("{x:.3}"));
    for r in &rows {
        println!(
            "| {} {} | {} | {:.1} | {:.0} | {} | {} | {:.1} |",
            r.control,
            r.value,
            r.gauge,
            r.log_likelihood_test,
            r.entropy,
            beta(r.beta_hat_train),
            beta(r.beta_hat_test),
            r.frobenius
        );
    }
    Ok(())
}
