//! Is the mean-field landscape smoother, and does that help to find ground states? Peterson and
//! Anderson (1987), counted.
//!
//! Writes `expected.csv` (minima against temperature), `search.csv` (ground states found) and the
//! figures to the folder given as an argument, or to `plefka-out/smoother_landscape`. `--quick`
//! takes seconds.

use std::error::Error;

use plefka::{
    Rbm,
    model::{
        Ising,
        random::{Hopfield, bipartite_sk, sk},
    },
    plot::{Chart, FigureFile, Series},
    sample::Basins,
    stats::{mean, std_dev},
    streams::stream,
};
use rand::RngExt;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

#[path = "relaxation.rs"]
mod relaxation;
#[path = "../shared.rs"]
mod shared;
#[path = "trained.rs"]
mod trained;

use relaxation::{Spins, connected, on_spins, signs};

/// Temperatures of the mean-field free energy.
pub const TEMPERATURES: [f64; 12] = [0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0, 1.4, 2.0];
/// Up to this many units every state is a start; beyond, this many states drawn at random are.
const ALL_STARTS: usize = 14;
const DRAWN_STARTS: usize = 2000;
/// Means that differ by less than this anywhere are those of one minimum.
const DISTINCT: f64 = 1e-4;
/// Temperatures of annealing, from hot to cold, and runs of each method.
const LADDER: usize = 40;
const RUNS: usize = 100;

/// The minima of the mean-field free energy at one temperature, over samples of the disorder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Point {
    pub(crate) model: String,
    pub(crate) n_units: usize,
    pub(crate) samples: usize,
    pub(crate) temperature: f64,
    /// Minima that the starts lead to.
    pub(crate) minima: f64,
    pub(crate) minima_std_error: f64,
    /// States that no flip lowers, all of them.
    pub(crate) one_flip: f64,
    pub(crate) one_flip_std_error: f64,
    /// The share of samples with more minima than one-flip minima.
    pub(crate) rougher: f64,
    /// The probability that a relaxation from a random state, and a quench after it, end in a
    /// ground state.
    pub(crate) ground: f64,
    pub(crate) ground_std_error: f64,
}

/// How often a method finds a ground state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Search {
    pub(crate) model: String,
    pub(crate) n_units: usize,
    pub(crate) method: String,
    /// The probability of a run, over samples of the disorder.
    pub(crate) ground: f64,
    pub(crate) std_error: f64,
    /// Sweeps of a run: updates of every unit.
    pub(crate) sweeps: f64,
}

/// Models of one kind.
pub struct Ensemble {
    pub(crate) name: String,
    pub(crate) models: Vec<Ising>,
}

/// R: 6×4 bits, made by a formula.
pub fn fixture_r() -> Rbm {
    let weights =
        nalgebra::DMatrix::from_fn(6, 4, |i, j| (1.0 + 2.0 * i as f64 + 3.0 * j as f64 + 0.5 * (i * j) as f64).cos());
    let a = nalgebra::DVector::from_fn(6, |i, _| 0.3 * (i as f64 + 1.0).sin());
    Rbm::new(weights, a, nalgebra::DVector::from_fn(4, |j, _| -0.2 * (j as f64 + 1.0).cos())).expect("a model")
}

/// All models, or the small ones.
pub fn ensembles(quick: bool) -> Result<Vec<Ensemble>, plefka::Error> {
    let many = |name: &str, count: u64, model: &(dyn Fn(u64) -> Result<Ising, plefka::Error> + Sync)| {
        let models: Result<Vec<Ising>, plefka::Error> = (1..=count).map(model).collect();
        models.map(|models| Ensemble { name: name.into(), models })
    };
    let mut all = vec![Ensemble { name: "R".into(), models: vec![on_spins(&fixture_r())] }];
    let sizes: &[(usize, u64)] =
        if quick { &[(8, 20)] } else { &[(8, 60), (10, 60), (12, 30), (14, 16), (16, 16), (20, 4)] };
    for &(n, count) in sizes {
        all.push(many("SK", count, &|seed| sk(n, seed))?);
    }
    if !quick {
        all.push(many("Hopfield, 3 patterns", 20, &|seed| Ok(Hopfield::random(12, 3, seed)?.ising().clone()))?);
        all.push(many("random RBM, 6×6 spins", 20, &|seed| Ok(connected(&bipartite_sk(6, 6, 1.0, seed)?)))?);
        all.push(many("random RBM, 6×6 bits", 20, &|seed| {
            let bits = bipartite_sk(6, 6, 4.0, seed)?.with_units(plefka::Units::Bit, plefka::Units::Bit);
            Ok(on_spins(&bits))
        })?);
        all.push(many("trained RBM, 9×4 bits", 6, &|seed| Ok(on_spins(&trained::patch(seed, 3000)?)))?);
    }
    Ok(all)
}

