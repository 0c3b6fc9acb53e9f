//! Settings: declared once by each estimator, and the same thing on the command line, in a plan, in
//! the provenance of a result and in the identity of a job.
#![cfg(feature = "cli")]

mod common;

use std::process::Command;

use common::fixture_r;
use plefka::{
    Betas, Estimator, Method, Run,
    estimator::{Ais, Bar, Kind, MethodConfig, ReverseAis, Start, Tempering},
    io,
    sweep::{self, Outcome, Plan},
};
use serde_json::Value;

/// A folder with the model R in it, where the program runs.
struct Scene(tempfile::TempDir);

impl Scene {
    fn new() -> Self {
        let scene = Self(tempfile::tempdir().unwrap());
        io::save_model(&fixture_r(), &scene.0.path().join("r.npz")).unwrap();
        scene
    }

    fn plan(&self, methods: &str) -> Result<Plan, plefka::Error> {
        let text = format!("[model]\nsource = 'r.npz'\n{methods}");
        Plan::parse(&text, &self.0.path().join("plan.toml"))
    }

    fn json(&self, args: &str) -> Value {
        let mut command = Command::new(env!("CARGO_BIN_EXE_plefka"));
        let output = command.args(args.split_whitespace()).current_dir(self.0.path()).output().unwrap();
        assert!(output.status.success(), "{args}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

fn log_z(plan: &Plan) -> f64 {
    let job = plan.grid().job(0);
    match plan.outcome(&job, &Run::quiet(0)).unwrap() {
        Some(Outcome::Curve(curve)) => curve.points[0].log_z.unwrap().value,
        other => panic!("{other:?}"),
    }
}

/// The tables of inner configurations in a plan are not only part of the identity (and so of the
/// seed): they are used. Planted bug that fails: a table that is replaced by defaults where the job
/// is run.
#[test]
fn tempering_in_a_plan_reaches_the_methods_that_start_from_it() {
    let scene = Scene::new();
    let reverse = ReverseAis {
        annealing: Ais { chains: 20, rungs: 20, ..Ais::default() },
        start: Start::Tempering,
        tempering: Tempering { ladders: 5, sweeps: 100, records: 50, burn_in: 20, ..Tempering::default() },
        ..ReverseAis::default()
    };
    let ReverseAis { annealing, start, burn_in, tempering } = reverse.clone();
    let bar = Bar { annealing, start, burn_in, tempering };
    for method in ["bar", "reverse-ais"] {
        let text = format!(
            "[methods.{method}]\nstart = 'tempering'\nchains = 20\nrungs = 20\n\
             [methods.{method}.tempering]\nladders = 5\nsweeps = 100\nrecords = 50\nburn_in = 20\n"
        );
        let plan = scene.plan(&text).unwrap();
        assert_eq!(plan.grid().methods[0].settings["tempering"]["ladders"], 5, "{method}");
        let (rbm, betas, run) = (fixture_r(), Betas::one(1.0).unwrap(), Run::quiet(plan.grid().job(0).seed));
        let by_hand = if method == "bar" { bar.curve(&rbm, &betas, &run) } else { reverse.curve(&rbm, &betas, &run) };
        assert_eq!(log_z(&plan), by_hand.unwrap().values.log_z[0], "{method}");
    }
}

/// A setting has one name in all places, also where its field lies within another configuration.
#[test]
fn a_plan_takes_the_names_of_the_flags() {
    let scene = Scene::new();
    let flat = scene.plan("[methods.bar]\nchains = 30\nrungs = 10\nladders = 2\nsweeps = 500\n").unwrap();
    let nested = "[methods.bar.annealing]\nchains = 30\nrungs = 10\n\
                  [methods.bar.tempering]\nladders = 2\nsweeps = 500\nburn_in = 100\n";
    let nested = scene.plan(nested).unwrap();
    assert_eq!(flat.grid().methods[0].settings, nested.grid().methods[0].settings);
    let typed = scene.json("estimate r.npz --method bar --chains 30 --rungs 10 --ladders 2 --sweeps 500 --format json");
    let fields: serde_json::Map<String, Value> = flat.grid().methods[0].settings.clone().into_iter().collect();
    let mut said = typed["provenance"]["settings"]["bar"].clone();
    // A setting that came after the identities of jobs is no part of these at its default.
    for within in ["annealing", "tempering"] {
        assert_eq!(said[within].as_object_mut().unwrap().remove("path"), Some(Value::from("direct")));
    }
    assert_eq!(said, Value::Object(fields));
    for spelling in ["uniform-start", "uniform_start"] {
        let plan = scene.plan(&format!("[methods.tap2]\nreport = '{spelling}'\n")).unwrap();
        assert_eq!(plan.grid().methods[0].settings["report"], "uniform-start");
    }
    // Either order: what follows a setting gives way to what is said itself.
    for text in ["burn_in = 7\nsweeps = 500\n", "sweeps = 500\nburn_in = 7\n"] {
        let plan = scene.plan(&format!("[methods.tempering]\n{text}")).unwrap();
        assert_eq!(plan.grid().methods[0].settings["burn_in"], 7);
    }
    let refusal = scene.plan("[methods.bar]\nchain = 30\n").map(drop).unwrap_err().to_string();
    assert!(refusal.contains("line 4: `methods.bar.chain` is not known here"), "{refusal}");
    assert!(refusal.contains("chains, rungs"), "{refusal}");
}

#[test]
fn replicates_reach_every_method_that_has_an_error_bar() {
    let scene = Scene::new();
    let methods = "ais,reverse-ais,bar,tempering,ti";
    let run = |replicates: usize| {
        let short = "--chains 20 --rungs 10 --sweeps 300 --records 100 --ladders 2";
        let args = format!("estimate r.npz --method {methods} {short} --replicates {replicates} --format json");
        scene.json(&args)
    };
    let (few, many) = (run(20), run(60));
    for (k, method) in methods.split(',').enumerate() {
        let std_error = |result: &Value| result["curves"][k]["points"][0]["log_z"]["std_error"].as_f64().unwrap();
        assert_eq!(few["curves"][k]["method"], method);
        assert_ne!(std_error(&few), std_error(&many), "{method}");
    }
}

#[test]
fn provenance_says_what_was_run() {
    let scene = Scene::new();
    let result = scene.json("estimate r.npz --method bar,ais --chains 50 --rungs 10 --base biases --format json");
    let settings = &result["provenance"]["settings"];
    assert_eq!(settings["bar"]["annealing"]["chains"], 50);
    assert_eq!(settings["ais"]["chains"], 50);
    assert_eq!(settings["bar"]["annealing"]["base"], "biases");
    assert_eq!(settings["bar"]["tempering"]["base"], "biases");
    assert_eq!(settings.as_object().unwrap().len(), 2, "only what was run: {settings}");
}

/// The forecast of `--dry-run` looks for settings by their names, not where a table happens to have
/// them.
#[test]
fn the_forecast_of_memory_counts_chains_within_another_table() {
    let scene = Scene::new();
    let bytes = |chains: usize| {
        let text = format!("[methods.bar.annealing]\nchains = {chains}\nrungs = 1\n");
        sweep::forecast(&scene.plan(&text).unwrap(), 1).unwrap().bytes
    };
    let (few, many) = (bytes(10), bytes(20_000));
    // 8 bytes for each unit and 64 for each β of a chain, and 4 for each of 200 replicates.
    assert!(many - few > 19_000.0 * (80.0 + 64.0 + 800.0), "{few} and {many}");
}

/// The declaration of every method: each setting names fields that exist, has a default of its
/// kind, and can be set to it.
#[test]
fn every_setting_fits_its_configuration() {
    for method in Method::ALL {
        let settings = MethodConfig::settings(method);
        for setting in &settings {
            let default = MethodConfig::default_of(method, setting).unwrap_or_else(|| {
                panic!("{method}: `{}` sets no field that there is: {:?}", setting.name, setting.fields)
            });
            let fits = match setting.kind {
                Kind::Count => default.is_u64(),
                Kind::Real => default.is_f64(),
                Kind::Switch => default.is_boolean(),
                Kind::Choice(choices) => choices.iter().any(|(name, _)| default == *name),
            };
            assert!(fits, "{method}: {} = {default}", setting.name);
            let mut config = MethodConfig::of(method);
            assert_eq!(config.set(&[(setting.name, default)]).unwrap(), 1);
            if let Kind::Choice(choices) = setting.kind {
                for (name, help) in choices {
                    assert!(!help.is_empty() && !help.ends_with('.'));
                    config.set(&[(setting.name, (*name).into())]).unwrap();
                    assert_eq!(config.value(setting.name).unwrap(), *name);
                }
            }
            let refusal = config.set(&[(setting.name, "nonsense".into())]).unwrap_err().to_string();
            assert!(refusal.contains("nonsense cannot be used"), "{method}: {refusal}");
        }
        let names: std::collections::BTreeSet<_> = settings.iter().map(|setting| setting.name).collect();
        assert_eq!(names.len(), settings.len(), "{method} declares a name twice");
    }
}

/// The short way in gives what the estimator itself gives.
#[test]
fn the_short_way_in_is_the_estimator_with_its_defaults() {
    let rbm = fixture_r();
    let betas = Betas::one(1.0).unwrap();
    let curve = plefka::estimate(&rbm, Method::Exact, &betas).unwrap();
    assert!((curve.values.log_z[0] - 7.177112386402).abs() < 1e-11);
}

/// The one start of mean field is from free units, wherever the others would be from.
#[test]
fn a_setting_without_effect_is_remarked_on() {
    let remark = |settings: &[(&str, Value)]| {
        let mut config = MethodConfig::of(Method::Tap2);
        config.set(settings).unwrap();
        config.remark()
    };
    let (gibbs, few) = (("start_from", Value::from("gibbs")), ("starts", Value::from(2)));
    let (setting, why) = remark(std::slice::from_ref(&gibbs)).unwrap();
    assert!(setting == "start_from" && why.contains("ask for more `starts`"), "{setting}: {why}");
    assert_eq!(remark(&[gibbs, few.clone()]), None);
    assert_eq!((remark(&[]), remark(&[few])), (None, None));
}

/// Of each kind one value that is not of it.
#[test]
fn a_value_of_another_kind_is_refused() {
    for (method, name, value, remedy) in [
        (Method::Ais, "chains", Value::from(2.5), "whole number"),
        (Method::Ais, "chains", Value::from(-2), "whole number"),
        (Method::Tap2, "damping", Value::from("much"), "finite number"),
        (Method::Exact, "log_z_only", Value::from(1), "true or false"),
        (Method::Tap2, "solver", Value::from("magic"), "choose one of auto, ascent"),
    ] {
        let refusal = MethodConfig::of(method).set(&[(name, value)]).unwrap_err().to_string();
        assert!(refusal.contains(name) && refusal.contains(remedy), "{refusal}");
    }
}
