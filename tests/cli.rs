//! The real program, as a user or a script meets it: exit status, streams, messages, formats.
#![cfg(feature = "cli")]

use std::{
    fs,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Command, Output, Stdio},
};

use nalgebra::{DMatrix, DVector};
use plefka::{
    Rbm, io,
    model::{Ising, Levels, random::bipartite_sk},
    plot::{Chart, FigureFile, HeatMap, Overlay, Series},
};
use serde_json::Value;

/// A folder of its own for each test, with the model `r.npz` in it; the program runs there.
struct Scene(tempfile::TempDir);

impl Scene {
    fn new() -> Self {
        let scene = Self(tempfile::tempdir().unwrap());
        scene.save("r.npz", 6, 4);
        scene
    }

    /// Saves W_ij = cos(1 + 2i + 3j + ij/2), a_i = 0.3 sin(i+1), b_j = −0.2 cos(j+1): at 6 × 4 and
    /// β = 1 it has ln Z = 7.177112386402, U = −0.833916402204 (by NumPy, over all 1024 states).
    fn save(&self, name: &str, n_visible: usize, n_hidden: usize) {
        let weight = |i, j| {
            let (i, j) = (i as f64, j as f64);
            (1.0 + 2.0 * i + 3.0 * j + 0.5 * i * j).cos()
        };
        let visible = DVector::from_fn(n_visible, |i, _| 0.3 * (i as f64 + 1.0).sin());
        let hidden = DVector::from_fn(n_hidden, |j, _| -0.2 * (j as f64 + 1.0).cos());
        let rbm = Rbm::new(DMatrix::from_fn(n_visible, n_hidden, weight), visible, hidden).unwrap();
        io::save_model(&rbm, &self.path(name)).unwrap();
    }

