//! The arguments as typed, and the help. Only their syntax is checked here; what they mean is checked in the plan.

use std::path::{Path, PathBuf};

use crate::Exact;
use clap::{Parser, Subcommand, ValueEnum};

use super::{help, likelihood, method_args::MethodArgs, numbers::whole, temperature};

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
    /// Draw states of a model at one β, as a data file
    #[command(long_about = help::SAMPLE)]
    Sample(SampleArgs),
    /// Make a reference model: sk, rem, hopfield, rbm, ising2d
    #[command(long_about = help::MAKE_MODEL, after_long_help = help::MAKE_MODEL_EXAMPLES)]
    Model(ModelArgs),
    /// Draw the figures of a results folder again, from its saved numbers
    #[command(long_about = help::PLOT)]
    Plot(PlotArgs),
    /// Work off a grid of models, methods and β to a store that survives a kill
    #[command(long_about = super::sweep::HELP, after_long_help = super::sweep::EXAMPLES)]
    Sweep(super::sweep::SweepArgs),
    /// Join the shares of a sweep
    #[command(long_about = super::merge::HELP)]
    Merge(super::merge::MergeArgs),
    /// The mean of ln p(v) over data
    #[command(long_about = likelihood::LONG, after_long_help = likelihood::EXAMPLES)]
    Likelihood(likelihood::LikelihoodArgs),
    /// Estimate the temperature of data under a model
    #[command(long_about = temperature::LONG, after_long_help = temperature::EXAMPLES)]
    Temperature(temperature::TemperatureArgs),
}

/// The arguments of `estimate`.
#[derive(Debug, clap::Args)]
pub struct EstimateArgs {
    #[arg(value_name = "MODEL", help = help::MODEL)]
    pub model: String,
    #[arg(long, required = true, value_name = "M[,M…]", value_delimiter = ',', help = help::methods())]
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
    #[arg(long, value_name = "M[,M…]", value_delimiter = ',', help = help::compared_methods())]
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
    /// A folder that `plefka compare`, `plefka temperature --out`, `plefka sweep` or an analysis has written
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
    /// Draw every figure as PNG too, beside its SVG
    #[arg(long)]
    pub png: bool,
}

/// The arguments of `sample`.
#[derive(Debug, clap::Args)]
pub struct SampleArgs {
    #[arg(value_name = "MODEL", help = help::MODEL)]
    pub model: String,
    /// Inverse temperature
    #[arg(long, value_name = "B", default_value_t = 1.0, allow_hyphen_values = true)]
    pub beta: f64,
    /// How many samples
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = whole::<usize>)]
    pub count: usize,
    /// Seed of all randomness
    #[arg(long, value_name = "S", default_value_t = 1, allow_hyphen_values = true, value_parser = whole::<u64>)]
    pub seed: u64,
    /// The data file (.npz) to write, with the key X
    #[arg(short, long, value_name = "X.npz")]
    pub out: PathBuf,
    /// The largest model to enumerate, as the number M of its units (of an RBM: of its smaller layer)
    #[arg(long, value_name = "M", default_value_t = Exact::default().max_units,
          allow_hyphen_values = true, value_parser = whole::<u32>)]
    pub exact_limit: u32,
    /// Beyond that: sweeps of each chain before its first sample
    #[arg(long, value_name = "N", default_value_t = 2000, allow_hyphen_values = true, value_parser = whole::<usize>)]
    pub burn_in: usize,
}

/// The arguments of `model`.
#[derive(Debug, clap::Args)]
pub struct ModelArgs {
    #[command(subcommand)]
    pub kind: ModelKind,
}

/// Which model to make.
#[derive(Debug, Subcommand)]
pub enum ModelKind {
    /// Sherrington–Kirkpatrick: Gaussian couplings of variance 1/N between all pairs of spins
    Sk {
        /// The number N of spins
        #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = whole::<usize>)]
        spins: usize,
        #[command(flatten)]
        to: MadeArgs,
    },
    /// Random energy model: 2^N Gaussian levels of variance N/2
    Rem {
        /// The number N of units
        #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = whole::<usize>)]
        spins: usize,
        #[command(flatten)]
        to: MadeArgs,
    },
    /// Hopfield: random patterns stored by Hebb's rule; the file also holds them, as `patterns`
    Hopfield {
        /// The number N of spins
        #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = whole::<usize>)]
        spins: usize,
        /// The number P of patterns
        #[arg(long, value_name = "P", allow_hyphen_values = true, value_parser = whole::<usize>)]
        patterns: usize,
        #[command(flatten)]
        to: MadeArgs,
    },
    /// RBM with independent Gaussian weights (bipartite Sherrington–Kirkpatrick)
    Rbm {
        /// The number of visible units
        #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = whole::<usize>)]
        visible: usize,
        /// The number of hidden units
        #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = whole::<usize>)]
        hidden: usize,
        /// Strength: the standard deviation of a weight is g/(visible × hidden)^¼; on spins a spin glass for βg > 1
        #[arg(long, value_name = "G", default_value_t = 1.0, allow_hyphen_values = true)]
        g: f64,
        /// Units; on bits with the biases that make it the model on spins with g/4
        #[arg(long, value_enum, default_value_t = UnitsName::Spin)]
        units: UnitsName,
        #[command(flatten)]
        to: MadeArgs,
    },
    /// Ising ferromagnet on a square lattice with periodic boundaries, J = 1 between neighbours
    Ising2d {
        /// The length of a side
        #[arg(long, value_name = "L", allow_hyphen_values = true, value_parser = whole::<usize>)]
        side: usize,
        /// The model file (.npz) to write
        #[arg(short, long, value_name = "M.npz")]
        out: PathBuf,
    },
}

/// Where a random model comes from and goes to.
#[derive(Debug, clap::Args)]
pub struct MadeArgs {
    /// Seed of the disorder: the same seed gives the same model
    #[arg(long, value_name = "S", default_value_t = 1, allow_hyphen_values = true, value_parser = whole::<u64>)]
    pub seed: u64,
    /// The model file (.npz) to write
    #[arg(short, long, value_name = "M.npz")]
    pub out: PathBuf,
}

impl ModelArgs {
    /// The file to write.
    pub fn out(&self) -> &Path {
        match &self.kind {
            ModelKind::Sk { to, .. }
            | ModelKind::Rem { to, .. }
            | ModelKind::Hopfield { to, .. }
            | ModelKind::Rbm { to, .. } => &to.out,
            ModelKind::Ising2d { out, .. } => out,
        }
    }
}

/// The kind of units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum UnitsName {
    /// 0 and 1
    Bit,
    /// −1 and +1
    Spin,
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
    pub data: DataArgs,
    #[command(flatten)]
    pub methods: MethodArgs,
}

/// The data that belong to the model.
#[derive(Debug, clap::Args)]
pub struct DataArgs {
    #[arg(long, value_name = "DATA", help = help::DATA)]
    pub data: Option<String>,
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

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_declaration_is_consistent() {
        Args::command().debug_assert();
    }
}
