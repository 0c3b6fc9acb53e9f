//! The choices that a plan of training makes, each with the words by which it is written.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::Objective;
use crate::Error;

/// Where the moments of the model come from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "snake_case")]
pub enum Negative {
    /// Enumeration: the true gradient, for small models
    Exact,
    /// Contrastive divergence: short chains from the rows of the batch
    Cd,
    /// Persistent contrastive divergence: chains that go on from update to update
    #[default]
    Pcd,
    /// Parallel trajectory tempering: persistent chains that exchange states with an earlier model
    Ptt,
    /// Extended mean field: solutions of the mean-field or TAP equations
    Emf,
}

/// Where mean-field solutions come from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "snake_case")]
pub enum SolutionStart {
    /// The rows of the batch, anew at each update
    Data,
    /// The solutions of the update before, a share of which is replaced by rows of the batch
    #[default]
    Persistent,
}

/// How the solutions are averaged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "snake_case")]
pub enum SolutionWeights {
    /// Distinct solutions in proportion to e^L, L their mean-field ln Z
    #[default]
    Boltzmann,
    /// All alike
    Equal,
    /// The one of largest L alone
    Single,
}

/// The learning rate over the run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "snake_case")]
pub enum RateSchedule {
    /// The same throughout
    Constant,
    /// In a straight line to 0
    #[default]
    Linear,
    /// Half a wave of the cosine, to 0
    Cosine,
}

/// How a gradient becomes a step.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "snake_case")]
pub enum StepRule {
    /// Steepest ascent, with momentum if there is any
    #[default]
    Sgd,
    /// Adam
    Adam,
}

/// Which norm of W is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Norm {
    /// √Σ Wᵢⱼ².
    Frobenius,
    /// Σ |Wᵢⱼ|.
    L1,
    /// The largest singular value.
    Spectral,
}

impl Norm {
    const NAMES: [(Self, &'static str); 3] =
        [(Self::Frobenius, "frobenius"), (Self::L1, "l1"), (Self::Spectral, "spectral")];
}

/// The largest norm that W may have at the end of an epoch, written `frobenius=40`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Limit {
    /// Which norm.
    pub norm: Norm,
    /// Its largest value, above 0.
    pub value: f64,
}

/// When a run is saved and evaluated: before the first update, and then at so many, written
/// `linear:10` or `log:10`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Checkpoints {
    /// Equally far apart.
    Linear(usize),
    /// In equal ratios.
    Log(usize),
}

impl Checkpoints {
    /// The updates after which there is a checkpoint, ascending from 0 to `last`.
    #[must_use]
    pub fn updates(self, last: usize) -> Vec<usize> {
        let mut updates = vec![0, last];
        match self {
            Self::Linear(n) => updates.extend((1..n).map(|k| (last as f64 * k as f64 / n as f64).round() as usize)),
            Self::Log(n) => {
                let share = |k: usize| (last as f64).powf(k as f64 / (n.max(2) - 1) as f64).round() as usize;
                updates.extend((0..n.saturating_sub(1)).map(share));
            }
        }
        updates.sort_unstable();
        updates.dedup();
        updates
    }
}

impl FromStr for Limit {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let parsed = text.split_once('=').and_then(|(name, value)| {
            let (norm, _) = Norm::NAMES.into_iter().find(|(_, known)| *known == name)?;
            value.parse().ok().filter(|v: &f64| *v > 0.0 && v.is_finite()).map(|value| Self { norm, value })
        });
        parsed.ok_or_else(|| {
            Error::config("limit", text, "write frobenius=V, l1=V or spectral=V with a number V above 0")
        })
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Norm::NAMES.iter().find(|(norm, _)| *norm == self.norm).map_or("", |(_, name)| name);
        write!(f, "{name}={}", self.value)
    }
}

impl FromStr for Checkpoints {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let parsed = text.split_once(':').and_then(|(kind, n)| {
            let n = n.parse().ok().filter(|n| (1..=1_000_000).contains(n))?;
            match kind {
                "linear" => Some(Self::Linear(n)),
                "log" => Some(Self::Log(n)),
                _ => None,
            }
        });
        parsed.ok_or_else(|| Error::config("checkpoints", text, "write linear:N or log:N with N from 1 to a million"))
    }
}

impl fmt::Display for Checkpoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Linear(n) => write!(f, "linear:{n}"),
            Self::Log(n) => write!(f, "log:{n}"),
        }
    }
}

/// Types whose saved form is the one they are written in.
macro_rules! saved_as_written {
    ($($name:ty),*) => {$(
        impl TryFrom<String> for $name {
            type Error = Error;

            fn try_from(text: String) -> Result<Self, Error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.to_string()
            }
        }
    )*};
}
saved_as_written!(Limit, Checkpoints, Objective);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        for text in ["frobenius=40", "l1=3000.5", "spectral=0.1"] {
            assert_eq!(text.parse::<Limit>().unwrap().to_string(), text);
        }
        for text in ["frobenius", "l2=3", "l1=0", "l1=-1", "l1=inf", "l1=nan"] {
            assert!(text.parse::<Limit>().unwrap_err().to_string().contains(text), "{text}");
        }
        for text in ["linear:10", "log:3"] {
            assert_eq!(text.parse::<Checkpoints>().unwrap().to_string(), text);
        }
        assert!("linear:0".parse::<Checkpoints>().is_err() && "10".parse::<Checkpoints>().is_err());
    }

    #[test]
    fn checkpoints_reach_from_the_first_to_the_last_update() {
        assert_eq!(Checkpoints::Linear(4).updates(100), [0, 25, 50, 75, 100]);
        assert_eq!(Checkpoints::Log(3).updates(100), [0, 1, 10, 100]);
        assert_eq!(Checkpoints::Linear(1).updates(7), [0, 7]);
        assert_eq!(Checkpoints::Log(1).updates(7), [0, 7]);
        assert_eq!(Checkpoints::Linear(50).updates(2), [0, 1, 2]);
    }
}
