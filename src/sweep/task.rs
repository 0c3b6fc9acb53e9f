//! What is done on each cell of a grid: an estimator, or replicas.

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{Observed, Outcome, Procedure, document::Entry};
use crate::{
    Betas, Error, Method, Run, Status,
    data::Data,
    estimator::{Bar, MeanField, ReverseAis, Settings},
    io::CurveRecord,
    model::{AnyModel, Order},
    observe::{Observable, Sampling},
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
pub(super) enum Work {
    Curve(Method, Box<Settings>),
    Replicas(Sampling),
}

impl Work {
    /// Of an entry of `[methods]`, whose keys are the fields of the estimator or of [`Sampling`].
    pub(super) fn read(entry: &Entry<'_>) -> Result<Self, Error> {
        let known = || {
            let methods = Method::ALL.map(Method::name).join(", ");
            format!("the methods are {methods}; {REPLICAS} for averages over replicas")
        };
        let task: Task = entry.name.parse().map_err(|_| entry.refuse("is no method", known()))?;
        Ok(match task {
            Task::Curve(method) => Self::Curve(method, Box::new(settings(entry, method)?)),
            Task::Replicas => Self::Replicas(fields(entry)?),
        })
    }

    pub(super) fn task(&self) -> Task {
        match self {
            Self::Curve(method, _) => Task::Curve(*method),
            Self::Replicas(_) => Task::Replicas,
        }
    }

    /// Its name and all settings as plain data, with the hash of the data that it reads.
    pub(super) fn procedure(&self, data: Option<&Data>) -> Procedure {
        let (fields, reads) = match self {
            Self::Curve(method, settings) => {
                (fields_of(*method, settings), data.filter(|_| settings.reads_data(*method)))
            }
            Self::Replicas(sampling) => (serde_json::to_value(sampling), None),
        };
        let mut settings: BTreeMap<_, _> = match fields {
            Ok(serde_json::Value::Object(fields)) => fields.into_iter().collect(),
            _ => BTreeMap::new(),
        };
        settings.extend(reads.map(|data| ("data".into(), data.sha256().into())));
        Procedure { method: self.task(), settings }
    }

    /// Whether it can start on a model.
    pub(super) fn check(&self, model: &AnyModel, betas: &Betas) -> Result<(), Error> {
        match self {
            Self::Curve(method, settings) => settings.bind(model, *method)?.check(),
            Self::Replicas(sampling) => {
                if let AnyModel::Levels(_) = model {
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
            Self::Curve(method, settings) => {
                let curve = settings.bind(model, *method)?.curve(betas, run)?;
                let whole = curve.status() != Status::Cancelled;
                Ok(whole.then(|| Outcome::Curve(CurveRecord::from(&curve))))
            }
            Self::Replicas(sampling) => {
                let replicas = match sampling.replicas(model.sampled(), betas, None, run) {
                    Err(_) if run.cancelled() => return Ok(None),
                    replicas => replicas?,
                };
                let at = |(beta, replicas): (&f64, _)| Observed {
                    beta: *beta,
                    values: Observable::ALL.into_iter().filter_map(|o| Some((o, o.of(model, replicas)?))).collect(),
                };
                Ok(Some(Outcome::Replicas(betas.iter().zip(&replicas).map(at).collect())))
            }
        }
    }
}

/// The settings of a method: the fields of its estimator.
fn settings(entry: &Entry<'_>, method: Method) -> Result<Settings, Error> {
    let ordered = |order| {
        if entry.holds("order") {
            return Err(entry.refuse("holds `order`, which its name says already", "leave `order` out"));
        }
        Ok(Settings { mean_field: MeanField { order, ..fields(entry)? }, ..Settings::default() })
    };
    match method {
        Method::Exact => Ok(Settings { exact: fields(entry)?, ..Settings::default() }),
        Method::Ais => Ok(Settings { ais: fields(entry)?, ..Settings::default() }),
        // Their annealing is that of `ais`.
        Method::ReverseAis => {
            let reverse_ais: ReverseAis = fields(entry)?;
            Ok(Settings { ais: reverse_ais.annealing.clone(), reverse_ais, ..Settings::default() })
        }
        Method::Bar => {
            let bar: Bar = fields(entry)?;
            Ok(Settings { ais: bar.annealing.clone(), bar, ..Settings::default() })
        }
        Method::Tempering | Method::Integration => Ok(Settings { tempering: fields(entry)?, ..Settings::default() }),
        Method::DataBound => Ok(Settings { data_bound: fields(entry)?, ..Settings::default() }),
        Method::Bethe => Ok(Settings { bethe: fields(entry)?, ..Settings::default() }),
        Method::MeanField => ordered(Order::First),
        Method::Tap2 => ordered(Order::Second),
        Method::Tap3 => ordered(Order::Third),
    }
}

fn fields<T: DeserializeOwned + Default + Serialize>(entry: &Entry<'_>) -> Result<T, Error> {
    let defaults = serde_json::to_value(T::default()).unwrap_or_default();
    let known = defaults.as_object().map(|map| map.keys().cloned().collect::<Vec<_>>().join(", "));
    entry.read(&format!("the settings of a method are fields of its estimator: {}", known.unwrap_or_default()))
}

fn fields_of(method: Method, settings: &Settings) -> serde_json::Result<serde_json::Value> {
    match method {
        Method::Exact => serde_json::to_value(&settings.exact),
        Method::Ais => serde_json::to_value(&settings.ais),
        Method::ReverseAis => serde_json::to_value(&settings.reverse_ais),
        Method::Bar => serde_json::to_value(&settings.bar),
        Method::Tempering | Method::Integration => serde_json::to_value(&settings.tempering),
        Method::DataBound => serde_json::to_value(&settings.data_bound),
        Method::Bethe => serde_json::to_value(&settings.bethe),
        Method::MeanField | Method::Tap2 | Method::Tap3 => serde_json::to_value(&settings.mean_field),
    }
}
