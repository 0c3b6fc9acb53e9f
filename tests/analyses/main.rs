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

#[path = "../analyses/adam_gibbs/main.rs"]
#[allow(dead_code)] // its `main`
mod adam_gibbs;

#[path = "../analyses/sandwich/main.rs"]
#[allow(dead_code)] // its `main`
mod sandwich;

#[path = "../analyses/effective_temperature/main.rs"]
#[allow(dead_code)] // its `main`
mod effective_temperature;

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
    assert_eq!(rows.len(), 3 + 3 * 3);
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

/// R alone must give the numbers of the table. Of the random models only the first four of each kind are made again: their average
/// and that of the table must agree within five standard errors (of four values: those of the table, 100 models, are a fifth).
#[test]
fn adam_gibbs_finds_the_same_again() {
    const COLUMNS: [&str; 3] = ["log_time", "entropy", "tap_phases"];
    let expected = table(include_str!("../analyses/adam_gibbs/expected.csv"));
    let ensembles = adam_gibbs::ensembles(4, 20).unwrap();
    let again = table(&adam_gibbs::table(&ensembles).unwrap());
    assert_eq!(again.len(), 3 * adam_gibbs::BETAS.len());
    for (key, row) in &again {
        for column in COLUMNS {
            let [new, old] = [row, &expected[key]].map(|row| number(row, column).unwrap());
            let error = number(&expected[key], &format!("{column}_std_error"));
            // The spread from model to model is ten standard errors of the table.
            let tolerance = error.map_or(1e-7, |error| 5.0 * 10.0 * error / 2.0);
            assert_eq!(error.is_none(), key.0 == "R");
            assert!((new - old).abs() <= tolerance, "{key:?}: {column} = {new}, but {old} ± {tolerance} was expected");
        }
    }
    let mut laws = csv::Reader::from_reader(include_str!("../analyses/adam_gibbs/laws.csv").as_bytes());
    let laws: Vec<HashMap<String, String>> = laws.deserialize().map(Result::unwrap).collect();
    for law in ensembles[0].predictions() {
        let row = laws.iter().find(|row| row["model"] == "R" && row["law"] == law.law).unwrap();
        for (column, new) in [("error_of_average", law.error_of_average), ("slope", law.slope), ("t0", law.t0)] {
            common::assert_close(column, new, number(row, column).unwrap(), 1e-5);
        }
    }
}

/// Each row of a table, by the name in its first column.
fn by_name(csv: &str) -> HashMap<String, HashMap<String, String>> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let header = reader.headers().unwrap().clone();
    let row = |record: csv::StringRecord| {
        (record[0].to_string(), header.iter().zip(&record).map(|(name, cell)| (name.into(), cell.into())).collect())
    };
    reader.records().map(|record| row(record.unwrap())).collect()
}

/// A shorter run on fewer chains. Where the two directions overlap, Bennett's ratio agrees with the exact value within five
/// standard errors (false-alarm rate 6e−7 for each of at most three numbers, and the seed is fixed); no direction crosses the
/// other by more than that.
#[test]
fn sandwich_brackets_the_truth_again() {
    let (exact, rows) = (sandwich::exact().unwrap(), sandwich::sandwich(120, 200).unwrap());
    let mut compared = 0;
    for row in &rows {
        let [up, down, both] = row.log_z;
        println!("{}: {up:?} up, {down:?} down, {both:?}, overlap {}", row.base, row.overlap);
        assert!(up.0 <= down.0 + 5.0 * up.1.hypot(down.1), "{}: up {up:?} and down {down:?}", row.base);
        if row.overlap > 0.1 {
            assert!(
                both.1 < 0.5 && (both.0 - exact).abs() < 5.0 * both.1,
                "{}: {both:?}, but {exact} is exact",
                row.base
            );
            compared += 1;
        }
    }
    assert!(compared > 0, "no two directions overlap");
}

/// The model is not part of the project, so what can be checked is that the committed table says what its README says: the
/// trusted estimates agree with each other within four standard errors, are precise, and are several.
#[test]
fn the_open_case_is_settled_by_estimates_that_agree() {
    let rows = by_name(include_str!("../analyses/open_case/expected.csv"));
    let trusted: Vec<(f64, f64)> = (rows.values().filter(|row| row["status"] == "trusted"))
        .map(|row| (number(row, "log_z").unwrap(), number(row, "std_error").unwrap()))
        .collect();
    assert!(trusted.len() >= 3, "{} trusted estimates", trusted.len());
    assert!(trusted.iter().any(|(_, error)| *error <= 0.1));
    for (a, a_error) in &trusted {
        for (b, b_error) in &trusted {
            assert!((a - b).abs() <= 4.0 * a_error.hypot(*b_error), "{a} ± {a_error} and {b} ± {b_error}");
        }
        for published in [459.589, 463.25] {
            assert!((a - published).abs() > 3.0 * a_error, "{a} ± {a_error} does not tell it from {published}");
        }
    }
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
        // Twelve differences: a false alarm in ten thousand such tests.
        assert!(file.comparisons.iter().all(|c| c.difference.abs() < 4.5 * c.std_error), "{:?}", file.comparisons);
    }
}

/// Fewer samples of the disorder than in the study: the exact means give the known estimates, and the samples agree with them within
/// five standard errors (fixed seeds), except at the largest size, where a few samples say nothing.
#[test]
fn rem_entropy_crisis_agrees_with_the_exact_means() {
    let (rows, points) = rem_entropy_crisis::study(&[(8, 400), (12, 200), (16, 100), (20, 20)]).unwrap();
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
        assert!(pair[1].entropy_per_weight <= pair[0].entropy_per_weight + noise + 1e-12, "{pair:?}");
    }
}
