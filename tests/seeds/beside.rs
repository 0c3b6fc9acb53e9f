//! What stands beside a curve: the memory that it takes, and what is certain of the model.

use plefka::{
    Method, Run,
    estimator::{CertainBounds, MethodConfig},
};
use serde_json::Value;

use super::{
    models::{data, model},
    records::compare,
    runs::{record, run},
};

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
