//! The arguments as typed, and the help. Only their syntax is checked here; what they mean is checked in the plan.

use std::{
    fmt::{self, Display},
    path::PathBuf,
    str::FromStr,
};

use clap::{Parser, Subcommand, ValueEnum};
use plefka::{
    Ais, Exact, MeanField,
    estimator::{Bar, BaseChoice, Report, ReverseAis, Schedule, Settings, Solver, Start, Tempering},
    model::Kernel,
};

use super::help;

/// Statistical mechanics of restricted Boltzmann machines
#[derive(Debug, Parser)]
#[command(name = "plefka", version, long_about = help::STORY, after_long_help = help::EXAMPLES)]
pub struct Args {
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Estimate ln Z, energy, entropy and heat capacity of a model
    #[command(long_about = help::ESTIMATE, after_long_help = help::ESTIMATE_EXAMPLES)]
    Estimate(EstimateArgs),
    /// Lay several methods beside the exact result, with figures and a report
    #[command(long_about = help::COMPARE, after_long_help = help::COMPARE_EXAMPLES)]
    Compare(CompareArgs),
    /// Describe a model: shapes, norms, whether it can be enumerated
    #[command(long_about = help::INFO)]
    Info(InfoArgs),
    /// Draw the figures of a results folder again, from its saved numbers
    #[command(long_about = help::PLOT)]
    Plot(PlotArgs),
}

/// The arguments of `estimate`.
#[derive(Debug, clap::Args)]
pub struct EstimateArgs {
    #[arg(value_name = "MODEL", help = help::MODEL)]
    pub model: String,
    #[arg(long, required = true, value_name = "M[,M…]", value_delimiter = ',', help = help::METHOD)]
    pub method: Vec<String>,
    #[arg(long, value_name = "SPEC", default_value = "1", allow_hyphen_values = true, help = help::BETAS)]
    pub betas: String,
    /// How to print the result
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
    #[command(flatten)]
    pub run: RunArgs,
}

/// The arguments of `compare`.
#[derive(Debug, clap::Args)]
pub struct CompareArgs {
    #[arg(value_name = "MODEL", default_value = "builtin:mnist20", help = help::MODEL)]
    pub model: String,
    #[arg(long, value_name = "M[,M…]", value_delimiter = ',', help = help::COMPARE_METHOD)]
    pub method: Vec<String>,
    #[arg(long, value_name = "SPEC", default_value = "0:2:41", allow_hyphen_values = true, help = help::BETAS)]
    pub betas: String,
    /// Folder for results.json, results.csv, the figures and report.html; made if need be
    #[arg(long, value_name = "DIR", default_value = "plefka-out/compare")]
    pub out: PathBuf,
    #[command(flatten)]
    pub run: RunArgs,
}

/// The arguments of `info`.
#[derive(Debug, clap::Args)]
pub struct InfoArgs {
    #[arg(value_name = "MODEL", help = help::MODEL)]
    pub model: String,
    /// How to print the description
    #[arg(long, value_enum, default_value_t = InfoFormat::Table)]
    pub format: InfoFormat,
}

/// The arguments of `plot`.
#[derive(Debug, clap::Args)]
pub struct PlotArgs {
    /// A folder that `plefka compare` has written
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
}

/// How to run, whatever the methods are.
#[derive(Debug, clap::Args)]
pub struct RunArgs {
    /// Seed of all randomness: the same seed gives the same numbers, for any number of threads
    #[arg(long, value_name = "N", default_value_t = 1, allow_hyphen_values = true, value_parser = whole::<u64>)]
    pub seed: u64,
    /// Worker threads [default: one for each core]
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = whole::<usize>)]
    pub threads: Option<usize>,
    /// End with status 1 if any result cannot be trusted
    #[arg(long)]
    pub strict: bool,
    #[command(flatten)]
    pub settings: SettingsArgs,
}

