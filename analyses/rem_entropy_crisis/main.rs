//! Where does the entropy of the random energy model run out? Three estimates from sizes that can
//! be enumerated.
//!
//! Writes `expected.csv`, `entropy.csv` and `entropy.svg` to the folder given as the first
//! argument, or to `plefka-out/rem_entropy_crisis`.

use std::{env, error::Error, fs, path::PathBuf};

use plefka::{
    Betas, Curve, Estimator, Exact, Measured, Run,
    model::random,
    plot::{Chart, FigureFile, Series},
    theory::rem,
    thermo::crisis::{self, Ensemble, MeanCurve},
};
use rayon::prelude::*;
use serde::Serialize;

#[path = "../shared.rs"]
mod shared;

/// N, and how many samples of the disorder.
pub type Sizes = [(usize, u64); 4];

const SIZES: Sizes = [(8, 4000), (12, 2000), (16, 400), (20, 60)];
/// The pairs whose entropies cross, by their place in the sizes.
const PAIRS: [[usize; 2]; 2] = [[0, 2], [1, 3]];
const REPLICATES: usize = 200;
const SEED: u64 = 1;

/// One estimate.
#[derive(Debug, Serialize)]
pub struct Row {
    pub(crate) estimate: &'static str,
    /// N, or the two sizes.
    pub(crate) size: String,
    /// What it estimates is β_c, or T_c.
    pub(crate) of: &'static str,
    pub(crate) value: f64,
    pub(crate) std_error: f64,
    /// The same estimate from the exact quenched means.
    pub(crate) exact: f64,
    /// What it tends to for large N.
    pub(crate) limit: f64,
}

/// A point of the entropy.
#[derive(Debug, Serialize)]
pub struct Point {
    pub(crate) size: usize,
    pub(crate) beta: f64,
    pub(crate) entropy_per_root: f64,
    pub(crate) std_error: f64,
    pub(crate) exact: f64,
}

/// High temperature for the annealed extrapolation, the neighbourhood of the transition for the
/// crossings, and low temperature with the doubles for the participation ratio.
fn betas() -> Result<Betas, plefka::Error> {
    let mut betas: Vec<f64> = (6..=13).map(|k| f64::from(k) * 0.05).collect();
    betas.extend((0..15).map(|k| 1.4 + 0.05 * f64::from(k)));
    let frozen = [0.25, 0.2, 0.15, 0.1].map(|t| 1.0 / t);
    betas.extend(frozen.iter().flat_map(|beta| [*beta, 2.0 * beta]));
    betas.sort_by(f64::total_cmp);
    betas.dedup();
    Betas::new(betas)
}

/// Samples of the disorder at one size.
fn ensemble(n: usize, samples: u64, betas: &Betas) -> Result<Ensemble, plefka::Error> {
    let curve = |seed| Exact::default().curve(&random::rem(n, seed)?, betas, &Run::quiet(0));
    let curves: Vec<Curve> = (0..samples).into_par_iter().map(curve).collect::<Result<_, _>>()?;
    Ensemble::of(n, &curves)
}

/// The exact means at one size, without the doubles, for which Y₂ is not needed.
fn quenched(n: usize, betas: &Betas) -> Result<MeanCurve, plefka::Error> {
    let betas: Vec<f64> = betas.iter().copied().filter(|beta| *beta < 10.5).collect();
    let means: Vec<rem::Quenched> =
        betas.par_iter().map(|beta| rem::quenched(n as u32, *beta)).collect::<Result<_, _>>()?;
    let entropy = means.iter().map(|mean| mean.entropy).collect();
    let participation = means.iter().map(|mean| Some(mean.participation)).collect();
    Ok(MeanCurve { n_units: n, betas, entropy, participation })
}

