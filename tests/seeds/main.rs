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

use plefka::{Betas, Method, Run, estimator::MethodConfig, io::CurveRecord};
use serde_json::Value;

use self::{
    models::{data, model, trajectory},
    records::compare,
};

/// What a run at β = ½ and 1 and with seed 7 reports. `case` is a model and settings, such as
/// `bits chains=40 schedule=adaptive`.
fn record(method: Method, case: &str) -> Value {
    let mut words = case.split(' ');
    let model = model(words.next().unwrap());
    let mut config = MethodConfig::of(method);
    for (name, value) in words.map(|word| word.split_once('=').unwrap()) {
        let value = serde_json::from_str(value).unwrap_or_else(|_| value.into());
        assert_eq!(config.set(&[(name, value)]).unwrap(), 1, "{method} has no setting {name}");
    }
    if let (true, Some(data)) = (config.reads_data(), data(&model)) {
        config.give_data(&data);
    }
    if let (true, Some(trajectory)) = (config.follows_trajectory(), trajectory(&model)) {
        config.give_trajectory(&trajectory);
    }
    let curve = config.prepare(&model).unwrap().curve(&Betas::new([0.5, 1.0]).unwrap(), &Run::quiet(7)).unwrap();
    let mut record = serde_json::to_value(CurveRecord::from(&curve)).unwrap();
    record.as_object_mut().unwrap().remove("seconds");
    record
}

/// Runs the cases of a method, and holds what they report against what they reported before.
fn holds(method: Method, cases: &[&str]) {
    compare(method.name(), cases.iter().map(|case| (case.to_string(), record(method, case))).collect());
}

#[test]
fn exact() {
    holds(Method::Exact, &["bits", "coupled log_z_only=true", "spins", "mixed", "ising", "ring", "levels"]);
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
            "modes chains=60 rungs=40 base=mixture",
            "modes chains=60 rungs=40 base=mean-field",
            "modes chains=60 rungs=40 base=data schedule=adaptive",
            "coupled chains=40 rungs=30 base=biases",
            "modes chains=60 rungs=40 path=trajectory kernel=block",
            "coupled chains=60 rungs=40 path=every-checkpoint schedule=adaptive",
            "ising chains=40 rungs=20",
            "ring chains=40 rungs=20 schedule=adaptive",
            "levels chains=40 rungs=20",
            "wide chains=40 rungs=20",
            "wide chains=40 rungs=20 base=mixture",
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
        ],
    );
}

#[test]
fn data_bound() {
    holds(Method::DataBound, &["bits", "modes", "spins", "mixed"]);
}

#[test]
fn mean_field() {
    holds(
        Method::MeanField,
        &["bits", "modes starts=20", "modes starts=12 start_from=gibbs", "spins starts=8", "ising starts=5", "ring"],
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
        ],
    );
}

#[test]
fn tap3() {
    holds(Method::Tap3, &["bits", "modes starts=12", "spins starts=8", "coupled starts=5 solver=minimize"]);
}

#[test]
fn bethe() {
    holds(
        Method::Bethe,
        &["bits", "modes", "spins", "ising damping=0.8", "ring", "coupled max_iterations=6", "mixed tolerance=1e-5"],
    );
}

#[test]
fn mixture() {
    holds(
        Method::Mixture,
        &["bits starts=20", "modes starts=40", "modes starts=3 max_iterations=7", "coupled starts=64 tolerance=1e-3"],
    );
}

#[test]
fn auto() {
    holds(
        Method::Auto,
        &[
            "levels",
            "modes exact_factors=1 error=0.02",
            "wide exact_factors=1 time=6",
            "spins exact_factors=1 time=4",
            "ring exact_factors=1 time=2",
        ],
    );
}
