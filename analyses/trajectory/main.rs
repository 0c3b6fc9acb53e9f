//! Is the way back through the checkpoints of its training a better path to a trained RBM than one
//! straight from independent units, and does the estimate say when it is not?
//!
//! Prints a line for each run and path, and writes `expected.csv` and a figure to the folder given
//! as the first argument, or to `plefka-out/trajectory`. `--quick` trains for a fifth of the time
//! and has fewer seeds.

#[path = "../shared.rs"]
mod shared;

use std::{error::Error, sync::Arc};

use plefka::{
    Ais, Betas, Curve, Estimator, Exact, Measured, Run, Verdict,
    curve::Reliability,
    data::Data,
    dataset,
    estimator::{Bar, BaseChoice, PathChoice, Schedule},
    findings::judge,
    path::{Checkpoint, Trajectory},
    plot::{Chart, FigureFile, Series},
    sample::Kernel,
    stats::mean,
    thresholds::MAX_SIGMAS,
    train::{Checkpoints, Train, Trainer},
};
use serde::Serialize;

/// Rows to train on; the others are not used.
const TRAINING: usize = 8000;

/// A training run.
#[derive(Debug, Clone, Copy)]
pub struct Recipe {
    /// In words.
    pub name: &'static str,
    /// Gibbs sweeps in an update.
    pub steps: usize,
    /// The learning rate of the first update, which falls to 0.
    pub rate: f64,
}

/// Near equilibrium, and far from it.
pub const RECIPES: [Recipe; 2] = [
    Recipe { name: "PCD-10, rate 0.05", steps: 10, rate: 0.05 },
    Recipe { name: "PCD-1, rate 0.2", steps: 1, rate: 0.2 },
];

/// How much is done.
#[derive(Debug, Clone, Copy)]
pub struct Scale {
    /// Hidden units.
    pub hidden: usize,
    /// Updates of the training.
    pub updates: usize,
    /// Seeds of the annealing, from 1 on.
    pub seeds: u64,
    /// Of these, the seeds of annealing both ways, whose exact samples take their time.
    pub seeds_both_ways: u64,
    /// Steps of every path.
    pub rungs: usize,
}

/// What the table was made with.
pub const FULL: Scale = Scale { hidden: 20, updates: 2400, seeds: 20, seeds_both_ways: 4, rungs: 1200 };
/// A run of a minute.
pub const QUICK: Scale = Scale { hidden: 20, updates: 480, seeds: 3, seeds_both_ways: 2, rungs: 600 };

/// One path to the last model of one run, over all seeds.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// How the model was trained.
    pub run: &'static str,
    /// The path to it.
    pub path: &'static str,
    /// ln Z by enumeration.
    pub exact: f64,
    /// Root of the mean square of ln Z by annealing up, less the exact one.
    pub rms_error: f64,
    /// The mean of the same.
    pub mean_error: f64,
    /// Effective chains of 100.
    pub mean_ess: f64,
    /// The share of the seeds at which the number by annealing up is called untrustworthy by
    /// itself.
    pub flagged_ais: f64,
    /// The same, laid beside annealing both ways along the same path.
    pub flagged_both_ways: f64,
    /// Root mean square error of annealing both ways.
    pub rms_error_both_ways: f64,
}

/// The checkpoints of a run, `count` of them equally far apart.
pub fn train(recipe: Recipe, scale: Scale, counts: &[usize]) -> Result<Vec<Arc<Trajectory>>, plefka::Error> {
    let all = dataset::digits();
    let data = Data::new(all.n_features(), all.values()[..TRAINING * all.n_features()].to_vec(), None)?;
    let updates = scale.updates;
    let plan = Train {
        hidden: scale.hidden,
        steps: Some(recipe.steps),
        rate: recipe.rate,
        updates: Some(updates),
        ..Train::default()
    };
    let at: Vec<Vec<usize>> = counts.iter().map(|count| Checkpoints::Linear(count - 1).updates(updates)).collect();
    let mut passed: Vec<Vec<Checkpoint>> = vec![Vec::new(); counts.len()];
    let mut trainer = Trainer::new(&plan, &data)?;
    for update in 0..=updates {
        for (checkpoints, _) in passed.iter_mut().zip(&at).filter(|(_, at)| at.contains(&update)) {
            checkpoints.push(Checkpoint { update: update as u64, rbm: trainer.rbm().clone() });
        }
        if update < updates {
            trainer.advance(&Run::quiet(1))?;
        }
    }
    passed.into_iter().map(|checkpoints| Ok(Arc::new(Trajectory::new(checkpoints)?))).collect()
}