/// One model: at each temperature the minima and P(ground state), the one-flip minima, and P and
/// sweeps of each search.
struct Sample {
    one_flip: usize,
    relaxed: Vec<(usize, f64, f64)>,
    searches: Vec<(f64, f64)>,
}

const METHODS: [&str; 5] = [
    "quench",
    "annealed mean field",
    "simulated annealing, equal cost",
    "quenches, equal cost",
    "annealed mean field, loose, and quench",
];

fn study(ising: &Ising, seed: u64) -> Result<Sample, plefka::Error> {
    let spins = Spins::new(ising);
    let n = ising.field().len();
    let basins = Basins::of(ising)?;
    let lowest = basins.minima[0].energy;
    let is_ground = |s: &[f64]| spins.energy(s) < lowest + 1e-9;
    let mut rng = stream(seed, 1);
    let random = |rng: &mut rand_xoshiro::Xoshiro256PlusPlus| -> Vec<f64> {
        (0..n).map(|_| if rng.random::<bool>() { 1.0 } else { -1.0 }).collect()
    };
    let corner = |k: usize| -> Vec<f64> { (0..n).map(|i| if k >> i & 1 == 1 { 1.0 } else { -1.0 }).collect() };
    let starts: Vec<Vec<f64>> = if n <= ALL_STARTS {
        (0..1 << n).map(corner).collect()
    } else {
        (0..DRAWN_STARTS).map(|_| random(&mut rng)).collect()
    };
    let relaxed = TEMPERATURES
        .iter()
        .map(|t| {
            let (mut minima, mut found, mut sweeps): (Vec<Vec<f64>>, usize, f64) = (Vec::new(), 0, 0.0);
            for start in &starts {
                let mut m = start.clone();
                sweeps += spins.relax(&mut m, *t) as f64;
                let mut s = signs(&m);
                sweeps += spins.quench(&mut s);
                found += usize::from(is_ground(&s));
                let same = |known: &Vec<f64>| known.iter().zip(&m).all(|(a, b)| (a - b).abs() < DISTINCT);
                if !minima.iter().any(same) {
                    minima.push(m);
                }
            }
            (minima.len(), found as f64 / starts.len() as f64, sweeps / starts.len() as f64)
        })
        .collect();
    Ok(Sample { one_flip: basins.minima.len(), relaxed, searches: searches(&spins, &is_ground, random, &mut rng) })
}

/// T from 2 down to 0.05, in equal steps.
fn ladder(steps: usize) -> impl Iterator<Item = f64> {
    (0..steps).map(move |k| 2.0 - 1.95 * k as f64 / (steps.max(2) - 1) as f64)
}

/// P(ground state) and sweeps of [`METHODS`].
fn searches<R>(
    spins: &Spins,
    is_ground: &impl Fn(&[f64]) -> bool,
    random: R,
    rng: &mut rand_xoshiro::Xoshiro256PlusPlus,
) -> Vec<(f64, f64)>
where
    R: Fn(&mut rand_xoshiro::Xoshiro256PlusPlus) -> Vec<f64>,
{
    let mut totals = vec![(0.0, 0.0); METHODS.len()];
    for _ in 0..RUNS {
        let start = random(rng);
        let mut note = |k: usize, found: bool, sweeps: f64| {
            totals[k].0 += f64::from(u8::from(found));
            totals[k].1 += sweeps;
        };
        let mut s = start.clone();
        let cost = spins.quench(&mut s);
        note(0, is_ground(&s), cost);
        // From small means, so that the direction into which they grow is chosen by the couplings.
        let mut m: Vec<f64> = start.iter().map(|s| 0.01 * s).collect();
        // The best state on the way counts, as it does in simulated annealing.
        let (mut budget, mut found) = (0.0, false);
        for temperature in ladder(LADDER) {
            budget += spins.relax(&mut m, temperature) as f64;
            found |= is_ground(&signs(&m));
        }
        note(1, found, budget);
        let mut s = spins.anneal(&mut start.clone(), ladder(budget as usize), rng);
        spins.quench(&mut s);
        note(2, is_ground(&s), budget);
        let (mut spent, mut found) = (0.0, false);
        while spent < budget {
            let mut s = random(rng);
            spent += spins.quench(&mut s);
            found |= is_ground(&s);
        }
        note(3, found, spent);
        // One sweep at each temperature, instead of to the end.
        let mut m: Vec<f64> = start.iter().map(|s| 0.01 * s).collect();
        for temperature in ladder(LADDER) {
            spins.sweep(&mut m, temperature);
        }
        let mut s = signs(&m);
        let cost = LADDER as f64 + spins.quench(&mut s);
        note(4, is_ground(&s), cost);
    }
    // Whole numbers up to here, so that a method that always succeeds has a share of 1 exactly.
    totals.into_iter().map(|(found, sweeps)| (found / RUNS as f64, sweeps / RUNS as f64)).collect()
}

