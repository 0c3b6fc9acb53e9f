//! A folder of results is of one run, and damage is seen before anything is drawn from it.

use std::{fs, process::Stdio, thread, time::Duration};

use super::scene::{Scene, read};

fn scene() -> Scene {
    let scene = Scene::new();
    assert_eq!(scene.run("model rbm --visible 6 --hidden 4 --units bit -o m.npz").0, Some(0));
    scene
}

const COMPARE: &str = "compare m.npz --method exact,mf --betas 0:2:5 --out c";

/// No single flip of a bit in any file of a folder is drawn without a word: `plot` refuses numbers,
/// and `verify` finds every file.
#[test]
fn a_flipped_bit_is_seen_in_every_file() {
    let scene = scene();
    assert_eq!(scene.run(COMPARE).0, Some(0));
    assert_eq!(scene.run("verify c").0, Some(0));
    for name in ["results.json", "results.csv", "energy.svg", "report.html"] {
        let path = scene.path(&format!("c/{name}"));
        let whole = fs::read(&path).unwrap();
        // Every length is covered sparsely here; `io::seal` goes through every bit of a small file.
        for place in (0..whole.len()).step_by(whole.len() / 9) {
            let mut bytes = whole.clone();
            bytes[place] ^= 1 << (place % 7);
            fs::write(&path, &bytes).unwrap();
            let (status, stdout, _) = scene.run("verify c");
            assert!(status == Some(1) && stdout.contains("DAMAGED"), "{name}, byte {place}: {stdout}");
            if name == "results.json" {
                let (status, _, stderr) = scene.run("plot c");
                assert!(status == Some(2) && stderr.contains("results.json"), "byte {place}: {stderr}");
            }
        }
        fs::write(&path, whole).unwrap();
    }
    assert_eq!(scene.run("verify c").0, Some(0));
}

/// The same for a training run and its history; a plan and a log that are damaged are not gone on
/// with, and those of an older version, without a checksum, are.
#[test]
fn a_flipped_bit_is_seen_in_every_file_of_a_training_run() {
    const TRAIN: &str = "train x.npz --batch 10 --hidden 3 --updates 6 --checkpoints linear:3 --quiet --out run";
    let scene = scene();
    for arguments in ["sample m.npz --beta 1 --count 40 -o x.npz", TRAIN, "history run --out h"] {
        assert_eq!(scene.run(arguments).0, Some(0), "{arguments}");
    }
    let (resume, whole) = (format!("{TRAIN} --resume"), |folder: &str| {
        let (status, stdout, _) = scene.run(&format!("verify {folder}"));
        assert!(status == Some(0) && !stdout.contains("unknown"), "{stdout}");
    });
    // What it takes to go on is no part of the model, and `verify` once did not look at it.
    let path = scene.path("run/update-00000006.npz");
    let bytes = fs::read(&path).unwrap();
    let entry = bytes.windows(7).position(|name| name == b"resume_").unwrap();
    let mut flipped = bytes.clone();
    flipped[entry + 60] ^= 4;
    fs::write(&path, flipped).unwrap();
    assert_eq!((scene.run("verify run").0, scene.run(&resume).0.unwrap_or(0) > 0), (Some(1), true));
    fs::write(&path, bytes).unwrap();
    for name in ["run/plan.toml", "run/log.csv", "h/history.json", "h/history.csv"] {
        let folder = name.split_once('/').unwrap().0;
        whole(folder);
        let path = scene.path(name);
        let bytes = fs::read(&path).unwrap();
        for place in (0..bytes.len()).step_by(bytes.len() / 9) {
            let mut flipped = bytes.clone();
            flipped[place] ^= 1 << (place % 7);
            fs::write(&path, &flipped).unwrap();
            let (status, stdout, _) = scene.run(&format!("verify {folder}"));
            assert!(status == Some(1) && stdout.contains("DAMAGED"), "{name}, byte {place}: {stdout}");
            if folder == "run" {
                let (status, _, stderr) = scene.run(&resume);
                let file = name.split_once('/').unwrap().1;
                assert!(matches!(status, Some(1 | 2)) && stderr.contains(file), "{name}, byte {place}: {stderr}");
            }
        }
        fs::write(&path, bytes).unwrap();
    }
    let plan = fs::read_to_string(scene.path("run/plan.toml")).unwrap();
    fs::write(scene.path("run/plan.toml"), plan.rsplit_once("# checksum").unwrap().0).unwrap();
    let log = fs::read_to_string(scene.path("run/log.csv")).unwrap();
    let older: String = log.lines().map(|line| format!("{}\n", line.rsplit_once(',').unwrap().0)).collect();
    fs::write(scene.path("run/log.csv"), older).unwrap();
    let (status, stdout, _) = scene.run("verify run");
    assert!(status == Some(0) && stdout.contains("log.csv: unknown"), "{stdout}");
    fs::remove_file(scene.path("run/update-00000006.npz")).unwrap();
    let (status, _, stderr) = scene.run(&resume);
    assert_eq!(status, Some(0), "{stderr}");
    assert!(fs::read_to_string(scene.path("run/log.csv")).unwrap().contains("sha256:"));
}

