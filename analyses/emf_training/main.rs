//! Can an RBM be trained by mean fields instead of Markov chains?
//!
//! The same model, data, rates and number of updates with each negative phase; the held-out
//! likelihood is exact. Writes `expected.csv`, `learning.csv` and the figures to the folder given
//! as an argument, or to `plefka-out/emf_training`. `--quick` takes seconds, on fewer units and
//! updates.

use std::{error::Error, sync::Arc};

use plefka::{
    Run,
    data::Data,
    dataset,
    plot::{Chart, FigureFile, Series},
    train::{Checkpoints, Evaluator, Negative, SolutionStart, SolutionWeights, Train, Trainer},
};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

#[path = "../shared.rs"]
mod shared;

/// The end of one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub(crate) rule: String,
    pub(crate) rate: f64,
    pub(crate) seed: u64,
    pub(crate) log_likelihood_test: f64,
    pub(crate) log_likelihood_train: f64,
    /// ln Z.
    pub(crate) log_z: f64,
    /// Distinct solutions at the last update, and ln Σ e^L over them.
    pub(crate) solutions: Option<f64>,
    pub(crate) log_z_solutions: Option<f64>,
    pub(crate) pseudo_log_likelihood: Option<f64>,
    pub(crate) frobenius: f64,
}

/// A checkpoint of one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Point {
    pub(crate) rule: String,
    pub(crate) epoch: f64,
    pub(crate) log_likelihood_test: f64,
    pub(crate) log_z: f64,
    pub(crate) solutions: Option<f64>,
    pub(crate) log_z_solutions: Option<f64>,
    pub(crate) pseudo_log_likelihood: Option<f64>,
}

/// What is run.
pub struct Plan {
    pub(crate) hidden: usize,
    pub(crate) rows: usize,
    pub(crate) updates: usize,
    pub(crate) rates: Vec<f64>,
    pub(crate) seeds: u64,
    /// The rules by name.
    pub(crate) rules: Vec<&'static str>,
}

/// All rules, in the order of the table.
pub const RULES: [&str; 12] = [
    "CD-1",
    "CD-10",
    "PCD-1",
    "PCD-10",
    "PCD-1 centred",
    "EMF-1 persistent",
    "EMF-2 persistent",
    "EMF-3 persistent",
    "EMF-2 from the batch",
    "EMF-1 mixture",
    "EMF-2 mixture",
    "EMF-1 equal weights",
];

/// The best of either kind.
const COMPARED: [&str; 2] = ["PCD-1 centred", "EMF-1 mixture"];

/// The full plan, or the quick one.
pub fn plan(quick: bool) -> Plan {
    if quick {
        let rules = vec!["PCD-1 centred", "EMF-2 persistent", "EMF-1 mixture"];
        Plan { hidden: 8, rows: 1000, updates: 400, rates: vec![0.2], seeds: 1, rules }
    } else {
        let rules = RULES.to_vec();
        Plan { hidden: 20, rows: 8000, updates: 2400, rates: vec![0.05, 0.2], seeds: 3, rules }
    }
}

/// The plan of training by a rule.
pub fn training(rule: &str) -> Train {
    let plain = Train { centred: false, ..Train::default() };
    let emf = Train { negative: Negative::Emf, ..plain.clone() };
    let persistent =
        Train { solutions: Some(100), refresh: Some(0.0), weights: Some(SolutionWeights::Equal), ..emf.clone() };
    let mixture = Train { centred: true, ..emf.clone() };
    match rule {
        "CD-1" => Train { negative: Negative::Cd, ..plain },
        "CD-10" => Train { negative: Negative::Cd, steps: Some(10), ..plain },
        "PCD-1" => plain,
        "PCD-10" => Train { steps: Some(10), ..plain },
        "PCD-1 centred" => Train { centred: true, ..plain },
        "EMF-1 persistent" => Train { order: Some(1), steps: Some(3), ..persistent },
        "EMF-2 persistent" => Train { order: Some(2), steps: Some(3), ..persistent },
        "EMF-3 persistent" => Train { order: Some(3), steps: Some(3), ..persistent },
        "EMF-2 from the batch" => Train {
            order: Some(2),
            steps: Some(3),
            start_from: Some(SolutionStart::Data),
            weights: Some(SolutionWeights::Equal),
            ..emf
        },
        "EMF-1 mixture" => mixture,
        "EMF-2 mixture" => Train { order: Some(2), steps: Some(10), damping: Some(0.5), ..mixture },
        "EMF-1 equal weights" => Train { weights: Some(SolutionWeights::Equal), ..mixture },
        other => unreachable!("no rule is called {other}"),
    }
}

