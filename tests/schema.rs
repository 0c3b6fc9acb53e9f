//! What the program prints as JSON is what docs/results.md and docs/schema promise.
#![cfg(feature = "cli")]

#[path = "common/json_schema.rs"]
mod json_schema;

use std::process::Command;

use json_schema::JsonSchema;
use plefka::Method;
use serde_json::{Value, json};

/// What the program prints in a folder of its own, with small models in it: an RBM `r`, spins `s`,
/// levels `l`, data `x`, a training run `run`.
fn printed(commands: &[&str]) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &str| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_plefka"));
        let output = program.args(arguments.split_whitespace()).current_dir(folder.path()).output().unwrap();
        assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    run("model rbm --visible 14 --hidden 11 --units bit -o r.npz");
    run("model sk --spins 6 -o s.npz");
    run("model rem --spins 5 -o l.npz");
    run("sample r.npz --count 40 -o x.npz");
    run("train x.npz --hidden 3 --batch 10 --epochs 2 --checkpoints linear:2 --quiet -o run");
    commands.iter().map(|arguments| serde_json::from_slice(&run(arguments)).unwrap()).collect()
}

fn results() -> Value {
    let methods = Method::ALL.map(Method::name).join(",");
    let arguments = format!(
        "estimate r.npz --method {methods} --betas 0,1 --data x.npz --chains 40 --rungs 8 --temperatures 5 --sweeps 40 \
         --records 20 --format json"
    );
    printed(&[&arguments]).remove(0)
}

#[test]
fn every_output_follows_its_schema_and_has_no_field_that_is_not_in_it() {
    let estimate = |model: &str| format!("estimate {model}.npz --method exact,ais --chains 20 --rungs 4 --format json");
    let (spins, levels) = (estimate("s"), estimate("l"));
    let commands = [
        ("results", &spins[..]),
        ("results", &levels[..]),
        ("temperature", "temperature r.npz --data x.npz --format json"),
        ("temperature", "temperature r.npz --data x.npz --reference r.npz --format json"),
        ("likelihood", "likelihood r.npz --data x.npz --method exact --format json"),
        ("history", "history run --format json"),
        (
            "history",
            "history run --data x.npz --holdout 0.25 --method tempering,ais --sweeps 400 --chains 30 --rungs 9 --format json",
        ),
        ("info", "info r.npz --format json"),
        ("info", "info s.npz --format json"),
        ("info", "info l.npz --format json"),
    ];
    let documents = printed(&commands.map(|(_, arguments)| arguments));
    let documents = commands.iter().map(|(name, _)| *name).zip(documents).chain([("results", results())]);
    for (name, document) in documents {
        assert_eq!(JsonSchema::read(name).problems(&document), [""; 0], "{name}");
    }
}

/// Planted bugs, one a line: each is what a careless change of the format would do.
#[test]
fn a_schema_refuses_what_breaks_the_contract() {
    let schema = JsonSchema::read("results");
    let good = results();
    let required = schema.required(&good);
    assert!(required.len() > 25 && required.contains("/curves/0/points/0/verdict"), "{required:?}");
    for pointer in &required {
        let mut bad = good.clone();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        bad.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name);
        assert!(!schema.problems(&bad).is_empty(), "without {pointer}");
    }
    for (pointer, value) in [
        ("/schema", json!(2)),
        ("/curves/0/status", json!("done")),
        ("/curves/0/points/0/verdict", json!("good")),
        ("/curves/0/points/0/objections", json!("none")),
        ("/curves/0/points/0/log_z/claim", json!("estimate")), // without a standard error
        ("/curves/0/points/0/log_z/std_error", json!(0.1)),    // of an exact number
        ("/curves/0/points/0/beta", json!(-1.0)),
        ("/curves/0/new", json!(1)),
        ("/provenance/seed", json!("1")),
    ] {
        let mut bad = good.clone();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        bad.pointer_mut(parent).unwrap()[name] = value;
        assert!(!schema.problems(&bad).is_empty(), "{pointer}");
    }
}
