//! SIGTERM and SIGHUP are Ctrl-C, a file beyond the limit of the shell is a full disk, and what a
//! killed process left is removed by the next one.
#![cfg(unix)]

use std::{
    fs,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use plefka::plot::{Chart, FigureFile, Series};

use super::scene::{Scene, read};

fn signal(name: &str, process: u32) {
    assert!(Command::new("kill").args([name, &process.to_string()]).status().unwrap().success());
}

/// Commands that would take minutes, each with a word of what it says when it is stopped.
const LONG: [(&str, &str); 4] = [
    ("estimate m.npz --method ais --chains 2000 --rungs 2000000", "stopped by Ctrl-C"),
    ("sample m.npz --beta 1 --count 2000000 --exact-limit 2 --burn-in 20000 -o s.npz", "nothing was written"),
    ("train x.npz --hidden 300 --updates 1000000 --checkpoints linear:2 -o run", "--resume"),
    ("sweep plan.toml --out sweep", "--resume"),
];

#[test]
fn a_scheduler_and_a_lost_connection_stop_a_run_as_ctrl_c_does() {
    let scene = Scene::new();
    assert_eq!(scene.run("model rbm --visible 60 --hidden 30 --units bit -o m.npz").0, Some(0));
    assert_eq!(scene.run("model rbm --visible 60 --hidden 4 --units bit -o few.npz").0, Some(0));
    assert_eq!(scene.run("sample few.npz --beta 1 --count 500 -o x.npz").0, Some(0));
    let plan = "[model]\nsource = \"m.npz\"\n[axes]\nseed = [1, 2, 3]\n[methods.ais]\nchains = 2000\nrungs = 2000000\n";
    fs::write(scene.path("plan.toml"), plan).unwrap();
    let running: Vec<_> = LONG
        .iter()
        .zip(["-TERM", "-HUP"].iter().cycle())
        .map(|((arguments, says), name)| {
            let child = scene.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
            (child, arguments, says, name)
        })
        .collect();
    thread::sleep(Duration::from_millis(700));
    for (child, .., name) in &running {
        signal(name, child.id());
    }
    for (child, arguments, says, name) in running {
        let (status, _, stderr) = read(child.wait_with_output().unwrap());
        assert!(status == Some(1) && stderr.contains(says), "{arguments} {name}: {status:?} {stderr}");
    }
}

/// Planted bug: to listen for SIGHUP in any case, which would end what was begun by `nohup`.
#[cfg(target_os = "linux")]
#[test]
fn a_run_under_nohup_survives_the_connection() {
    let scene = Scene::new();
    assert_eq!(scene.run("model rbm --visible 60 --hidden 30 --units bit -o m.npz").0, Some(0));
    let program = env!("CARGO_BIN_EXE_plefka");
    let script = format!("trap '' HUP; exec {program} estimate m.npz --method ais --chains 2000 --rungs 2000000");
    let mut shell = Command::new("sh");
    let mut child = shell.args(["-c", &script]).current_dir(scene.path("")).stderr(Stdio::piped()).spawn().unwrap();
    thread::sleep(Duration::from_millis(300));
    signal("-HUP", child.id());
    thread::sleep(Duration::from_millis(300));
    assert_eq!(child.try_wait().unwrap(), None);
    signal("-TERM", child.id());
    assert_eq!(child.wait().unwrap().code(), Some(1));
}

/// `model` and `plot` do no long work in one piece, and say all the same that they were stopped.
#[test]
fn plot_and_model_listen_too() {
    let scene = Scene::new();
    let parabola = Series::theory("x²", 1, (0..9).map(f64::from).map(|x| (x, x * x)));
    let figure = FigureFile::from(Chart {
        title: "A parabola".into(),
        subtitle: String::new(),
        caption: String::new(),
        labels: ["x".into(), "x²".into()],
        series: vec![parabola],
        vertical: vec![],
        horizontal: vec![],
    });
    fs::create_dir(scene.path("many")).unwrap();
    figure.save(&scene.path("many"), "f0").unwrap();
    for k in 1..3000 {
        fs::copy(scene.path("many/f0.figure.json"), scene.path(&format!("many/f{k}.figure.json"))).unwrap();
    }
    for arguments in ["plot many", "model rem --spins 25 -o rem.npz"] {
        let child = scene.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        thread::sleep(Duration::from_millis(200));
        signal("-TERM", child.id());
        let (status, _, stderr) = read(child.wait_with_output().unwrap());
        assert!(status == Some(1) && stderr.contains("stopped by Ctrl-C"), "{arguments}: {status:?} {stderr}");
    }
    assert!(!scene.path("rem.npz").exists());
}

#[test]
fn what_a_killed_process_left_is_gone_after_the_next_run() {
    let scene = Scene::new();
    let left = || fs::read_dir(scene.path("")).unwrap().filter(|entry| entry.as_ref().unwrap().file_name() != "m.npz");
    let begun = Instant::now();
    // Killed while it writes: at some moment there is a part of a file.
    while left().count() == 0 && begun.elapsed() < Duration::from_secs(20) {
        let mut child = scene.command("model sk --spins 700 -o m.npz").stdout(Stdio::null()).spawn().unwrap();
        while left().count() == 0 && child.try_wait().unwrap().is_none() {}
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert!(left().count() > 0, "no kill hit a file that was being written");
    assert_eq!(scene.run("model sk --spins 5 -o m.npz").0, Some(0));
    assert_eq!(left().count(), 0);
}

/// Without a handler SIGXFSZ kills, with the part of the file left behind.
#[test]
fn a_file_beyond_the_limit_of_the_shell_is_a_full_disk() {
    let scene = Scene::new();
    let script = format!("ulimit -f 4; exec {} model sk --spins 300 -o m.npz", env!("CARGO_BIN_EXE_plefka"));
    let output = Command::new("sh").args(["-c", &script]).current_dir(scene.path("")).output().unwrap();
    let (status, _, stderr) = read(output);
    assert!(status == Some(1) && stderr.contains("cannot write `m.npz`"), "{status:?} {stderr}");
    assert_eq!(fs::read_dir(scene.path("")).unwrap().count(), 0);
}

/// Two trainers in one folder would write each other's checkpoints over.
#[test]
fn a_folder_of_a_run_has_one_trainer() {
    let scene = Scene::new();
    assert_eq!(scene.run("model rbm --visible 60 --hidden 4 --units bit -o m.npz").0, Some(0));
    assert_eq!(scene.run("sample m.npz --beta 1 --count 500 -o x.npz").0, Some(0));
    let arguments = "train x.npz --hidden 300 --updates 1000000 --checkpoints linear:2 -o run";
    let mut first = scene.command(arguments).stderr(Stdio::null()).spawn().unwrap();
    while !scene.path("run/plan.toml").exists() {
        thread::sleep(Duration::from_millis(10));
    }
    let (status, _, stderr) = scene.run(&format!("{arguments} --resume"));
    first.kill().unwrap();
    first.wait().unwrap();
    assert!(status == Some(2) && stderr.contains("another process is at work on it"), "{status:?} {stderr}");
}
