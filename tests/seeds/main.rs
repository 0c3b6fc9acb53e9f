//! The number of a seed is a promise: nobody's figure moves because plefka was updated, unless the
//! CHANGELOG says so and why.
//!
//! Every estimator runs with its settings one by one away from their defaults, on models of every
//! kind, and all that it reports (values, error bars, diagnostics, warnings) is held against what
//! it reported before, `tests/data/seeds/METHOD.json`. These numbers are not known to be right:
//! the other tests are for that. Where one of them moves on purpose, write it into the CHANGELOG,
//! and write the file anew:
//!
//! ```sh
//! PLEFKA_NEW_SEEDS=1 cargo test --release --test seeds
//! ```

#[path = "../common/mod.rs"]
mod common;
mod models;
mod records;

use plefka::{
    Betas, Curve, Method, Run,
    estimator::{CertainBounds, MethodConfig},
    io::CurveRecord,
    model::AnyModel,
};
use serde_json::Value;

use self::{
    models::{data, model, trajectory},
    records::compare,
};

/// A run with seed 7, at β = ½ and 1 if the case does not say where. `case` is a model, settings and
/// β, such as `bits chains=40 schedule=adaptive betas=0,0.5,2`.
fn run(method: Method, case: &str) -> (AnyModel, Curve) {
    let mut words = case.split(' ');
    let model = model(words.next().unwrap());
    let mut config = MethodConfig::of(method);
    let mut betas = Betas::new([0.5, 1.0]).unwrap();
    for (name, value) in words.map(|word| word.split_once('=').unwrap()) {
        if name == "betas" {
            betas = value.parse().unwrap();
            continue;
        }
        let value = serde_json::from_str(value).unwrap_or_else(|_| value.into());
        assert_eq!(config.set(&[(name, value)]).unwrap(), 1, "{method} has no setting {name}");
    }
    if let (true, Some(data)) = (config.reads_data(), data(&model)) {
        config.give_data(&data);
    }
    if let (true, Some(trajectory)) = (config.follows_trajectory(), trajectory(&model)) {
        config.give_trajectory(&trajectory);
    }
    let curve = config.prepare(&model).unwrap().curve(&betas, &Run::quiet(7)).unwrap();
    (model, curve)
}

/// What a curve reports, in a form that two runs can be compared in.
fn record(curve: &Curve) -> Value {
    let mut record = serde_json::to_value(CurveRecord::from(curve)).unwrap();
    record.as_object_mut().unwrap().remove("seconds");
    record
}

/// Runs the cases of a method, and holds what they report against what they reported before.
fn holds(method: Method, cases: &[&str]) {
    holds_in(method.name(), method, cases);
}

/// The same for cases whose numbers stand in a file of their own, so that they run beside the others.
fn holds_in(file: &str, method: Method, cases: &[&str]) {
    compare(file, cases.iter().map(|case| (case.to_string(), record(&run(method, case).1))).collect());
}

#[test]
fn exact() {
    holds(
        Method::Exact,
        &[
            "bits",
            "coupled log_z_only=true",
            "spins",
            "mixed",
            "ising",
            "ring",
            "levels",
            "bits log_z_only=true betas=0,2",
            "coupled betas=0,0.2,3",
            "strong",
        ],
    );
}

#[test]
fn ais() {
    holds(
        Method::Ais,
        &[
            "bits chains=40 rungs=30",
            "bits chains=130 rungs=20 kernel=block schedule=sigmoid",
            "spins chains=40 rungs=30 kernel=collapsed schedule=salakhutdinov-murray",
            "mixed chains=40 rungs=30 schedule=adaptive replicates=20",
            "modes chains=60 rungs=40 base=mean-field",
            "modes chains=60 rungs=40 base=data schedule=adaptive",
            "coupled chains=40 rungs=30 base=biases",
            "modes chains=60 rungs=40 path=trajectory kernel=block",
            "coupled chains=60 rungs=40 path=every-checkpoint schedule=adaptive",
            "ising chains=40 rungs=20",
            "ring chains=40 rungs=20 schedule=adaptive",
            "levels chains=40 rungs=20",
            "wide chains=40 rungs=20",
            "bits chains=40 rungs=30 betas=0,0.2,0.7,2",
            "modes chains=7 rungs=12 betas=0,1",
            "coupled chains=33 rungs=10 path=every-checkpoint betas=0.3,1",
            "spins chains=40 rungs=20 base=data",
            "ising chains=40 rungs=20 base=mean-field",
            "ring chains=40 rungs=20 base=mean-field",
            "ring chains=40 rungs=20 base=biases kernel=block",
            "phases chains=60 rungs=40",
            "modes chains=300 rungs=8 schedule=adaptive",
            "free chains=20 rungs=10",
            "free chains=20 rungs=10 base=biases",
        ],
    );
}