/// The settings of the methods, with the library's own defaults.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Method options")]
pub struct SettingsArgs {
    /// exact: the largest model to enumerate, as the number M of units of its smaller layer (2^M states for each β)
    #[arg(long, value_name = "M", default_value_t = Exact::default().max_units,
          allow_hyphen_values = true, value_parser = whole::<u32>)]
    exact_limit: u32,
    /// exact: ln Z alone, without U, S and C; several times faster
    #[arg(long)]
    log_z_only: bool,
    /// ais: independent chains
    #[arg(long, value_name = "N", default_value_t = Ais::default().chains,
          allow_hyphen_values = true, value_parser = whole::<usize>)]
    chains: usize,
    /// ais: intermediate temperatures between β = 0 and the largest β
    #[arg(long, value_name = "N", default_value_t = Ais::default().rungs,
          allow_hyphen_values = true, value_parser = whole::<usize>)]
    rungs: usize,
    /// ais: how densely the intermediate temperatures stand
    #[arg(long, value_enum, default_value_t = ScheduleName::Linear)]
    schedule: ScheduleName,
    /// ais: the independent units that the chains start from; `data` needs --data
    #[arg(long, value_enum, default_value_t = BaseName::Uniform)]
    base: BaseName,
    /// reverse-ais: where the samples come from that it starts with
    #[arg(long, value_enum, default_value_t = StartName::Auto)]
    start: StartName,
    /// reverse-ais: sweeps of Gibbs sampling for these samples, where they are not exact
    #[arg(long, value_name = "N", default_value_t = ReverseAis::default().burn_in,
          allow_hyphen_values = true, value_parser = whole::<usize>)]
    burn_in: usize,
    /// tempering: independent ladders
    #[arg(long, value_name = "N", default_value_t = Tempering::default().ladders,
          allow_hyphen_values = true, value_parser = whole::<usize>)]
    ladders: usize,
    /// tempering: temperatures of a ladder
    #[arg(long, value_name = "N", default_value_t = Tempering::default().temperatures,
          allow_hyphen_values = true, value_parser = whole::<usize>)]
    temperatures: usize,
    /// tempering: sweeps of every chain; a fifth as many before them find the temperatures
    #[arg(long, value_name = "N", default_value_t = Tempering::default().sweeps,
          allow_hyphen_values = true, value_parser = whole::<usize>)]
    sweeps: usize,
    /// tempering: times at which the states are taken down
    #[arg(long, value_name = "N", default_value_t = Tempering::default().records,
          allow_hyphen_values = true, value_parser = whole::<usize>)]
    records: usize,
    /// ais: how the chains move
    #[arg(long, value_enum, default_value_t = KernelName::Auto)]
    kernel: KernelName,
    /// ais: bootstrap copies behind the error bars
    #[arg(long, value_name = "N", default_value_t = Ais::default().replicates,
          allow_hyphen_values = true, value_parser = whole::<usize>)]
    replicates: usize,
    /// mf, tap2, tap3: searches for each β: the first from free units, the others from random states
    #[arg(long, value_name = "N", default_value_t = MeanField::default().starts,
          allow_hyphen_values = true, value_parser = whole::<usize>)]
    starts: usize,
    /// mf, tap2, tap3: what to report where there are several solutions
    #[arg(long, value_enum, default_value_t = ReportName::Best)]
    report: ReportName,
    /// mf, tap2, tap3: how solutions are looked for
    #[arg(long, value_enum, default_value_t = SolverName::Auto)]
    solver: SolverName,
    /// mf, tap2, tap3: weight of the old means in each update of the damped and anderson solvers, from 0 up to but
    /// excluding 1
    #[arg(long, value_name = "X", default_value_t = Real(MeanField::default().damping), allow_hyphen_values = true)]
    damping: Real,
    /// mf, tap2, tap3: largest residual of the equations at which a solution is one
    #[arg(long, value_name = "X", default_value_t = Real(MeanField::default().tolerance), allow_hyphen_values = true)]
    tolerance: Real,
    /// mf, tap2, tap3: updates after which a search is given up
    #[arg(long, value_name = "N", default_value_t = MeanField::default().max_iterations,
          allow_hyphen_values = true, value_parser = whole::<usize>)]
    max_iterations: usize,
}

