//! `plefka combine`: one result from the samples of all shares of a run.

use std::path::PathBuf;

use anyhow::Context;

use super::{
    Subcommand,
    args::{DATA_HELP, Format},
    console, estimate,
    numbers::whole,
    plan::{self, Computation},
    stdout, trust,
};
use crate::{
    Betas,
    computation::Shares,
    io::{self, SamplesFile},
};

/// The longer help.
pub const LONG: &str = "\
Pool the samples of all shares of one big run, as `plefka estimate … --batches i/n --save-samples FILE`
writes them, to the result that the run in one piece gives, bit for bit.

Nothing is sampled. The files may be given in any order; a missing share, one that is there twice and
one of another run (model, data, method, settings, seed, β) are refused. The model and the data are
read again from where the shares found them, for the certain bounds and the verdict.";

/// Examples, below the help.
pub const EXAMPLES: &str = "\
Examples:
  plefka estimate model.npz --method bar --chains 8000 --batches 1/8 --save-samples part1.npz
  plefka combine part*.npz
  plefka combine part*.npz --model model.npz --format json > bar.json";

/// The arguments of `combine`.
#[derive(Debug, clap::Args)]
pub struct CombineArgs {
    /// The files of samples of all shares
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Where the model is now, if it has been moved
    #[arg(long, value_name = "MODEL")]
    model: Option<String>,
    #[arg(long, value_name = "DATA", help = format!("Where the data are now, if they have been moved. {DATA_HELP}"))]
    data: Option<String>,
    /// How to print the result
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Worker threads [default: one for each core]
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = whole::<usize>)]
    threads: Option<usize>,
    /// End with status 1 if any result cannot be trusted
    #[arg(long)]
    strict: bool,
}

/// Shares that belong together, and the run that they are of.
pub struct Combine {
    shares: Shares,
    plan: Computation,
    format: Format,
}

impl Subcommand for Combine {
    type Args = CombineArgs;

    fn plan(args: CombineArgs) -> anyhow::Result<Self> {
        stdout::must_be_open()?;
        let read = |path: &PathBuf| SamplesFile::read(path).map(|file| (path.clone(), file));
        let files: Vec<(PathBuf, SamplesFile)> =
            args.files.iter().map(read).collect::<Result<_, _>>().context("FILE")?;
        let shares = Shares::join(files).context("FILE")?;
        let header = &shares.header;
        let model = plan::model(args.model.as_deref().unwrap_or(&header.model.source))?;
        if model.info.sha256 != header.model.sha256 {
            anyhow::bail!(
                "MODEL: `{}` is not the model of these samples, whose SHA-256 begins with {}; give that with --model",
                model.info.source,
                header.model.sha256.get(..12).unwrap_or_default(),
            );
        }
        let data = match &header.data {
            None => None,
            Some(data) => {
                let source = args.data.as_deref().unwrap_or(&data.source);
                let found = io::load_data(source, Some(model.info.shape.n_visible())).context("--data")?;
                if found.sha256() != data.sha256 {
                    anyhow::bail!("--data: `{source}` does not hold the data of these samples; give those with --data");
                }
                Some(found)
            }
        };
        let betas = Betas::new(header.betas.clone()).context("FILE")?;
        let plan =
            Computation::of_shares(model, betas, shares.config()?, data, header.seed, args.threads, args.strict)?;
        Ok(Self { shares, plan, format: args.format })
    }

    fn run(self) -> anyhow::Result<()> {
        let outcome = self.plan.pool(self.shares)?;
        console::print(&estimate::text(&outcome.results, self.format)?)?;
        trust::conclude(&outcome, self.plan.strict)
    }
}
