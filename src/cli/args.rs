//! What several subcommands are given: how to run, with what data, what to print.

use clap::ValueEnum;

use super::{method_args::MethodArgs, numbers::whole};
use crate::Method;

/// The help of MODEL.
pub const MODEL_HELP: &str =
    "Model file of any format that is known (`plefka convert --help`), or a built-in such as `builtin:mnist20`";

/// The help of `--betas`.
pub const BETAS_HELP: &str =
    "Inverse temperatures: a list `0.5,1,2`, or `start:stop:count`, evenly spaced and inclusive";

/// The help of `--data`.
pub const DATA_HELP: &str = "Samples of the visible units (.npz, .npy, a sparse matrix of SciPy), or the built-in `builtin:mnist10k`; for what starts from data, or is bounded by them";

/// The methods, as the registry lists them.
pub fn methods_help() -> String {
    format!("Methods, separated by commas: {}", Method::ALL.map(Method::name).join(", "))
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
    #[arg(long, value_name = "DATA", help = DATA_HELP)]
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
