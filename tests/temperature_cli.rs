//! `plefka temperature` as a user or a script meets it.
#![cfg(feature = "cli")]

mod common;

use std::{
    fs,
    path::PathBuf,
    process::{Command, Output},
};

use common::{exact_samples::ExactSampler, fixture_r};
use plefka::{data::Data, io};
use serde_json::Value;

/// A folder with fixture R, samples of it at β = 1, and files that are wrong.
struct Scene(tempfile::TempDir);

impl Scene {
    fn new() -> Self {
        let scene = Self(tempfile::tempdir().unwrap());
        let rbm = fixture_r();
        io::save_model(&rbm, &scene.path("r.npz")).unwrap();
        io::save_model(&rbm.scaled_temperature(0.5).unwrap(), &scene.path("half.npz")).unwrap();
        let save = |data: &Data, name: &str| io::save_data(data, &scene.path(name)).unwrap();
        save(&ExactSampler::new(&rbm, 1.0).data(2000, 1), "x.npz");
        save(&ExactSampler::new(&rbm, 0.7).data(2000, 2), "second.npz");
        save(&Data::new(6, vec![0, 1, 0, 1, 0, 1], None).unwrap(), "one.npz");
        save(&Data::new(6, vec![1; 60], None).unwrap(), "equal.npz");
        save(&Data::new(5, vec![0, 1, 0, 1, 0, 1, 0, 1, 0, 1], None).unwrap(), "narrow.npz");
        fs::write(scene.path("empty.npz"), "").unwrap();
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/model_files/");
        for name in ["bad_data_two.npz", "bad_data_no_rows.npz"] {
            fs::copy(format!("{folder}{name}"), scene.path(name)).unwrap();
        }
        scene
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, args: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_plefka"));
        command.arg("temperature").args(args.split_whitespace()).current_dir(self.0.path()).output().unwrap()
    }
}

#[test]
fn bad_input_is_refused_with_its_name_and_the_remedy() {
    let scene = Scene::new();
    for (args, says) in [
        ("r.npz", &["--data"][..]),
        ("r.npz --data missing.npz", &["--data", "missing.npz", "builtin:mnist10k"]),
        ("r.npz --data empty.npz", &["--data", "empty.npz"]),
        ("r.npz --data narrow.npz", &["--data", "5 values", "6 visible units"]),
        ("r.npz --data one.npz", &["--data", "one.npz", "at least two rows"]),
        ("r.npz --data equal.npz", &["--data", "equal.npz", "10 equal rows", "every column is constant"]),
        ("r.npz --data bad_data_two.npz", &["--data", "`X` holds 2 at [0, 1]", "0 or 1"]),
        ("r.npz --data bad_data_no_rows.npz", &["--data", "no samples", "at least one row"]),
        ("r.npz --data x.npz --sample narrow.npz --sample-beta 1", &["--sample", "5 values", "6 visible units"]),
        ("r.npz --data x.npz --field-data one.npz --field 1", &["--field-data", "one.npz", "at least two rows"]),
        ("r.npz --data r.npz", &["--data", "r.npz", "no data file"]),
        ("r.npz --data builtin:nothing", &["--data", "mnist10k"]),
        ("missing.npz --data x.npz", &["MODEL", "missing.npz"]),
        ("r.npz --data x.npz --reference missing.npz", &["--reference", "missing.npz"]),
        ("r.npz --data x.npz --reference builtin:nothing", &["--reference", "mnist20"]),
        ("r.npz --data x.npz --method magic", &["--method", "`magic`"]),
        ("r.npz --data x.npz --betas 1", &["--betas", "at least two points"]),
        ("r.npz --data x.npz --sample second.npz", &["--sample-beta"]),
        ("r.npz --data x.npz --sample second.npz --sample-beta -1", &["--sample-beta -1", "at least 0"]),
        ("r.npz --data x.npz --field-data second.npz --field 0", &["--field 0", "other than 0"]),
        ("r.npz --data x.npz --out r.npz/out", &["--out", "choose a folder"]),
    ] {
        let output = scene.run(args);
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{args}: {message}");
        assert!(output.stdout.is_empty(), "{args} printed to stdout");
        says.iter().for_each(|words| assert!(message.contains(words), "{args}: `{words}` is not in: {message}"));
    }
}

/// Single constant columns are no error, because real data have them (146 of the 784 pixels of the
/// digits): a warning says what they do to the local estimates.
#[test]
fn constant_columns_are_a_warning() {
    let scene = Scene::new();
    let rows = ExactSampler::new(&fixture_r(), 1.0).data(200, 1);
    let masked = rows.rows().flat_map(|row| row.iter().enumerate().map(|(i, x)| if i < 2 { 1 } else { *x })).collect();
    io::save_data(&Data::new(6, masked, None).unwrap(), &scene.path("masked.npz")).unwrap();
    let output = scene.run("r.npz --data masked.npz");
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && message.contains("2 of 6 columns are constant"), "{message}");
}

