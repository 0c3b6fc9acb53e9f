//! The flags of the methods, made from the settings that the estimators declare.

use std::collections::BTreeMap;

use anyhow::{Context, anyhow};
use clap::{
    Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches,
    builder::{PossibleValue, PossibleValuesParser},
    parser::ValueSource,
};
use serde_json::Value;

use super::{
    console,
    numbers::{Real, whole},
};
use crate::{
    Error, Method,
    estimator::{Kind, MethodConfig, Setting},
};

/// The settings that were typed, by name.
#[derive(Debug, Default)]
pub struct MethodArgs {
    given: Vec<(&'static str, Value)>,
}

/// A setting with the methods that have it: one flag.
struct Flag {
    setting: Setting,
    methods: Vec<Method>,
}

/// Every flag, in the order in which the methods and their settings are listed.
fn flags() -> Vec<Flag> {
    let mut flags: Vec<Flag> = Vec::new();
    for method in Method::ALL {
        for setting in MethodConfig::settings(method) {
            match flags.iter_mut().find(|flag| flag.setting.name == setting.name) {
                Some(flag) => flag.methods.push(method),
                None => flags.push(Flag { setting, methods: vec![method] }),
            }
        }
    }
    flags
}

/// A setting's name as a flag, without the dashes.
pub fn dashed(name: &str) -> String {
    name.replace('_', "-")
}

impl Flag {
    fn arg(&self) -> Arg {
        let Setting { name, kind, .. } = self.setting;
        let arg = Arg::new(name).long(dashed(name)).help(self.help()).help_heading("Method options");
        let number = |arg: Arg| arg.action(ArgAction::Set).allow_hyphen_values(true);
        match kind {
            Kind::Count => number(arg).value_name("N").value_parser(whole::<u64>),
            Kind::Real => number(arg).value_name("X").value_parser(|typed: &str| typed.parse::<Real>()),
            Kind::Switch => arg.action(ArgAction::SetTrue),
            Kind::Choice(choices) => {
                let values = choices.iter().map(|(name, help)| PossibleValue::new(*name).help(*help));
                arg.action(ArgAction::Set).value_parser(PossibleValuesParser::new(values))
            }
        }
    }

    /// The methods, what it means to each of them, and what it is if it is not given.
    fn help(&self) -> String {
        let mut meanings: Vec<(&str, Vec<&str>)> = Vec::new();
        for method in &self.methods {
            let settings = MethodConfig::settings(*method);
            let Some(setting) = settings.iter().find(|setting| setting.name == self.setting.name) else { continue };
            match meanings.iter_mut().find(|(help, _)| *help == setting.help) {
                Some((_, methods)) => methods.push(method.name()),
                None => meanings.push((setting.help, vec![method.name()])),
            }
        }
        let meanings: Vec<String> =
            meanings.iter().map(|(help, methods)| format!("{}: {help}", methods.join(", "))).collect();
        let text = meanings.join("; ");
        if self.setting.kind == Kind::Switch { text } else { format!("{text} [default: {}]", self.defaults()) }
    }

    /// The default, or those of each group of methods where they differ.
    fn defaults(&self) -> String {
        let mut defaults: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for method in &self.methods {
            let settings = MethodConfig::settings(*method);
            let setting = settings.iter().find(|setting| setting.name == self.setting.name);
            let default = setting.and_then(|setting| MethodConfig::default_of(*method, setting)).unwrap_or_default();
            let shown = match &default {
                Value::String(name) => name.clone(),
                Value::Number(number) if number.is_f64() => Real(number.as_f64().unwrap_or(0.0)).to_string(),
                other => other.to_string(),
            };
            defaults.entry(shown).or_default().push(method.name());
        }
        match defaults.len() {
            1 => defaults.into_keys().collect(),
            _ => {
                let each = defaults.iter().map(|(default, methods)| format!("{default} for {}", methods.join(", ")));
                each.collect::<Vec<_>>().join("; ")
            }
        }
    }

    fn read(&self, matches: &ArgMatches) -> Option<Value> {
        let name = self.setting.name;
        if matches.value_source(name) != Some(ValueSource::CommandLine) {
            return None;
        }
        Some(match self.setting.kind {
            Kind::Count => (*matches.get_one::<u64>(name)?).into(),
            Kind::Real => {
                let Real(x) = *matches.get_one::<Real>(name)?;
                // JSON has no word for these; the library refuses them by the word that was typed.
                if x.is_finite() { x.into() } else { x.to_string().into() }
            }
            Kind::Switch => matches.get_flag(name).into(),
            Kind::Choice(_) => matches.get_one::<String>(name)?.clone().into(),
        })
    }
}

impl Args for MethodArgs {
    fn augment_args(command: Command) -> Command {
        flags().iter().fold(command, |command, flag| command.arg(flag.arg()))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for MethodArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = flags().iter().filter_map(|flag| Some((flag.setting.name, flag.read(matches)?))).collect();
        Ok(Self { given })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl MethodArgs {
    /// The configuration of a method: its defaults, with what was typed.
    pub fn config(&self, method: Method) -> anyhow::Result<MethodConfig> {
        let mut config = MethodConfig::of(method);
        config.set(&self.given).map_err(|error| in_flags(method, error))?;
        Ok(config)
    }

    /// The same for a model that a training run has led to: the path leads through its checkpoints
    /// unless another was typed.
    pub fn config_along(&self, method: Method) -> anyhow::Result<MethodConfig> {
        let mut config = MethodConfig::of(method);
        config.set(&[("path", "trajectory".into())]).map_err(|error| in_flags(method, error))?;
        self.change(&mut config)?;
        Ok(config)
    }

    /// Changes a configuration as typed.
    pub fn change(&self, config: &mut MethodConfig) -> anyhow::Result<()> {
        let method = config.method();
        config.set(&self.given).map(|_| ()).map_err(|error| in_flags(method, error))
    }

    /// Points out flags that no chosen method has, so that nobody takes a result for what it is
    /// not.
    pub fn note_idle(&self, methods: &[Method]) {
        let listed = |methods: &[Method]| match methods {
            [rest @ .., last] if !rest.is_empty() => {
                let rest: Vec<_> = rest.iter().map(|method| method.name()).collect();
                format!("{} or {last}", rest.join(", "))
            }
            methods => methods.iter().map(ToString::to_string).collect(),
        };
        for (name, _) in &self.given {
            let having = MethodConfig::methods_with(name);
            if !having.iter().any(|method| methods.contains(method)) {
                console::note(format!("--{} has no effect without {}", dashed(name), listed(&having)));
            }
        }
    }
}

/// A refusal of the library in terms of the command line: a field is known here by its flag.
pub fn in_flags(method: Method, error: Error) -> anyhow::Error {
    let Error::Config { field, value, remedy } = error else { return error.into() };
    let flag = dashed(MethodConfig::setting_of(method, field));
    anyhow!("--{flag} {value} cannot be used: {remedy}")
}

/// A method by its name.
pub fn method(name: &str) -> anyhow::Result<Method> {
    name.parse().context("--method")
}