impl Plan {
    fn data(&self) -> Result<(Arc<Data>, Data), plefka::Error> {
        let digits = dataset::digits();
        let part = |from: usize, to: usize| {
            let n = digits.n_features();
            Data::new(n, digits.values()[from * n..to * n].to_vec(), None)
        };
        Ok((Arc::new(part(0, self.rows)?), part(8000, 10_000)?))
    }

    /// All runs.
    pub fn run(&self) -> Result<(Vec<Row>, Vec<Point>), plefka::Error> {
        let (train, test) = self.data()?;
        // Several seeds for the two that are to be compared closely.
        let highest = self.rates[self.rates.len() - 1];
        let several = |rule: &str, rate: f64| rate == highest && COMPARED.contains(&rule);
        let seeds = |rule: &str, rate: f64| 1..=if several(rule, rate) { self.seeds } else { 1 };
        let of_rule = |rule: &'static str| {
            let of_rate = move |rate: &f64| {
                seeds(rule, *rate).map({
                    let rate = *rate;
                    move |seed| (rule, rate, seed)
                })
            };
            self.rates.iter().flat_map(of_rate)
        };
        let jobs: Vec<(&str, f64, u64)> = self.rules.iter().flat_map(|rule| of_rule(rule)).collect();
        let done: Vec<(Row, Vec<Point>)> = jobs
            .par_iter()
            .map(|(rule, rate, seed)| self.one(rule, *rate, *seed, &train, &test))
            .collect::<Result<_, _>>()?;
        let (rows, points): (Vec<_>, Vec<_>) = done.into_iter().unzip();
        Ok((rows, points.into_iter().flatten().collect()))
    }

    /// One run; its course is kept of the first seed at the highest rate.
    fn one(
        &self,
        rule: &str,
        rate: f64,
        seed: u64,
        train: &Arc<Data>,
        test: &Data,
    ) -> Result<(Row, Vec<Point>), plefka::Error> {
        let quiet = Run::quiet(seed);
        let plan = Train { hidden: self.hidden, rate, seed, updates: Some(self.updates), ..training(rule) };
        let evaluator = Evaluator { temperatures: false, ..Evaluator::default() };
        let mut trainer = Trainer::new(&plan, train)?;
        let course = seed == 1 && rate == self.rates[self.rates.len() - 1];
        let checkpoints = if course { Checkpoints::Linear(30) } else { Checkpoints::Linear(1) };
        let (mut points, mut last) = (Vec::new(), None);
        for target in checkpoints.updates(self.updates).into_iter().skip(1) {
            while trainer.update() < target {
                trainer.advance(&quiet)?;
            }
            let row = evaluator.evaluate(trainer.rbm(), train, Some(test), &quiet)?.expect("nobody cancels");
            let of = |name: &str| trainer.evidence().iter().find(|(column, _)| *column == name).map(|(_, x)| *x);
            let point = Point {
                rule: rule.into(),
                epoch: trainer.epoch(),
                log_likelihood_test: row.log_likelihood_test.expect("there are held-out rows"),
                log_z: row.log_z.expect("it is enumerated"),
                solutions: of("solutions"),
                log_z_solutions: of("log_z_solutions"),
                pseudo_log_likelihood: row.pseudo_log_likelihood,
            };
            last = Some((row, point.clone()));
            if course {
                points.push(point);
            }
        }
        let (row, point) = last.expect("a run has an end");
        let row = Row {
            rule: point.rule,
            rate,
            seed,
            log_likelihood_test: point.log_likelihood_test,
            log_likelihood_train: row.log_likelihood_train.expect("there are training rows"),
            log_z: point.log_z,
            solutions: point.solutions,
            log_z_solutions: point.log_z_solutions,
            pseudo_log_likelihood: point.pseudo_log_likelihood,
            frobenius: row.frobenius,
        };
        eprintln!("{rule}, rate {rate}, seed {seed}: {:.1}", row.log_likelihood_test);
        Ok((row, points))
    }
}