#[test]
fn the_result_keeps_the_contract_in_every_format() {
    let scene = Scene::new();
    let args = "r.npz --data x.npz --sample second.npz --sample-beta 0.7 --reference half.npz --out out";
    let run = |format: &str| {
        let output = scene.run(&format!("{args} --format {format}"));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let json: Value = serde_json::from_str(&run("json")).unwrap();
    assert_eq!(
        (&json["schema"], &json["n_samples"], &json["model"]["n_visible"]),
        (&1.into(), &2000.into(), &6.into())
    );
    assert!(json["n_eff"].is_f64() && json["warnings"].is_array());
    let mut names = Vec::new();
    for estimate in json["estimates"].as_array().unwrap() {
        let (name, scope, beta) = (&estimate["estimator"], &estimate["scope"], &estimate["beta"]);
        let value = beta["value"].as_f64().unwrap();
        match beta["claim"].as_str().unwrap() {
            "estimate" => {
                let sigma = beta["std_error"].as_f64().unwrap();
                let canonical = name != "microcanonical"; // which differs in a system of ten units
                assert!(sigma > 0.0 && (!canonical || (value - 1.0).abs() < 4.0 * sigma), "{estimate}");
            }
            "approximation" => assert!(name == "weight_norm" && beta["std_error"].is_null(), "{estimate}"),
            other => panic!("{other}"),
        }
        let local = name == "pseudo_likelihood" || name == "flip_identity";
        assert_eq!(scope == "local", local, "{estimate}");
        names.push(name.as_str().unwrap().to_owned());
    }
    names.dedup();
    let expected = ["max_likelihood", "pseudo_likelihood", "flip_identity", "two_beta_ratio", "microcanonical"];
    assert_eq!(names, [&expected[..], &["entropic", "weight_norm"]].concat());

    let text = run("table");
    for words in ["2000 rows", "max_likelihood", "weight_norm (spectral)", "bin width", "agree within three"] {
        assert!(text.contains(words), "`{words}` is not in: {text}");
    }
    let csv = run("csv");
    assert_eq!(csv, fs::read_to_string(scene.path("out/temperature.csv")).unwrap());
    assert_eq!(csv.lines().count(), 1 + json["estimates"].as_array().unwrap().len());
    assert!(csv.starts_with("estimator,variant,scope,beta,beta_std_error,beta_claim,n_eff\n"), "{csv}");
    let svg = fs::read_to_string(scene.path("out/temperature.svg")).unwrap();
    assert!(svg.contains("pseudo_likelihood") && svg.contains("</svg>"));
    let saved: Value = serde_json::from_str(&fs::read_to_string(scene.path("out/temperature.json")).unwrap()).unwrap();
    assert_eq!(saved["estimates"], json["estimates"]);

    // `plot` draws the same figure from the saved numbers.
    fs::remove_file(scene.path("out/temperature.svg")).unwrap();
    let plot = |dir: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_plefka"));
        command.args(["plot", dir]).current_dir(scene.0.path()).output().unwrap()
    };
    let output = plot("out");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "out/temperature.svg\n");
    assert_eq!(fs::read_to_string(scene.path("out/temperature.svg")).unwrap(), svg);
    fs::write(scene.path("out/temperature.json"), "{\"schema\": 99}").unwrap();
    let output = plot("out");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("newer `plefka`"));
}

#[test]
fn a_sampled_energy_widens_the_error_bar() {
    let scene = Scene::new();
    let std_error = |method: &str| {
        let output = scene.run(&format!("r.npz --data x.npz --betas 0:2:5 --format json --method {method}"));
        let json: Value = serde_json::from_slice(&output.stdout).unwrap();
        json["estimates"][0]["beta"]["std_error"].as_f64()
    };
    let (exact, sampled) = (std_error("exact").unwrap(), std_error("ais").unwrap());
    assert!(sampled > 1.02 * exact, "{sampled} against {exact}");
    assert_eq!(std_error("tap2"), None, "an approximation of U(β) has no error control");
}

/// The case of annealer users: ±1 in an .npy beside a BQM, without a word about units; and levels.
#[test]
fn samples_of_an_annealer_have_a_temperature_under_its_bqm() {
    use plefka::{
        Run,
        model::{AnyModel, Draw, SparseIsing},
    };
    let scene = Scene::new();
    let bonds: Vec<_> = (0..8).map(|i| (i, (i + 1) % 8, if i % 3 == 0 { -1.0 } else { 0.7 })).collect();
    let spins = SparseIsing::new(&bonds, nalgebra::DVector::from_element(8, 0.2)).unwrap();
    let states = spins.draw(0.6, 3000, &Run::quiet(3)).unwrap().unwrap();
    io::save_data(&Data::new(8, states, None).unwrap(), &scene.path("samples.npz")).unwrap();
    let loaded = io::LoadedModel::new(AnyModel::from(spins.to_dense()), "memory").unwrap();
    io::convert(&loaded, &scene.path("bqm.json")).unwrap();
    let energies =
        (0..256usize).map(|k| spins.energy(&(0..8).map(|i| (k >> i & 1) as f64 * 2.0 - 1.0).collect::<Vec<_>>()));
    io::save_model(&plefka::model::Levels::new(energies.collect()).unwrap(), &scene.path("levels.npz")).unwrap();
    for model in ["bqm.json", "levels.npz"] {
        let output = scene.run(&format!("{model} --data samples.npz --format json"));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let json: Value = serde_json::from_slice(&output.stdout).unwrap();
        for estimator in ["max_likelihood", "pseudo_likelihood", "flip_identity"] {
            let found = json["estimates"].as_array().unwrap().iter().find(|e| e["estimator"] == estimator).unwrap();
            let (value, error) =
                (found["beta"]["value"].as_f64().unwrap(), found["beta"]["std_error"].as_f64().unwrap());
            assert!((value - 0.6).abs() < 4.0 * error && error < 0.05, "{model}, {estimator}: {value} ± {error}");
        }
    }
    let output = scene.run("bqm.json --data samples.npz --reference r.npz");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--reference: weight_norm compares W of two RBMs"));
}
