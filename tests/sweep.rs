//! Sweeps: the grid and its identities, the store under kills, damage and a full disk, shares and
//! their merge. Wherever it matters the real program runs, because what is promised is what is left
//! on the disk when it dies.
#![cfg(feature = "cli")]

mod common;

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use common::{assert_close, fixture_r};
use plefka::{
    Run,
    data::Data,
    io,
    io::Locking,
    model::AnyModel,
    observe::{Observable, Sampling},
    plot,
    plot::FigureFile,
    sample::Capabilities,
    sweep,
    sweep::{Access, Outcome, Plan, Shard, Store},
};
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// A plan of 48 curves that takes the program long enough to be killed in.
const BUSY: &str = "
[model]
source = 'r.npz'
[axes]
beta = '0:2:5'
weight_scale = [0.5, 1.0, 2.0]
seed = '0:7:8'
[methods.exact]
[methods.ais]
chains = 100
rungs = 200
";

/// A plan of 6 curves that takes no time.
const LIGHT: &str = "
name = 'light'
[model]
source = 'r.npz'
[axes]
beta = [0.5, 1.0]
weight_scale = '0.5:1.5:3'
[methods.exact]
[methods.mf]
";

/// A folder with the model R in it, and plans as they are needed.
struct Scene(tempfile::TempDir);

