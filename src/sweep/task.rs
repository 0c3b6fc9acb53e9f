//! What is done on each cell of a grid: an estimator, or replicas.

use std::{collections::BTreeMap, fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Outcome, Procedure, ReplicaAverages, document::Entry};
use crate::{
    Betas, Error, Method, Run, Status,
    data::Data,
    estimator::MethodConfig,
    io::CurveRecord,
    model::AnyModel,
    observe::{Observable, Sampling},
    sample::Capabilities,
};

/// The name of a task, in plans, stores and tables: that of a method, or `replicas`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Task {
    /// The curve of a method.
    Curve(Method),
    /// Averages over replicas.
    Replicas,
}

const REPLICAS: &str = "replicas";

impl Task {
    /// The name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Curve(method) => method.name(),
            Self::Replicas => REPLICAS,
        }
    }
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Task {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        if name == REPLICAS { Ok(Self::Replicas) } else { name.parse().map(Self::Curve) }
    }
}

impl From<Task> for String {
    fn from(task: Task) -> Self {
        task.name().into()
    }
}

impl TryFrom<String> for Task {
    type Error = Error;

    fn try_from(name: String) -> Result<Self, Error> {
        name.parse()
    }
}

/// A task with its settings.
pub(super) enum ConfiguredTask {
    Curve(Box<MethodConfig>),
    Replicas(Sampling),
}

impl ConfiguredTask {
    /// Of an entry of `[methods]`, whose keys are the settings and fields of the estimator or the
    /// fields of [`Sampling`].
    pub(super) fn read(entry: &Entry<'_>) -> Result<Self, Error> {
        let known = || {
            let methods = Method::ALL.map(Method::name).join(", ");
            format!("the methods are {methods}; {REPLICAS} for averages over replicas")
        };
        let task: Task = entry.name.parse().map_err(|_| entry.refuse("is no method", known()))?;
        Ok(match task {
            Task::Curve(method) => Self::Curve(Box::new(config(entry, method)?)),
            Task::Replicas => Self::Replicas(sampling(entry)?),
        })
    }

    pub(super) fn task(&self) -> Task {
        match self {
            Self::Curve(config) => Task::Curve(config.method()),
            Self::Replicas(_) => Task::Replicas,
        }
    }

    /// Gives it the data of the plan.
    pub(super) fn give_data(&mut self, data: &Arc<Data>) {
        if let Self::Curve(config) = self {
            config.give_data(data);
        }
    }

    /// A number among its settings, by name; 0 if there is no such setting.
    fn count(&self, name: &str) -> f64 {
        let value = match self {
            Self::Curve(config) => config.value(name),
            Self::Replicas(sampling) => serde_json::to_value(sampling).ok().and_then(|all| all.get(name).cloned()),
        };
        value.and_then(|value| value.as_f64()).unwrap_or(0.0)
    }

    /// About how many bytes it takes on a model, on a thread of its own.
    pub(super) fn memory(&self, model: &AnyModel, betas: usize) -> f64 {
        match self {
            Self::Curve(config) => config.memory(model, betas, 1),
            Self::Replicas(_) => {
                let states = self.count("replicas") * self.count("records") * betas as f64;
                3.0 * 8.0 * model.n_parameters() as f64 + states * model.enumerable().n_units() as f64
            }
        }
    }

    /// Its name and all settings as plain data, with the hash of the data that it reads.
    pub(super) fn procedure(&self, data: Option<&Data>) -> Procedure {
        let (fields, reads) = match self {
            Self::Curve(config) => (without_defaults_of_later(config.fields()), data.filter(|_| config.reads_data())),
            Self::Replicas(sampling) => (serde_json::to_value(sampling).unwrap_or_default(), None),
        };
        let mut settings: BTreeMap<_, _> = match fields {
            Value::Object(fields) => fields.into_iter().collect(),
            _ => BTreeMap::new(),
        };
        settings.extend(reads.map(|data| ("data".into(), data.sha256().into())));
        Procedure { method: self.task(), settings }
    }