#[test]
fn ais_from_mixtures() {
    holds_in(
        "ais-mixture",
        Method::Ais,
        &[
            "modes chains=60 rungs=40 base=mixture",
            "wide chains=40 rungs=20 base=mixture",
            "mixed chains=40 rungs=25 base=mixture",
            "spins chains=40 rungs=25 base=mixture kernel=block",
            "strong chains=40 rungs=30 base=mixture betas=0,0.3,1",
        ],
    );
}

#[test]
fn reverse_ais() {
    holds(
        Method::ReverseAis,
        &[
            "bits chains=40 rungs=30",
            "coupled chains=60 rungs=30 start=gibbs burn_in=50",
            "modes chains=60 rungs=30 start=tempering burn_in=40 ladders=8 temperatures=6 sweeps=120 records=20",
            "modes chains=60 rungs=30 base=data",
            "modes chains=60 rungs=30 base=mixture",
            "coupled chains=40 rungs=30 base=mixture start=exact",
            "ring chains=40 rungs=20 start=gibbs burn_in=30",
            "levels chains=40 rungs=20",
            "phases chains=40 rungs=20 start=exact",
            "phases chains=40 rungs=20 start=gibbs burn_in=20",
            "modes chains=17 rungs=15 start=tempering ladders=3 temperatures=5 sweeps=60 records=20",
            "bits chains=40 rungs=20 betas=0,0.5,2",
            "spins chains=40 rungs=20 base=biases start=gibbs burn_in=20",
            "mixed chains=40 rungs=20 base=mean-field",
            "coupled chains=40 rungs=20 path=every-checkpoint start=exact",
            "modes chains=20 rungs=20 path=trajectory start=tempering ladders=8 temperatures=4 sweeps=40 records=20",
            "strong chains=300 rungs=20 betas=0.2,1",
            "free chains=20 rungs=10 base=biases",
        ],
    );
}

#[test]
fn bar() {
    holds(
        Method::Bar,
        &[
            "bits chains=40 rungs=30",
            "coupled chains=60 rungs=30 start=gibbs burn_in=50",
            "modes chains=60 rungs=30 start=tempering burn_in=40 ladders=8 temperatures=6 sweeps=120 records=20",
            "modes chains=60 rungs=30 base=data schedule=adaptive",
            "modes chains=60 rungs=30 base=mixture start=tempering ladders=4 temperatures=5 sweeps=120 records=40",
            "coupled chains=60 rungs=30 path=trajectory start=exact",
            "spins chains=40 rungs=20 start=tempering ladders=3 temperatures=4 sweeps=60 records=20 replicates=30",
            "ising chains=40 rungs=20 start=gibbs burn_in=30",
            "levels chains=40 rungs=20",
            "phases chains=40 rungs=20 start=exact",
            "bits chains=40 rungs=20 betas=0,0.5,2",
            "strong chains=40 rungs=10 start=gibbs burn_in=20",
            "modes chains=17 rungs=15 start=tempering ladders=3 temperatures=5 sweeps=60 records=20",
            "mixed chains=200 rungs=20 base=biases",
            "phases chains=40 rungs=20 start=tempering ladders=8 temperatures=4 sweeps=50 records=20",
            "free chains=20 rungs=10 base=biases",
            "free chains=20 rungs=10 base=uniform start=gibbs burn_in=5",
        ],
    );
}

#[test]
fn tempering() {
    holds(
        Method::Tempering,
        &[
            "bits temperatures=5 sweeps=200 records=50",
            "coupled temperatures=6 sweeps=400 records=40 ladders=3 kernel=collapsed",
            "modes temperatures=6 sweeps=300 records=60 kernel=block burn_in=30",
            "modes temperatures=5 sweeps=300 base=mixture replicates=20",
            "modes temperatures=5 sweeps=200 base=data",
            "spins temperatures=5 sweeps=200 base=mean-field",
            "modes temperatures=6 sweeps=200 path=trajectory",
            "coupled temperatures=7 sweeps=200 path=every-checkpoint ladders=9",
            "mixed temperatures=5 sweeps=200 base=biases",
            "ising temperatures=5 sweeps=200",
            "ring temperatures=5 sweeps=200",
            "levels temperatures=4 sweeps=200",
            "wide temperatures=5 sweeps=200 base=mixture",
            "phases temperatures=5 sweeps=200",
            "bits temperatures=5 sweeps=200 ladders=2 betas=0,0.25,2",
            "modes temperatures=5 sweeps=100 records=50 base=mixture betas=0,1",
            "bits temperatures=2 sweeps=60 records=30 burn_in=3 ladders=1",
            "coupled temperatures=4 sweeps=100 records=7",
            "strong temperatures=3 sweeps=300 records=100",
            "phases temperatures=2 sweeps=60 records=30",
            "strong temperatures=2 sweeps=40 records=40 betas=2",
            "golf temperatures=4 sweeps=50 records=25 betas=0,3",
            "hole temperatures=3 sweeps=40 records=20 burn_in=5",
            "ising temperatures=3 sweeps=70 records=35 base=mean-field kernel=block",
            "modes temperatures=3 sweeps=100 records=30 kernel=collapsed path=trajectory",
            "free temperatures=3 sweeps=40 records=20 base=biases",
            "free temperatures=3 sweeps=40 records=20",
        ],
    );
}

