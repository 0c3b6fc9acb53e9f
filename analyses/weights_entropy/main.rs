//! How many samples does it take to learn the weights of one hidden unit? The entropy of binary
//! weights given data, exactly.
//!
//! Writes `expected.csv` and `entropy.svg` to the folder given as the first argument, or to
//! `plefka-out/weights_entropy`.

use std::{env, error::Error, fs, path::PathBuf};

use plefka::{
    Run,
    data::Data,
    io,
    model::feature,
    plot::{Chart, FigureFile, Series},
    stats::{mean, std_dev},
};
use rayon::prelude::*;
use serde::Serialize;

/// The strength of the weights that made the data, known to whoever infers them.
pub const STRENGTHS: [f64; 2] = [1.0, 2.0];
/// N, and how many sets of data.
const SIZES: [(usize, u64); 3] = [(12, 200), (16, 60), (20, 12)];
/// M/N: samples for each weight.
const LOADS: [f64; 13] = [0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0, 12.0, 16.0];

/// The entropy of the weights per weight, a mean over sets of data.
#[derive(Debug, Serialize)]
pub struct Row {
    pub(crate) beta: f64,
    pub(crate) n_weights: usize,
    /// M/N.
    pub(crate) load: f64,
    pub(crate) samples: usize,
    pub(crate) entropy_per_weight: f64,
    pub(crate) std_error: f64,
}

/// The table for some sizes. A set of data grows: the first M rows are what was known before.
pub fn study(sizes: &[(usize, u64)]) -> Result<Vec<Row>, plefka::Error> {
    let mut rows = Vec::new();
    for beta in STRENGTHS {
        for &(n, sets) in sizes {
            let counts = LOADS.map(|load| (load * n as f64).round() as usize);
            let of_set = |seed: u64| -> Result<Vec<f64>, plefka::Error> {
                // All weights +1: by symmetry as good as any.
                let data = feature::planted(&vec![1; n], beta, counts[counts.len() - 1], seed)?;
                counts.iter().map(|count| entropy(&data, *count, beta)).collect()
            };
            let sets: Vec<Vec<f64>> = (0..sets).into_par_iter().map(of_set).collect::<Result<_, _>>()?;
            for (k, load) in LOADS.iter().enumerate() {
                let per_weight: Vec<f64> = sets.iter().map(|set| set[k] / n as f64).collect();
                let std_error = std_dev(&per_weight) / (per_weight.len() as f64).sqrt();
                let entropy_per_weight = mean(&per_weight);
                rows.push(Row { beta, n_weights: n, load: *load, samples: counts[k], entropy_per_weight, std_error });
            }
        }
    }
    Ok(rows)
}

/// S of the weights given the first `count` rows; without data all 2^N are alike.
fn entropy(data: &Data, count: usize, beta: f64) -> Result<f64, plefka::Error> {
    let n = data.n_features();
    if count == 0 {
        return Ok(n as f64 * std::f64::consts::LN_2);
    }
    let seen = Data::new(n, data.values()[..count * n].to_vec(), None)?;
    Ok(feature::weights_entropy(&seen, beta, &Run::quiet(0))?.expect("nobody cancels"))
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(env::args().nth(1).unwrap_or("plefka-out/weights_entropy".into()));
    fs::create_dir_all(&folder)?;
    let rows = study(&SIZES)?;
    let mut table = csv::Writer::from_writer(Vec::new());
    rows.iter().try_for_each(|row| table.serialize(row))?;
    io::write_atomically(&folder.join("expected.csv"), &table.into_inner()?)?;
    let family = |look, beta: f64, n: usize| {
        let known = rows.iter().filter(move |row| row.beta == beta && row.n_weights == n);
        let points = known.map(|row| (row.load, Some(row.entropy_per_weight), Some(row.std_error)));
        Series::measured(format!("β = {beta}, N = {n}"), look, points)
    };
    let families = STRENGTHS.iter().flat_map(|beta| SIZES.iter().map(move |(n, _)| (*beta, *n)));
    let chart = Chart {
        title: "Entropy of the weights of one hidden unit, given data".into(),
        subtitle: "binary weights, by enumeration; data from planted weights of known strength β; means over sets of data ± 1σ".into(),
        caption: "The entropy of the weights per weight, against the number of samples per weight.".into(),
        labels: ["M/N, samples per weight".into(), "entropy of the weights / N, nats".into()],
        series: families.enumerate().map(|(k, (beta, n))| family(k + 1, beta, n)).collect(),
        vertical: Vec::new(),
        horizontal: vec![(2f64.ln(), "ln 2: nothing is known".into()), (0.0, "0".into())],
    };
    FigureFile::from(chart).save(&folder, "entropy")?;
    Ok(())
}
