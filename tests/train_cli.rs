//! `plefka train` as a user or a script meets it.
#![cfg(feature = "cli")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use plefka::{data::Data, io};

struct Scene(tempfile::TempDir);

impl Scene {
    /// A folder with forty rows of 3×3 pixels.
    fn new() -> Self {
        let scene = Self(tempfile::tempdir().unwrap());
        let bit = |k: usize| u8::from((0.7 * k as f64).sin() + (0.11 * k as f64).cos() > 0.4);
        io::save_data(&Data::new(9, (0..360).map(bit).collect(), None).unwrap(), &scene.path("x.npz")).unwrap();
        scene
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, arguments: &str) -> Output {
        Command::new(env!("CARGO_BIN_EXE_plefka"))
            .args(arguments.split_whitespace())
            .current_dir(self.0.path())
            .output()
            .unwrap()
    }

    fn succeeds(&self, arguments: &str) -> (String, String) {
        let output = self.run(arguments);
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        assert!(output.status.success(), "{arguments}: {}", text(output.stderr));
        (text(output.stdout), text(output.stderr))
    }

    fn refuses(&self, arguments: &str) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments}");
        String::from_utf8(output.stderr).unwrap()
    }
}

const SHORT: &str = "train x.npz --hidden 4 --batch 8 --epochs 4 --holdout 0.25 --checkpoints linear:4";

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_run_leaves_its_folder_and_is_a_model() {
    let scene = Scene::new();
    let (stdout, stderr) = scene.succeeds(&format!("{SHORT} --out run"));
    assert!(
        stdout.contains("ln p test") && stdout.lines().filter(|line| line.contains("exact")).count() == 5,
        "{stdout}"
    );
    assert!(stderr.contains("update 16, epoch 4.0") && stderr.contains("held out"), "{stderr}");
    let files = names(&scene.path("run"));
    for name in [
        "plan.toml",
        "log.csv",
        "model.npz",
        "update-00000000.npz",
        "update-00000016.npz",
        "likelihood.svg",
        "norms.svg",
        "spectrum.svg",
        "weights.svg",
        "samples.svg",
    ] {
        assert!(files.iter().any(|file| file == name), "{name} is not among {files:?}");
    }
    let header = fs::read_to_string(scene.path("run/log.csv")).unwrap().lines().next().unwrap().to_owned();
    assert!(
        header.starts_with(
            "update,epoch,seconds,log_z,log_z_std_error,log_likelihood_train,log_likelihood_train_std_error,\
             log_likelihood_test,log_likelihood_test_std_error,verdict,entropy,beta_hat_train,beta_hat_test,frobenius,l1,\
             spectral,pseudo_log_likelihood,reconstruction_error"
        ),
        "{header}"
    );
    let (last, _) = scene.succeeds("info run");
    let (first, _) = scene.succeeds("info run@0");
    assert!(last.contains("9 visible × 4 hidden") && last != first);
    let missing = scene.refuses("info run@3");
    assert!(missing.contains("update-00000003.npz"), "{missing}");
}

/// Forty updates in one go, and in parts: what a kill leaves is a folder without the later files.
#[test]
fn a_run_goes_on_where_it_was_stopped() {
    let scene = Scene::new();
    scene.succeeds(&format!("{SHORT} --quiet --negative emf --out whole --threads 1"));
    fs::create_dir(scene.path("cut")).unwrap();
    for name in ["plan.toml", "update-00000000.npz", "update-00000004.npz"] {
        fs::copy(scene.path("whole").join(name), scene.path("cut").join(name)).unwrap();
    }
    let refusal = scene.refuses(&format!("{SHORT} --negative emf --out cut"));
    assert!(refusal.contains("--resume"), "{refusal}");
    let other = scene.refuses(&format!("{SHORT} --negative emf --rate 0.3 --out cut --resume"));
    assert!(other.contains("rate = 0.05"), "{other}");
    let (_, stderr) = scene.succeeds(&format!("{SHORT} --quiet --negative emf --out cut --resume --threads 3"));
    assert!(stderr.is_empty(), "{stderr}");
    for name in names(&scene.path("whole")).iter().filter(|name| name.ends_with(".npz")) {
        let bytes = |run: &str| fs::read(scene.path(run).join(name)).unwrap();
        assert!(bytes("whole") == bytes("cut"), "{name}");
    }
}

#[test]
fn refusals_name_the_flag() {
    let scene = Scene::new();
    for (flags, named) in [
        ("--negative cd --chains 5", "--chains"),
        ("--order 2", "--order"),
        ("--batch 1000", "--batch"),
        ("--limit frobenius", "--limit"),
        ("--checkpoints 5", "--checkpoints"),
        ("--image-shape 2x2", "--image-shape"),
        ("--start-from data --negative emf --refresh 0.5", "--refresh"),
        ("--updates 5 --epochs 2", "--epochs"),
        ("--holdout 1", "--holdout"),
        ("--test no.npz", "--test"),
        ("--labels", "--labels"),
        ("--objective hybrid", "--objective"),
        ("--objective discriminative", "--labels"),
    ] {
        let refusal = scene.refuses(&format!("train x.npz --hidden 4 --batch 8 --out run {flags}"));
        assert!(refusal.contains(named), "{flags}: {refusal}");
    }
    assert!(scene.refuses("train no.npz --hidden 4 --out run").contains("no.npz"));
}

