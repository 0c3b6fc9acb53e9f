//! A result that cannot be printed is not lost with exit status 0.
#![cfg(target_os = "linux")]

use std::{fs, process::Command};

use super::scene::{Scene, read};

/// A model, data, a training run, a plan and samples.
fn scene() -> Scene {
    let scene = Scene::new();
    let plan = "[model]\nsource = \"m.npz\"\n[axes]\nbeta = \"0:2:3\"\n[methods.exact]\n";
    fs::write(scene.path("p.toml"), plan).unwrap();
    for arguments in [
        "model rbm --visible 5 --hidden 3 --units bit -o m.npz",
        "sample m.npz --beta 1 --count 40 -o x.npz",
        "train x.npz --batch 10 --hidden 2 --updates 6 --checkpoints linear:2 --quiet -o run",
        "estimate m.npz --method ais --chains 20 --rungs 10 --save-samples s.npz",
        "sweep p.toml --out s1 --shard 1/2",
        "sweep p.toml --out s2 --shard 2/2",
    ] {
        let (status, _, stderr) = scene.run(arguments);
        assert_eq!(status, Some(0), "{arguments}: {stderr}");
    }
    scene
}

/// Commands whose result is what they print.
const PRINTED: [&str; 9] = [
    "estimate m.npz --method exact",
    "info m.npz",
    "likelihood m.npz --data x.npz --method exact",
    "temperature m.npz --data x.npz",
    "history run",
    "combine s.npz",
    "sweep p.toml --dry-run",
    "--help",
    "estimate --help",
];

/// Commands whose result is a file, or their exit status; `{}` keeps the files of each run apart.
const WRITTEN: [&str; 14] = [
    "compare m.npz --method exact,mf --out c{}",
    "plot c{}",
    "estimate m.npz --method ais --chains 20 --rungs 10 --save-samples e{}.npz",
    "likelihood m.npz --data x.npz --method exact --per-row r{}.csv",
    "temperature m.npz --data x.npz --out t{}",
    "history run --out h{}",
    "sample m.npz --beta 1 --count 9 -o y{}.npz",
    "model sk --spins 4 -o sk{}.npz",
    "convert m.npz copy{}.npz",
    "train x.npz --batch 10 --hidden 2 --updates 2 --quiet -o run{}",
    "sweep p.toml --out sweep{}",
    "merge s1 s2 --out merged{}",
    "verify c{}",
    "--version",
];

/// A command under a shell, with a redirection.
fn redirected(scene: &Scene, arguments: &str, to: &str) -> (Option<i32>, String) {
    let line = format!("exec '{}' {arguments} {to}", env!("CARGO_BIN_EXE_plefka"));
    let mut shell = Command::new("sh");
    let (status, _, stderr) = read(shell.args(["-c", &line]).current_dir(scene.path(".")).output().unwrap());
    (status, stderr)
}

/// `>&-` gave exit status 0 for a run of a night that left nothing. Planted bug: no check.
#[test]
fn a_closed_stdout_is_refused_where_the_result_would_be_lost() {
    let scene = scene();
    for arguments in PRINTED {
        for to in [">&-", "1</dev/null"] {
            let (status, stderr) = redirected(&scene, arguments, to);
            assert!(status == Some(2) && stderr.contains("the result would be lost"), "{arguments} {to}: {stderr}");
        }
        let (status, stderr) = redirected(&scene, arguments, ">/dev/null");
        assert_eq!(status, Some(0), "{arguments}: {stderr}");
    }
    for (k, to) in [">&-", ">/dev/null"].iter().enumerate() {
        for arguments in WRITTEN {
            let arguments = arguments.replace("{}", &k.to_string());
            let (status, stderr) = redirected(&scene, &arguments, to);
            assert_eq!(status, Some(0), "{arguments} {to}: {stderr}");
            if let Some((_, file)) = arguments.rsplit_once(' ').filter(|_| !arguments.starts_with("--")) {
                assert!(scene.path(file).exists(), "{arguments}: there is no {file}");
            }
        }
    }
}

/// Every command says so where the disk under its stdout is full, and keeps the files that it wrote.
/// Planted bug: `history` and `temperature` that print before they save.
#[test]
fn a_full_disk_under_stdout_is_a_failure_of_every_command() {
    let scene = scene();
    for arguments in PRINTED.into_iter().chain(WRITTEN) {
        let arguments = arguments.replace("{}", "_full");
        let (status, stderr) = redirected(&scene, &arguments, ">/dev/full");
        assert!(status == Some(1) && stderr.contains("to stdout"), "{arguments}: {status:?} {stderr}");
    }
    for file in ["c_full/results.json", "t_full/temperature.json", "h_full/history.json", "r_full.csv", "sk_full.npz"] {
        assert!(scene.path(file).exists(), "{file}");
    }
}