impl SettingsArgs {
    /// The same as the library understands it; nothing is checked.
    pub fn settings(&self) -> Settings {
        Settings {
            exact: Exact { max_units: self.exact_limit, log_z_only: self.log_z_only },
            ais: Ais {
                chains: self.chains,
                rungs: self.rungs,
                schedule: self.schedule.into(),
                base: self.base.into(),
                data: None,
                kernel: self.kernel.into(),
                replicates: self.replicates,
            },
            reverse_ais: ReverseAis { start: self.start.into(), burn_in: self.burn_in, ..ReverseAis::default() },
            bar: Bar { start: self.start.into(), burn_in: self.burn_in, ..Bar::default() },
            tempering: Tempering {
                ladders: self.ladders,
                temperatures: self.temperatures,
                sweeps: self.sweeps,
                burn_in: self.sweeps / 5,
                records: self.records,
                base: self.base.into(),
                kernel: self.kernel.into(),
                ..Tempering::default()
            },
            mean_field: MeanField {
                solver: self.solver.into(),
                starts: self.starts,
                report: self.report.into(),
                damping: self.damping.0,
                tolerance: self.tolerance.0,
                max_iterations: self.max_iterations,
                ..MeanField::default()
            },
        }
    }
}

/// How to print a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Aligned columns, for reading
    Table,
    /// One JSON document, with the evidence and the provenance
    Json,
    /// One row for each method and β
    Csv,
}

/// How to print a description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum InfoFormat {
    /// One property a line, for reading
    Table,
    /// One JSON document
    Json,
}

/// Which of several mean-field solutions is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ReportName {
    /// The stable one of lowest free energy
    Best,
    /// The one that is followed from β = 0
    Annealed,
    /// ln Σ Z over the stable ones
    Sum,
}

impl From<ReportName> for Report {
    fn from(name: ReportName) -> Self {
        match name {
            ReportName::Best => Self::Best,
            ReportName::Annealed => Self::Annealed,
            ReportName::Sum => Self::Sum,
        }
    }
}

/// How mean-field solutions are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SolverName {
    /// All of these, one after the other, until one succeeds
    Auto,
    /// Maximise over one layer after the other
    Ascent,
    /// Damped alternating iteration
    Damped,
    /// The same with Anderson acceleration
    Anderson,
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
            SolverName::Anneal => Self::Anneal,
            SolverName::Minimize => Self::Minimize,
        }
    }
}

/// How chains move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum KernelName {
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
enum ScheduleName {
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
enum BaseName {
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
enum StartName {
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

/// A real number; small ones are written as `1e-10`.
#[derive(Debug, Clone, Copy)]
struct Real(f64);

impl FromStr for Real {
    type Err = &'static str;

    fn from_str(typed: &str) -> Result<Self, Self::Err> {
        typed.parse().map(Self).map_err(|_| "it must be a number")
    }
}

impl Display for Real {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.abs() < 1e-3 { write!(f, "{:e}", self.0) } else { write!(f, "{}", self.0) }
    }
}

/// A whole number that fits in `T`.
fn whole<T: FromStr>(typed: &str) -> Result<T, String> {
    typed.parse().map_err(|_| format!("it must be a whole number from 0 to 2^{} − 1", 8 * size_of::<T>()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_declaration_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn the_help_lists_every_method() {
        let names = plefka::Method::ALL.map(plefka::Method::name).join(", ");
        assert!(help::METHOD.contains(&names) && help::COMPARE_METHOD.contains(&names));
    }

    #[test]
    fn settings_not_typed_are_the_defaults_of_the_library() {
        let Command::Compare(args) = Args::parse_from(["plefka", "compare"]).command else { unreachable!() };
        assert_eq!(args.run.settings.settings(), Settings::default());
    }
}
