//! One direction of the grid: a name and its values.

use serde::{Deserialize, Serialize};
use toml::de::DeValue;

use super::document::Entry;
use crate::{Betas, Error};

/// A value of an axis.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Number {
    /// A seed or a count.
    Whole(u64),
    /// Anything else.
    Real(f64),
}

impl Number {
    /// The value as a real number.
    #[must_use]
    pub fn real(self) -> f64 {
        match self {
            Self::Whole(n) => n as f64,
            Self::Real(x) => x,
        }
    }

    /// The value of an axis of seeds or counts; zero of any other.
    #[must_use]
    pub fn whole(self) -> u64 {
        match self {
            Self::Whole(n) => n,
            Self::Real(_) => 0,
        }
    }
}

/// The shortest form that parses back to the same number.
impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Whole(n) => write!(f, "{n}"),
            Self::Real(x) => write!(f, "{x:?}"),
        }
    }
}

/// A name and its values, each once, in the order of the plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Axis {
    /// What is varied, and the column of the table.
    pub name: String,
    /// Its values.
    pub values: Vec<Number>,
}

/// The name of the one axis that belongs to a curve.
pub const BETA: &str = "beta";

/// What the values of an axis may be.
enum Range {
    Beta,
    Finite,
    NotNegative,
    Positive,
    Seed,
    Count,
}

/// Every axis that there is.
const KNOWN: [(&str, Range); 11] = [
    (BETA, Range::Beta),
    ("weight_scale", Range::Finite),
    ("temperature_scale", Range::Finite),
    ("g", Range::NotNegative),
    ("alpha", Range::Positive),
    ("seed", Range::Seed),
    ("size", Range::Count),
    ("side", Range::Count),
    ("n_visible", Range::Count),
    ("n_hidden", Range::Count),
    ("patterns", Range::Count),
];

const REMEDY: &str =
    "write a list such as `[0.5, 1.0]`, or a string such as `\"0.5,1,2\"` or `\"0:2:5\"` (start:stop:count)";

impl Axis {
    /// Reads an entry of `[axes]`, or a single value of the same name elsewhere.
    pub(super) fn read(entry: &Entry<'_>) -> Result<Self, Error> {
        let Some((_, range)) = KNOWN.iter().find(|(name, _)| *name == entry.name) else {
            let known = KNOWN.map(|(name, _)| name).join(", ");
            return Err(entry.refuse("is no axis", format!("the axes are {known}")));
        };
        let values = match entry.value() {
            DeValue::String(spec) => spec_values(spec).map_err(|problem| entry.refuse(problem, REMEDY))?,
            DeValue::Array(_) => entry.read::<Vec<Number>>(REMEDY)?,
            DeValue::Integer(_) | DeValue::Float(_) => vec![entry.read::<Number>(REMEDY)?],
            other => return Err(entry.refuse(format!("is a {}", other.type_str()), REMEDY)),
        };
        if values.is_empty() {
            return Err(entry.refuse("has no values", "give at least one, or leave the axis out"));
        }
        let refuse = |value: Number, remedy: &str| Err(entry.refuse(format!("holds {value}"), remedy));
        let mut checked = Vec::with_capacity(values.len());
        for value in values {
            let x = value.real();
            match range {
                _ if !x.is_finite() => return refuse(value, "every value must be finite"),
                Range::NotNegative if x < 0.0 => return refuse(value, "every value must be at least 0"),
                Range::Positive if x <= 0.0 => return refuse(value, "every value must be above 0"),
                Range::Seed | Range::Count if x.fract() != 0.0 || !(0.0..=9e15).contains(&x) => {
                    return refuse(value, "every value must be a whole number, not negative");
                }
                Range::Count if x < 1.0 => return refuse(value, "every value must be at least 1"),
                Range::Seed | Range::Count => checked.push(match value {
                    Number::Whole(n) => Number::Whole(n),
                    Number::Real(x) => Number::Whole(x as u64),
                }),
                // −0 is 0, or the same grid would have two identities.
                _ => checked.push(Number::Real(x + 0.0)),
            }
        }
        let mut sorted: Vec<f64> = checked.iter().map(|value| value.real()).collect();
        sorted.sort_by(f64::total_cmp);
        if let Some(twice) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(entry.refuse(format!("lists {} twice", twice[0]), "list each value once"));
        }
        let axis = Self { name: entry.name.clone(), values: checked };
        if let Range::Beta = range {
            axis.betas().map_err(|e| entry.refuse(format!("cannot be used: {e}"), REMEDY))?;
        }
        Ok(axis)
    }

    /// The values as a grid of β.
    pub(super) fn betas(&self) -> Result<Betas, Error> {
        Betas::new(self.values.iter().map(|value| value.real()).collect::<Vec<_>>())
    }
}

/// The values of `0.5,1,2` or `start:stop:count`.
fn spec_values(spec: &str) -> Result<Vec<Number>, String> {
    let number = |s: &str| s.trim().parse::<f64>().map_err(|_| format!("holds `{}`, which is no number", s.trim()));
    let parts: Vec<&str> = spec.split(':').collect();
    match parts[..] {
        [list] => list.split(',').map(|s| number(s).map(Number::Real)).collect(),
        [start, stop, count] => {
            let (start, stop) = (number(start)?, number(stop)?);
            let count: usize = count.trim().parse().map_err(|_| format!("has `{}` as its count", count.trim()))?;
            match count {
                1 if start == stop => Ok(vec![Number::Real(start)]),
                // The same arithmetic as that of a β grid: round values of an even grid are the f64
                // nearest to them.
                2..1_000_000 => {
                    let last = (count - 1) as f64;
                    let point = |k: usize| (start * (last - k as f64) + stop * k as f64) / last;
                    Ok((0..count).map(|k| Number::Real(point(k))).collect())
                }
                _ => Err(format!("asks for {count} values from {start} to {stop}")),
            }
        }
        _ => Err(format!("has {} parts between colons", parts.len())),
    }
}