/// Files of two runs in one folder, as a kill in between used to leave them.
#[test]
fn a_figure_of_another_run_is_found_and_a_new_run_takes_it_away() {
    let scene = scene();
    assert_eq!(scene.run("compare m.npz --method exact,mf --betas 0:3:4 --out other").0, Some(0));
    assert_eq!(scene.run(COMPARE).0, Some(0));
    fs::copy(scene.path("other/energy.svg"), scene.path("c/energy.svg")).unwrap();
    fs::copy(scene.path("other/energy.svg"), scene.path("c/no_such_quantity.svg")).unwrap();
    fs::write(scene.path("c/notes.txt"), "mine").unwrap();
    let (status, stdout, _) = scene.run("verify c");
    assert!(status == Some(1) && stdout.contains("another run"), "{stdout}");
    assert_eq!(scene.run(COMPARE).0, Some(0));
    assert_eq!(scene.run("verify c").0, Some(0));
    assert!(scene.path("c/notes.txt").exists() && !scene.path("c/no_such_quantity.svg").exists());
    fs::copy(scene.path("other/results.csv"), scene.path("c/results.csv")).unwrap();
    assert_eq!(scene.run("verify c").0, Some(1));
}

/// What an older version wrote is read, with a word.
#[test]
fn numbers_without_a_checksum_are_drawn_and_said_to_have_none() {
    let scene = scene();
    assert_eq!(scene.run(COMPARE).0, Some(0));
    let text = fs::read_to_string(scene.path("c/results.json")).unwrap();
    let (older, _) = text.rsplit_once(",\n  \"checksum\"").unwrap();
    fs::write(scene.path("c/results.json"), format!("{older}\n}}\n")).unwrap();
    let (status, _, stderr) = scene.run("plot c");
    assert!(status == Some(0) && stderr.contains("carries no checksum"), "{status:?} {stderr}");
    let (status, stdout, _) = scene.run("verify c/results.json");
    assert!(status == Some(0) && stdout.contains("unknown: it carries no checksum"), "{stdout}");
}

#[test]
fn two_at_once_do_not_mix_and_a_folder_taken_away_is_an_error() {
    let scene = scene();
    let long = "compare m.npz --method ais --chains 2000 --rungs 300000 --out c";
    let first = scene.command(long).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while !scene.path("c/.plefka-lock").exists() {
        thread::sleep(Duration::from_millis(5));
    }
    thread::sleep(Duration::from_millis(50));
    let (status, _, stderr) = scene.run(COMPARE);
    assert!(status == Some(2) && stderr.contains("another process is at work on it"), "{status:?} {stderr}");
    fs::remove_dir_all(scene.path("c")).unwrap();
    #[cfg(unix)]
    assert!(std::process::Command::new("kill").args(["-TERM", &first.id().to_string()]).status().unwrap().success());
    let (status, _, stderr) = read(first.wait_with_output().unwrap());
    assert!(status == Some(1) && stderr.contains("removed or replaced"), "{status:?} {stderr}");
    assert!(!scene.path("c").exists());
}

/// A kill at any moment leaves the folder as it was or as it will be: 12 here, and 500 of all
/// commands by `tests/faults/kill.py`.
#[cfg(unix)]
#[test]
fn a_killed_compare_leaves_one_run() {
    let scene = scene();
    assert_eq!(scene.run(COMPARE).0, Some(0));
    for k in 0..12u64 {
        let arguments = format!("compare m.npz --method exact,mf --betas 0:{}:5 --out c", k + 2);
        let mut child = scene.command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        thread::sleep(Duration::from_millis(2 + 3 * k));
        child.kill().unwrap();
        child.wait().unwrap();
        let (status, stdout, stderr) = scene.run("verify c");
        assert_eq!(status, Some(0), "kill {k}: {stdout} {stderr}");
    }
    let hidden = |name: &str| name.starts_with('.');
    let names = fs::read_dir(scene.path("c")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(names.filter(|name| hidden(name)).count(), 0);
}
