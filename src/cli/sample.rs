//! `plefka sample`: states of a model at one β, as a data file.

use std::path::PathBuf;

use anyhow::anyhow;

use super::{
    Subcommand, args::MODEL_HELP, console, interrupt, memory, method_args::in_flags, numbers::whole, output, plan,
    progress::TerminalProgress,
};
use crate::{
    Error, Method, Run,
    computation::{Drawing, States},
    data::Data,
    io,
    io::LoadedModel,
    sample::Capabilities,
};

/// The longer help.
pub const LONG: &str = "\
Draw states of a model at one β and write them as a data file, with the key X (N, n_visible) of 0/1.

Units of a model on spins are written as 0/1, too: s = 2x − 1. Models without layers have a column for
each unit. The samples are exact and independent where the model can be enumerated; otherwise they
come from Gibbs sampling, and a note says how, with the autocorrelation time.";

/// The arguments of `sample`.
#[derive(Debug, clap::Args)]
pub struct SampleArgs {
    #[arg(value_name = "MODEL", help = MODEL_HELP)]
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
    /// The largest model to enumerate, as the number M of its units (of an RBM: of its smaller
    /// layer)
    #[arg(long, value_name = "M", default_value_t = Drawing::default().exact_limit,
          allow_hyphen_values = true, value_parser = whole::<u32>)]
    pub exact_limit: u32,
    /// Beyond that: sweeps of each chain before its first sample
    #[arg(long, value_name = "N", default_value_t = Drawing::default().burn_in, allow_hyphen_values = true, value_parser = whole::<usize>)]
    pub burn_in: usize,
}

/// Which states are to be drawn, and where to.
pub struct Sample {
    model: LoadedModel,
    drawing: Drawing,
    exact: bool,
    seed: u64,
    out: PathBuf,
}

impl Subcommand for Sample {
    type Args = SampleArgs;

    fn plan(args: SampleArgs) -> anyhow::Result<Self> {
        let model = plan::model(&args.model)?;
        let SampleArgs { beta, count, exact_limit, burn_in, seed, out, .. } = args;
        let drawing = Drawing { beta, count, exact_limit, burn_in };
        let exact = drawing.is_exact(&model).map_err(|error| match error {
            Error::Betas { .. } => anyhow::Error::from(error).context("--beta"),
            error => in_flags(Method::Exact, error),
        })?;
        let states = (count as f64) * model.info.shape.n_units() as f64;
        memory::check("--count", 4.0 * states, "ask for fewer samples")?;
        output::check_file("--out", &out)?;
        Ok(Self { model, drawing, exact, seed, out })
    }

    fn run(self) -> anyhow::Result<()> {
        let run = Run { seed: self.seed, cancel: interrupt::flag(), progress: &TerminalProgress::new(1) };
        if self.exact {
            let states = self.model.model.enumerable().enumeration_cost().log2_states;
            console::note(format!("exact samples, by enumeration of 2^{states} states"));
        }
        let drawn = self.drawing.draw(&self.model, &run)?;
        let States { visible, by_chains } = drawn.ok_or_else(|| anyhow!("stopped by Ctrl-C: nothing was written"))?;
        if let Some(chains) = by_chains {
            console::note(chains.note());
            chains.warning().iter().for_each(console::warning);
        }
        let n_visible = self.model.info.shape.n_visible();
        io::save_data(&Data::new(n_visible, visible, None)?, &self.out)?;
        console::print(&format!("{}: X ({}, {n_visible}) of 0/1\n", self.out.display(), self.drawing.count))
    }
}