/// Estimates of each kind at each size, and the entropy near the transition.
pub fn study(sizes: &Sizes) -> Result<(Vec<Row>, Vec<Point>), plefka::Error> {
    let betas = betas()?;
    let sampled: Vec<Ensemble> =
        sizes.iter().map(|(n, samples)| ensemble(*n, *samples, &betas)).collect::<Result<_, _>>()?;
    let exact: Vec<MeanCurve> = sizes.iter().map(|(n, _)| quenched(*n, &betas)).collect::<Result<_, _>>()?;
    let bootstrap = |ensembles: &[&Ensemble], statistic: &dyn Fn(&[MeanCurve]) -> Option<f64>| {
        crisis::bootstrap(ensembles, REPLICATES, SEED, statistic)
    };
    let critical = rem::critical_beta();
    let row = |estimate, size: String, of, found: Measured, exact: Option<f64>| Row {
        estimate,
        size,
        of,
        value: found.value,
        std_error: found.claim.std_error().unwrap_or_default(),
        exact: exact.unwrap_or(f64::NAN),
        limit: if of == "T" { 1.0 / critical } else { critical },
    };
    let mut rows = Vec::new();
    let annealed = |means: &[MeanCurve]| crisis::annealed_zero(&means[0], 0.29..=0.66);
    let participation = |means: &[MeanCurve]| crisis::participation_zero(&means[0], 0.09..=0.26);
    for (k, (n, _)) in sizes.iter().enumerate() {
        let found = bootstrap(&[&sampled[k]], &annealed)?;
        rows.push(row("annealed", n.to_string(), "beta", found, annealed(&exact[k..])));
    }
    let crossing = |means: &[MeanCurve]| Some(crisis::crossing(&means[0], &means[1])?.beta);
    for [small, large] in PAIRS {
        let found = bootstrap(&[&sampled[small], &sampled[large]], &crossing)?;
        let known = crossing(&[exact[small].clone(), exact[large].clone()]);
        rows.push(row("crossing", format!("{},{}", sizes[small].0, sizes[large].0), "beta", found, known));
    }
    for exponent in [1.0, 1.5] {
        let limit = |means: &[MeanCurve]| {
            let crossings = PAIRS.map(|[small, large]| crisis::crossing(&means[small], &means[large]));
            let crossings: Option<Vec<_>> = crossings.into_iter().collect();
            crisis::crossing_limit(&crossings?, exponent)
        };
        let found = bootstrap(&sampled.iter().collect::<Vec<_>>(), &limit)?;
        rows.push(row("crossing", format!("to 1/size^{exponent}"), "beta", found, limit(&exact)));
    }
    for (k, (n, _)) in sizes.iter().enumerate() {
        let found = bootstrap(&[&sampled[k]], &participation)?;
        rows.push(row("participation", n.to_string(), "T", found, participation(&exact[k..])));
    }
    let mut points = Vec::new();
    for (k, (n, _)) in sizes.iter().enumerate() {
        let near = betas.iter().enumerate().filter(|(_, beta)| (1.39..2.11).contains(*beta));
        for (b, beta) in near {
            let root = (*n as f64).sqrt();
            let found = bootstrap(&[&sampled[k]], &|means| Some(means[0].entropy[b] / root))?;
            let std_error = found.claim.std_error().unwrap_or_default();
            let exact = exact[k].entropy[b] / root;
            points.push(Point { size: *n, beta: *beta, entropy_per_root: found.value, std_error, exact });
        }
    }
    Ok((rows, points))
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(env::args().nth(1).unwrap_or("plefka-out/rem_entropy_crisis".into()));
    fs::create_dir_all(&folder)?;
    let (rows, points) = study(&SIZES)?;
    for Row { estimate, size, of, value, std_error, exact, limit } in &rows {
        println!("- {estimate}, {size}: {of} = {value:.4} ± {std_error:.4}; exact means {exact:.4}; limit {limit:.4}");
    }
    shared::save_csv(&folder.join("expected.csv"), &rows)?;
    shared::save_csv(&folder.join("entropy.csv"), &points)?;
    let line = |(k, (n, samples)): (usize, &(usize, u64))| {
        let known = points.iter().filter(|p| p.size == *n);
        let points = known.map(|p| (p.beta, Some(p.entropy_per_root), Some(p.std_error)));
        Series::measured(format!("N = {n}, {samples} samples ± 1σ"), k + 1, points)
    };
    let chart = Chart {
        title: "Entropy of the random energy model near its transition".into(),
        subtitle: "means over the disorder, by enumeration of 2^N levels".into(),
        caption: "S/√N of several sizes. They cross above β_c, and move towards it as the sizes grow.".into(),
        labels: ["β, inverse temperature".into(), "⟨S⟩/√N, nats".into()],
        series: SIZES.iter().enumerate().map(line).collect(),
        vertical: vec![(rem::critical_beta(), "β_c = 1.6651".into())],
        horizontal: Vec::new(),
    };
    FigureFile::from(chart).save(&folder, "entropy")?;
    Ok(())
}
