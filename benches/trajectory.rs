//! ln Z of a young model of 784×500 to σ = 0.05: tempering through the checkpoints of its training
//! beside `auto` without them, in turn.
//!
//! The run is made on the spot: PCD-10 on the built-in digits, 160 updates, a checkpoint every 20.
//!
//! `cargo bench --bench trajectory`

use std::{path::Path, process::Command};

use serde_json::Value;

/// Updates after which the model is asked for its ln Z.
const UPDATES: [u32; 4] = [40, 80, 120, 160];
/// Each with a seed of its own.
const ROUNDS: u32 = 5;

const TRAINING: &str =
    "train builtin:mnist10k --hidden 500 --steps 10 --updates 160 --checkpoints linear:8 --holdout 0.2 --quiet";
const THROUGH: &str = "--path trajectory --method tempering --temperatures 16 --sweeps 2000 --ladders 4";
const WITHOUT: &str = "--method auto --error 0.05 --exact-factors 1";

/// What the program prints.
fn plefka(arguments: &str, folder: &Path) -> Vec<u8> {
    let mut program = Command::new(env!("CARGO_BIN_EXE_plefka"));
    let output = program.args(arguments.split_whitespace()).current_dir(folder).output().expect("the program runs");
    assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// ln Z, its σ, and the seconds of one estimate.
fn estimate(arguments: &str, folder: &Path) -> [f64; 3] {
    let printed = plefka(&format!("estimate {arguments} --format json"), folder);
    let results: Value = serde_json::from_slice(&printed).expect("JSON");
    let curve = &results["curves"][0];
    let log_z = &curve["points"][0]["log_z"];
    [&log_z["value"], &log_z["std_error"], &curve["seconds"]].map(|number| number.as_f64().expect("a number"))
}

/// The middle one of each number.
fn medians(mut runs: Vec<[f64; 3]>) -> [f64; 3] {
    std::array::from_fn(|k| {
        runs.sort_by(|a, b| a[k].total_cmp(&b[k]));
        runs[runs.len() / 2][k]
    })
}

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    plefka(&format!("{TRAINING} --out run"), folder.path());
    println!("{:>8} {:>32} {:>32} {:>7}", "updates", "through checkpoints", "auto without", "ratio");
    for updates in UPDATES {
        let (mut through, mut without) = (Vec::new(), Vec::new());
        for seed in 1..=ROUNDS {
            through.push(estimate(&format!("run@{updates} {THROUGH} --seed {seed}"), folder.path()));
            without.push(estimate(&format!("run/update-{updates:08}.npz {WITHOUT} --seed {seed}"), folder.path()));
        }
        let [through, without] = [medians(through), medians(without)];
        let told = |[log_z, error, seconds]: [f64; 3]| format!("{log_z:.3} ± {error:.3} in {seconds:.2} s");
        println!("{updates:>8} {:>32} {:>32} {:>7.2}", told(through), told(without), without[2] / through[2]);
    }
}
