//! The settings of an estimator, declared once: flags, plans, help and keywords come from here.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::Error;

/// One setting: what can be asked of an estimator, by one name everywhere.
///
/// `burn_in` is `--burn-in` on the command line, the key `burn_in` in a plan and a keyword in
/// Python.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// The name, in snake case.
    pub name: &'static str,
    /// What can be given.
    pub kind: Kind,
    /// What it means, in one line without a full stop.
    pub help: &'static str,
    /// The fields of the configuration that it sets, as paths such as `annealing.chains`.
    pub fields: Vec<String>,
    /// A field that follows it, at so many parts of its value, until that field is set itself.
    follower: Option<(String, u64)>,
}

/// What can be given for a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A whole number.
    Count,
    /// A real number.
    Real,
    /// True or false; on the command line its name alone.
    Switch,
    /// One of these names, each with what it means.
    Choice(&'static [(&'static str, &'static str)]),
}

impl Setting {
    fn new(name: &'static str, kind: Kind, help: &'static str) -> Self {
        Self { name, kind, help, fields: vec![name.into()], follower: None }
    }

    /// A whole number.
    #[must_use]
    pub fn count(name: &'static str, help: &'static str) -> Self {
        Self::new(name, Kind::Count, help)
    }

    /// A real number.
    #[must_use]
    pub fn real(name: &'static str, help: &'static str) -> Self {
        Self::new(name, Kind::Real, help)
    }

    /// True or false.
    #[must_use]
    pub fn switch(name: &'static str, help: &'static str) -> Self {
        Self::new(name, Kind::Switch, help)
    }

    /// One of several names.
    #[must_use]
    pub fn choice(name: &'static str, choices: &'static [(&'static str, &'static str)], help: &'static str) -> Self {
        Self::new(name, Kind::Choice(choices), help)
    }

    /// The same for a field of another name.
    #[must_use]
    pub fn field(self, field: &str) -> Self {
        Self { fields: vec![field.into()], ..self }
    }

    /// The same, and `field` is set to one `parts`-th of it.
    #[must_use]
    pub fn followed_by(self, field: &str, parts: u64) -> Self {
        Self { follower: Some((field.into(), parts)), ..self }
    }

    /// The same for a configuration that is a field of another.
    fn within(mut self, outer: &str) -> Self {
        let nested = |field: &String| format!("{outer}.{field}");
        self.fields = self.fields.iter().map(nested).collect();
        self.follower = self.follower.map(|(field, parts)| (nested(&field), parts));
        self
    }

    /// Whether it sets this field, whose path may be given from its last name on.
    #[must_use]
    pub fn sets(&self, field: &str) -> bool {
        let last = |path: &str| path.rsplit('.').next().map(String::from);
        self.fields.iter().any(|path| path == field || last(path) == last(field))
    }

    /// Whether a value is of its kind.
    pub(super) fn check(&self, value: &Value) -> Result<(), Error> {
        let remedy = match self.kind {
            Kind::Count if value.as_u64().is_none() => "give a whole number, at least 0".into(),
            Kind::Real if !value.as_f64().is_some_and(f64::is_finite) => "give a finite number".into(),
            Kind::Switch if !value.is_boolean() => "give true or false".into(),
            Kind::Choice(choices) if !self.offers(value) => {
                format!("choose one of {}", choices.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", "))
            }
            _ => return Ok(()),
        };
        let given = value.as_str().map_or_else(|| value.to_string(), String::from);
        Err(Error::config(self.name, given, remedy))
    }

    /// Names may be written with either kind of dash.
    fn offers(&self, value: &Value) -> bool {
        let Kind::Choice(choices) = self.kind else { return false };
        value.as_str().is_some_and(|given| choices.iter().any(|(name, _)| *name == given.replace('_', "-")))
    }

    /// Writes `value` to its fields of a configuration written as JSON.
    pub(super) fn write(&self, value: &Value, config: &mut Value) {
        for field in &self.fields {
            put(config, field, value.clone());
        }
        if let (Some((field, parts)), Some(count)) = (&self.follower, value.as_u64()) {
            put(config, field, (count / parts).into());
        }
    }
}

/// The settings of a configuration that is a field of another.
pub(super) fn within(outer: &str, settings: Vec<Setting>) -> Vec<Setting> {
    settings.into_iter().map(|setting| setting.within(outer)).collect()
}

/// Two lists in one: a setting that is in both sets the fields of both.
pub(super) fn join(mut settings: Vec<Setting>, more: Vec<Setting>) -> Vec<Setting> {
    for setting in more {
        match settings.iter_mut().find(|known| known.name == setting.name) {
            Some(known) => known.fields.extend(setting.fields),
            None => settings.push(setting),
        }
    }
    settings
}

/// The value at a path.
pub(super) fn get<'v>(config: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(config, |value, name| value.get(name))
}

fn put(config: &mut Value, path: &str, value: Value) {
    let place = path.split('.').fold(config, |at, name| &mut at[name]);
    *place = value;
}

/// A configuration from its JSON, refused in terms of `name`.
pub(super) fn read<C: DeserializeOwned>(config: Value, name: &'static str, given: &Value) -> Result<C, Error> {
    serde_json::from_value(config).map_err(|problem| {
        let given = given.as_str().map_or_else(|| given.to_string(), String::from);
        Error::config(name, given, problem.to_string())
    })
}

/// A configuration as JSON.
pub(super) fn written(config: &impl Serialize) -> Value {
    serde_json::to_value(config).unwrap_or_default()
}
