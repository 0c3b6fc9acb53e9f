//! `plefka likelihood` as a user or a script meets it.
#![cfg(feature = "cli")]

mod common;

use std::{
    fs,
    path::PathBuf,
    process::{Command, Output},
};

use nalgebra::{DMatrix, DVector};
use plefka::{
    data::Data,
    io,
    model::{DataWeights, Ising},
};
use serde_json::Value;

/// A folder with fixture R, three spins, and rows.
struct Scene(tempfile::TempDir);

impl Scene {
    fn new() -> Self {
        let scene = Self(tempfile::tempdir().unwrap());
        io::save_model(&common::fixture_r(), &scene.path("r.npz")).unwrap();
        let couplings = DMatrix::from_row_slice(3, 3, &[0.0, 0.5, 0.0, 0.5, 0.0, -0.3, 0.0, -0.3, 0.0]);
        io::save_model(&Ising::new(couplings, DVector::zeros(3)).unwrap(), &scene.path("spins.npz")).unwrap();
        let rows = |n: usize| Data::new(n, (0..20 * n).map(|k| u8::from(k * k % 7 > 3)).collect(), None).unwrap();
        io::save_data(&rows(6), &scene.path("x.npz")).unwrap();
        io::save_data(&rows(3), &scene.path("three.npz")).unwrap();
        scene
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, args: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_plefka"));
        command.arg("likelihood").args(args.split_whitespace()).current_dir(self.0.path()).output().unwrap()
    }

    #[track_caller]
    fn json(&self, args: &str) -> Value {
        let output = self.run(&format!("{args} --format json"));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

#[test]
fn the_json_has_the_fields_of_the_contract() {
    let scene = Scene::new();
    let json = scene.json("r.npz --data x.npz --per-row rows.csv");
    assert_eq!((json["schema"].as_u64(), json["n_samples"].as_u64()), (Some(1), Some(20)));
    assert_eq!(json["model"]["n_visible"], 6);
    let mean = json["log_likelihood"]["value"].as_f64().unwrap();
    assert!(json["log_likelihood"]["std_error_data"].as_f64().unwrap() > 0.0);
    assert_eq!(json["log_likelihood"]["std_error_log_z"], 0.0);
    common::assert_close("ln Z", json["log_z"]["value"].as_f64().unwrap(), 7.177112386402, 1e-9);
    assert_eq!((&json["log_z"]["claim"], &json["log_z"]["verdict"]), (&"exact".into(), &"exact".into()));
    common::assert_close("per unit", json["per_unit"].as_f64().unwrap(), mean / 6.0, 1e-15);
    let data = io::load_data(scene.path("x.npz").to_str().unwrap(), None).unwrap();
    let pseudo =
        plefka::stats::mean(&common::fixture_r().row_log_conditionals(&data, 1.0, &plefka::Run::quiet(0)).unwrap());
    common::assert_close("pseudo", json["pseudo_log_likelihood"]["value"].as_f64().unwrap(), pseudo, 1e-13);
    assert!(json["pseudo_log_likelihood"]["note"].as_str().unwrap().contains("is no likelihood"));
    assert_eq!(json["warnings"], Value::Array(vec![]));
    let rows = fs::read_to_string(scene.path("rows.csv")).unwrap();
    let values: Vec<f64> = rows.lines().skip(1).map(|l| l.split_once(',').unwrap().1.parse().unwrap()).collect();
    assert_eq!((rows.lines().next().unwrap(), values.len()), ("row,log_likelihood", 20));
    common::assert_close("mean", plefka::stats::mean(&values), mean, 1e-13);
}

#[test]
fn other_methods_and_models_say_what_they_are() {
    let scene = Scene::new();
    let sampled = scene.json("r.npz --data x.npz --method ais --chains 200 --rungs 50");
    assert!(sampled["log_likelihood"]["std_error_log_z"].as_f64().unwrap() > 0.0);
    assert_eq!(sampled["log_z"]["verdict"], "unchecked");
    let bound = scene.json("r.npz --data x.npz --method mf-mixture --beta 0.5");
    assert_eq!((&bound["log_z"]["claim"], &bound["log_z"]["verdict"]), (&"lower_bound".into(), &"bound".into()));
    assert!(bound["warnings"][0].as_str().unwrap().contains("upper bound"));
    let spins = scene.json("spins.npz --data three.npz");
    assert_eq!(spins["model"]["kind"], "ising");
    let table = String::from_utf8(scene.run("r.npz --data x.npz").stdout).unwrap();
    assert!(table.contains("ln p(v), mean over rows") && table.contains("is no likelihood"), "{table}");
    let csv = String::from_utf8(scene.run("r.npz --data x.npz --format csv").stdout).unwrap();
    assert_eq!(csv.lines().count(), 2);
    assert_eq!(csv.lines().next().unwrap().split(',').count(), csv.lines().nth(1).unwrap().split(',').count());
}

#[test]
fn bad_input_is_refused_with_its_name_and_the_remedy() {
    let scene = Scene::new();
    for (args, says) in [
        ("r.npz", &["--data", "builtin:mnist10k"][..]),
        ("r.npz --data missing.npz", &["--data", "missing.npz"]),
        ("r.npz --data three.npz", &["--data", "three.npz", "3"]),
        ("r.npz --data x.npz --beta -1", &["-1"]),
        ("r.npz --data x.npz --method nonsense", &["nonsense", "mf-mixture"]),
        ("r.npz --data x.npz --per-row no/such/rows.csv", &["--per-row"]),
    ] {
        let output = scene.run(args);
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{args}: {text}");
        assert!(says.iter().all(|word| text.contains(word)), "{args}: {text}");
        assert!(output.stdout.is_empty());
    }
}

/// Levels with the usual method, which reads the data as well: refused once, since no chain could begin
/// at a row.
#[test]
fn rows_have_a_likelihood_under_levels() {
    let scene = Scene::new();
    let energies: Vec<f64> = (0..8).map(|k| (1.3 * f64::from(k)).sin()).collect();
    io::save_model(&plefka::model::Levels::new(energies.clone()).unwrap(), &scene.path("levels.npz")).unwrap();
    let data = io::load_data(scene.path("three.npz").to_str().unwrap(), Some(3)).unwrap();
    let number = |row: &[u8]| row.iter().enumerate().map(|(i, x)| usize::from(*x) << i).sum::<usize>();
    let log_z = plefka::stats::log_sum_exp(&energies.iter().map(|e| -e).collect::<Vec<_>>());
    let mean = data.rows().map(|row| -energies[number(row)] - log_z).sum::<f64>() / 20.0;
    for method in ["auto", "bar"] {
        let json = scene.json(&format!("levels.npz --data three.npz --method {method}"));
        let off = json["log_likelihood"]["value"].as_f64().unwrap() - mean;
        assert!(off.abs() < if method == "auto" { 1e-12 } else { 0.5 }, "{method}: {off}");
    }
}
