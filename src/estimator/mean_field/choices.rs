//! What can be chosen: where searches start, how they go, and which of their solutions is reported.

use serde::{Deserialize, Serialize};

/// How the starts after the first are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StartFrom {
    /// Random states: every unit at either of its values. Above first order they are first relaxed
    /// to the first-order solution next to them.
    #[default]
    Random,
    /// Rows of `data` on the first layer, in random order and each at most once; the other layers
    /// have their means given it.
    Data,
    /// States that block Gibbs chains reach from random states in a few sweeps at the β in
    /// question.
    Gibbs,
}

impl StartFrom {
    /// The names in settings, each with what it means.
    pub(crate) const CHOICES: &[(&'static str, &'static str)] = &[
        ("random", "random states"),
        ("data", "rows of the data, each at most once, in random order"),
        ("gibbs", "states that short Gibbs chains reach at the β in question"),
    ];

    /// The name in settings and messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Random => "random",
            Self::Data => "data",
            Self::Gibbs => "gibbs",
        }
    }
}

/// How a stationary point is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Solver {
    /// `ascent`, and if that fails `damped`, `anderson`, `anneal` and `minimize`, each from the
    /// same start, until the residual holds.
    #[default]
    Auto,
    /// Each layer in turn, or each unit of a layer that is coupled within itself, is put where Φ is
    /// largest given the others. Φ rises at every step, so it converges for any strength of the
    /// couplings.
    Ascent,
    /// The alternating iteration of the literature: each mean moves part of the way to its value in
    /// the present field.
    Damped,
    /// The alternating iteration, extrapolated from its last steps.
    Anderson,
    /// All units of a layer at once, with the reaction term at the means of the step before: the
    /// iteration of Bolthausen.
    Memory,
    /// The solution is followed from β = 0, whatever the start.
    Anneal,
    /// Quasi-Newton minimisation of −Φ over the logits.
    Minimize,
}

impl Solver {
    /// The names in settings, each with what it means.
    pub(crate) const CHOICES: &[(&'static str, &'static str)] = &[
        ("auto", "all of these but memory, one after the other, until one succeeds"),
        ("ascent", "maximise over one layer after the other"),
        ("damped", "damped alternating iteration"),
        ("anderson", "the same with Anderson acceleration"),
        ("memory", "all units of a layer at once, with the reaction of the step before (Bolthausen)"),
        ("anneal", "follow the solution from β = 0"),
        ("minimize", "minimise the free energy by L-BFGS"),
    ];

    /// The name in settings, options and diagnostics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Ascent => "ascent",
            Self::Damped => "damped",
            Self::Anderson => "anderson",
            Self::Memory => "memory",
            Self::Anneal => "anneal",
            Self::Minimize => "minimize",
        }
    }
}

/// Which value is reported where there are several solutions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Report {
    /// The stable solution of lowest free energy (largest ln Z) that the starts have found, among
    /// those whose entropy is not negative if there are any.
    #[default]
    Best,
    /// The solution that is followed from β = 0; it takes the place of the first start.
    Annealed,
    /// The solution that the first start leads to, with all units free.
    #[serde(alias = "uniform_start")]
    UniformStart,
    /// ln Σ e^Φ over the distinct stable solutions whose entropy is not negative: each is a phase,
    /// and their weights add up.
    Sum,
}

impl Report {
    /// The names in settings, each with what it means.
    pub(crate) const CHOICES: &[(&'static str, &'static str)] = &[
        ("best", "the stable one of lowest free energy"),
        ("annealed", "the one that is followed from β = 0"),
        ("uniform-start", "the one that the first search, from free units, leads to"),
        ("sum", "ln Σ Z over the stable ones"),
    ];
}
