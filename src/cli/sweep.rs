//! `plefka sweep`: a grid of curves, worked off to a store.

use std::{fmt::Write, path::PathBuf};

use anyhow::{Context, bail};
use rayon::ThreadPool;

use super::{Subcommand, console, interrupt, memory, numbers::whole, plan::pool, progress::TerminalProgress};
use crate::{
    Run,
    estimator::format_duration,
    sweep::{self, Access, Outcome, Plan, RESULTS, Shard, Store},
};

pub const LONG: &str = "\
Work off a plan: a grid over β, weight scale, seed and the like, for one or more methods.

Each finished curve is one line of DIR/sweep.jsonl, so a run that is stopped, killed or out of disk
space loses at most the curves under way; --resume goes on, and the table DIR/results.csv comes out
the same to the last byte, for any number of threads. With --shard the grid is shared among several
machines; `plefka merge` joins their folders.";

pub const EXAMPLES: &str = "\
A plan:
  [model]
  source = \"builtin:mnist20\"
  [axes]
  beta = \"0:2:5\"
  weight_scale = [0.5, 1.0, 2.0]
  seed = [0, 1, 2]
  [methods.exact]
  [methods.ais]
  chains = 100

Examples:
  plefka sweep plan.toml --dry-run
  plefka sweep plan.toml --out runs/plan
  plefka sweep plan.toml --out runs/plan --resume
  plefka sweep plan.toml --out runs/part1 --shard 1/3";

/// The arguments of `sweep`.
#[derive(Debug, clap::Args)]
pub struct SweepArgs {
    /// The plan
    #[arg(value_name = "PLAN.toml")]
    plan: PathBuf,
    /// Folder for sweep.jsonl and results.csv; made if need be [default: plefka-out/ and the name
    /// of the plan]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Go on with the sweep in DIR, if there is one
    #[arg(long)]
    resume: bool,
    /// Check the plan and say how large it is and about how long it will take
    #[arg(long, conflicts_with_all = ["resume", "out"])]
    dry_run: bool,
    /// Run the I-th of N equal shares
    #[arg(long, value_name = "I/N", default_value_t = Shard::WHOLE)]
    shard: Shard,
    /// Worker threads [default: one for each core]
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = whole::<usize>)]
    threads: Option<usize>,
}

/// A checked plan, and the opened store unless this is a dry run.
pub struct Sweep {
    plan: Plan,
    shard: Shard,
    store: Option<(PathBuf, Store)>,
    pool: ThreadPool,
}

impl Subcommand for Sweep {
    type Args = SweepArgs;

    fn plan(args: SweepArgs) -> anyhow::Result<Self> {
        let plan = Plan::load(&args.plan).context("PLAN.toml")?;
        let pool = pool(args.threads)?;
        if !args.dry_run {
            let bytes = sweep::memory(&plan, pool.current_num_threads())?;
            memory::check("PLAN.toml", bytes, "use fewer --threads, or thin out β, chains, records or replicates")?;
        }
        let open = || {
            let folder = args.out.unwrap_or_else(|| PathBuf::from("plefka-out").join(&plan.grid().name));
            let access = if args.resume { Access::Resume } else { Access::New };
            let store = Store::open(&folder, plan.grid(), args.shard, access).context("--out")?;
            anyhow::Ok((folder, store))
        };
        let store = if args.dry_run { None } else { Some(open()?) };
        Ok(Self { plan, shard: args.shard, store, pool })
    }

    fn run(self) -> anyhow::Result<()> {
        let Some((folder, mut store)) = self.store else {
            return console::print(&describe(&self.plan, self.shard, self.pool.current_num_threads())?);
        };
        let run = Run { seed: 0, cancel: interrupt::flag(), progress: &TerminalProgress::new(1) };
        let state = self.pool.install(|| sweep::run(&self.plan, &mut store, &run))?;
        if state.done < state.jobs {
            bail!("stopped with {} of {} curves done; `--resume` goes on from there", state.done, state.jobs);
        }
        if self.shard == Shard::WHOLE {
            let table = folder.join(RESULTS);
            sweep::export(&mut store, &table)?;
            console::print(&format!("{}\n", table.display()))?;
        } else {
            console::note(format!("share {} is complete; `plefka merge` joins all shares", self.shard));
            console::print(&format!("{}\n", store.path().display()))?;
        }
        conclude(&mut store, state.failed)
    }
}

/// Says which jobs have no curve.
pub fn conclude(store: &mut Store, failed: usize) -> anyhow::Result<()> {
    if failed == 0 {
        return Ok(());
    }
    for job in 0..store.grid().jobs() {
        if let Some(record) = store.record(job)?
            && let Outcome::Failed(reason) = record.outcome
        {
            bail!("{failed} curves could not be computed (status `failed`), the first by {}: {reason}", record.method);
        }
    }
    Ok(())
}

/// The size of a plan, and what it will cost.
fn describe(plan: &Plan, shard: Shard, threads: usize) -> anyhow::Result<String> {
    let grid = plan.grid();
    let forecast = sweep::forecast(plan, threads)?;
    let share = shard.jobs(grid).len();
    let axes: Vec<_> = grid.axes.iter().map(|axis| format!("{} {}", axis.values.len(), axis.name)).collect();
    let methods: Vec<_> = grid.methods.iter().map(|procedure| procedure.method.name()).collect();
    let time = match forecast.seconds.map(|whole| whole * share as f64 / grid.jobs() as f64) {
        Some(seconds) if seconds < 1.0 => "less than a second".into(),
        Some(seconds) => format!("about {}", format_duration(seconds)),
        None => "unknown: some curves get nowhere in the few seconds of a measurement".into(),
    };
    let mut text = String::new();
    writeln!(text, "sweep    {}", grid.name)?;
    writeln!(text, "model    {}", grid.model.source)?;
    writeln!(text, "axes     {}", if axes.is_empty() { "none: β = 1".into() } else { axes.join(" × ") })?;
    writeln!(text, "methods  {}", methods.join(", "))?;
    writeln!(text, "points   {} ({} curves)", grid.rows(), grid.jobs())?;
    if shard != Shard::WHOLE {
        writeln!(text, "share    {shard}: {share} curves")?;
    }
    writeln!(text, "time     {time} on {threads} threads")?;
    writeln!(text, "memory   about {} beside the program", memory::in_words(forecast.bytes))?;
    writeln!(
        text,
        "\nTime is an estimate from {} measured curves, good to a factor of two at best; memory from the size of models, chains and \
         replicates.",
        forecast.measured
    )?;
    Ok(text)
}
