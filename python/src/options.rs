//! The keywords of the methods, made from the settings that the estimators declare.

use plefka::{
    Method,
    estimator::{Kind, MethodConfig},
};
use pyo3::prelude::*;
use serde_json::{Map, Value};

use crate::errors::{config_error, refuse, value_error};

/// The names of all methods.
#[pyfunction]
pub fn methods() -> Vec<&'static str> {
    Method::ALL.map(Method::name).to_vec()
}

/// The settings of a method: name, kind, default as JSON, what it means.
#[pyfunction]
pub fn settings(method: &str) -> PyResult<Vec<(String, String, String, String)>> {
    let method: Method = method.parse().map_err(|error| value_error(&error))?;
    let described = MethodConfig::settings(method).into_iter().map(|setting| {
        let kind = match setting.kind {
            Kind::Count => "int".into(),
            Kind::Real => "float".into(),
            Kind::Switch => "bool".into(),
            Kind::Choice(choices) => {
                choices.iter().map(|(name, _)| format!("'{name}'")).collect::<Vec<_>>().join(" | ")
            }
        };
        let default = MethodConfig::default_of(method, &setting).unwrap_or_default();
        (setting.name.into(), kind, default.to_string(), setting.help.into())
    });
    Ok(described.collect())
}

/// Methods by name with the settings that were given, and notes on those that have no effect.
pub fn configs(names: &[String], options: &str) -> PyResult<(Vec<MethodConfig>, Vec<String>)> {
    let configs = named(names)?.into_iter().map(MethodConfig::of).collect();
    changed(configs, &parsed(options)?)
}

/// The same for a model that a training run has led to: the path leads through its checkpoints
/// unless another is given. Without names it is these usual ones that are changed.
pub fn configs_along(
    usual: Vec<MethodConfig>,
    names: &[String],
    options: &str,
) -> PyResult<(Vec<MethodConfig>, Vec<String>)> {
    let along = |method| {
        let mut config = MethodConfig::of(method);
        let path = [("path", "trajectory".into())];
        config.set(&path).map_err(|error| config_error(method, &error))?;
        Ok(config)
    };
    let chosen = named(names)?.into_iter().map(along).collect::<PyResult<Vec<_>>>()?;
    changed(if chosen.is_empty() { usual } else { chosen }, &parsed(options)?)
}

fn parsed(options: &str) -> PyResult<Map<String, Value>> {
    serde_json::from_str(options).map_err(|error| refuse(error.to_string()))
}

/// The methods by name, each at most once.
fn named(names: &[String]) -> PyResult<Vec<Method>> {
    let mut methods: Vec<Method> = Vec::with_capacity(names.len());
    for name in names {
        let method = name.parse().map_err(|error| value_error(&error))?;
        if methods.contains(&method) {
            return Err(refuse(format!("method `{method}` is listed twice; list each method once")));
        }
        methods.push(method);
    }
    Ok(methods)
}

/// Configurations with the settings that were given, and notes on those that have no effect.
fn changed(mut configs: Vec<MethodConfig>, given: &Map<String, Value>) -> PyResult<(Vec<MethodConfig>, Vec<String>)> {
    let methods: Vec<Method> = configs.iter().map(MethodConfig::method).collect();
    let mut notes = Vec::new();
    for name in given.keys() {
        let having = MethodConfig::methods_with(name);
        if having.is_empty() {
            return Err(unknown(name, &methods));
        }
        if !having.iter().any(|method| methods.contains(method)) {
            notes.push(format!("{name} has no effect without {}", listed(having.iter().map(|method| method.name()))));
        }
    }
    let given: Vec<(&str, Value)> = given.iter().map(|(name, value)| (&name[..], value.clone())).collect();
    for config in &mut configs {
        config.set(&given).map_err(|error| config_error(config.method(), &error))?;
    }
    let remarks = configs.iter().filter_map(MethodConfig::remark);
    notes.extend(remarks.map(|(setting, why)| format!("{setting} {why}")));
    Ok((configs, notes))
}

fn unknown(name: &str, methods: &[Method]) -> PyErr {
    let known = methods.iter().map(|method| {
        let settings = MethodConfig::settings(*method);
        match &settings[..] {
            [] => format!("`{method}` has none"),
            settings => format!("those of `{method}` are {}", listed(settings.iter().map(|setting| setting.name))),
        }
    });
    refuse(format!("no method has an option `{name}`; {}", known.collect::<Vec<_>>().join(", ")))
}

/// `a`, `a or b`, `a, b or c`.
fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    match &names[..] {
        [rest @ .., last] if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        names => names.concat(),
    }
}