/// SIGKILL at twenty random moments of a run, which goes on each time: the checkpoints are those of
/// a run that was left alone, bit for bit, and so is the log but for the seconds and its checksums. A run that comes
/// to its end before all kills is compared, and another one begun.
///
/// Planted bug that fails: resume with fresh chains.
#[test]
fn a_run_killed_at_twenty_moments_comes_to_the_same_bits() {
    use rand::{RngExt, SeedableRng};
    let scene = Scene::new();
    let command = "train x.npz --hidden 30 --batch 8 --updates 6000 --holdout 0.25 --checkpoints linear:30 --quiet";
    let clock = std::time::Instant::now();
    scene.succeeds(&format!("{command} --out whole"));
    let whole = clock.elapsed();
    let mut rng = rand_xoshiro::Xoshiro256PlusPlus::seed_from_u64(7);
    let (mut kills, mut runs) = (0, 0);
    while kills < 20 {
        let mut child = Command::new(env!("CARGO_BIN_EXE_plefka"))
            .args(format!("{command} --out cut{runs} --resume").split_whitespace())
            .current_dir(scene.0.path())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(whole.mul_f64(rng.random_range(0.0..0.3)));
        child.kill().unwrap(); // SIGKILL
        if child.wait().unwrap().success() { runs += 1 } else { kills += 1 }
    }
    scene.succeeds(&format!("{command} --out cut{runs} --resume"));
    let numbers = |run: &str| -> Vec<Vec<String>> {
        let log = fs::read_to_string(scene.path(run).join("log.csv")).unwrap();
        let mut rows: Vec<Vec<String>> = log.lines().map(|l| l.split(',').map(str::to_owned).collect()).collect();
        // The seconds, and the checksum, which is of them, too.
        rows.iter_mut().for_each(|row| drop((row.remove(2), row.pop())));
        rows
    };
    let models: Vec<String> = names(&scene.path("whole")).into_iter().filter(|name| name.ends_with(".npz")).collect();
    assert_eq!(models.len(), 32);
    for run in 0..=runs {
        let cut = format!("cut{run}");
        assert_eq!(numbers(&cut), numbers("whole"), "run {run}");
        for name in &models {
            let bytes = |run: &str| fs::read(scene.path(run).join(name)).unwrap();
            assert!(bytes("whole") == bytes(&cut), "run {run}, {name}");
        }
    }
}

/// Labels get a unit each; their accuracy is in the log, on the terminal and in a figure, and the
/// run is an RBM for other commands.
#[test]
fn labels_are_trained_on_and_scored() {
    let scene = Scene::new();
    let data = io::load_data(scene.path("x.npz").to_str().unwrap(), None).unwrap();
    let labels = data.rows().map(|row| i64::from(row[0]) * 5).collect();
    let labelled = Data::new(9, data.values().to_vec(), Some(labels)).unwrap();
    io::save_data(&labelled, &scene.path("l.npz")).unwrap();
    let train =
        "train l.npz --labels --hidden 4 --batch 8 --epochs 40 --rate 0.5 --holdout 0.25 --checkpoints linear:2";
    for objective in ["likelihood", "discriminative", "hybrid=0.1"] {
        let out = objective.replace('=', "-");
        let (stdout, stderr) = scene.succeeds(&format!("{train} --objective {objective} --out {out}"));
        assert!(stdout.contains("% right in training") && stdout.contains("% right held out"), "{stdout}");
        assert!(stderr.contains("; labels "), "{stderr}");
        let mut log = csv::Reader::from_path(scene.path(&out).join("log.csv")).unwrap();
        let column = log.headers().unwrap().iter().position(|name| name == "accuracy_train").unwrap();
        let last: f64 = log.records().last().unwrap().unwrap()[column].parse().unwrap();
        assert!(objective == "likelihood" || last > 0.8, "{objective}: {last}");
        assert!(scene.path(&out).join("labels.svg").exists() && scene.path(&out).join("weights.svg").exists());
        assert!(scene.succeeds(&format!("info {out}")).0.contains("11 visible × 4 hidden"));
    }
    let (history, _) = scene.succeeds("history discriminative --data l.npz --format json");
    assert!(history.contains("\"log_likelihood_test\": {"), "{history}");
    let (_, again) = scene.succeeds(&format!("{train} --objective discriminative --out discriminative --resume"));
    assert!(!again.contains("update 0,"), "{again}");
    assert!(scene.refuses("history discriminative --data x.npz").contains("labels"));
}
