//! `plefka convert`: a model of one program for another.

use std::path::PathBuf;

use super::{Subcommand, args::MODEL_HELP, console, output, plan};
use crate::io::{self, LoadedModel, ReadOptions, Written};

/// The longer help.
pub const LONG: &str = "\
Read a model file of any format that is known, and write it in the format that the ending of OUT
says: .npz (every model), .h5 (rbms), .safetensors, .json (dimod). All numbers are written as f64.

What can be read, by content and not by ending: .npz of NumPy and scikit-learn; PyTorch
state_dicts (.pt; nothing in them is run); safetensors; HDF5 of rbms, RestrictedBoltzmannMachines.jl
and Boltzmann.jl; .mat of Hinton's code; dimod as JSON, binary or coordinate list; couplings (.sg),
max-cut graphs (.mc, Gset) and adabmDCA's Ising parameters.";

/// The examples below the help.
pub const EXAMPLES: &str = "\
Examples:
  plefka convert run.h5@5000 model.npz              update 5000 of an archive of rbms
  plefka convert rbm.pt model.npz --transposed      W is (n_hidden, n_visible)
  plefka convert bqm.json ising.npz                 D-Wave's model, energies kept
  plefka convert model.npz model.safetensors";

/// The arguments of `convert`.
#[derive(Debug, clap::Args)]
pub struct ConvertArgs {
    #[arg(value_name = "IN", help = MODEL_HELP)]
    pub model: String,
    /// The file to write; its ending says the format
    #[arg(value_name = "OUT")]
    pub out: PathBuf,
    /// Of an archive of a training run: the update to read [default: the last]
    #[arg(long, value_name = "N")]
    pub update: Option<u64>,
    /// Of a file with several models: which one, by its name or the beginning of its arrays' names
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// W in the file is (n_hidden, n_visible); `--transposed=false`: it is (n_visible, n_hidden)
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub transposed: Option<bool>,
}

/// A model and where it goes.
pub struct Convert {
    model: LoadedModel,
    out: PathBuf,
}

impl Subcommand for Convert {
    type Args = ConvertArgs;

    fn plan(args: ConvertArgs) -> anyhow::Result<Self> {
        Written::by_ending(&args.out)?;
        output::check_file("OUT", &args.out)?;
        let options = ReadOptions { update: args.update, name: args.name, transposed: args.transposed };
        Ok(Self { model: plan::model_with(&args.model, &options)?, out: args.out })
    }

    fn run(self) -> anyhow::Result<()> {
        let Self { model, out } = self;
        io::convert(&model, &out)?;
        let io::ModelInfo { kind, units, shape, .. } = &model.info;
        let format = &model.reading.format;
        console::print(&format!("{}: {kind} with {shape} {units} units, from {format}\n", out.display()))
    }
}
