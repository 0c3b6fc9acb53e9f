//! The averages over replicas by name.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Replicas, magnetisation};
use crate::{Measured, model::AnyModel, sample::Capabilities};

/// An average over replicas that has a name in files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Observable {
    /// ⟨m⟩, m = (1/N) Σᵢ sᵢ.
    Magnetisation,
    /// √⟨q²⟩ of all units.
    EdwardsAnderson,
    /// √⟨q²⟩ of the visible units of an RBM.
    EdwardsAndersonVisible,
    /// √⟨q²⟩ of the hidden units of an RBM.
    EdwardsAndersonHidden,
    /// √⟨(q_v − q_h)²⟩/2 of the layers of an RBM.
    StaggeredOverlap,
    /// χ_SG = N⟨q²⟩ of all units.
    SpinGlassSusceptibility,
}

impl Observable {
    /// All of them, in the order of the columns.
    pub const ALL: [Self; 6] = [
        Self::Magnetisation,
        Self::EdwardsAnderson,
        Self::EdwardsAndersonVisible,
        Self::EdwardsAndersonHidden,
        Self::StaggeredOverlap,
        Self::SpinGlassSusceptibility,
    ];

    /// The name used in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Magnetisation => "magnetisation",
            Self::EdwardsAnderson => "edwards_anderson",
            Self::EdwardsAndersonVisible => "edwards_anderson_visible",
            Self::EdwardsAndersonHidden => "edwards_anderson_hidden",
            Self::StaggeredOverlap => "staggered_overlap",
            Self::SpinGlassSusceptibility => "spin_glass_susceptibility",
        }
    }

    /// Its value over replicas of a model; `None` where the model has no layers that it is about.
    #[must_use]
    pub fn of(self, model: &AnyModel, replicas: &Replicas) -> Option<Measured> {
        let all = 0..model.enumerable().n_units();
        let layers = || model.as_rbm().map(|rbm| [0..rbm.n_visible(), rbm.n_visible()..all.end]);
        Some(match self {
            Self::Magnetisation => replicas.mean(magnetisation),
            Self::EdwardsAnderson => replicas.edwards_anderson(all),
            Self::EdwardsAndersonVisible => replicas.edwards_anderson(layers()?[0].clone()),
            Self::EdwardsAndersonHidden => replicas.edwards_anderson(layers()?[1].clone()),
            Self::StaggeredOverlap => {
                let [visible, hidden] = layers()?;
                replicas.staggered(visible, hidden)
            }
            Self::SpinGlassSusceptibility => replicas.susceptibility(all),
        })
    }
}

impl fmt::Display for Observable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
