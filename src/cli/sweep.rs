//! `plefka sweep`: a grid of curves, worked off to a store.

use std::{
    env,
    fmt::{self, Write},
    path::PathBuf,
    str::FromStr,
};

use anyhow::{Context, bail};
use rayon::ThreadPool;

use super::{Subcommand, console, interrupt, memory, numbers::whole, plan::pool, progress::TerminalProgress, stdout};
use crate::{
    Error, Run,
    estimator::format_duration,
    io::Locking,
    sweep::{self, Access, Outcome, Plan, RESULTS, Shard, Store},
};

pub const LONG: &str = "\
Work off a plan: a grid over β, weight scale, seed and the like, for one or more methods.

Each finished curve is one line of DIR/sweep.jsonl, so a run that is stopped, killed or out of disk
space loses at most the curves under way; --resume goes on, and the table DIR/results.csv comes out
the same to the last byte, for any number of threads. With --shard the grid is shared among several
machines; `plefka merge` joins their folders. --shard auto takes the share from the scheduler
(arrays of Slurm, Grid Engine and PBS; ranks of Open MPI, PMI and srun), works in
DIR/share-i-of-n and goes on with what it finds there; `plefka merge DIR` then joins the shares.";

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
  plefka sweep plan.toml --out runs/part1 --shard 1/3
  srun plefka sweep plan.toml --out runs/plan --shard auto";

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
    /// Run the I-th of N equal shares, or the one that the scheduler says
    #[arg(long, value_name = "I/N|auto", default_value_t = Share::Given(Shard::WHOLE))]
    shard: Share,
    /// With `--shard auto`: how many shares there are; the index of the task is then the share
    #[arg(long, value_name = "N", value_parser = whole::<usize>)]
    shards: Option<usize>,
    /// Do without the lock that keeps a second process from DIR, where the file system has none
    #[arg(long)]
    no_lock: bool,
    /// Worker threads [default: one for each core]
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = whole::<usize>)]
    threads: Option<usize>,
}

/// The share as it is typed.
#[derive(Debug, Clone, Copy)]
enum Share {
    Given(Shard),
    /// What the scheduler says.
    Auto,
}

impl FromStr for Share {
    type Err = Error;

    fn from_str(typed: &str) -> Result<Self, Error> {
        if typed == "auto" { Ok(Self::Auto) } else { typed.parse().map(Self::Given) }
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Given(shard) => shard.fmt(f),
            Self::Auto => f.write_str("auto"),
        }
    }
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
        let (shard, auto) = match (args.shard, args.shards) {
            (Share::Auto, shards) => (sweep::scheduled(|name| env::var(name).ok(), shards)?, true),
            (Share::Given(shard), None) => (shard, false),
            (Share::Given(_), Some(_)) => bail!("--shards belongs to `--shard auto`: leave it out, or add that"),
        };
        if args.dry_run {
            stdout::must_be_open()?;
        }
        let plan = Plan::load(&args.plan).context("PLAN.toml")?;
        let pool = pool(args.threads)?;
        if !args.dry_run {
            let bytes = sweep::memory(&plan, pool.current_num_threads())?;
            memory::check("PLAN.toml", bytes, "use fewer --threads, or thin out β, chains, records or replicates")?;
        }
        let open = || {
            let out = args.out.unwrap_or_else(|| PathBuf::from("plefka-out").join(&plan.grid().name));
            let folder = if auto { out.join(shard.folder()) } else { out };
            let access = if args.resume || auto { Access::Resume } else { Access::New };
            let locking = if args.no_lock { Locking::Unlocked } else { Locking::Locked };
            let store = Store::open(&folder, plan.grid(), shard, access, locking).context("--out")?;
            anyhow::Ok((folder, store))
        };
        let store = if args.dry_run { None } else { Some(open()?) };
        Ok(Self { plan, shard, store, pool })
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
