//! The analyses: their tables, made again on a small grid, must say what the committed tables say.
#![cfg(feature = "plot")]

mod common;

use std::collections::HashMap;

use plefka::{Ais, Betas, estimator::Settings, io};

#[path = "../analyses/tap_vs_ais/main.rs"]
#[allow(dead_code)] // its `main`
mod tap_vs_ais;

#[path = "../analyses/published_study/main.rs"]
#[allow(dead_code)] // its `main`
mod published_study;

#[path = "../analyses/effective_temperature/main.rs"]
#[allow(dead_code)] // its `main`
mod effective_temperature;

/// A table by method and β, as written, and by column.
type Table = HashMap<(String, String), HashMap<String, String>>;

fn table(csv: &str) -> Table {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let header = reader.headers().unwrap().clone();
    let row = |record: csv::StringRecord| {
        let key = (record[0].to_string(), record[1].to_string());
        (key, header.iter().zip(&record).map(|(name, cell)| (name.into(), cell.into())).collect())
    };
    reader.records().map(|record| row(record.unwrap())).collect()
}

fn number(row: &HashMap<String, String>, column: &str) -> Option<f64> {
    Some(&row[column]).filter(|cell| !cell.is_empty()).map(|cell| cell.parse().unwrap())
}

/// Deterministic methods must give the numbers of the table, and at the same points; an iteration that has not converged
/// may stop anywhere. Here AIS is much shorter than in the table and has an error bar of its own: the two must agree
/// within five standard errors of their difference (false-alarm rate 6e−7 for each of twelve numbers, and the seed is fixed).
///
/// Planted bugs that fail: a heat capacity off by a factor β; an AIS ladder that leaves out its last step.
#[test]
fn tap_vs_ais_finds_the_same_again() {
    let expected = table(include_str!("../analyses/tap_vs_ais/expected.csv"));
    let settings = Settings { ais: Ais { chains: 200, rungs: 200, ..Ais::default() }, ..Settings::default() };
    let betas: Betas = "0.25,0.5,0.75".parse().unwrap();
    let again = table(&io::to_csv(&tap_vs_ais::compare(&betas, &settings).unwrap()).unwrap());
    assert_eq!(again.len(), 15, "five methods at three β");

    let mut compared = 0;
    for (key, row) in &again {
        let Some(expected) = expected.get(key) else { panic!("{key:?} is not in expected.csv") };
        assert_eq!(row["status"], expected["status"], "{key:?}");
        assert_eq!(row["log_z_claim"], expected["log_z_claim"], "{key:?}");
        if row["status"] != "converged" {
            continue;
        }
        for column in ["log_z", "energy", "entropy", "heat_capacity"] {
            let [Some(new), Some(old)] = [row, expected].map(|row| number(row, column)) else {
                panic!("{key:?} has no {column}");
            };
            let bars = [row, expected].map(|row| number(row, &format!("{column}_std_error")));
            let tolerance = match bars {
                [None, None] => 1e-9 * old.abs().max(1.0),
                [Some(a), Some(b)] => 5.0 * a.hypot(b),
                _ => panic!("{key:?}: only one {column} has an error bar"),
            };
            // A huge error bar would agree with anything.
            assert!(tolerance < 0.1 * old.abs().max(50.0), "{key:?}: {column} = {new} is known to ± {tolerance} only");
            assert!((new - old).abs() <= tolerance, "{key:?}: {column} = {new}, but {old} ± {tolerance} was expected");
            compared += 1;
        }
    }
    assert!(compared >= 40, "only {compared} numbers were compared");
}

/// The script of `published_study` on a model of twenty units; the models of the study are not at hand.
#[test]
fn published_study_lays_every_estimate_beside_the_exact_one() {
    let ais = Ais { chains: 200, rungs: 100, ..Ais::default() };
    let rbm = common::twelve_by_eight(2.0).scaled_temperature(2.0).unwrap();
    let (rows, spectra) = published_study::study("h10", &rbm, 60, &ais).unwrap();
    let of = |method: &str, solution: &str| rows.iter().find(|r| r.method == method && r.solution == solution).unwrap();
    assert_eq!(rows.len(), 2 + 3 * 3);
    let exact = of("exact", "").log_z;
    let sampled = of("ais", "");
    // Five standard errors: false-alarm rate 6e−7, and the seed is fixed.
    assert!((sampled.log_z - exact).abs() < 5.0 * sampled.std_error.unwrap(), "{sampled:?}");
    assert_eq!((sampled.published_1, of("tap2", "best").published_2), (Some(226.05), Some(212.25)));
    assert_eq!(of("mf", "best").published_1, None);
    // To first order every solution is a lower bound, and several weigh more than one.
    let [first, best, sum] = ["uniform start", "best", "sum"].map(|solution| of("mf", solution).log_z);
    assert!(first <= best && best < sum && best < exact, "{rows:?}");
    assert!(of("mf", "best").solutions.unwrap() > 1 && of("mf", "best").residual.unwrap() <= 1e-10);
    let counted: usize = spectra[0].1.levels.iter().map(|level| level.solutions).sum();
    assert!(counted > 1 && counted <= of("mf", "best").solutions.unwrap());
}

/// The script of `effective_temperature` on fixture R: what is drawn from the model at β has that temperature by every
/// estimator, within 4 standard errors (15 numbers: a false alarm in one of a thousand such tests, and the seed is fixed).
#[test]
fn effective_temperature_finds_the_beta_at_which_samples_were_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.npz");
    io::save_model(&common::fixture_r(), &path).unwrap();
    let model = io::load_model(path.to_str().unwrap()).unwrap();
    for beta in [0.5, 1.0, 2.0] {
        let file = effective_temperature::of_samples(&model, beta, 5000).unwrap();
        let rows = effective_temperature::rows("samples", Some(beta), &file);
        assert_eq!(rows.iter().filter(|row| row.z.is_some()).count(), 5, "{rows:?}");
        for row in &rows {
            assert!(row.z.is_none_or(|z| z.abs() < 4.0), "{row:?}");
        }
        assert!(file.comparisons.iter().all(|c| !c.disagree), "{:?}", file.comparisons);
    }
}
