//! `plefka convert` and what `plefka info` says of files of other programs.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

fn plefka(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_plefka")).args(arguments).output().unwrap()
}

fn fixture(name: &str) -> String {
    format!("{}/tests/data/formats/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn a_model_is_converted_and_its_numbers_stay() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| -> PathBuf { folder.path().join(name) };
    let log_z = |model: &Path| {
        let done = plefka(&["estimate", model.to_str().unwrap(), "--method", "exact", "--format", "json"]);
        assert!(done.status.success(), "{}", text(&done.stderr));
        let json: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
        json["curves"][0]["points"][0]["log_z"]["value"].as_f64().unwrap()
    };
    let truth = log_z(Path::new(&fixture("rbms_0.5.h5")));
    let mut from = PathBuf::from(fixture("rbms_0.5.h5"));
    for name in ["a.safetensors", "b.h5", "c.npz"] {
        let to = path(name);
        let done = plefka(&["convert", from.to_str().unwrap(), to.to_str().unwrap()]);
        assert!(done.status.success(), "{}", text(&done.stderr));
        assert!(text(&done.stdout).contains("rbm with 5 × 3 bit units"), "{}", text(&done.stdout));
        assert_eq!(log_z(&to), truth, "{name}");
        from = to;
    }
    let older = path("older.npz");
    let done = plefka(&["convert", &fixture("rbms_0.5.h5"), older.to_str().unwrap(), "--update", "1"]);
    assert!(text(&done.stderr).contains("update 1 of 2"), "{}", text(&done.stderr));
    assert_ne!(log_z(&older), truth);
}

#[test]
fn what_a_file_leaves_open_is_an_option() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("m.npz");
    let out = out.to_str().unwrap();
    let square = fixture("square.safetensors");
    let refused = plefka(&["convert", &square, out]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("--transposed=false"), "{}", text(&refused.stderr));
    for flag in ["--transposed", "--transposed=false"] {
        assert!(plefka(&["convert", &square, out, flag]).status.success());
    }
    let info = text(&plefka(&["info", out]).stdout);
    assert!(info.contains("caution") && info.contains("W is square"), "{info}");
    assert!(plefka(&["convert", &fixture("boltzmann_jl.h5"), out, "--name", "second"]).status.success());
    let ending = plefka(&["convert", &square, "model.txt"]);
    assert_eq!(ending.status.code(), Some(2));
    assert!(text(&ending.stderr).contains(".safetensors"), "{}", text(&ending.stderr));
}

#[test]
fn info_says_what_was_read_from_where() {
    let info = text(&plefka(&["info", &fixture("julia_standardized.h5")]).stdout);
    for word in ["RestrictedBoltzmannMachines.jl, StandardizedRBM", "`weights` (3, 5), transposed", "constant"] {
        assert!(info.contains(word), "`{word}` is not in {info}");
    }
    let done = plefka(&["info", &fixture("dimod_spin.json"), "--format", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(json["reading"]["format"], "dimod JSON");
    assert!(text(&done.stderr).contains("note:"), "{}", text(&done.stderr));
    assert!(json["constant"].as_f64().unwrap() == 1.75, "{json}");
}