impl Scene {
    fn new() -> Self {
        let scene = Self(tempfile::tempdir().unwrap());
        io::save_model(&fixture_r(), &scene.path("r.npz")).unwrap();
        scene.write("busy.toml", BUSY);
        scene.write("light.toml", LIGHT);
        scene
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    fn command(&self, args: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_plefka"));
        // Tests may run under a scheduler themselves.
        for name in env::vars().map(|(name, _)| name) {
            if ["SLURM_", "OMPI_", "PMI_", "PBS_", "SGE_"].iter().any(|prefix| name.starts_with(prefix)) {
                command.env_remove(name);
            }
        }
        command.args(args.split_whitespace()).current_dir(self.0.path());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn run(&self, args: &str) -> Output {
        self.command(args).output().unwrap()
    }

    /// Runs what must succeed.
    #[track_caller]
    fn succeed(&self, args: &str) -> String {
        let output = self.run(args);
        assert_eq!(output.status.code(), Some(0), "{args}: {}", stderr(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs what must be refused, with all of these words and with this exit status.
    #[track_caller]
    fn refuse(&self, args: &str, status: i32, says: &[&str]) {
        let output = self.run(args);
        let message = stderr(&output);
        assert_eq!(output.status.code(), Some(status), "{args}: {message}");
        for words in says {
            assert!(message.contains(words), "{args}: `{words}` is not in: {message}");
        }
    }

    fn table(&self, folder: &str) -> String {
        fs::read_to_string(self.path(folder).join("results.csv")).unwrap()
    }

    fn plan(&self, text: &str) -> Plan {
        Plan::parse(text, &self.path("plan.toml")).unwrap()
    }

    /// The refusal of a plan.
    fn refusal(&self, text: &str) -> String {
        Plan::parse(text, &self.path("plan.toml")).map(drop).expect_err(text).to_string()
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The number of whole records in a store.
fn records(folder: &Path) -> usize {
    let bytes = fs::read(folder.join("sweep.jsonl")).unwrap_or_default();
    bytes.iter().filter(|byte| **byte == b'\n').count().saturating_sub(1)
}

/// The rows of a table by column name.
fn rows(table: &str) -> Vec<BTreeMap<String, String>> {
    csv::Reader::from_reader(table.as_bytes()).deserialize().map(Result::unwrap).collect()
}

/// Planted bug: seeds by the order of work (the counter of finished jobs) instead of by identity.
/// Caught here, and by the shares below.
#[test]
fn killed_at_any_moment_and_resumed_the_table_is_the_same() {
    let scene = Scene::new();
    let clock = Instant::now();
    scene.succeed("sweep busy.toml --out straight --threads 2");
    let straight = clock.elapsed();
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(7);
    let (mut kills, mut midway, mut sweeps) = (0, 0, 0);
    while kills < 20 {
        let folder = format!("killed{sweeps}");
        let mut child = scene.command(&format!("sweep busy.toml --out {folder} --resume --threads 2")).spawn().unwrap();
        sleep(straight.mul_f64(rng.random_range(0.0..0.4)));
        child.kill().unwrap(); // SIGKILL
        if child.wait().unwrap().success() {
            assert_eq!(scene.table(&folder), scene.table("straight"));
            sweeps += 1; // it was faster: begin another one
            continue;
        }
        kills += 1;
        midway += usize::from((1..48).contains(&records(&scene.path(&folder))));
    }
    assert!(midway >= 5, "only {midway} of 20 kills came while there was something done and something to do");
    let folder = format!("killed{sweeps}");
    scene.succeed(&format!("sweep busy.toml --out {folder} --resume --threads 1"));
    assert_eq!(scene.table(&folder), scene.table("straight"));
}

#[cfg(unix)]
#[test]
fn an_interrupt_keeps_what_is_done() {
    let scene = Scene::new();
    // Long enough that the signal, which another process has to send, does not come too late.
    scene.write("busy.toml", &BUSY.replace("rungs = 200", "rungs = 1000"));
    scene.succeed("sweep busy.toml --out straight");
    let child = scene.command("sweep busy.toml --out cut").spawn().unwrap();
    while records(&scene.path("cut")) == 0 {
        sleep(Duration::from_millis(1));
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stderr(&output).contains("--resume"), "{}", stderr(&output));
    assert!(!scene.path("cut/results.csv").exists(), "an incomplete sweep has no table");
    scene.succeed("sweep busy.toml --out cut --resume");
    assert_eq!(scene.table("cut"), scene.table("straight"));
}

#[test]
fn shares_merge_to_the_whole() {
    let scene = Scene::new();
    scene.succeed("sweep busy.toml --out whole --threads 1");
    for k in 1..=3 {
        scene.succeed(&format!("sweep busy.toml --out part{k} --shard {k}/3 --threads {k}"));
        assert_eq!(records(&scene.path(&format!("part{k}"))), 16);
    }
    scene.succeed("merge part3 part1 part2 --out merged");
    assert_eq!(scene.table("merged"), scene.table("whole"));
    // What was merged is a sweep like any other.
    scene.succeed("sweep busy.toml --out merged --resume");
    assert_eq!(scene.table("merged"), scene.table("whole"));

    scene.refuse("merge part1 part3 --out gap", 2, &["16 of 48 jobs", "1/3, 3/3"]);
    scene.refuse("merge part1 part2 part3 part2 --out twice", 2, &["part2", "so does"]);
    scene.refuse("merge whole part1 --out twice", 2, &["so does"]);
    scene.refuse("merge part1 part2 part3 --out whole", 2, &["whole", "not empty"]);
    scene.refuse("merge part1 missing --out lost", 2, &["missing"]);
    scene.write("other.toml", &BUSY.replace("rungs = 200", "rungs = 10"));
    scene.succeed("sweep other.toml --out other --shard 2/3");
    scene.refuse("merge part1 other part3 --out mixed", 2, &["methods.ais.rungs: 10 there, 200 here"]);
    scene.refuse("sweep busy.toml --out part1 --shard 2/3 --resume", 2, &["share 1/3"]);
    scene.refuse("sweep busy.toml --shard 4/3", 2, &["--shard", "1/3"]);
    assert!(!scene.path("gap").exists() && !scene.path("mixed").exists());
}

/// What a cluster does: each task asks its environment which share is its own, one of them is torn
/// off and started again by the same command, and the merge finds all shares by itself.
#[test]
fn the_scheduler_says_the_share() {
    let scene = Scene::new();
    let task = |k: usize, n: usize, args: &str| {
        let mut command = scene.command(&format!("sweep busy.toml --out out --threads 1 {args}"));
        command.env("OMPI_COMM_WORLD_RANK", k.to_string()).env("OMPI_COMM_WORLD_SIZE", n.to_string());
        let output = command.output().unwrap();
        (output.status.code(), stderr(&output))
    };
    scene.succeed("sweep busy.toml --out whole");
    scene.refuse("sweep busy.toml --out out --shard auto", 2, &["no scheduler", "--shard i/n"]);
    scene.refuse("sweep busy.toml --out out --shards 3", 2, &["--shards", "--shard auto"]);
    assert!(!scene.path("out").exists());

    assert_eq!(task(0, 3, "--shard auto").0, Some(0));
    assert_eq!(task(2, 3, "--shard auto").0, Some(0));
    scene.refuse("merge out", 2, &["1 of 3 shares", "share-2-of-3", "--shard 2/3"]);
    assert_eq!(task(1, 3, "--shard auto").0, Some(0));
    let store = scene.path("out/share-2-of-3/sweep.jsonl");
    let (bytes, modified) = (fs::read(&store).unwrap(), fs::metadata(&store).unwrap().modified().unwrap());
    assert_eq!(
        task(1, 3, "--shard auto"),
        (Some(0), "note: share 2/3 is complete; `plefka merge` joins all shares\n".into())
    );
    assert_eq!(fs::metadata(&store).unwrap().modified().unwrap(), modified, "what is complete is not touched");
    // Killed after five curves and in the middle of a line.
    let five = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(5).unwrap().0;
    fs::write(&store, &bytes[..five + 100]).unwrap();
    scene.refuse("merge out", 2, &["11 of 48 jobs", "not finished: 2/3 (11 to go)"]);
    assert_eq!(task(1, 3, "--shard auto").0, Some(0));

    assert_eq!(scene.succeed("merge out").trim(), "out/results.csv");
    assert_eq!(scene.table("out"), scene.table("whole"));
    // A scheduler may run the merge again; and what was merged is a sweep like any other.
    scene.succeed("merge out");
    scene.succeed("sweep busy.toml --out out --resume");
    assert_eq!(scene.table("out"), scene.table("whole"));

    fs::remove_file(scene.path("out/sweep.jsonl")).unwrap();
    scene.succeed("merge out --out elsewhere");
    assert_eq!(scene.table("elsewhere"), scene.table("whole"));
    scene.refuse("merge whole", 2, &["whole", "no shares", "--out"]);
    scene.refuse("merge out whole", 2, &["--out is missing"]);
    scene.write("other.toml", &BUSY.replace("rungs = 200", "rungs = 10"));
    scene.succeed("sweep other.toml --out other");
    fs::rename(scene.path("other/sweep.jsonl"), scene.path("out/sweep.jsonl")).unwrap();
    scene.refuse("merge out", 2, &["holds another sweep", "--out"]);
    fs::remove_file(scene.path("out/sweep.jsonl")).unwrap();
    assert_eq!(task(0, 4, "--shard auto").0, Some(0));
    scene.refuse("merge out", 2, &["two runs", "share-1-of-3", "share-1-of-4"]);
}

#[test]
fn a_line_torn_anywhere_is_repaired() {
    let scene = Scene::new();
    let plan = scene.plan(LIGHT);
    let work = |folder: &Path| {
        let mut store = Store::open(folder, plan.grid(), Shard::WHOLE, Access::Resume, Locking::Locked).unwrap();
        sweep::run(&plan, &mut store, &Run::quiet(0)).unwrap();
        sweep::export(&mut store, &folder.join("results.csv")).unwrap();
    };
    work(&scene.path("whole"));
    let whole = fs::read(scene.path("whole/sweep.jsonl")).unwrap();
    let ends: Vec<usize> = (0..whole.len()).filter(|k| whole[*k] == b'\n').collect();
    assert_eq!(ends.len(), 7);
    // In the head, and in the last record but one; at their very ends, too.
    let cuts = (0..=ends[0] + 1).step_by(97).chain((ends[4]..=ends[5] + 1).step_by(13)).chain(ends.iter().copied());
    for (k, cut) in cuts.enumerate() {
        let folder = scene.path(&format!("torn{k}"));
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("sweep.jsonl"), &whole[..cut]).unwrap();
        work(&folder);
        assert_eq!(scene.table(&format!("torn{k}")), scene.table("whole"), "cut at byte {cut}");
        assert_eq!(records(&folder), 6, "cut at byte {cut}");
    }
}

#[test]
fn a_damaged_line_is_refused_by_its_number() {
    let scene = Scene::new();
    scene.succeed("sweep light.toml --out a");
    let path = scene.path("a/sweep.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let damage = |line: usize, with: String| {
        let mut lines: Vec<String> = lines.iter().map(|line| line.to_string()).collect();
        lines[line - 1] = with;
        fs::write(&path, lines.join("\n") + "\n").unwrap();
    };
    // A digit of a number that is still a number.
    damage(4, lines[3].replacen("\"value\":7", "\"value\":9", 1).replacen("\"value\":6", "\"value\":9", 1));
    scene.refuse("sweep light.toml --out a --resume", 2, &["line 4", "checksum", "3 lines before"]);
    damage(7, String::new());
    scene.refuse("sweep light.toml --out a --resume", 2, &["line 7"]);
    damage(5, lines[1].into());
    scene.refuse("sweep light.toml --out a --resume", 2, &["line 5", "twice"]);
    damage(1, lines[0].replace("light", "night"));
    scene.refuse("sweep light.toml --out a --resume", 2, &["line 1", "checksum"]);
    damage(2, lines[1].into());
    scene.succeed("sweep light.toml --out a --resume");
}

#[test]
fn another_plan_is_refused_with_the_difference() {
    let scene = Scene::new();
    scene.succeed("sweep light.toml --out a");
    for (from, to, says) in [
        ("[0.5, 1.0]", "[0.5, 1.5]", "axes.beta: [0.5,1.0] there, [0.5,1.5] here"),
        ("[methods.mf]", "[methods.mf]\nstarts = 3", "methods.mf.starts: 1 there, 3 here"),
        ("[methods.mf]", "[methods.tap2]", "methods.mf: listed there, nothing here"),
        ("name = 'light'", "name = 'night'", "name: light there, night here"),
        ("[axes]", "[axes]\nseed = 1", "axes.seed: nothing there, [1] here"),
        ("'r.npz'", "'builtin:mnist20'", "model.sha256"),
    ] {
        scene.write("changed.toml", &LIGHT.replace(from, to));
        scene.refuse("sweep changed.toml --out a --resume", 2, &["another plan", says]);
    }
    // What is no change: comments, white space, another way to write the same numbers; and the same
    // model elsewhere.
    fs::create_dir(scene.path("moved")).unwrap();
    fs::copy(scene.path("r.npz"), scene.path("moved/r.npz")).unwrap();
    scene.write("moved/plan.toml", &LIGHT.replace("[0.5, 1.0]", "\"0.5:1:2\" # the same"));
    scene.succeed("sweep moved/plan.toml --out a --resume");
}

#[test]
fn a_folder_in_use_is_refused() {
    let scene = Scene::new();
    fs::create_dir(scene.path("full")).unwrap();
    scene.write("full/thesis.tex", "years of work");
    for args in ["--out full", "--out full --resume"] {
        scene.refuse(&format!("sweep light.toml {args}"), 2, &["--out", "full", "not empty", "empty folder"]);
    }
    scene.succeed("sweep light.toml");
    assert!(scene.path("plefka-out/light/results.csv").exists(), "the default folder has the name of the plan");
    scene.refuse("sweep light.toml", 2, &["plefka-out", "--resume"]);
    // Two writers would spoil each other's lines.
    let plan = scene.plan(LIGHT);
    let _open = Store::open(&scene.path("busy"), plan.grid(), Shard::WHOLE, Access::New, Locking::Locked).unwrap();
    scene.refuse("sweep light.toml --out busy --resume", 2, &["another process"]);
    scene.refuse("merge busy --out merged", 2, &["another process"]);
    // Nothing was begun in a store that was made and refused its lock.
    fs::create_dir(scene.path("bare")).unwrap();
    scene.write("bare/sweep.jsonl", "");
    scene.succeed("sweep light.toml --out bare");
    // Where locks are declined, nobody asks for them.
    scene.succeed("sweep light.toml --out busy --resume --no-lock");
    assert_eq!(scene.table("busy"), scene.table("plefka-out/light"));
}

/// A limit on the size of files stands for a disk that is full. (The signal is ignored, so that the
/// write fails.)
#[cfg(unix)]
#[test]
fn a_full_disk_is_an_error_and_loses_nothing() {
    let scene = Scene::new();
    scene.succeed("sweep busy.toml --out straight");
    let program = env!("CARGO_BIN_EXE_plefka");
    let script = format!("trap '' XFSZ; ulimit -f 32; exec '{program}' sweep busy.toml --out full");
    let output = Command::new("sh").args(["-c", &script]).current_dir(scene.0.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stderr(&output).contains("cannot write") && stderr(&output).contains("sweep.jsonl"), "{}", stderr(&output));
    let store = fs::read(scene.path("full/sweep.jsonl")).unwrap();
    assert!((1..48).contains(&records(&scene.path("full"))), "{} records", records(&scene.path("full")));
    assert_eq!(store.last(), Some(&b'\n'), "half a line was left");
    scene.succeed("sweep busy.toml --out full --resume");
    assert_eq!(scene.table("full"), scene.table("straight"));
    assert!(fs::read(scene.path("full/sweep.jsonl")).unwrap().starts_with(&store), "what was there has changed");
}

#[test]
fn every_slip_in_a_plan_is_refused_with_its_line_and_key() {
    let scene = Scene::new();
    for (from, to, says) in [
        (
            "[axes]",
            "[axes]\nweigth_scale = 1",
            &["line 6", "`axes.weigth_scale`", "weight_scale, temperature_scale"][..],
        ),
        ("[axes]", "[axis]", &["line 5", "`axis`", "[axes]"]),
        ("[methods.mf]", "[methods.mf]\nchains = 7", &["line 10", "`methods.mf.chains`", "tolerance"]),
        ("[methods.mf]", "[methods.mf]\nstarts = 'many'", &["line 10", "`methods.mf.starts`"]),
        ("[methods.mf]", "[methods.mf]\nstarts = 0", &["line 9", "`methods.mf`", "starts = 0"]),
        ("[methods.mf]", "[methods.mf]\norder = 'third'", &["line 9", "`order`"]),
        ("[methods.mf]", "[methods.magic]", &["line 9", "`methods.magic`", "exact, ais"]),
        ("[methods.exact]\n[methods.mf]", "[methods]", &["line 8", "`methods`", "[methods.exact]"]),
        ("[methods.exact]\n[methods.mf]", "", &["no table `[methods]`"]),
        ("[0.5, 1.0]", "[0.5, -1.0]", &["line 6", "`axes.beta`", "-1 is negative"]),
        ("[0.5, 1.0]", "[1.0, 0.5]", &["line 6", "`axes.beta`", "increasing"]),
        ("[0.5, 1.0]", "[]", &["line 6", "`axes.beta`", "no values"]),
        ("[0.5, 1.0]", "[nan]", &["line 6", "`axes.beta`", "finite"]),
        ("[0.5, 1.0]", "true", &["line 6", "`axes.beta`", "boolean"]),
        ("'0.5:1.5:3'", "'0.5:1.5'", &["line 7", "`axes.weight_scale`", "start:stop:count"]),
        ("'0.5:1.5:3'", "'0.5:1.5:0'", &["line 7", "0 values"]),
        ("'0.5:1.5:3'", "'strong'", &["line 7", "`strong`"]),
        ("'0.5:1.5:3'", "[1, 1.0]", &["line 7", "1 twice"]),
        ("'0.5:1.5:3'", "[1]\nseed = [0.5]", &["line 8", "`axes.seed`", "whole number"]),
        ("'0.5:1.5:3'", "[1]\ng = [1]", &["line 8", "`axes.g`", "weight_scale"]),
        ("'0.5:1.5:3'", "[1]\nsize = [8]", &["line 8", "`axes.size`", "generator"]),
        ("'0.5:1.5:3'", "[1]\nseed = '0:99999:100000'\ntemperature_scale = '0:1:1000'", &["200000000 curves"]),
        ("'r.npz'", "'lost.npz'", &["line 4", "`model.source`", "lost.npz"]),
        ("'r.npz'", "'builtin:nothing'", &["line 4", "mnist20"]),
        ("source", "sorce", &["line 3", "`model`", "source"]),
        ("source = 'r.npz'", "generator = 'sk'\nseed = 1", &["line 4", "`model.generator`", "size"]),
        ("source = 'r.npz'", "generator = 'sk'\nsize = 8", &["line 4", "seed"]),
        ("source = 'r.npz'", "generator = 'sk'\nsize = [8]\nseed = 1", &["line 5", "`model.size`", "[axes]"]),
        ("source = 'r.npz'", "generator = 'sk'\nsize = 8.5\nseed = 1", &["line 5", "`model.size`", "whole"]),
        ("source = 'r.npz'", "generator = 'sk'\nsize = 8\nseed = 1\nn_hidden = 4", &["line 7", "`model.n_hidden`"]),
        (
            "source = 'r.npz'",
            "generator = 'sk'\nsize = 8\nseed = 1\nweight_scale = 4",
            &["line 7", "`model.weight_scale`"],
        ),
        (
            "source = 'r.npz'",
            "generator = 'sk'\nsize = 40\nseed = 1",
            &["line 10", "`methods.exact`", "cannot start at weight_scale = 0.5"],
        ),
        ("source = 'r.npz'", "generator = 'rem'\nsize = 8\nseed = 1", &["line 9", "`axes.weight_scale`"]),
        ("source = 'r.npz'", "generator = 'glass'", &["line 4", "`glass`", "sk, hopfield, rem, rbm-gaussian"]),
        (
            "source = 'r.npz'",
            "generator = 'rbm-gaussian'\nseed = 1\nn_visible = 10\nalpha = 0.33",
            &["alpha = 0.33", "n_visible = 10", "whole"],
        ),
        (
            "source = 'r.npz'",
            "generator = 'rbm-gaussian'\nseed = 1\nn_visible = 10\nalpha = 0.3\nn_hidden = 3",
            &["line 4", "alpha", "n_hidden", "one of"],
        ),
        ("'light'", "'../light'", &["line 2", "`name`", "letters"]),
        ("'light'", "'light'\nobservables = ['log_z', 'glory']", &["line 3", "`observables`", "log_z, energy"]),
        ("'light'", "'light", &["line 2"]),
    ] {
        let text = LIGHT.replacen(from, to, 1);
        assert_ne!(text, LIGHT, "{from}");
        let message = scene.refusal(&text);
        for words in says {
            assert!(message.contains(words), "{to}: `{words}` is not in: {message}");
        }
    }
    scene.write("typo.toml", &LIGHT.replace("[axes]", "[axes]\nweigth_scale = 1"));
    scene.refuse("sweep typo.toml --out nowhere", 2, &["PLAN.toml", "typo.toml", "line 6"]);
    scene.refuse("sweep missing.toml", 2, &["PLAN.toml", "missing.toml"]);
    assert!(!scene.path("nowhere").exists(), "a refused plan leaves no folder");
}

#[test]
fn all_parameters_scale_like_a_temperature_and_weights_do_not() {
    let scene = Scene::new();
    let grid = |axis| {
        format!(
            "[model]\nsource = 'r.npz'\n[axes]\n{axis} = [0.25, 0.5, 1.0, 2.0, 4.0]\nbeta = [0.25, 0.5, 1.0, 2.0, 4.0]\n\
             [methods.exact]"
        )
    };
    for (axis, is_a_temperature) in [("temperature_scale", true), ("weight_scale", false)] {
        scene.write(&format!("{axis}.toml"), &grid(axis));
        scene.succeed(&format!("sweep {axis}.toml --out {axis}"));
        let rows = rows(&scene.table(axis));
        assert_eq!(rows.len(), 25);
        let value = |row: &BTreeMap<String, String>, column: &str| row[column].parse::<f64>().unwrap();
        let at_one = |beta: f64| {
            let mut found = rows.iter().filter(|row| value(row, axis) == 1.0 && value(row, "beta") == beta);
            found.next().map(|row| value(row, "log_z"))
        };
        let mut differences = Vec::new();
        for row in &rows {
            if let Some(log_z) = at_one(value(row, "beta") * value(row, axis)).filter(|_| value(row, axis) != 1.0) {
                differences.push((value(row, "log_z") - log_z).abs());
            }
        }
        assert_eq!(differences.len(), 14, "pairs on the grid");
        if is_a_temperature {
            assert!(differences.iter().all(|d| *d < 1e-12), "{differences:?}");
        } else {
            assert!(differences.iter().all(|d| *d > 1e-3), "{differences:?}");
        }
    }
}

#[test]
fn the_strength_g_sets_the_norm_of_the_weights() {
    let scene = Scene::new();
    // ‖W‖_F of R is 3.539667207254 (by NumPy), so this g is that of R itself.
    let own = 3.539667207254 / 24f64.powf(0.25);
    let plan = |axis: &str| format!("[model]\nsource = 'r.npz'\n[axes]\n{axis}\n[methods.exact]");
    let log_z = |axis: &str, name: &str| {
        scene.write("g.toml", &plan(axis));
        scene.succeed(&format!("sweep g.toml --out {name}"));
        rows(&scene.table(name)).iter().map(|row| row["log_z"].parse::<f64>().unwrap()).collect::<Vec<_>>()
    };
    let by_g = log_z(&format!("g = [{}, {own}]", own / 2.0), "by_g");
    let by_scale = log_z("weight_scale = [0.5, 1.0]", "by_scale");
    assert!(by_g.iter().zip(&by_scale).all(|(a, b)| (a - b).abs() < 1e-11), "{by_g:?} {by_scale:?}");
    assert!((by_g[1] - 7.177112386402).abs() < 1e-11);
}

#[test]
fn a_generator_makes_the_models_of_the_library() {
    use plefka::{
        Betas, Estimator, Exact,
        model::{random, torus::kaufman},
    };
    let scene = Scene::new();
    let log_z = |text: &str, name: &str| {
        scene.write("random.toml", text);
        scene.succeed(&format!("sweep random.toml --out {name}"));
        rows(&scene.table(name)).into_iter().map(|row| row["log_z"].parse::<f64>().unwrap()).collect::<Vec<_>>()
    };
    let (one, run) = (Betas::one(1.0).unwrap(), Run::quiet(0));
    let exact = Exact::default();

    let found = log_z("[model]\ngenerator = 'sk'\n[axes]\nsize = [6, 9]\nseed = [3, 4]\n[methods.exact]", "sk");
    let sk = |n, seed| exact.curve(&random::sk(n, seed).unwrap(), &one, &run).unwrap().values.log_z[0];
    assert_eq!(found, [sk(6, 3), sk(6, 4), sk(9, 3), sk(9, 4)]);

    let found = log_z(
        "[model]\ngenerator = 'hopfield'\nsize = 10\nseed = 5\n[axes]\nalpha = [0.1, 0.3]\n[methods.exact]",
        "hopfield",
    );
    let hopfield = |p| random::Hopfield::random(10, p, 5).unwrap();
    assert_eq!(found, [1, 3].map(|p| exact.curve(hopfield(p).ising(), &one, &run).unwrap().values.log_z[0]));

    let found = log_z("[model]\ngenerator = 'rem'\nsize = 7\n[axes]\nseed = '0:2:3'\n[methods.exact]", "rem");
    let rem = |seed| exact.curve(&random::rem(7, seed).unwrap(), &one, &run).unwrap().values.log_z[0];
    assert_eq!(found, [rem(0), rem(1), rem(2)]);

    let found = log_z("[model]\ngenerator = 'torus'\n[axes]\nside = [3, 4]\n[methods.exact]", "torus");
    for (log_z, side) in found.iter().zip([3, 4]) {
        assert_close("ln Z of a torus", *log_z, kaufman(side, side, 1.0).log_z, 1e-11);
    }
    assert_eq!(found.len(), 2);

    for (units, name) in [("spin", "spins"), ("bit", "bits")] {
        let text = format!(
            "[model]\ngenerator = 'rbm-gaussian'\nn_visible = 8\nunits = '{units}'\nseed = 2\n[axes]\ng = [0.5, 2]\n\
             alpha = [0.25, 0.5]\n[methods.exact]"
        );
        let found = log_z(&text, name);
        let rbm = |g, n_hidden| match units {
            "spin" => random::bipartite_sk(8, n_hidden, g, 2).unwrap(),
            _ => random::bipartite_sk_on_bits(8, n_hidden, g, 2).unwrap(),
        };
        let expected = [(0.5, 2), (0.5, 4), (2.0, 2), (2.0, 4)];
        assert_eq!(found, expected.map(|(g, n)| exact.curve(&rbm(g, n), &one, &run).unwrap().values.log_z[0]));
    }
}

/// The table is what a single estimate says, in the order of the grid.
#[test]
fn rows_follow_the_grid_and_hold_what_estimate_says() {
    let scene = Scene::new();
    scene.succeed("sweep light.toml --out a");
    let table = scene.table("a");
    assert_eq!(
        table.lines().next().unwrap(),
        "beta,weight_scale,method,status,log_z,log_z_std_error,energy,energy_std_error,entropy,entropy_std_error,\
         heat_capacity,heat_capacity_std_error,log_z_claim,ess,largest_share,verdict"
    );
    let found = rows(&table);
    let order: Vec<_> =
        found.iter().map(|row| [&row["weight_scale"], &row["beta"], &row["method"]].map(|s| &s[..])).collect();
    let mut expected = Vec::new();
    for scale in ["0.5", "1.0", "1.5"] {
        for beta in ["0.5", "1.0"] {
            expected.extend(["exact", "mf"].map(|method| [scale, beta, method]));
        }
    }
    assert_eq!(order, expected);
    let single = scene.succeed("estimate r.npz --method exact,mf --betas 0.5,1 --format csv");
    for row in found.iter().filter(|row| row["weight_scale"] == "1.0") {
        let same =
            rows(&single).into_iter().find(|s| s["beta"] == row["beta"] && s["method"] == row["method"]).unwrap();
        for column in ["status", "log_z", "energy", "entropy", "heat_capacity", "log_z_claim", "verdict"] {
            assert_eq!(row[column], same[column], "{column} of {row:?}");
        }
    }
    scene.write("few.toml", &LIGHT.replace("[model]", "observables = ['entropy']\n[model]"));
    scene.succeed("sweep few.toml --out few");
    let header = scene.table("few").lines().next().unwrap().to_owned();
    assert_eq!(
        header,
        "beta,weight_scale,method,status,entropy,entropy_std_error,log_z_claim,ess,largest_share,verdict"
    );
}

#[test]
fn a_seed_belongs_to_what_is_computed_and_not_to_its_place() {
    let scene = Scene::new();
    let seeds = |text: &str| {
        let plan = scene.plan(text);
        let grid = plan.grid();
        let job = |k: usize| {
            let job = grid.job(k);
            (
                format!("{:?}{:?}", grid.methods[job.method], job.cell.get("seed").zip(job.cell.get("weight_scale"))),
                job.seed,
            )
        };
        (0..grid.jobs()).map(job).collect::<BTreeMap<_, _>>()
    };
    let straight = seeds(BUSY);
    assert_eq!(straight.values().collect::<BTreeSet<_>>().len(), 48, "every job has a seed of its own");
    let swapped = "[methods.ais]\nrungs = 200\nchains = 100\n[methods.exact]\n[axes]\nseed = '0:7:8'\n\
                   weight_scale = [2, 1, 0.5]\nbeta = [0, 0.5, 1, 1.5, 2]\n[model]\nsource = 'r.npz'";
    assert_eq!(seeds(swapped), straight);
    // More of the same does not change what was there.
    let more = seeds(&BUSY.replace("'0:7:8'", "'0:8:9'"));
    assert!(straight.iter().all(|(job, seed)| more[job] == *seed));
    // Another setting, another β: another computation.
    for (from, to) in
        [("rungs = 200", "rungs = 199"), ("'0:2:5'", "'0:2:6'"), ("[methods.exact]", "[methods.exact]\nmax_units = 9")]
    {
        let changed = seeds(&BUSY.replace(from, to));
        let seeds: BTreeSet<_> = straight.values().collect();
        let kept = changed.values().filter(|seed| seeds.contains(seed)).count();
        assert_eq!(kept, if from == "'0:2:5'" { 0 } else { 24 }, "{to}");
    }
}

/// A change of these values is a change of the numbers of every sweep, and belongs in the
/// changelog. They were computed in another language from the words of the identity: the first half
/// of their SHA-256, and the 8 bytes after it.
#[test]
fn a_job_has_the_same_identity_and_seed_for_ever() {
    let scene = Scene::new();
    let grid = |text: &str| scene.plan(text).grid().clone();
    let job = |text: &str, k: usize| {
        let job = grid(text).job(k);
        (format!("{:032x}", job.id), job.seed)
    };
    let sk = "[model]\ngenerator = 'sk'\n[axes]\nsize = [6, 9]\nseed = [3, 4]\nbeta = '0:1:3'\n[methods.exact]\n[methods.ais]\nchains = 10";
    let found = [job(sk, 0), job(sk, 1), job(sk, 7)];
    let known = [
        ("e9d01affa59d1664a7a9cad289dc72e0", 1_915_971_217_526_387_754u64),
        ("45ba4911a141543680a6421b79bf03e9", 521_005_325_765_136_814),
        ("718f2d24a2dc1ff0313f99ffa985054b", 9_492_191_636_740_826_050),
    ]
    .map(|(id, seed)| (id.to_owned(), seed));
    assert_eq!(found, known);
}

#[test]
fn a_curve_that_cannot_be_computed_is_a_row_and_not_the_end() {
    let scene = Scene::new();
    scene.write("huge.toml", &LIGHT.replace("'0.5:1.5:3'", "[1.0, 1e308]"));
    scene.refuse("sweep huge.toml --out a", 1, &["2 curves", "failed", "not a finite number"]);
    let found = rows(&scene.table("a"));
    let statuses: Vec<_> = found.iter().map(|row| &row["status"][..]).collect();
    assert_eq!(statuses[..4], ["converged"; 4]);
    assert_eq!(statuses[4..], ["failed"; 4]);
    assert!(found[4..].iter().all(|row| row["log_z"].is_empty() && row["entropy"].is_empty()));
    // The outcome is as final as any other.
    let before = fs::read(scene.path("a/sweep.jsonl")).unwrap();
    scene.refuse("sweep huge.toml --out a --resume", 1, &["2 curves"]);
    assert_eq!(fs::read(scene.path("a/sweep.jsonl")).unwrap(), before);
}

#[test]
fn a_dry_run_counts_and_writes_nothing() {
    let scene = Scene::new();
    let text = scene.succeed("sweep busy.toml --dry-run --shard 1/3 --threads 2");
    for words in
        ["240 (48 curves)", "1/3: 16 curves", "5 beta × 3 weight_scale × 8 seed", "2 threads", "is an estimate"]
    {
        assert!(text.contains(words), "`{words}` is not in: {text}");
    }
    assert!(!scene.path("plefka-out").exists());
}

/// Annealing from the means of data in a sweep, right by enumeration. Data are part of who a job is
/// where it reads them, and nowhere else.
#[test]
fn data_are_for_the_methods_that_read_them() {
    let scene = Scene::new();
    let save = |name: &str, n: usize| {
        let rows: Vec<u8> = (0..n * 6).map(|k| u8::from(k * k % 7 < 3)).collect();
        io::save_data(&Data::new(6, rows, None).unwrap(), &scene.path(name)).unwrap();
    };
    save("few.npz", 20);
    save("many.npz", 200);
    let text = |data: &str| {
        format!(
            "{data}\n[model]\nsource = 'r.npz'\n[axes]\nbeta = [0.5, 1.0]\n[methods.exact]\n\
             [methods.ais]\nbase = 'data'\nrungs = 50\n[methods.data-bound]\n"
        )
    };
    let jobs = |data: &str| scene.plan(&text(data)).grid().clone();
    let (few, many) = (jobs("data = 'few.npz'"), jobs("data = 'many.npz'"));
    let same = |k: usize| few.job(k).id == many.job(k).id;
    assert_eq!([same(0), same(1), same(2)], [true, false, false]);
    let plan = scene.plan(&text("data = 'few.npz'"));
    let curve = |k: usize| match plan.outcome(&few.job(k), &Run::quiet(0)).unwrap() {
        Some(Outcome::Curve(curve)) => curve,
        other => panic!("{other:?}"),
    };
    let curves = [0, 1, 2].map(curve);
    for k in 0..2 {
        let [exact, ais, bound] = curves.each_ref().map(|curve| curve.points[k].log_z.unwrap());
        assert!((ais.value - exact.value).abs() < 4.0 * ais.claim.std_error().unwrap());
        assert!(bound.value < exact.value);
    }
    let without = scene.refusal(&text(""));
    assert!(without.contains("methods.ais") && without.contains("`data` in a plan"), "{without}");
    let missing = scene.refusal(&text("data = 'none.npz'"));
    assert!(missing.contains("`data`") && missing.contains("none.npz"), "{missing}");
}

/// Averages over replicas beside the curves: in the table what the library says with the seed of
/// the job, each in the rows and columns of its own.
#[test]
fn replicas_have_rows_and_columns_of_their_own() {
    let scene = Scene::new();
    let text = "[model]\nsource = 'r.npz'\n[axes]\nbeta = [0.5, 1.5]\nweight_scale = [1.0, 2.0]\n[methods.exact]\n\
                [methods.replicas]\nreplicas = 4\nrecords = 50\n";
    scene.write("replicas.toml", text);
    scene.succeed("sweep replicas.toml --out out --threads 2");
    let rows = rows(&scene.table("out"));
    assert_eq!(rows.iter().map(|row| &row["method"][..]).collect::<Vec<_>>(), ["exact", "replicas"].repeat(4));
    let plan = scene.plan(text);
    let sampling = Sampling { replicas: 4, records: 50, ..Sampling::default() };
    for (cell, scale) in [1.0, 2.0].into_iter().enumerate() {
        let model = AnyModel::from(fixture_r().scaled_weights(scale).unwrap());
        let run = Run::quiet(plan.grid().job(2 * cell + 1).seed);
        let replicas = sampling.replicas(model.sampled(), &[0.5, 1.5], None, &run).unwrap();
        for (k, replicas) in replicas.iter().enumerate() {
            let [of_curve, of_replicas] = [&rows[4 * cell + 2 * k], &rows[4 * cell + 2 * k + 1]];
            assert!(!of_curve["log_z"].is_empty() && of_replicas["log_z"].is_empty());
            for observable in Observable::ALL {
                let measured = observable.of(&model, replicas).expect("an RBM has them all");
                let error = measured.claim.std_error().unwrap();
                assert_eq!(of_replicas[observable.name()], format!("{:?}", measured.value));
                assert_eq!(of_replicas[&format!("{observable}_std_error")], format!("{error:?}"));
                assert!(of_curve[observable.name()].is_empty());
            }
        }
    }
    let refused = |text: &str, says: &str| {
        let refusal = scene.refusal(text);
        assert!(refusal.contains(says), "{refusal}");
    };
    refused(
        "observables = ['staggered_overlap']\n[model]\nsource = 'r.npz'\n[methods.exact]",
        "`staggered_overlap`, which needs replicas",
    );
    refused("[model]\ngenerator = 'rem'\nsize = 4\nseed = 1\n[methods.replicas]", "a list of levels");
    refused("[model]\nsource = 'r.npz'\n[methods.replicas]\nreplicas = 5", "replicas = 5");
}

/// Figures from the store alone: a curve over one axis with the error over disorder, a family or a
/// map over two, none over more.
#[test]
fn figures_are_drawn_from_the_store() {
    let scene = Scene::new();
    let figures = |name: &str, plan: &str| {
        scene.write(&format!("{name}.toml"), plan);
        scene.succeed(&format!("sweep {name}.toml --out {name}"));
        let drawn = plot::sweep_figures(&mut Store::read(&scene.path(name)).unwrap()).unwrap();
        (drawn, rows(&scene.table(name)))
    };
    let cell = |row: &BTreeMap<String, String>, name: &str| row[name].parse::<f64>().unwrap();

    let (drawn, table) = figures(
        "disorder",
        "observables = ['log_z']\n[model]\ngenerator = 'sk'\nsize = 6\n[axes]\nbeta = [0.5, 1.0]\nseed = [1, 2, 3]\n[methods.exact]",
    );
    let [(name, FigureFile::Chart(chart))] = &drawn[..] else { panic!("{drawn:?}") };
    assert_eq!((&name[..], chart.series.len()), ("log_z", 1));
    for (k, point) in chart.series[0].points.iter().enumerate() {
        let of_seeds: Vec<f64> = table.iter().skip(k).step_by(2).map(|row| cell(row, "log_z")).collect();
        let error = plefka::stats::std_dev(&of_seeds) / 3f64.sqrt();
        assert_close("mean over seeds", point.1.unwrap(), plefka::stats::mean(&of_seeds), 1e-13);
        assert_close("its error", point.2.unwrap(), error, 1e-13);
    }

    let (drawn, table) = figures("light", LIGHT);
    assert_eq!(drawn.len(), 2 * 4, "a family for each method and quantity");
    let family = drawn.iter().find(|(name, _)| name == "log_z-exact").map(|(_, figure)| figure.clone());
    let Some(FigureFile::Chart(family)) = family else { panic!("{drawn:?}") };
    assert_eq!(family.labels, ["weight scale", "ln Z, nats"]);
    let named: Vec<&str> = family.series.iter().map(|series| &series.name[..]).collect();
    assert_eq!(named, ["β = 0.5", "β = 1"]);
    let row = |row: &&BTreeMap<String, String>| {
        row["method"] == "exact" && cell(row, "beta") == 1.0 && cell(row, "weight_scale") == 1.5
    };
    assert_eq!(family.series[1].points[2].1, Some(cell(table.iter().find(row).unwrap(), "log_z")));

    let (drawn, _) = figures(
        "map",
        "observables = ['entropy']\n[model]\nsource = 'r.npz'\n[axes]\nbeta = '0:2:7'\nweight_scale = '0.5:2:6'\n[methods.exact]",
    );
    let [(_, FigureFile::HeatMap(map))] = &drawn[..] else { panic!("{drawn:?}") };
    assert_eq!((map.x.len(), map.y.len(), map.values.len()), (7, 6, 42));
    let at_zero: Vec<f64> = map.values.iter().step_by(7).map(|s| s.unwrap()).collect();
    assert!(at_zero.iter().all(|s| (s - 10.0 * 2f64.ln()).abs() < 1e-12), "S(0) = N ln 2: {at_zero:?}");
    let written = scene.succeed("plot map");
    assert!(written.contains("entropy-exact.svg") && scene.path("map/entropy-exact.svg").exists(), "{written}");

    scene.write("cube.toml", &LIGHT.replace("[axes]", "[axes]\ntemperature_scale = [1.0, 2.0]"));
    scene.succeed("sweep cube.toml --out cube");
    scene.refuse("plot cube", 2, &["one or two axes", "results.csv"]);
}