#[test]
fn integration() {
    holds(
        Method::Integration,
        &[
            "bits temperatures=5 sweeps=200 records=50",
            "modes temperatures=7 sweeps=300 burn_in=30 ladders=4",
            "wide temperatures=6 sweeps=200 burn_in=30",
            "modes temperatures=6 sweeps=200 replicates=20",
            "levels temperatures=5 sweeps=200",
            "phases temperatures=5 sweeps=200",
            "bits temperatures=5 sweeps=100 records=50 ladders=2 betas=0,0.25,2",
            "coupled temperatures=8 sweeps=200 ladders=9 records=40",
            "strong temperatures=5 sweeps=300 records=100",
            "free temperatures=5 sweeps=40 records=20",
        ],
    );
}

#[test]
fn data_bound() {
    holds(Method::DataBound, &["bits", "modes", "spins", "mixed", "modes betas=0,0.1,2", "strong"]);
}

#[test]
fn mean_field() {
    holds(
        Method::MeanField,
        &[
            "bits",
            "modes starts=20",
            "modes starts=12 start_from=gibbs",
            "spins starts=8",
            "ising starts=5",
            "ring",
            "strong starts=12",
            "glass starts=10",
            "coupled starts=8 betas=0,0.1,3",
            "wide starts=4",
            "phases starts=6",
        ],
    );
}

#[test]
fn tap2() {
    holds(
        Method::Tap2,
        &[
            "bits",
            "modes starts=20",
            "modes starts=12 start_from=gibbs report=sum",
            "modes starts=12 start_from=data report=uniform-start",
            "modes",
            "wide",
            "modes report=annealed",
            "coupled starts=10 solver=ascent",
            "coupled starts=10 solver=damped damping=0.7",
            "coupled starts=10 solver=anderson",
            "coupled starts=10 solver=memory damping=0.2",
            "coupled starts=6 solver=anneal",
            "coupled starts=10 solver=minimize",
            "coupled starts=4 solver=damped max_iterations=5",
            "modes starts=6 tolerance=1e-4",
            "spins starts=8",
            "mixed starts=8",
            "ising starts=5",
            "ring starts=5",
            "strong starts=12 betas=0,0.2,0.5,1",
            "strong report=annealed betas=0.1:1:4",
            "strong starts=8 report=sum",
            "glass starts=10",
            "glass starts=4 solver=minimize",
            "glass starts=5 solver=damped",
            "strong starts=4 max_iterations=12",
            "coupled starts=3 max_iterations=6",
            "glass starts=3 max_iterations=9 betas=3",
            "glass starts=5 solver=anderson max_iterations=40",
            "strong starts=5 solver=ascent max_iterations=30",
            "strong starts=5 solver=memory",
            "coupled starts=8 betas=0,0.1,3",
            "phases starts=6 betas=0.9,1",
            "wide betas=0,1.5",
            "mixed starts=10 start_from=data",
            "spins starts=10 start_from=gibbs report=sum",
            "free starts=3",
        ],
    );
}

#[test]
fn tap3() {
    holds(
        Method::Tap3,
        &[
            "bits",
            "modes starts=12",
            "spins starts=8",
            "coupled starts=5 solver=minimize",
            "strong starts=8 betas=0,0.2,0.5,1",
            "coupled starts=8 betas=0,0.1,3",
            "mixed starts=6 report=sum",
            "strong starts=4 solver=damped",
        ],
    );
}

#[test]
fn bethe() {
    holds(
        Method::Bethe,
        &[
            "bits",
            "modes",
            "spins",
            "ising damping=0.8",
            "ring",
            "coupled max_iterations=6",
            "mixed tolerance=1e-5",
            "strong",
            "strong damping=0.9 max_iterations=2000",
            "glass damping=0.5",
            "coupled betas=0,0.1,3",
            "phases",
            "free",
        ],
    );
}

#[test]
fn mixture() {
    holds(
        Method::Mixture,
        &[
            "bits starts=20",
            "modes starts=40",
            "modes starts=3 max_iterations=7",
            "coupled starts=64 tolerance=1e-3",
            "wide starts=40",
            "spins starts=30",
            "mixed starts=30",
            "ising starts=20",
            "ring starts=20",
            "strong starts=40 betas=0,0.3,1",
            "phases starts=20",
            "coupled starts=20 betas=0,0.1,3",
            "free starts=5",
        ],
    );
}

