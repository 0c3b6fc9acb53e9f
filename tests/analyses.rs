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

#[path = "../analyses/rem_entropy_crisis/main.rs"]
#[allow(dead_code)] // its `main`
mod rem_entropy_crisis;

#[path = "../analyses/entropy_of_trained_rbm/main.rs"]
#[allow(dead_code)] // its `main`
mod entropy_of_trained_rbm;

#[path = "../analyses/weights_entropy/main.rs"]
#[allow(dead_code)] // its `main`
mod weights_entropy;

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

/// Fewer samples of the disorder than in the study: the exact means give the known estimates, and the samples agree with them within
/// five standard errors (fixed seeds), except at the largest size, where a few samples say nothing.
#[test]
fn rem_entropy_crisis_agrees_with_the_exact_means() {
    let (rows, points) = rem_entropy_crisis::study(&[(8, 400), (12, 200), (16, 30), (20, 4)]).unwrap();
    assert_eq!(points.len(), 4 * 15);
    for (estimate, size, known) in
        [("annealed", "12", 1.6695), ("annealed", "16", 1.6658), ("crossing", "8,16", 1.8777)]
    {
        let row = rows.iter().find(|row| row.estimate == estimate && row.size == size).unwrap();
        common::assert_close(&format!("{row:?}"), row.exact, known, 1e-4);
        common::assert_close(&format!("{row:?}"), row.value, known, 5.0 * row.std_error);
    }
}

/// The script on a model of twenty units: the trained one takes a minute.
#[test]
fn entropy_of_trained_rbm_finds_the_peak_of_a_small_model() {
    let effort = entropy_of_trained_rbm::Effort { points: 21, samples: 2000 };
    let study = entropy_of_trained_rbm::study("small", &common::twelve_by_eight(1.5), &effort).unwrap();
    assert!(study.points.windows(2).all(|pair| pair[0].entropy > pair[1].entropy), "S falls with β");
    assert_eq!(study.histogram.map(|h| h.counts.iter().sum::<usize>()), study.row.peak_beta.map(|_| 2000));
}

/// Without data nothing is known; with more of them less entropy is left (in the mean over all data, since conditioning lowers an
/// entropy; here over twenty sets), and never less than ln 2, since ξ and −ξ cannot be told apart.
#[test]
fn weights_entropy_falls_from_n_ln_2_and_stays_above_ln_2() {
    let rows = weights_entropy::study(&[(10, 20)]).unwrap();
    assert_eq!(rows.len(), 2 * 13);
    for row in &rows {
        assert!(row.entropy_per_weight * 10.0 >= 2f64.ln() - 1e-9, "{row:?}");
        if row.samples == 0 {
            common::assert_close("no data", row.entropy_per_weight, 2f64.ln(), 1e-12);
        }
    }
    for pair in rows.windows(2).filter(|pair| pair[0].beta == pair[1].beta) {
        let noise = 3.0 * pair[0].std_error.hypot(pair[1].std_error);
        assert!(pair[1].entropy_per_weight < pair[0].entropy_per_weight + noise, "{pair:?}");
    }
}