    /// Saves four spins on a ring, Jᵢⱼ = 1: Z = (2cosh β)⁴ + (2sinh β)⁴. And two levels, 0 and 1: Z
    /// = 1 + e^{−β}.
    fn save_other_kinds(&self) {
        let ring = DMatrix::from_fn(4, 4, |i, j| if i.abs_diff(j) % 2 == 1 { 1.0 } else { 0.0 });
        io::save_model(&Ising::new(ring, DVector::zeros(4)).unwrap(), &self.path("ring.npz")).unwrap();
        io::save_model(&Levels::new(vec![0.0, 1.0]).unwrap(), &self.path("two.npz")).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The program with these arguments, split at spaces.
    fn command(&self, args: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_plefka"));
        command.args(args.split_whitespace()).current_dir(self.0.path());
        command
    }

    fn run(&self, args: &str) -> Output {
        self.command(args).output().unwrap()
    }

    /// Runs what must succeed; its stdout.
    fn stdout(&self, args: &str) -> String {
        let output = self.run(args);
        assert_eq!(output.status.code(), Some(0), "{args}: {}", stderr(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    fn json(&self, args: &str) -> Value {
        serde_json::from_str(&self.stdout(args)).unwrap()
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Asserts that the request is refused: status 2, nothing on stdout, a message that says all of
/// `says`.
fn assert_refused(scene: &Scene, args: &str, says: &[&str]) {
    let output = scene.run(args);
    let message = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{args}: {message}");
    assert!(output.stdout.is_empty(), "{args} printed to stdout");
    assert!(message.lines().any(|line| line.starts_with("error: ")), "{args}: {message}");
    for words in says {
        assert!(message.contains(words), "{args}: `{words}` is not in: {message}");
    }
}

#[test]
fn bad_input_is_refused_with_its_name_and_the_remedy() {
    let scene = Scene::new();
    fs::write(scene.path("text.npz"), "not an archive").unwrap();
    for (args, says) in [
        // The model.
        ("missing.npz --method exact", &["missing.npz", "builtin:mnist20"][..]),
        ("text.npz --method exact", &["text.npz"]),
        ("builtin:nothing --method exact", &["builtin:nothing", "mnist20"]),
        // The methods.
        ("r.npz --method magic", &["--method", "`magic`", "exact, ais"]),
        ("r.npz --method exact,", &["--method", "exact, ais"]),
        ("r.npz --method exact,exact", &["--method", "`exact`", "once"]),
        // The grid.
        ("r.npz --method exact --betas -1", &["--betas", "negative", "at least 0"]),
        ("r.npz --method exact --betas NaN", &["--betas", "finite"]),
        ("r.npz --method exact --betas inf", &["--betas", "finite"]),
        ("r.npz --method exact --betas=", &["--betas", "no points", "0:2:41"]),
        ("r.npz --method exact --betas 0:2:0", &["--betas", "no points", "at least 1"]),
        ("r.npz --method exact --betas 2:0:5", &["--betas", "increasing order"]),
        ("r.npz --method exact --betas 0:2:99999999999999", &["--betas", "fewer"]),
        ("r.npz --method exact --betas hot", &["--betas", "`hot` is not a number"]),
        // The settings of the methods.
        ("r.npz --method exact --exact-limit 3", &["2^4", "--exact-limit 4"]),
        ("r.npz --method ais --chains 0", &["--chains 0"]),
        ("r.npz --method ais --chains -5", &["--chains", "-5", "whole number"]),
        ("r.npz --method ais --chains many", &["--chains", "many", "whole number"]),
        ("r.npz --method ais --rungs 0", &["--rungs 0"]),
        ("r.npz --method tap2 --damping -0.5", &["--damping -0.5"]),
        ("r.npz --method tap2 --damping 1", &["--damping 1"]),
        ("r.npz --method tap2 --damping NaN", &["--damping NaN"]),
        ("r.npz --method tap2 --damping much", &["--damping", "much", "number"]),
        ("r.npz --method mf --tolerance -1", &["--tolerance -1"]),
        ("r.npz --method mf --max-iterations 0", &["--max-iterations 0"]),
        ("r.npz --method mf --starts 0", &["--starts 0", "from 1"]),
        ("r.npz --method mf --report worst", &["--report", "best, annealed, uniform-start, sum"]),
        ("r.npz --method mf --solver hope", &["--solver", "auto, ascent, damped"]),
        // The data.
        ("r.npz --method mf --starts 2 --start-from data", &["--start-from data", "--data"]),
        (
            "r.npz --method mf --starts 2 --start-from data --data missing.npz",
            &["--data", "missing.npz", "builtin:mnist10k"],
        ),
        ("r.npz --method mf --starts 2 --start-from data --data builtin:mnist10k", &["--data", "row of 6 values"]),
        ("r.npz --method mf --data builtin:nothing", &["--data", "builtin:nothing", "mnist10k"]),
        (
            "builtin:mnist20 --method mf --starts 10002 --start-from data --data builtin:mnist10k",
            &["--starts 10002", "10001"],
        ),
        ("r.npz --method mf --start-from hope", &["--start-from", "random, data, gibbs"]),
        // The run.
        ("r.npz --method exact --threads 0", &["--threads 0", "from 1 to 4096"]),
        ("r.npz --method exact --threads 5000", &["--threads 5000", "from 1 to 4096"]),
        ("r.npz --method exact --seed 99999999999999999999", &["--seed", "whole number"]),
        ("r.npz --method exact --seed -1", &["--seed", "whole number"]),
        ("r.npz --method exact --format xml", &["--format", "json"]),
        ("r.npz --method exact --frobnicate", &["--frobnicate"]),
    ] {
        assert_refused(&scene, &format!("estimate {args}"), says);
    }
    assert_refused(&scene, "compare r.npz --method exact --exact-limit 3", &["--exact-limit 4"]);
    assert_refused(&scene, "info missing.npz", &["missing.npz"]);
    assert_refused(&scene, "nonsense", &["nonsense"]);
}

#[test]
fn an_output_folder_that_cannot_be_written_is_refused_before_any_work() {
    let scene = Scene::new();
    // Below a regular file there can be no folder, whoever asks: permissions would not stop a
    // superuser.
    assert_refused(&scene, "compare r.npz --out r.npz/results", &["--out", "r.npz/results", "choose a folder"]);
}

#[test]
fn a_refused_request_leaves_earlier_results_alone() {
    let scene = Scene::new();
    scene.stdout("compare r.npz --betas 0,1 --out out");
    let before = fs::read(scene.path("out/results.json")).unwrap();
    for args in ["--betas 2:0:3", "--damping 7", "--threads 0"] {
        assert_refused(&scene, &format!("compare r.npz --out out {args}"), &[]);
        assert_eq!(fs::read(scene.path("out/results.json")).unwrap(), before, "{args}");
    }
}

#[test]
fn stdout_holds_the_result_and_stderr_the_rest() {
    let scene = Scene::new();
    let quiet = scene.run("estimate r.npz --method exact");
    assert!(quiet.status.success() && quiet.stderr.is_empty(), "{}", stderr(&quiet));
    let text = String::from_utf8(quiet.stdout).unwrap();
    assert!(text.contains("7.1771") && text.contains("exact"), "{text}");

    // An option that no method listens to is worth a note, which does not get into the JSON.
    let noted = scene.run("estimate r.npz --method exact --damping 0.9 --format json");
    assert!(stderr(&noted).starts_with("note: --damping"), "{}", stderr(&noted));
    serde_json::from_slice::<Value>(&noted.stdout).unwrap();
    // `bethe` listens to one of these and not to the other.
    let noted = scene.run("estimate r.npz --method bethe --damping 0.6 --starts 2");
    assert!(stderr(&noted).starts_with("note: --starts"), "{}", stderr(&noted));
}

#[test]
fn json_keeps_the_contract() {
    let scene = Scene::new();
    let args = "estimate r.npz --method exact,ais --betas 0.1,0.30000000000000004,1 --format json --seed 7 --threads 2";
    let result = scene.json(args);
    assert_eq!(result["schema"], 1);
    for (key, value) in [("kind", "rbm"), ("units", "bit"), ("source", "r.npz")] {
        assert_eq!(result["model"][key], value, "{key}");
    }
    assert_eq!((&result["model"]["n_visible"], &result["model"]["n_hidden"]), (&6.into(), &4.into()));
    assert_eq!(result["model"]["sha256"].as_str().unwrap().len(), 64);

    let methods: Vec<_> = result["curves"].as_array().unwrap().iter().map(|curve| &curve["method"]).collect();
    assert_eq!(methods, ["exact", "ais"]);
    for curve in result["curves"].as_array().unwrap() {
        let betas: Vec<_> = curve["points"].as_array().unwrap().iter().map(|p| p["beta"].as_f64().unwrap()).collect();
        assert_eq!(betas, [0.1, 0.300_000_000_000_000_04, 1.0]);
        assert_eq!(curve["status"], "converged");
        assert!(curve["diagnostics"].is_object() && curve["warnings"].is_array() && curve["seconds"].is_f64());
    }
    let exact = &result["curves"][0]["points"][2];
    let close =
        |key: &str, value: f64| assert!((exact[key]["value"].as_f64().unwrap() - value).abs() < 1e-6, "{exact}");
    close("log_z", 7.177_112_386_402);
    close("energy", -0.833_916_402_204);
    close("entropy", 6.343_195_984_198);
    close("heat_capacity", 1.113_582_850_078);
    assert_eq!((&exact["log_z"]["claim"], &exact["log_z"]["std_error"]), (&"exact".into(), &Value::Null));
    let sampled = &result["curves"][1]["points"][2]["log_z"];
    assert!(sampled["claim"] == "estimate" && sampled["std_error"].is_f64(), "{sampled}");

    let provenance = &result["provenance"];
    assert_eq!((&provenance["seed"], &provenance["threads"]), (&7.into(), &2.into()));
    assert_eq!(provenance["version"], env!("CARGO_PKG_VERSION"));
    let typed: Vec<_> = provenance["command"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(typed.ends_with(&args.split(' ').collect::<Vec<_>>()), "{typed:?}");
}

#[test]
fn mean_field_starts_from_data_and_from_gibbs_samples() {
    let scene = Scene::new();
    let digits = "--start-from data --data builtin:mnist10k --betas 1.5 --starts 8 --format json";
    let result = scene.json(&format!("estimate builtin:mnist20 --method mf {digits}"));
    let diagnostics = &result["curves"][0]["diagnostics"];
    assert!(diagnostics["distinct_by_beta"][0].as_f64().unwrap() > 1.0, "{diagnostics}");
    assert_eq!(result["provenance"]["settings"]["mf"]["start_from"], "data");
    scene.stdout("compare r.npz --method mf --betas 1 --starts 3 --start-from gibbs --report uniform-start --out out");
    for (args, note) in [
        ("--method mf --start-from gibbs", "note: --start-from has no effect on a single start"),
        ("--method exact --starts 3", "note: --starts has no effect without mf, tap2, tap3 or mf-mixture"),
        ("--method mf --starts 3", ""),
    ] {
        let output = scene.run(&format!("estimate r.npz {args}"));
        assert!(stderr(&output).starts_with(note) && output.status.success(), "{args}: {}", stderr(&output));
    }
    let unread = scene.run("estimate builtin:mnist20 --method mf --betas 0.1 --data builtin:mnist10k");
    assert!(stderr(&unread).contains("note: --data has no effect"), "{}", stderr(&unread));
}

#[test]
fn csv_has_a_row_for_each_method_and_beta() {
    let scene = Scene::new();
    let text = scene.stdout("estimate r.npz --method exact,mf --betas 0:1:3 --format csv");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let column =
        |reader: &mut csv::Reader<&[u8]>, name| reader.headers().unwrap().iter().position(|h| h == name).unwrap();
    let [method, beta, log_z] = ["method", "beta", "log_z"].map(|name| column(&mut reader, name));
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    let of = |k: usize| rows.iter().map(|row| row[k].to_owned()).collect::<Vec<_>>();
    assert_eq!(of(method), ["exact", "exact", "exact", "mf", "mf", "mf"]);
    assert_eq!(of(beta).iter().map(|b| b.parse().unwrap()).collect::<Vec<f64>>(), [0.0, 0.5, 1.0, 0.0, 0.5, 1.0]);
    assert!((rows[2][log_z].parse::<f64>().unwrap() - 7.177_112_386_402).abs() < 1e-9);
}

#[test]
fn the_number_of_threads_changes_no_number() {
    let scene = Scene::new();
    let points = |threads: usize| {
        let args =
            "estimate r.npz --method exact,ais,tap2 --betas 0:2:5 --chains 100 --rungs 50 --format json --threads";
        let result = scene.json(&format!("{args} {threads}"));
        result["curves"].as_array().unwrap().iter().map(|curve| curve["points"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(points(1), points(4));
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let scene = Scene::new();
    for args in ["estimate r.npz --method exact --betas 0:2:5000", "info r.npz", "--help"] {
        let mut child = scene.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{args}: {}", stderr(&output));
    }
}

#[test]
fn compare_writes_what_it_says_and_plot_draws_it_again() {
    let scene = Scene::new();
    let text = scene.stdout("compare r.npz --betas 0:2:9 --chains 100 --rungs 50 --out a/b");
    for words in ["β = 1\n", "exact", "ais", "mf", "tap2", "tap3", "bethe", "8.5173", "results.csv"] {
        assert!(text.contains(words), "`{words}` is not in: {text}");
    }
    let written: Vec<_> = text.lines().filter(|line| line.starts_with("a/b")).map(|line| scene.path(line)).collect();
    assert!(written.len() >= 4 && written.iter().all(|path| path.is_file()), "{written:?}");
    let mut folder = fs::read_dir(scene.path("a/b")).unwrap().map(|entry| entry.unwrap().path());
    assert!(folder.all(|path| written.contains(&path)), "the folder holds more than was said: {written:?}");

    let is_drawn = |path: &PathBuf| path.extension().is_some_and(|e| e == "svg" || e == "html");
    let (drawn, numbers): (Vec<_>, Vec<_>) = written.into_iter().partition(is_drawn);
    let before: Vec<_> = drawn.iter().map(|path| fs::read(path).unwrap()).collect();
    let saved: Vec<_> = numbers.iter().map(|path| fs::read(path).unwrap()).collect();
    drawn.iter().for_each(|path| fs::remove_file(path).unwrap());
    scene.stdout("plot a/b");
    assert_eq!(drawn.iter().map(|path| fs::read(path).unwrap()).collect::<Vec<_>>(), before);
    assert_eq!(numbers.iter().map(|path| fs::read(path).unwrap()).collect::<Vec<_>>(), saved);
}

/// Numbers of a chart and of a map with a missing cell; a number that f64 prints in many digits
/// must come back the same. An estimate with error bars, and a line of theory.
fn two_curves() -> Chart {
    let third = 1.0 / 3.0;
    Chart {
        title: "ln Z".into(),
        subtitle: String::new(),
        caption: String::new(),
        labels: ["β".into(), "ln Z".into()],
        series: vec![
            Series::measured(
                "ais",
                1,
                [(0.0, Some(third), Some(0.1 * third)), (1.0, None, None), (2.0, Some(1.0), None)],
            ),
            Series::theory("exact", 0, [(0.0, third), (2.0, 1.0)]),
        ],
        vertical: vec![(1.0, "β = 1".into())],
        horizontal: vec![],
    }
}

#[test]
fn plot_draws_saved_figures_again_byte_for_byte() {
    let scene = Scene::new();
    let third = 1.0 / 3.0;
    let map = HeatMap {
        title: "q".into(),
        subtitle: String::new(),
        labels: ["g".into(), "α".into(), "q".into()],
        x: vec![0.0, third],
        y: vec![0.5, 1.0],
        log_y: true,
        values: vec![Some(0.0), Some(third), None, Some(1.0)],
        contours: vec![third],
        overlays: vec![Overlay { label: "line".into(), points: vec![(0.0, 0.1), (third, 2.0)] }],
    };
    fs::create_dir(scene.path("a")).unwrap();
    FigureFile::from(two_curves()).save(&scene.path("a"), "log_z").unwrap();
    FigureFile::from(map).save(&scene.path("a"), "overlap").unwrap();
    let drawn = ["a/log_z.svg", "a/overlap.svg"];
    let before = drawn.map(|path| fs::read(scene.path(path)).unwrap());
    drawn.iter().for_each(|path| fs::remove_file(scene.path(path)).unwrap());
    assert_eq!(scene.stdout("plot a"), format!("{}\n{}\n", drawn[0], drawn[1]));
    assert!(drawn.map(|path| fs::read(scene.path(path)).unwrap()) == before);

    fs::write(scene.path("a/bad.figure.json"), "{\"figure\": \"pie\"}").unwrap();
    assert_refused(&scene, "plot a", &["bad.figure.json", "pie"]);
}

#[test]
fn png_stands_beside_svg_or_the_program_says_how_to_get_it() {
    let scene = Scene::new();
    fs::create_dir(scene.path("a")).unwrap();
    FigureFile::from(two_curves()).save(&scene.path("a"), "log_z").unwrap();
    let output = scene.run("plot a --png");
    if cfg!(not(feature = "png")) {
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains("--png") && stderr(&output).contains("--features png"), "{}", stderr(&output));
        return;
    }
    // Twice the size; or, on a machine without a font, a refusal that says so.
    if output.status.success() {
        let png = fs::read(scene.path("a/log_z.png")).unwrap();
        assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
        assert_eq!(u32::from_be_bytes(png[16..20].try_into().unwrap()), 2 * 820);
        assert!(png.len() > 10_000);
    } else {
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains("no font is installed"), "{}", stderr(&output));
    }
}

#[test]
fn plot_refuses_a_folder_without_results() {
    let scene = Scene::new();
    assert_refused(&scene, "plot nowhere", &["nowhere", "plefka compare"]);
    fs::create_dir(scene.path("bad")).unwrap();
    for bad in ["", "{}", "{\"schema\": 1}", "{\"schema\": 99}"] {
        fs::write(scene.path("bad/results.json"), bad).unwrap();
        assert_refused(&scene, "plot bad", &["results.json"]);
    }
}

#[test]
fn compare_leaves_out_exact_only_where_nobody_asked_for_it() {
    let scene = Scene::new();
    let output = scene.run("compare r.npz --betas 1 --exact-limit 3 --chains 100 --rungs 50 --out out");
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stderr(&output).starts_with("note: `exact` is left out"), "{}", stderr(&output));
    let result: Value = serde_json::from_slice(&fs::read(scene.path("out/results.json")).unwrap()).unwrap();
    let curves = result["curves"].as_array().unwrap();
    assert_eq!(curves.len(), 6);
    assert_eq!(curves[0]["method"], "auto", "the report leads with the method that stands in for it");
    assert_refused(&scene, "compare r.npz --method exact,ais --exact-limit 3", &["--exact-limit 4"]);
}

#[test]
fn strict_turns_doubt_into_failure() {
    let scene = Scene::new();
    let hasty = "compare r.npz --method tap2 --betas 1 --max-iterations 1 --out out";
    let lenient = scene.run(hasty);
    assert_eq!(lenient.status.code(), Some(0));
    assert!(stderr(&lenient).starts_with("warning: tap2: "), "{}", stderr(&lenient));
    let strict = scene.run(&format!("{hasty} --strict"));
    assert_eq!(strict.status.code(), Some(1));
    assert!(!strict.stdout.is_empty(), "the result is printed all the same");
    assert!(stderr(&strict).contains("error: --strict: ") && stderr(&strict).contains("tap2 at β = 1"));
    scene.stdout("estimate r.npz --method exact --strict");
}

/// Methods that know their own error are held against each other; a bound from data refutes what
/// lies below it.
#[test]
fn compare_says_whether_the_methods_agree() {
    let scene = Scene::new();
    let text = scene.stdout("compare r.npz --method exact,ais,tap2,bar --betas 1 --chains 300 --rungs 30 --strict");
    assert!(text.contains("exact, ais and bar agree within "), "{text}");
    let alone = scene.stdout("compare r.npz --method ais,tap2 --betas 1 --chains 300 --rungs 30");
    assert!(alone.contains("ais alone, with no other estimate to check it against"), "{alone}");
    let poor = scene.stdout("compare r.npz --method ais --betas 8 --chains 10 --rungs 1");
    assert!(poor.contains("no method can be trusted; ais is set aside: "), "{poor}");
    let digits = "compare builtin:mnist20 --method exact,data-bound --data builtin:mnist10k --betas 1 --log-z-only";
    let bounded = scene.stdout(digits);
    assert!(bounded.contains("exact; the bound of data-bound holds") && bounded.contains("≥ "), "{bounded}");
}

#[test]
fn info_describes_the_model() {
    let scene = Scene::new();
    let text = scene.stdout("info r.npz");
    for words in ["6 visible × 4 hidden", "bit", "3.539667", "2.587554", "0.4035", "no exponent", "2^4 = 16 states"] {
        assert!(text.contains(words), "`{words}` is not in: {text}");
    }
    let json = scene.json("info r.npz --format json");
    assert_eq!((&json["schema"], &json["model"]["n_visible"]), (&1.into(), &6.into()));
    assert_eq!((&json["exact"]["log2_states"], &json["exact"]["within_limit"]), (&4.into(), &true.into()));
    assert!((json["weights"]["frobenius_norm"].as_f64().unwrap() - 3.539_667_207_254).abs() < 1e-11);
    let norms = &json["weights"]["norms"];
    assert!((norms["spectral"].as_f64().unwrap() - 2.587_554_274).abs() < 1e-9 && norms["power_law"].is_null());
    assert_eq!(norms["singular_values"].as_array().unwrap().len(), 4);
    scene.save("large.npz", 40, 40);
    assert!(scene.stdout("info large.npz").contains("2^40 states for each β, beyond the limit of 2^26"));
}

#[test]
fn every_kind_of_model_can_be_estimated_compared_and_described() {
    let scene = Scene::new();
    scene.save_other_kinds();
    let [cosh, sinh] = [1f64.cosh(), 1f64.sinh()].map(|x| (2.0 * x).powi(4));
    for (file, kind, units, n_units, log_z, says) in [
        ("ring.npz", "ising", "spin", 4, (cosh + sinh).ln(), "4 bonds"),
        ("two.npz", "levels", "bit", 1, (1.0 + (-1f64).exp()).ln(), "from 0.000000 to 1.000000"),
    ] {
        let result = scene.json(&format!("estimate {file} --method exact --format json"));
        let model = &result["model"];
        assert_eq!((&model["kind"], &model["units"]), (&kind.into(), &units.into()));
        assert_eq!(model["n_units"], n_units);
        let value = result["curves"][0]["points"][0]["log_z"]["value"].as_f64().unwrap();
        assert!((value - log_z).abs() < 1e-13, "{file}: {value} against {log_z}");

        let text = scene.stdout(&format!("compare {file} --betas 0:1:3 --method exact --out out"));
        assert!(text.contains(&format!("{kind} with {n_units} {units} units")), "{text}");
        assert!(scene.path("out/report.html").is_file());
        scene.stdout("plot out");

        let info = scene.stdout(&format!("info {file}"));
        assert!(info.contains(says) && info.contains(&format!("{n_units} units")), "{info}");
        assert_eq!(scene.json(&format!("info {file} --format json"))["model"]["n_units"], n_units);
    }
}

#[test]
fn a_method_that_a_model_has_not_is_refused() {
    let scene = Scene::new();
    scene.save_other_kinds();
    let says = ["--method", "`tap2` is not available for a model of kind `levels`", "use `exact`"];
    assert_refused(&scene, "estimate two.npz --method tap2", &says);
    assert_refused(&scene, "compare two.npz --method exact,bethe", &["`bethe` is not available"]);
    // Without --method the methods are those there are, but for `exact` if that is too much work.
    let result = scene.stdout("compare two.npz --betas 1 --out out");
    assert!(result.contains("exact") && !result.contains("tap2"), "{result}");
    io::save_model(&Levels::new(vec![0.5; 4]).unwrap(), &scene.path("four.npz")).unwrap();
    let output = scene.run("compare four.npz --betas 1 --exact-limit 1 --chains 100 --rungs 20 --out out");
    assert!(output.status.success() && stderr(&output).contains("2^2 states"), "{}", stderr(&output));
}

#[test]
fn models_are_made_from_a_size_and_a_seed() {
    let scene = Scene::new();
    for (args, kind, n_units) in [
        ("sk --spins 10", "ising", 10),
        ("hopfield --spins 12 --patterns 2", "ising", 12),
        ("rem --spins 8", "levels", 8),
        ("ising2d --side 3", "ising", 9),
    ] {
        let said = scene.stdout(&format!("model {args} -o m.npz"));
        assert!(said.starts_with(&format!("m.npz: {kind} with {n_units} ")), "{said}");
        assert_eq!(io::load_model(scene.path("m.npz").to_str().unwrap()).unwrap().info.kind, kind);
        scene.stdout("estimate m.npz --method exact --betas 0:1:3");
    }
    for (units, shape) in [("bit", "5 × 3 bit"), ("spin", "5 × 3 spin")] {
        let said = scene.stdout(&format!("model rbm --visible 5 --hidden 3 --units {units} --seed 4 --out m.npz"));
        assert!(said.contains(shape), "{said}");
    }
    // On spins the file holds what the library makes, and the same seed makes the same file.
    let first = fs::read(scene.path("m.npz")).unwrap();
    let loaded = io::load_model(scene.path("m.npz").to_str().unwrap()).unwrap();
    assert_eq!(loaded.rbm().unwrap(), &bipartite_sk(5, 3, 1.0, 4).unwrap());
    scene.stdout("model rbm --visible 5 --hidden 3 --seed 5 --out m.npz");
    assert_ne!(fs::read(scene.path("m.npz")).unwrap(), first);
    scene.stdout("model rbm --visible 5 --hidden 3 --seed 4 --out m.npz");
    assert_eq!(fs::read(scene.path("m.npz")).unwrap(), first);

    for (args, says) in [
        ("potts --spins 3 -o x.npz", &["potts"][..]),
        ("sk --spins 3", &["--out"]),
        ("sk -o x.npz", &["--spins"]),
        ("sk --spins 0 -o x.npz", &["0 spins", "at least one"]),
        ("sk --spins -3 -o x.npz", &["--spins", "whole number"]),
        ("sk --spins 99999999 -o x.npz", &["at most"]),
        ("rem --spins 40 -o x.npz", &["2^40 levels", "1 to 26"]),
        ("hopfield --spins 5 --patterns 0 -o x.npz", &["0 patterns"]),
        ("rbm --visible 3 --hidden 3 --g NaN -o x.npz", &["g = NaN", "finite"]),
        ("rbm --visible 3 --hidden 3 --g strong -o x.npz", &["--g"]),
        ("ising2d --side 1 -o x.npz", &["1 × 1", "at least 2"]),
        ("sk --spins 3 -o no/such/x.npz", &["--out", "no/such", "folder"]),
        ("sk --spins 3 -o .", &["--out", "is a folder"]),
    ] {
        assert_refused(&scene, &format!("model {args}"), says);
        assert!(!scene.path("x.npz").exists(), "{args}");
    }
}

#[test]
fn samples_are_exact_where_they_can_be_and_say_so() {
    let scene = Scene::new();
    scene.save_other_kinds();
    let r = io::load_model(scene.path("r.npz").to_str().unwrap()).unwrap();
    let means = r.rbm().unwrap().unit_means(2.0, &plefka::Run::quiet(0)).unwrap();
    for (more, says) in
        [("", "exact samples, by enumeration of 2^4 states"), ("--exact-limit 3", "Gibbs sampling by 100")]
    {
        let output = scene.run(&format!("sample r.npz --beta 2 --count 5000 --seed 3 --out x.npz {more}"));
        assert!(output.status.success() && stderr(&output).contains(says), "{}", stderr(&output));
        assert_eq!(String::from_utf8_lossy(&output.stdout), "x.npz: X (5000, 6) of 0/1\n");
        let data = io::load_data(scene.path("x.npz").to_str().unwrap(), Some(6)).unwrap();
        assert_eq!(data.n_samples(), 5000);
        // Five standard errors of independent samples; those of a chain every 2τ sweeps are nearly
        // that.
        for i in 0..6 {
            let m = means.visible[i];
            let mean = data.rows().map(|row| f64::from(row[i])).sum::<f64>() / 5000.0;
            let error = (m * (1.0 - m) / 5000.0).sqrt();
            assert!((mean - m).abs() < 5.0 * error, "{says}, unit {i}: {mean} against {m} ± {error}");
        }
    }
    scene.stdout("sample ring.npz --beta 50 --count 40 -o x.npz");
    let ring = io::load_data(scene.path("x.npz").to_str().unwrap(), None).unwrap();
    assert!(ring.rows().all(|row| row.iter().all(|x| *x == row[0])), "all up or all down when it is cold");
    scene.stdout("sample two.npz --count 3 -o x.npz");

    scene.stdout("model sk --spins 12 -o sk.npz");
    let by_chains = scene.run("sample sk.npz --count 5 --exact-limit 11 --out x.npz");
    assert!(stderr(&by_chains).contains("Gibbs sampling by 5 chains"), "{}", stderr(&by_chains));
    for (args, says) in [
        ("r.npz --out x.npz", &["--count"][..]),
        ("r.npz --count 0 --out x.npz", &["--count 0", "from 1"]),
        ("r.npz --count 99999999999999999 --out x.npz", &["--count 99999999999999999", "from 1 to"]),
        ("r.npz --count -4 --out x.npz", &["--count", "whole number"]),
        ("r.npz --count 5 --beta -1 --out x.npz", &["--beta", "negative"]),
        ("r.npz --count 5 --beta NaN --out x.npz", &["--beta", "finite"]),
        ("r.npz --count 5 --burn-in 3 --out x.npz", &["--burn-in 3", "20"]),
        ("r.npz --count 5 --exact-limit 0 --out x.npz", &["--exact-limit 0"]),
        ("r.npz --count 5", &["--out"]),
        ("r.npz --count 5 --out no/such/x.npz", &["--out", "no/such"]),
        ("missing.npz --count 5 --out x.npz", &["missing.npz"]),
    ] {
        assert_refused(&scene, &format!("sample {args}"), says);
    }
    // Weights of which none can be represented.
    io::save_model(&Levels::new(vec![-1e300, 1e300]).unwrap(), &scene.path("wild.npz")).unwrap();
    let wild = scene.run("sample wild.npz --count 5 --beta 1e300 --out y.npz");
    assert!(wild.status.code() == Some(1) && stderr(&wild).contains("not a finite number"), "{}", stderr(&wild));
    assert!(!scene.path("y.npz").exists());
}

#[test]
fn every_subcommand_has_help() {
    let scene = Scene::new();
    for command in
        ["", "estimate", "compare", "info", "plot", "sample", "model", "model sk", "sweep", "merge", "temperature"]
    {
        assert!(scene.stdout(&format!("{command} --help")).contains("Usage: plefka"));
    }
    assert!(scene.stdout("estimate --help").contains("[default: 0.5]"));
    assert_eq!(scene.stdout("--version"), format!("plefka {}\n", env!("CARGO_PKG_VERSION")));
}

/// Far more work than the test waits for; the interrupt comes while it is being done.
#[cfg(unix)]
#[test]
fn an_interrupted_run_prints_what_it_has() {
    let scene = Scene::new();
    scene.save("wide.npz", 40, 14);
    let args = "estimate wide.npz --method exact --betas 0:2:100000 --format json";
    let child = scene.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_secs(1));
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stderr(&output).contains("error: stopped by Ctrl-C"), "{}", stderr(&output));
    let result: Value = serde_json::from_slice(&output.stdout).unwrap();
    let curve = &result["curves"][0];
    assert_eq!((&curve["status"], curve["points"].as_array().unwrap().len()), (&"cancelled".into(), 100_000));
    assert_eq!(
        (&curve["points"][99_999]["status"], &curve["points"][99_999]["log_z"]),
        (&"cancelled".into(), &Value::Null)
    );
    assert!(curve["points"][0]["log_z"]["value"].is_f64());
}