    /// Whether it can start on a model.
    pub(super) fn check(&self, model: &AnyModel, betas: &Betas) -> Result<(), Error> {
        match self {
            Self::Curve(config) => config.prepare(model)?.check(),
            Self::Replicas(sampling) => {
                if !model.concrete().has_couplings() {
                    let remedy = "a list of levels has no units that two replicas could have in common; leave it out";
                    return Err(Error::config("methods", REPLICAS, remedy));
                }
                sampling.check(betas)
            }
        }
    }

    /// What comes of it. `None` if the run was cancelled.
    pub(super) fn outcome(&self, model: &AnyModel, betas: &Betas, run: &Run<'_>) -> Result<Option<Outcome>, Error> {
        match self {
            Self::Curve(config) => {
                let curve = config.prepare(model)?.curve(betas, run)?;
                let whole = curve.status() != Status::Cancelled;
                Ok(whole.then(|| Outcome::Curve(CurveRecord::from(&curve))))
            }
            Self::Replicas(sampling) => {
                let replicas = match sampling.replicas(model.sampled(), betas, None, run) {
                    Err(_) if run.cancelled() => return Ok(None),
                    replicas => replicas?,
                };
                let at = |(beta, replicas): (&f64, _)| ReplicaAverages {
                    beta: *beta,
                    values: Observable::ALL.into_iter().filter_map(|o| Some((o, o.of(model, replicas)?))).collect(),
                };
                Ok(Some(Outcome::Replicas(betas.iter().zip(&replicas).map(at).collect())))
            }
        }
    }
}

/// The configuration of a method: each key a setting by its name, or a field of the estimator, such
/// as the table of an inner one.
fn config(entry: &Entry<'_>, method: Method) -> Result<MethodConfig, Error> {
    let mut config = MethodConfig::of(method);
    let settings = MethodConfig::settings(method);
    let fields: Vec<String> = config.fields().as_object().map_or(Vec::new(), |map| map.keys().cloned().collect());
    let names: Vec<&str> = settings.iter().map(|setting| setting.name).collect();
    let inner = fields.iter().map(String::as_str).filter(|field| !names.contains(field));
    let known =
        format!("the settings of `{method}` are {}", names.iter().copied().chain(inner).collect::<Vec<_>>().join(", "));
    let mut given = Vec::new();
    for key in entry.clone().into_section()?.rest() {
        if key.name == "order" && fields.contains(&key.name) {
            return Err(entry.refuse("holds `order`, which its name says already", "leave `order` out"));
        }
        let value: Value = key.read(&known)?;
        if names.contains(&key.name.as_str()) {
            given.push((key, value));
        } else if fields.contains(&key.name) {
            config
                .set_field(&key.name, value)
                .map_err(|problem| key.refuse(format!("cannot be used: {problem}"), &known))?;
        } else {
            return Err(key.refuse("is not known here", known));
        }
    }
    // In the order of their declaration, so that one that follows another can be set for itself.
    for setting in &settings {
        if let Some((key, value)) = given.iter().find(|(key, _)| key.name == setting.name) {
            let set = config.set(&[(setting.name, value.clone())]);
            set.map_err(|problem| key.refuse(format!("cannot be used: {problem}"), &known))?;
        }
    }
    Ok(config)
}

/// The settings of replicas: its fields.
fn sampling(entry: &Entry<'_>) -> Result<Sampling, Error> {
    let defaults = serde_json::to_value(Sampling::default()).unwrap_or_default();
    let known = defaults.as_object().map(|map| map.keys().cloned().collect::<Vec<_>>().join(", "));
    entry.read(&format!("the settings of {REPLICAS} are {}", known.unwrap_or_default()))
}

/// Settings that came after identities had been given, with their defaults: where a job has the
/// default, its identity is what it was.
const LATER: [(&str, &str); 1] = [("path", "direct")];

/// Settings without those of [`LATER`] at their defaults, at any depth.
fn without_defaults_of_later(settings: Value) -> Value {
    let Value::Object(fields) = settings else { return settings };
    let is_default = |(name, value): &(String, Value)| LATER.iter().any(|(of, default)| name == of && value == default);
    let kept = fields.into_iter().filter(|field| !is_default(field));
    Value::Object(kept.map(|(name, value)| (name, without_defaults_of_later(value))).collect())
}
