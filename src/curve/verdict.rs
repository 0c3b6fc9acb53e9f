//! Whether a number may be used: the words in which results are judged.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The verdict on ln Z at one β. In files it is its name, such as `"checked"`.
///
/// It belongs to one number in the light of all that were saved with it; how it is reached is in
/// [`findings`](crate::findings).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Verdict {
    /// True up to rounding.
    Exact,
    /// Independent evidence agrees with it, and nothing speaks against it.
    Checked,
    /// Nothing speaks against it, and nothing independent for it.
    Unchecked,
    /// Its own evidence, a bound, a better number or one as good speaks against it.
    Untrustworthy,
    /// It has no error control: mean field, TAP.
    Approximation,
    /// It is on a known side of the truth, and claims no more.
    Bound,
    /// The iteration did not reach its goal: the number is the best so far.
    NotConverged,
    /// The run was stopped before it got here.
    Cancelled,
}

impl Verdict {
    /// Every verdict.
    pub const ALL: [Self; 8] = [
        Self::Exact,
        Self::Checked,
        Self::Unchecked,
        Self::Untrustworthy,
        Self::Approximation,
        Self::Bound,
        Self::NotConverged,
        Self::Cancelled,
    ];

    /// The name in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Checked => "checked",
            Self::Unchecked => "unchecked",
            Self::Untrustworthy => "untrustworthy",
            Self::Approximation => "approximation",
            Self::Bound => "bound",
            Self::NotConverged => "not_converged",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether the number may be used for what it claims to be. (An approximation claims little.)
    #[must_use]
    pub fn is_sound(self) -> bool {
        !matches!(self, Self::Untrustworthy | Self::NotConverged | Self::Cancelled)
    }
}

/// In words: the name, with a space for the underscore.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotConverged => f.pad("not converged"),
            other => f.pad(other.name()),
        }
    }
}
