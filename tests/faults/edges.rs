//! What a shell, a disk and a file name can do to a result.

use std::fs;

use super::scene::{Scene, read};

#[cfg(unix)]
#[test]
fn a_link_that_leads_nowhere_is_refused_and_stays() {
    use std::os::unix::fs::symlink;
    let scene = Scene::new();
    symlink("nowhere/m.npz", scene.path("dangling")).unwrap();
    symlink("loop", scene.path("loop")).unwrap();
    for link in ["dangling", "loop"] {
        let (status, _, stderr) = scene.run(&format!("model sk --spins 4 -o {link}"));
        assert!(status == Some(2) && stderr.contains("symbolic link that leads to no file"), "{link}: {stderr}");
        assert!(fs::symlink_metadata(scene.path(link)).unwrap().is_symlink());
    }
}

/// Help that is lost is a failure, as a result that is lost has always been.
#[cfg(target_os = "linux")]
#[test]
fn help_to_a_full_disk_is_a_failure() {
    let scene = Scene::new();
    for arguments in ["--help", "--version", "estimate --help"] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let (status, _, stderr) = read(scene.command(arguments).stdout(full).output().unwrap());
        assert!(status == Some(1) && stderr.contains("cannot write to stdout"), "{arguments}: {status:?} {stderr}");
    }
}

/// XML has no control characters, and the name of the model is in every figure.
#[cfg(unix)]
#[test]
fn a_control_character_in_a_name_leaves_figures_whole() {
    let scene = Scene::new();
    assert_eq!(scene.run("model rbm --visible 3 --hidden 2 --units bit -o m.npz").0, Some(0));
    let name = "m\u{1}\u{1b}[31m.npz";
    fs::rename(scene.path("m.npz"), scene.path(name)).unwrap();
    let mut command = scene.command("compare --method exact --betas 0,1 --out c");
    let (status, _, stderr) = read(command.arg(name).output().unwrap());
    assert_eq!(status, Some(0), "{stderr}");
    for file in ["energy.svg", "entropy.svg", "report.html"] {
        let text = fs::read_to_string(scene.path(&format!("c/{file}"))).unwrap();
        assert!(!text.chars().any(|c| c.is_control() && c != '\n' && c != '\t'), "{file}");
    }
}

#[test]
fn a_figure_of_an_unfinished_sweep_says_so() {
    let scene = Scene::new();
    let plan = "[model]\ngenerator = \"sk\"\nsize = 4\nseed = 1\n[axes]\nbeta = \"0:2:5\"\ntemperature_scale = [1, 2, 3]\n[methods.exact]\n";
    fs::write(scene.path("p.toml"), plan).unwrap();
    assert_eq!(scene.run("sweep p.toml --out s").0, Some(0));
    let store = scene.path("s/sweep.jsonl");
    let text = fs::read_to_string(&store).unwrap();
    let some: String = text.lines().take(3).map(|line| format!("{line}\n")).collect();
    let whole = |scene: &Scene| {
        assert_eq!(scene.run("plot s").0, Some(0));
        let drawn = fs::read_dir(scene.path("s")).unwrap().map(|entry| entry.unwrap().path());
        let svgs: Vec<_> = drawn.filter(|path| path.extension().is_some_and(|e| e == "svg")).collect();
        assert!(!svgs.is_empty());
        svgs.iter().all(|svg| !fs::read_to_string(svg).unwrap().contains("unfinished"))
    };
    assert!(whole(&scene));
    fs::write(&store, some).unwrap();
    assert!(!whole(&scene));
    assert!(fs::read_to_string(scene.path("s/log_z-exact.svg")).unwrap().contains("unfinished: 2 of 3 curves"));
}

/// Each message names the thing and a remedy, and is of a length that can be read.
#[test]
fn messages_have_a_remedy_and_an_end() {
    let scene = Scene::new();
    assert_eq!(scene.run("model rbm --visible 3 --hidden 2 --units bit -o m.npz").0, Some(0));
    fs::write(scene.path("latin.toml"), b"name = \"caf\xe9\"\n").unwrap();
    for (arguments, says) in [
        ("sweep latin.toml --dry-run", "it is not text (byte 11 is no part of UTF-8); give the file that is meant"),
        ("sample m.npz --beta x --count 2 -o x.npz", "it must be a number, such as 0.5 or 1e-3"),
        ("compare m.npz --method exact --out m.npz", "`m.npz` is a file; choose the name of a folder"),
        ("estimate m.npz --method exact --betas 1e-300,1e-301", "1e-300 comes before 1e-301"),
    ] {
        let (status, _, stderr) = scene.run(arguments);
        assert!(status == Some(2) && stderr.contains(says), "{arguments}: {stderr}");
    }
    let long = "x".repeat(100_000);
    for arguments in
        [format!("estimate m.npz --method {long}"), format!("estimate {long}"), format!("sample m.npz --beta {long}")]
    {
        let (_, _, stderr) = scene.run(&arguments);
        assert!(stderr.chars().count() < 5000, "{} characters", stderr.chars().count());
    }
    let (status, stdout, stderr) = scene.run("estimate m.npz --method exact --betas 1e-300");
    assert!(status == Some(0) && stdout.contains("1e-300") && !stdout.contains("0.00000000"), "{stdout}{stderr}");
}
