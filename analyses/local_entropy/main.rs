//! Local entropy: is it what Entropy-SGD says, is its landscape smoother, and do flat solutions
//! generalise better?
//!
//! Writes `expected.csv` (flatness and generalisation of binary perceptrons), `descent.csv`,
//! `langevin.csv`, `networks.csv` and the figures to the folder given as an argument, or to
//! `plefka-out/local_entropy`. `--quick` takes seconds.

use std::error::Error;

use nalgebra::DVector;
use plefka::{
    plot::{Chart, FigureFile, Series},
    stats::{correlation, partial_correlation},
};
use rayon::prelude::*;

#[path = "langevin.rs"]
pub mod langevin;
#[path = "network.rs"]
pub mod network;
#[path = "perceptron.rs"]
pub mod perceptron;
#[path = "../shared.rs"]
mod shared;

use langevin::Quadratic;
use perceptron::{Descent, Flatness, descents, flatness};

const GAMMAS: [f64; 7] = [0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0];
const LOADS: [f64; 3] = [0.4, 0.7, 1.0];

/// Correlation of flatness with the generalisation error.
pub fn flatness_chart(rows: &[Flatness]) -> Chart {
    let series = LOADS.iter().enumerate().map(|(k, load)| {
        let of = rows.iter().filter(|r| r.load == *load);
        let points = of.map(|r| (r.gamma.log10(), Some(r.correlation), Some(r.correlation_std_error)));
        Series::measured(format!("α = {load}"), k + 1, points)
    });
    Chart {
        title: "Do flat solutions generalise better? Binary perceptrons with a teacher".into(),
        subtitle: format!("all solutions of {} tasks of {} weights with α examples per weight, by enumeration; ± 1σ over tasks", rows[0].tasks, rows[0].n_weights),
        caption: "The correlation, among the solutions of a task, of their local entropy with their generalisation error; negative: flat ones are better."
            .into(),
        labels: ["log₁₀ γ (small: a wide neighbourhood)".into(), "correlation of local entropy with error".into()],
        series: series.collect(),
        vertical: Vec::new(),
        horizontal: vec![(0.0, "no relation".into())],
    }
}

/// The share of starts that descent brings to a solution.
pub fn descent_chart(rows: &[Descent]) -> Chart {
    let mut series = Vec::new();
    for (k, load) in LOADS.iter().enumerate() {
        let of = || rows.iter().filter(move |r| r.load == *load);
        let points = of().filter_map(|r| Some((r.gamma?.log10(), Some(r.solved), Some(r.solved_std_error))));
        series.push(Series::measured(format!("F first, α = {load}"), k + 1, points));
        if let Some(errors) = of().find(|r| r.gamma.is_none()) {
            let ends = [GAMMAS[0].log10(), GAMMAS[GAMMAS.len() - 1].log10()];
            series.push(Series::theory(format!("errors alone, α = {load}"), k + 1, ends.map(|x| (x, errors.solved))));
        }
    }
    Chart {
        title: "Descending the local entropy first finds solutions more often".into(),
        subtitle: format!("binary perceptrons of {} weights, α examples per weight, from every start; β = {}; ± 1σ over tasks", rows[0].n_weights, perceptron::BETA),
        caption: "The share of all 2^N starts that steepest descent by single turns brings to a solution, on the local entropy and then on the errors."
            .into(),
        labels: ["log₁₀ γ (small: a wide neighbourhood)".into(), "share of starts solved".into()],
        series,
        vertical: Vec::new(),
        horizontal: Vec::new(),
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let (folder, quick) = shared::arguments("local_entropy")?;
    let (n, tasks, steps) = if quick { (11, 10, 2000) } else { (17, 100, 40_000) };
    let each = |f: &(dyn Fn(f64) -> Vec<Flatness> + Sync)| -> Vec<Flatness> {
        LOADS.par_iter().flat_map_iter(|load| f(*load)).collect()
    };
    let flat = each(&|load| flatness(n, load, &GAMMAS, tasks));
    let falls: Vec<Descent> =
        LOADS.par_iter().flat_map_iter(|load| descents(n, *load, &GAMMAS, tasks.min(40))).collect();
    shared::save_csv(&folder.join("expected.csv"), &flat)?;
    shared::save_csv(&folder.join("descent.csv"), &falls)?;
    FigureFile::from(flatness_chart(&flat)).save(&folder, "flatness")?;
    FigureFile::from(descent_chart(&falls)).save(&folder, "descent")?;
    let d = 10;
    let x = DVector::from_fn(d, |i, _| (1.0 + i as f64).sin() * 2.0);
    let checks: Vec<_> = [0.3, 1.0, 5.0].iter().flat_map(|g| Quadratic::random(d, 1).checks(&x, *g, steps)).collect();
    shared::save_csv(&folder.join("langevin.csv"), &checks)?;
    let networks = if quick {
        network::networks(1, &[20, 300], 100.0, 0.3, 100)?
    } else {
        network::networks(5, &[10, 30, 300], 100.0, 0.1, 400)?
    };
    shared::save_csv(&folder.join("networks.csv"), &networks)?;
    let of = |f: &dyn Fn(&network::Network) -> f64| networks.iter().map(f).collect::<Vec<_>>();
    let (sharp, loss, train) = (of(&|n| n.sharpness), of(&|n| n.held_out_loss), of(&|n| n.training_loss));
    println!("- networks: sharpness and held-out loss correlate by {:?}", correlation(&sharp, &loss));
    println!("- the same at given training loss: {:?}", partial_correlation(&sharp, &loss, &train));
    println!("- the same at given norm: {:?}", partial_correlation(&sharp, &loss, &of(&|n| n.norm)));
    println!("- sharpness and held-out error: {:?}", correlation(&sharp, &of(&|n| n.held_out_error)));
    Ok(())
}