fn average(values: &[f64]) -> (f64, f64) {
    (mean(values), std_dev(values) / (values.len() as f64).sqrt())
}

/// Both tables.
pub fn run(ensembles: &[Ensemble]) -> Result<(Vec<Point>, Vec<Search>), plefka::Error> {
    let (mut points, mut searches) = (Vec::new(), Vec::new());
    for Ensemble { name, models } in ensembles {
        let samples: Vec<Sample> = models
            .par_iter()
            .enumerate()
            .map(|(k, model)| study(model, k as u64 + 1))
            .collect::<Result<_, plefka::Error>>()?;
        let of = |f: &dyn Fn(&Sample) -> f64| average(&samples.iter().map(f).collect::<Vec<_>>());
        let n_units = models[0].field().len();
        let (one_flip, one_flip_std_error) = of(&|s| s.one_flip as f64);
        let mut best = (0, (-1.0, 0.0));
        for (k, temperature) in TEMPERATURES.into_iter().enumerate() {
            let (minima, minima_std_error) = of(&|s| s.relaxed[k].0 as f64);
            let (ground, ground_std_error) = of(&|s| s.relaxed[k].1);
            if ground > best.1.0 {
                best = (k, (ground, ground_std_error));
            }
            points.push(Point {
                model: name.clone(),
                n_units,
                samples: samples.len(),
                temperature,
                minima,
                minima_std_error,
                one_flip,
                one_flip_std_error,
                rougher: of(&|s| f64::from(u8::from(s.relaxed[k].0 > s.one_flip))).0,
                ground,
                ground_std_error,
            });
        }
        let mut push = |method: String, (ground, std_error): (f64, f64), sweeps: f64| {
            searches.push(Search { model: name.clone(), n_units, method, ground, std_error, sweeps });
        };
        for (m, method) in METHODS.iter().enumerate() {
            push((*method).into(), of(&|s| s.searches[m].0), of(&|s| s.searches[m].1).0);
        }
        push("best T, then quench".into(), best.1, of(&|s| s.relaxed[best.0].2).0);
    }
    Ok((points, searches))
}

/// Minima over one-flip minima, against T.
pub fn minima_chart(points: &[Point]) -> Chart {
    let mut series: Vec<Series> = Vec::new();
    for of in points.chunk_by(|a, b| a.model == b.model && a.n_units == b.n_units) {
        if of[0].model == "SK" && ![8, 14].contains(&of[0].n_units) {
            continue;
        }
        let name = if of[0].model == "SK" { format!("SK, {} spins", of[0].n_units) } else { of[0].model.clone() };
        let point = |p: &Point| (p.temperature, Some(p.minima / p.one_flip), Some(p.minima_std_error / p.one_flip));
        series.push(Series::measured(name, series.len() + 1, of.iter().map(point)));
    }
    Chart {
        title: "Minima of the mean-field free energy, against those of the energy".into(),
        subtitle: "means over samples of the disorder ± 1σ; every state a start; one-flip minima by enumeration".into(),
        caption: "The number of minima of the naive mean-field free energy at temperature T over the number of states that no flip lowers."
            .into(),
        labels: ["T".into(), "minima of the free energy / one-flip minima".into()],
        series,
        vertical: Vec::new(),
        horizontal: vec![(1.0, "as many as at T = 0".into())],
    }
}

/// P(ground state) against N for SK.
pub fn search_chart(rows: &[Search]) -> Chart {
    let methods = METHODS.iter().copied().chain(["best T, then quench"]);
    let series = methods.enumerate().map(|(k, method)| {
        let of = rows.iter().filter(|r| r.model == "SK" && r.method == method);
        let name = if method.contains("loose") { "one sweep at each T, then quench" } else { method };
        Series::measured(name, k + 1, of.map(|r| (r.n_units as f64, Some(r.ground), Some(r.std_error))))
    });
    Chart {
        title: "Who finds the ground state of the Sherrington–Kirkpatrick model?".into(),
        subtitle: "share of runs that end in a ground state, mean over samples ± 1σ; equal cost: to annealed mean field".into(),
        caption: "The probability of one run to end in a ground state, which is known by enumeration, against the number of spins.".into(),
        labels: ["N spins".into(), "P(ground state)".into()],
        series: series.collect(),
        vertical: Vec::new(),
        horizontal: Vec::new(),
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let (folder, quick) = shared::arguments("smoother_landscape")?;
    let (points, searches) = run(&ensembles(quick)?)?;
    shared::save_csv(&folder.join("expected.csv"), &points)?;
    shared::save_csv(&folder.join("search.csv"), &searches)?;
    FigureFile::from(minima_chart(&points)).save(&folder, "minima")?;
    FigureFile::from(search_chart(&searches)).save(&folder, "search")?;
    if !quick {
        shared::save_csv(
            &folder.join("digits.csv"),
            &trained::digits(&[0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0])?,
        )?;
    }
    Ok(())
}
