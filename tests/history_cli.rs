//! `plefka history`, and `--path trajectory`, as a user or a script meets them.
#![cfg(feature = "cli")]

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use plefka::{data::Data, io};

fn plefka(folder: &Path, arguments: &str) -> Output {
    let arguments = arguments.split_whitespace();
    Command::new(env!("CARGO_BIN_EXE_plefka")).args(arguments).current_dir(folder).output().unwrap()
}

fn succeeds(folder: &Path, arguments: &str) -> (String, String) {
    let output = plefka(folder, arguments);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    assert!(output.status.success(), "{arguments}: {}", text(output.stderr));
    (text(output.stdout), text(output.stderr))
}

fn refuses(folder: &Path, arguments: &str) -> String {
    let output = plefka(folder, arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments}");
    String::from_utf8(output.stderr).unwrap()
}

/// A folder with a run of four checkpoints on forty rows, ten of them held out.
fn scene() -> tempfile::TempDir {
    let scene = tempfile::tempdir().unwrap();
    let bit = |k: usize| u8::from((0.7 * k as f64).sin() + (0.11 * k as f64).cos() > 0.4);
    let data = Data::new(9, (0..360).map(bit).collect(), None).unwrap();
    io::save_data(&data, &scene.path().join("x.npz")).unwrap();
    let train = "train x.npz --hidden 4 --batch 6 --epochs 12 --rate 0.3 --holdout 0.25 --checkpoints linear:3 --quiet --out run";
    succeeds(scene.path(), train);
    scene
}

/// The column of a CSV by its name.
fn column(csv: &str, name: &str) -> Vec<String> {
    let k = csv.lines().next().unwrap().split(',').position(|header| header == name).unwrap();
    csv.lines().skip(1).map(|line| line.split(',').nth(k).unwrap().to_owned()).collect()
}

fn numbers(csv: &str, name: &str) -> Vec<f64> {
    column(csv, name).iter().map(|cell| cell.parse().unwrap()).collect()
}

/// What training wrote to its log is what `history` finds in the checkpoints, row by row, with the
/// rows that were held out found by the plan. Planted bug that fails: ln Z one checkpoint late.
#[test]
fn the_history_of_a_run_is_its_log() {
    let scene = scene();
    let (csv, notes) = succeeds(scene.path(), "history run --data x.npz --format csv");
    let log = std::fs::read_to_string(scene.path().join("run/log.csv")).unwrap();
    assert_eq!(column(&csv, "update"), column(&log, "update"));
    assert_eq!(column(&csv, "verdict"), ["exact"; 4]);
    for name in ["log_z", "log_likelihood_train", "log_likelihood_test"] {
        for (found, logged) in numbers(&csv, name).into_iter().zip(numbers(&log, name)) {
            assert!((found - logged).abs() < 1e-9, "{name}: {found} against {logged}");
        }
    }
    assert!(notes.is_empty(), "{notes}");
    let (_, notes) =
        succeeds(scene.path(), "history run@20 --data x.npz --holdout 0.5 --method ais --chains 50 --rungs 20");
    assert!(notes.is_empty(), "{notes}");
}

#[test]
fn every_method_goes_through_the_checkpoints_of_a_run() {
    let scene = scene();
    let truth = numbers(&succeeds(scene.path(), "history run --format csv").0, "log_z");
    let settings = "--chains 200 --rungs 40 --temperatures 6 --sweeps 800 --format csv";
    for method in ["ais", "reverse-ais", "bar", "tempering"] {
        let by = format!("--method {method} {settings}");
        let along = numbers(&succeeds(scene.path(), &format!("history run {by}")).0, "log_z");
        let (last, _) = succeeds(scene.path(), &format!("estimate run --path trajectory {by}"));
        // The spread of ln Z here is below 0.03 for each of them.
        for (found, truth) in along.iter().chain(&numbers(&last, "log_z")).zip(truth.iter().chain(truth.last())) {
            assert!((found - truth).abs() < 0.15, "{method}: {found} against {truth}");
        }
    }
    let (json, _) =
        succeeds(scene.path(), "history run --data x.npz --method tempering,ais --format json --out figures");
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["schema"], json["rows"].as_array().unwrap().len()), (&1.into(), 4));
    let row = &json["rows"][3];
    assert_eq!((&row["log_z"]["verdict"], &row["log_z"]["method"]), (&"checked".into(), &"tempering".into()));
    assert!(row["log_likelihood_test"]["std_error_log_z"].as_f64().unwrap() > 0.0);
    assert_eq!(row["estimates"].as_array().unwrap().len(), 2);
    assert_eq!(json["n_samples"], serde_json::json!([30, 10]));
    for name in ["history.json", "history.csv", "history_likelihood.svg", "history_log_z.svg"] {
        assert!(scene.path().join("figures").join(name).exists(), "{name}");
    }
    let (table, _) = succeeds(scene.path(), "history run --method tempering");
    assert!(table.contains("update") && table.contains("±") && table.contains("tempering"), "{table}");
}

#[test]
fn what_is_no_run_is_refused() {
    let scene = scene();
    let model = scene.path().join("run/model.npz");
    std::fs::copy(model, scene.path().join("model.npz")).unwrap();
    for (arguments, says) in [
        ("history model.npz", "there are no checkpoints"),
        ("history nowhere", "nowhere"),
        ("estimate model.npz --method ais --path trajectory", "none of a training run"),
        ("estimate run --method ais --path trajectory --base data --data x.npz", "leave it out"),
        ("history run --data x.npz --holdout 1", "--holdout"),
    ] {
        let stderr = refuses(scene.path(), arguments);
        assert!(stderr.contains(says), "{arguments}: {stderr}");
    }
}

/// An archive that rbms itself wrote (tests/data/formats/make.py), as a run of two updates: its
/// history is ln Z of the two as NumPy enumerated them, and tempering through them agrees.
#[cfg(feature = "formats")]
#[test]
fn an_archive_of_rbms_has_a_history() {
    let data = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/formats"));
    let reference = std::fs::read_to_string(data.join("reference.json")).unwrap();
    let reference: serde_json::Value = serde_json::from_str(&reference).unwrap();
    for archive in ["rbms_0.5.h5", "rbms_0.6.h5"] {
        let (csv, _) = succeeds(&data, &format!("history {archive} --format csv"));
        assert_eq!(column(&csv, "update"), ["1", "10"]);
        let found = numbers(&csv, "log_z");
        let truths = [format!("{archive}@1"), archive.to_owned()];
        let truths = truths.map(|name| reference[&name]["log_z"].as_f64().unwrap());
        for (found, truth) in found.iter().zip(truths) {
            assert!((found - truth).abs() < 1e-5, "{archive}: {found} against {truth}");
        }
        let by = "--method tempering --temperatures 6 --sweeps 800 --format csv";
        for (sampled, found) in
            numbers(&succeeds(&data, &format!("history {archive} {by}")).0, "log_z").iter().zip(&found)
        {
            assert!((sampled - found).abs() < 0.15, "{archive}: {sampled} against {found}");
        }
        assert_eq!(column(&succeeds(&data, &format!("history {archive}@1 --format csv")).0, "update"), ["1"]);
    }
}