/// The rules that are drawn: one colour each.
const DRAWN: [&str; 5] = ["CD-1", "PCD-1 centred", "EMF-2 persistent", "EMF-2 from the batch", "EMF-1 mixture"];

fn series<'a>(points: &'a [Point], y: impl Fn(&Point) -> Option<f64> + Copy + 'a) -> Vec<Series> {
    let of = move |(look, rule): (usize, &&str)| {
        let line: Vec<_> = points.iter().filter(|p| p.rule == *rule).map(|p| (p.epoch, y(p), None)).collect();
        Series::measured(*rule, look + 1, line)
    };
    DRAWN.iter().enumerate().map(of).filter(|series| series.points.iter().any(|p| p.1.is_some())).collect()
}

/// The figures by name.
pub fn charts(points: &[Point], plan: &Plan) -> [(&'static str, Chart); 3] {
    let subtitle = format!(
        "784×{}, {} digits, batch 100, rate {} → 0, seed 1; ln Z by enumeration",
        plan.hidden,
        plan.rows,
        plan.rates[plan.rates.len() - 1]
    );
    let chart = |title: &str, caption: &str, y: &str, series| Chart {
        title: title.into(),
        subtitle: subtitle.clone(),
        caption: caption.into(),
        labels: ["epoch".into(), y.into()],
        series,
        vertical: Vec::new(),
        horizontal: Vec::new(),
    };
    let likelihood = series(points, |p| Some(p.log_likelihood_test));
    let solutions = series(points, |p| p.solutions.map(f64::log10));
    let error = series(points, |p| p.log_z_solutions.map(|l| l - p.log_z));
    [
        (
            "likelihood",
            chart(
                "Training by chains and by mean fields",
                "Exact held-out likelihood.",
                "ln p(v) held out / nats",
                likelihood,
            ),
        ),
        (
            "solutions",
            chart(
                "Distinct mean-field solutions along training",
                "Plain persistent EMF falls onto one solution within the first epoch.",
                "log₁₀ of the number of solutions",
                solutions,
            ),
        ),
        (
            "log_z_error",
            chart(
                "ln Σ e^L over the distinct solutions beside ln Z",
                "A mixture whose weights follow the model knows ln Z; one solution does not.",
                "ln Σ e^L − ln Z / nats",
                error,
            ),
        ),
    ]
}

fn main() -> Result<(), Box<dyn Error>> {
    let (folder, quick) = shared::arguments("emf_training")?;
    let plan = plan(quick);
    let (rows, points) = plan.run()?;
    shared::save_csv(&folder.join("expected.csv"), &rows)?;
    shared::save_csv(&folder.join("learning.csv"), &points)?;
    for (name, chart) in charts(&points, &plan) {
        FigureFile::from(chart).save(&folder, name)?;
    }
    for rule in &plan.rules {
        for rate in &plan.rates {
            let of = rows.iter().filter(|r| r.rule == *rule && r.rate == *rate);
            let all: Vec<String> = of.map(|r| format!("{:.1}", r.log_likelihood_test)).collect();
            println!("- {rule}, rate {rate}: {}", all.join(", "));
        }
    }
    Ok(())
}
