//! The choices that an option offers, with the words of the help. Each mirrors an enum of the library, which need not
//! know of an argument parser.

use clap::ValueEnum;
use plefka::{
    estimator::{BaseChoice, Report, Schedule, Solver, Start, StartFrom},
    sample::Kernel,
};

/// Where mean-field searches start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum StartFromName {
    /// Random states
    Random,
    /// Rows of --data, each at most once, in random order
    Data,
    /// States that short Gibbs chains reach at the β in question
    Gibbs,
}

impl From<StartFromName> for StartFrom {
    fn from(name: StartFromName) -> Self {
        match name {
            StartFromName::Random => Self::Random,
            StartFromName::Data => Self::Data,
            StartFromName::Gibbs => Self::Gibbs,
        }
    }
}

/// Which of several mean-field solutions is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ReportName {
    /// The stable one of lowest free energy
    Best,
    /// The one that is followed from β = 0
    Annealed,
    /// The one that the first search, from free units, leads to
    UniformStart,
    /// ln Σ Z over the stable ones
    Sum,
}

impl From<ReportName> for Report {
    fn from(name: ReportName) -> Self {
        match name {
            ReportName::Best => Self::Best,
            ReportName::Annealed => Self::Annealed,
            ReportName::UniformStart => Self::UniformStart,
            ReportName::Sum => Self::Sum,
        }
    }
}

/// How mean-field solutions are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum SolverName {
    /// All of these but memory, one after the other, until one succeeds
    Auto,
    /// Maximise over one layer after the other
    Ascent,
    /// Damped alternating iteration
    Damped,
    /// The same with Anderson acceleration
    Anderson,
    /// All units of a layer at once, with the reaction of the step before (Bolthausen)
    Memory,
    /// Follow the solution from β = 0
    Anneal,
    /// Minimise the free energy by L-BFGS
    Minimize,
}

impl From<SolverName> for Solver {
    fn from(name: SolverName) -> Self {
        match name {
            SolverName::Auto => Self::Auto,
            SolverName::Ascent => Self::Ascent,
            SolverName::Damped => Self::Damped,
            SolverName::Anderson => Self::Anderson,
            SolverName::Memory => Self::Memory,
            SolverName::Anneal => Self::Anneal,
            SolverName::Minimize => Self::Minimize,
        }
    }
}

/// How chains move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum KernelName {
    /// Collapsed if the smaller layer has at most 64 units, else block
    Auto,
    /// Block Gibbs: one layer given the other, and back
    Block,
    /// Collapsed Gibbs: the smaller layer unit by unit, the larger one summed out
    Collapsed,
}

impl From<KernelName> for Kernel {
    fn from(name: KernelName) -> Self {
        match name {
            KernelName::Auto => Self::Auto,
            KernelName::Block => Self::Block,
            KernelName::Collapsed => Self::Collapsed,
        }
    }
}

/// How densely the rungs stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ScheduleName {
    /// Equal steps
    Linear,
    /// Denser at both ends
    Sigmoid,
    /// Denser towards the end, as Salakhutdinov and Murray climbed
    SalakhutdinovMurray,
    /// Equal thermodynamic length, measured in a pilot run
    Adaptive,
}

impl From<ScheduleName> for Schedule {
    fn from(name: ScheduleName) -> Self {
        match name {
            ScheduleName::Linear => Self::Linear,
            ScheduleName::Sigmoid => Self::Sigmoid,
            ScheduleName::SalakhutdinovMurray => Self::SalakhutdinovMurray,
            ScheduleName::Adaptive => Self::Adaptive,
        }
    }
}

/// Where annealing starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum BaseName {
    /// β = 0: every rung is a physical temperature
    Uniform,
    /// Independent units with the means of the data
    Data,
    /// Independent units with the means of the naive mean-field solution
    MeanField,
    /// The model without its couplings
    Biases,
}

impl From<BaseName> for BaseChoice {
    fn from(name: BaseName) -> Self {
        match name {
            BaseName::Uniform => Self::Uniform,
            BaseName::Data => Self::Data,
            BaseName::MeanField => Self::MeanField,
            BaseName::Biases => Self::Biases,
        }
    }
}

/// Where samples of the model come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum StartName {
    /// Exact samples where the model can be enumerated, else Gibbs sampling
    Auto,
    /// Exact samples, by enumeration
    Exact,
    /// Gibbs sampling, from the data if there are any
    Gibbs,
    /// The last rung of parallel tempering, with its settings
    Tempering,
}

impl From<StartName> for Start {
    fn from(name: StartName) -> Self {
        match name {
            StartName::Auto => Self::Auto,
            StartName::Exact => Self::Exact,
            StartName::Gibbs => Self::Gibbs,
            StartName::Tempering => Self::Tempering,
        }
    }
}
