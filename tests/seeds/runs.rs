//! A run of a method that is described by a line.

use plefka::{Betas, Curve, Method, Run, estimator::MethodConfig, io::CurveRecord, model::AnyModel};
use serde_json::Value;

use super::{
    models::{data, model, trajectory},
    records::compare,
};

/// A run with seed 7, at β = ½ and 1 if the case does not say where. `case` is a model, settings
/// and β, such as `bits chains=40 schedule=adaptive betas=0,0.5,2`.
pub fn run(method: Method, case: &str) -> (AnyModel, Curve) {
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
pub fn record(curve: &Curve) -> Value {
    let mut record = serde_json::to_value(CurveRecord::from(curve)).unwrap();
    record.as_object_mut().unwrap().remove("seconds");
    record
}

/// Runs the cases of a method, and holds what they report against what they reported before.
pub fn holds(method: Method, cases: &[&str]) {
    holds_in(method.name(), method, cases);
}

/// The same for cases whose numbers stand in a file of their own, so that they run beside the
/// others.
pub fn holds_in(file: &str, method: Method, cases: &[&str]) {
    compare(file, cases.iter().map(|case| (case.to_string(), record(&run(method, case).1))).collect());
}