#[test]
fn auto() {
    let cases = ["levels", "bits betas=0,2", "spins exact_factors=1 time=4", "ring exact_factors=1 time=2"];
    holds(Method::Auto, &cases);
}

#[test]
fn auto_on_modes() {
    let cases = ["modes exact_factors=1 error=0.02", "phases exact_factors=1 time=8 betas=0.97"];
    holds_in("auto-modes", Method::Auto, &cases);
}

#[test]
fn auto_on_a_wide_model() {
    holds_in("auto-wide", Method::Auto, &["wide exact_factors=1 time=6"]);
}

/// Several waves, where the first leaves the error bar too large.
#[test]
fn auto_in_waves() {
    let cases =
        ["bits exact_factors=1 error=0.001 time=3 betas=1", "strong exact_factors=1 error=0.005 time=4 betas=0.6"];
    holds_in("auto-waves", Method::Auto, &cases);
}

/// Numbers that contradict each other, work that is not enough, and long paths.
#[test]
fn auto_in_doubt() {
    let cases = [
        "free exact_factors=1 time=1 betas=1",
        "hole exact_factors=1 time=1 betas=1",
        "hole exact_factors=1 time=1 betas=0.55",
        "hole exact_factors=1 time=4 error=0.3 betas=1.1",
        "golf exact_factors=1 time=1 betas=1",
        "glass exact_factors=1 time=1 error=0.001 betas=1",
        "glass exact_factors=1 time=2 betas=5",
    ];
    holds_in("auto-doubt", Method::Auto, &cases);
}

/// The forecast of what a run holds in memory, of every method, by model, β and threads.
#[test]
fn memory() {
    let cases = [
        (vec![], "bits", 1, 1),
        (vec![], "wide", 41, 2),
        (vec![], "glass", 3, 1),
        (vec![], "levels", 2, 4),
        (vec![("chains", 1e6), ("starts", 3e4), ("records", 7e3), ("sweeps", 9e3), ("ladders", 12.0)], "wide", 1, 8),
        (vec![("chains", 1e3), ("starts", 1.0), ("temperatures", 90.0), ("replicates", 1e3)], "phases", 200, 3),
    ];
    let mut forecasts = serde_json::Map::new();
    for (settings, name, betas, threads) in cases {
        let model = model(name);
        for method in Method::ALL {
            let mut config = MethodConfig::of(method);
            let values: Vec<(&str, Value)> =
                settings.iter().map(|(name, value): &(&str, f64)| (*name, Value::from(*value as u64))).collect();
            config.set(&values).unwrap();
            let case = format!("{method} {name} {settings:?} {betas} {threads}");
            forecasts.insert(case, config.memory(&model, betas, threads).into());
        }
    }
    compare("memory", forecasts);
}

/// What is certain of a model, held against numbers that were sampled.
#[test]
fn certain_bounds() {
    let cases = [
        (Method::Ais, "phases chains=60 rungs=20"),
        (Method::Ais, "modes chains=30 rungs=4 base=biases"),
        (Method::Ais, "wide chains=40 rungs=5 base=mean-field"),
        (Method::Ais, "free chains=20 rungs=4 base=biases"),
        (Method::Ais, "ring chains=40 rungs=3"),
        (Method::ReverseAis, "phases chains=40 rungs=20 start=gibbs burn_in=10"),
        (Method::Bar, "strong chains=40 rungs=10 start=gibbs burn_in=5"),
        (Method::Tempering, "modes temperatures=3 sweeps=100 burn_in=10 records=50"),
        (Method::Tempering, "phases temperatures=4 sweeps=60 burn_in=5 records=60 base=biases betas=1"),
        (Method::Tempering, "wide temperatures=3 sweeps=40 burn_in=5 records=40 base=mean-field betas=1 ladders=3"),
        (
            Method::Bar,
            "phases chains=48 rungs=10 base=biases start=tempering ladders=3 temperatures=3 sweeps=40 records=20 betas=1",
        ),
        (Method::Tempering, "glass temperatures=3 sweeps=60 burn_in=6 records=60 ladders=2"),
    ];
    let held = |(method, case): (Method, &str)| {
        let (model, mut curve) = run(method, case);
        let (betas, data) = (curve.betas.clone(), data(&model));
        let bounds = CertainBounds::find(&model, data.as_ref(), &[&curve], &betas, &Run::quiet(7)).unwrap().unwrap();
        curve.hold_against(&bounds);
        (format!("{method} {case}"), record(&curve))
    };
    compare("certain-bounds", cases.into_iter().map(held).collect());
}