/// Every path to the last model of one run.
pub fn paths(recipe: Recipe, scale: Scale) -> Result<Vec<Row>, plefka::Error> {
    let runs = train(recipe, scale, &[8, 30])?;
    let rbm = &runs[0].last().rbm;
    let (one, digits) = (Betas::one(1.0)?, Arc::new(dataset::digits()));
    let exact = Exact::default().curve(rbm, &one, &Run::quiet(1))?.values.log_z[0];
    let straight =
        Ais { chains: 100, rungs: scale.rungs, kernel: Kernel::Block, schedule: Schedule::Adaptive, ..Ais::default() };
    let through =
        |run: &Arc<Trajectory>, path: PathChoice| Ais { path, trajectory: Some(Arc::clone(run)), ..straight.clone() };
    let (needed, every) = (PathChoice::Trajectory, PathChoice::EveryCheckpoint);
    let from_data = Ais { base: BaseChoice::Data, data: Some(digits), ..straight.clone() };
    let all = [
        ("straight, uniform base", straight.clone()),
        ("straight, data base", from_data),
        ("8 checkpoints", through(&runs[0], every)),
        ("30 checkpoints", through(&runs[1], every)),
        ("those needed of 8", through(&runs[0], needed)),
        ("those needed of 30", through(&runs[1], needed)),
    ];
    let mut rows = Vec::new();
    for (path, annealing) in all {
        let (mut errors, mut both_errors, mut ess) = (Vec::new(), Vec::new(), Vec::new());
        let (mut alone, mut beside) = (0u32, 0u32);
        for seed in 1..=scale.seeds {
            let up = annealing.curve(rbm, &one, &Run::quiet(seed))?;
            errors.push(up.values.log_z[0] - exact);
            ess.push(up.diagnostics.at("ess_by_beta", 0).unwrap_or(f64::NAN));
            let measured = |curve: &Curve| curve.log_z()[0].expect("the run was not cancelled");
            let untrustworthy = |curve: &Curve| {
                let reliability = Reliability::at(&curve.diagnostics, 0);
                judge(Some(measured(curve)), curve.status(), reliability, None).verdict == Verdict::Untrustworthy
            };
            alone += u32::from(untrustworthy(&up));
            if seed > scale.seeds_both_ways {
                continue;
            }
            let both = Bar { annealing: annealing.clone(), ..Bar::default() };
            let both = both.curve(rbm, &one, &Run::quiet(seed))?;
            both_errors.push(both.values.log_z[0] - exact);
            let [a, b] = [&up, &both].map(measured);
            let error = |m: Measured| m.claim.std_error().unwrap_or(0.0);
            let contradict = (a.value - b.value).abs() > MAX_SIGMAS * error(a).hypot(error(b));
            beside += u32::from(untrustworthy(&up) || untrustworthy(&both) || contradict);
        }
        let rms = |errors: &[f64]| mean(&errors.iter().map(|e| e * e).collect::<Vec<_>>()).sqrt();
        rows.push(Row {
            run: recipe.name,
            path,
            exact,
            rms_error: rms(&errors),
            mean_error: mean(&errors),
            mean_ess: mean(&ess),
            flagged_ais: f64::from(alone) / scale.seeds as f64,
            flagged_both_ways: f64::from(beside) / scale.seeds_both_ways as f64,
            rms_error_both_ways: rms(&both_errors),
        });
    }
    Ok(rows)
}

/// The error of every path, up alone and both ways.
fn chart(rows: &[Row], scale: Scale) -> Chart {
    let series = RECIPES.iter().enumerate().flat_map(|(k, recipe)| {
        let of_run = || rows.iter().filter(|row| row.run == recipe.name).enumerate();
        let line = |name: &str, look: usize, y: fn(&Row) -> f64| {
            let points = of_run().map(|(x, row)| (x as f64 + 1.0, Some(y(row).log10()), None));
            Series::measured(format!("{}, {name}", recipe.name), look, points)
        };
        [line("up", 2 * k + 1, |row| row.rms_error), line("both ways", 2 * k + 2, |row| row.rms_error_both_ways)]
    });
    Chart {
        title: "The error of ln Z by the path".into(),
        subtitle: format!("784 × {}, 100 chains × {} rungs, {} seeds", scale.hidden, scale.rungs, scale.seeds),
        caption: "Paths: 1 straight from β = 0, 2 straight from the means of the data, 3 through 8 checkpoints, 4 through 30, \
                  5 and 6 through those of them that are needed."
            .into(),
        labels: ["which path".into(), "log₁₀ of the rms error / nats".into()],
        series: series.collect(),
        vertical: ["from β = 0", "from the data's means", "8 checkpoints", "30 checkpoints", "needed of 8", "needed of 30"]
            .into_iter()
            .zip(1u8..)
            .map(|(path, k)| (f64::from(k), path.into()))
            .collect(),
        horizontal: Vec::new(),
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let (folder, quick) = shared::arguments("trajectory")?;
    let scale = if quick { QUICK } else { FULL };
    let mut rows = Vec::new();
    for recipe in RECIPES {
        for row in paths(recipe, scale)? {
            println!(
                "- {}, {}: rms error {:.3} up ({:+.3} in the mean, ESS {:.1}), {:.3} both ways; untrustworthy at {:.0} % of the \
                 seeds by itself, at {:.0} % beside the other",
                row.run,
                row.path,
                row.rms_error,
                row.mean_error,
                row.mean_ess,
                row.rms_error_both_ways,
                100.0 * row.flagged_ais,
                100.0 * row.flagged_both_ways,
            );
            rows.push(row);
        }
    }
    shared::save_csv(&folder.join("expected.csv"), &rows)?;
    FigureFile::from(chart(&rows, scale)).save(&folder, "errors")?;
    Ok(())
}
