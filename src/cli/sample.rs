//! `plefka sample`: states of a model at one β, as a data file.

mod gibbs;

use std::path::PathBuf;

use anyhow::{Context, anyhow, bail};

use super::{
    Subcommand, args::MODEL_HELP, console, interrupt, memory, method_args::in_flags, numbers::whole, output, plan,
    progress::TerminalProgress,
};
use crate::{Betas, Estimator, Exact, Method, Run, data::Data, io, io::LoadedModel, sample::Capabilities};

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
    #[arg(long, value_name = "M", default_value_t = Exact::default().max_units,
          allow_hyphen_values = true, value_parser = whole::<u32>)]
    pub exact_limit: u32,
    /// Beyond that: sweeps of each chain before its first sample
    #[arg(long, value_name = "N", default_value_t = 2000, allow_hyphen_values = true, value_parser = whole::<usize>)]
    pub burn_in: usize,
}

/// The most values that are drawn: 4 GB of them.
const MAX_VALUES: usize = 1 << 32;

/// Which states are to be drawn, and where to.
pub struct Sample {
    model: LoadedModel,
    beta: f64,
    count: usize,
    seed: u64,
    way: Way,
    out: PathBuf,
}

/// How states are drawn.
enum Way {
    /// By enumeration.
    Exact,
    /// By chains, after so many sweeps of each.
    Gibbs { burn_in: usize },
}

impl Subcommand for Sample {
    type Args = SampleArgs;

    fn plan(args: SampleArgs) -> anyhow::Result<Self> {
        let model = plan::model(&args.model)?;
        Betas::one(args.beta).context("--beta")?;
        let values = args.count.saturating_mul(model.info.shape.n_visible());
        if !(1..=MAX_VALUES).contains(&values) {
            let most = MAX_VALUES / model.info.shape.n_visible();
            bail!("--count {} cannot be used: choose from 1 to {most} samples of this model", args.count);
        }
        let states = (args.count as f64) * model.info.shape.n_units() as f64;
        memory::check("--count", 4.0 * states, "ask for fewer samples")?;
        if args.burn_in < gibbs::LEAST_BURN_IN {
            bail!("--burn-in {} cannot be used: choose {} sweeps or more", args.burn_in, gibbs::LEAST_BURN_IN);
        }
        let exact = Exact { max_units: args.exact_limit, ..Exact::default() };
        let way = match exact.check(model.model.enumerable()) {
            Ok(()) => Way::Exact,
            Err(crate::Error::TooManyStates { .. }) => Way::Gibbs { burn_in: args.burn_in },
            Err(error) => return Err(in_flags(Method::Exact, error)),
        };
        output::check_file("--out", &args.out)?;
        Ok(Self { model, beta: args.beta, count: args.count, seed: args.seed, way, out: args.out })
    }

    fn run(self) -> anyhow::Result<()> {
        let cancel = interrupt::flag();
        let bar = TerminalProgress::new(0, 1);
        let run = Run { seed: self.seed, cancel, progress: &bar };
        let drawn = match self.way {
            Way::Gibbs { burn_in } => self.by_chains(burn_in, &run),
            Way::Exact => {
                let model = self.model.model.enumerable();
                let states = model.enumeration_cost().log2_states;
                console::note(format!("exact samples, by enumeration of 2^{states} states"));
                model.draw(self.beta, self.count, &run)?
            }
        };
        let states = drawn.ok_or_else(|| anyhow!("stopped by Ctrl-C: nothing was written"))?;
        let (n_units, n_visible) = (self.model.info.shape.n_units(), self.model.info.shape.n_visible());
        let visible = states.chunks(n_units).flat_map(|state| &state[..n_visible]).copied().collect();
        io::save_data(&Data::new(n_visible, visible, None)?, &self.out)?;
        console::print(&format!("{}: X ({}, {n_visible}) of 0/1\n", self.out.display(), self.count))
    }
}

impl Sample {
    /// Samples from chains, with what must be known about them.
    fn by_chains(&self, burn_in: usize, run: &Run<'_>) -> Option<Vec<u8>> {
        let gibbs::Sampled { states, chains, autocorrelation_time: tau, every } =
            gibbs::sample(self.model.model.sampled(), self.beta, self.count, burn_in, run)?;
        console::note(format!(
            "not exact: Gibbs sampling by {chains} chains, {burn_in} sweeps of burn-in from β = 0, then a sample of each \
             chain every {every} sweeps; the energy has an integrated autocorrelation time of {tau:.1} sweeps"
        ));
        if gibbs::is_doubtful(tau, burn_in) {
            console::warning(format!(
                "the burn-in is no more than {:.0} autocorrelation times, so the samples may remember their start and the \
                 time itself is a guess; raise --burn-in",
                burn_in as f64 / tau,
            ));
        }
        Some(states)
    }
}
