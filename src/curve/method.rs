//! The names of the estimators.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::Error;

/// Which estimator produced a curve. The names are those of the command line and of the result files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
#[non_exhaustive]
pub enum Method {
    /// `exact`: enumeration.
    Exact,
    /// `ais`: annealed importance sampling.
    Ais,
    /// `reverse-ais`: annealing from the model down.
    ReverseAis,
    /// `bar`: annealing both ways, joined by Bennett's acceptance ratio.
    Bar,
    /// `tempering`: parallel tempering, joined by the multistate acceptance ratio.
    Tempering,
    /// `ti`: thermodynamic integration over the temperatures of parallel tempering.
    Integration,
    /// `data-bound`: the weight of the states that data show, a lower bound of ln Z.
    DataBound,
    /// `mf-mixture`: a mixture of mean fields, a lower bound of ln Z.
    Mixture,
    /// `mf`: naive mean field, the Plefka expansion to first order.
    MeanField,
    /// `tap2`: TAP, the Plefka expansion to second order.
    Tap2,
    /// `tap3`: the Plefka expansion to third order.
    Tap3,
    /// `bethe`: belief propagation, the Bethe free energy.
    Bethe,
}

impl Method {
    /// Every method, in the order in which reports list them.
    pub const ALL: [Self; 12] = [
        Self::Exact,
        Self::Ais,
        Self::ReverseAis,
        Self::Bar,
        Self::Tempering,
        Self::Integration,
        Self::DataBound,
        Self::Mixture,
        Self::MeanField,
        Self::Tap2,
        Self::Tap3,
        Self::Bethe,
    ];

    /// The name used on the command line and in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Ais => "ais",
            Self::ReverseAis => "reverse-ais",
            Self::Bar => "bar",
            Self::Tempering => "tempering",
            Self::Integration => "ti",
            Self::DataBound => "data-bound",
            Self::Mixture => "mf-mixture",
            Self::MeanField => "mf",
            Self::Tap2 => "tap2",
            Self::Tap3 => "tap3",
            Self::Bethe => "bethe",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Method {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|m| m.name() == name)
            .ok_or_else(|| Error::UnknownMethod { name: name.into(), known: Self::ALL.map(Self::name).join(", ") })
    }
}

impl From<Method> for String {
    fn from(method: Method) -> Self {
        method.name().into()
    }
}

impl TryFrom<String> for Method {
    type Error = Error;

    fn try_from(name: String) -> Result<Self, Error> {
        name.parse()
    }
}
