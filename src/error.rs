//! What can stop a computation before it starts.
//!
//! An [`Error`] means "cannot begin" (or "cannot save"). A run that began and did not converge, or
//! was cancelled, is not an error but data: see [`Status`](crate::curve::Status).

use std::{io, path::PathBuf};

/// A refusal that names the thing at fault and the remedy.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused a file operation.
    #[error("cannot {action} `{}`: {source}", path.display())]
    Io {
        /// What was being attempted: "read", "create", …
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's own words.
        source: io::Error,
    },
    /// A file was read but does not hold what it should.
    #[error("`{}`: {problem}; {remedy}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong, naming the key where there is one.
        problem: String,
        /// What to do about it.
        remedy: String,
    },
    /// The parameters do not make a model.
    #[error("invalid model: {problem}; {remedy}")]
    Model {
        /// What is wrong, naming the array.
        problem: String,
        /// What to do about it.
        remedy: String,
    },
    /// The grid of inverse temperatures cannot be used.
    #[error("invalid β grid `{grid}`: {problem}; {remedy}")]
    Betas {
        /// The grid as given.
        grid: String,
        /// What is wrong.
        problem: String,
        /// What to do about it.
        remedy: String,
    },
    /// A setting of an estimator is out of range.
    #[error("{field} = {value} cannot be used: {remedy}")]
    Config {
        /// The field's name.
        field: &'static str,
        /// The offending value.
        value: String,
        /// What values are accepted.
        remedy: String,
    },
    /// Samples from which nothing can be estimated.
    #[error("unusable samples: {problem}; {remedy}")]
    Samples {
        /// What is wrong with them.
        problem: String,
        /// What to do about it.
        remedy: String,
    },
    /// No estimator has this name.
    #[error("unknown method `{name}`; the methods are {known}")]
    UnknownMethod {
        /// The name as given.
        name: String,
        /// The accepted names.
        known: String,
    },
    /// The model cannot do what the method needs.
    #[error("method `{method}` is not available for a model of kind `{kind}`; {}", remedy_for_methods(available))]
    NoSuchMethod {
        /// The method.
        method: &'static str,
        /// The kind of the model.
        kind: &'static str,
        /// The methods that are available.
        available: Vec<&'static str>,
    },
    /// Exact enumeration would visit more states than the limit allows.
    #[error(
        "exact enumeration of this model visits 2^{units} states, beyond the limit of 2^{limit} (estimated time: {estimate} for each β); \
         {}",
        remedy_for_states(*units)
    )]
    TooManyStates {
        /// log₂ of the number of states.
        units: u32,
        /// log₂ of the number allowed.
        limit: u32,
        /// The estimated duration in words.
        estimate: String,
    },
    /// A reported number would have been infinite or not a number.
    #[error(
        "{quantity} at β = {} is not a finite number: the parameters times β are too large for f64; rescale the model or lower β",
        number(*beta)
    )]
    NotFinite {
        /// Which quantity.
        quantity: &'static str,
        /// At which inverse temperature.
        beta: f64,
    },
}

/// A number as it would be typed: the shortest form, with an exponent where that saves zeros.
pub(crate) fn number(x: f64) -> String {
    let plain = x == 0.0 || (1e-5..1e16).contains(&x.abs()) || !x.is_finite();
    if plain { x.to_string() } else { format!("{x:e}") }
}

fn remedy_for_methods(available: &[&str]) -> String {
    format!("use {}", available.iter().map(|method| format!("`{method}`")).collect::<Vec<_>>().join(", "))
}

/// Raising the limit is advice only where a patient person could live to see the end.
fn remedy_for_states(units: u32) -> String {
    if units <= 40 { format!("raise the limit (`--exact-limit {units}`) or use `ais`") } else { "use `ais`".into() }
}

impl Error {
    /// An [`Error::Io`] for `action` on `path`, ready for `map_err`.
    pub fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { action, path, source }
    }

    /// An [`Error::Format`] about `path`.
    pub fn format(path: impl Into<PathBuf>, problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::Format { path: path.into(), problem: problem.into(), remedy: remedy.into() }
    }

    /// An [`Error::Model`].
    pub fn model(problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::Model { problem: problem.into(), remedy: remedy.into() }
    }

    /// An [`Error::Samples`].
    pub fn samples(problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::Samples { problem: problem.into(), remedy: remedy.into() }
    }

    /// An [`Error::Config`] about `field`.
    pub fn config(field: &'static str, value: impl ToString, remedy: impl Into<String>) -> Self {
        Self::Config { field, value: value.to_string(), remedy: remedy.into() }
    }
}
