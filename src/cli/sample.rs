//! `plefka sample`: states of a model at one β, as a data file.

mod gibbs;

use std::path::PathBuf;

use anyhow::{Context, anyhow, bail};
use plefka::{Betas, Estimator, Exact, Run, data::Data, io, io::LoadedModel};

use super::{Subcommand, args::SampleArgs, console, interrupt, output, plan, progress::Bar};

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
        if args.burn_in < gibbs::LEAST_BURN_IN {
            bail!("--burn-in {} cannot be used: choose {} sweeps or more", args.burn_in, gibbs::LEAST_BURN_IN);
        }
        let exact = Exact { max_units: args.exact_limit, ..Exact::default() };
        let way = match exact.check(model.model.enumerable()) {
            Ok(()) => Way::Exact,
            Err(plefka::Error::TooManyStates { .. }) => Way::Gibbs { burn_in: args.burn_in },
            Err(error) => return Err(plan::name_flag(error)),
        };
        output::check_file("--out", &args.out)?;
        Ok(Self { model, beta: args.beta, count: args.count, seed: args.seed, way, out: args.out })
    }

    fn run(self) -> anyhow::Result<()> {
        let cancel = interrupt::listen()?;
        let bar = Bar::new(0, 1);
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
