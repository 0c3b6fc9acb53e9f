//! `plefka history`: what a training run was worth at each of its checkpoints.

use std::{path::PathBuf, sync::Arc};

use anyhow::{Context, bail};
use rayon::ThreadPool;

use super::{
    Subcommand,
    args::{Format, RunArgs, methods_help},
    console, interrupt,
    method_args::in_flags,
    output, plan,
    progress::TerminalProgress,
    stdout,
    table::Table,
};
use crate::{
    Error, Run, Verdict,
    computation::{Chronicle, Refusal, Rows},
    estimator::MethodConfig,
    findings::wording,
    history,
    io::{self, HistoryFile, HistoryRow, LogLikelihood, Provenance},
    plot::OutputFolder,
    train::{RunFolder, Train, labels},
};

/// The longer help.
pub const LONG: &str = "\
ln Z and the mean of ln p(v) at every checkpoint of a training run, with errors and verdicts.

RUN is the folder of `plefka train`, or an archive of rbms (.h5); RUN@N ends at update N. Without
--method ln Z is enumerated where that is quick; else tempering goes through all checkpoints in one
run, and annealing through them is laid beside it. Tempering, ais, bar and reverse-ais take the path
through the checkpoints unless `--path direct` is given. A run that was trained far from equilibrium
is no good path, and its numbers say so: see docs/path.md.

The rows of --data that RUN held out are found by its plan, or told by --holdout or --test.";

/// The examples.
pub const EXAMPLES: &str = "\
Examples:
  plefka history runs/pcd --data builtin:mnist10k
  plefka history rbm.h5 --data train.npz --test test.npz --format csv
  plefka history runs/pcd --method bar --out figures";

/// The arguments of `history`.
#[derive(Debug, clap::Args)]
pub struct HistoryArgs {
    /// Folder of a training run, or archive of rbms
    #[arg(value_name = "RUN")]
    model: String,
    #[arg(long, value_name = "M[,M…]", value_delimiter = ',', help = format!("{} [default: exact, or tempering and ais]", methods_help()))]
    method: Vec<String>,
    /// Held-out rows, from another file than those of --data
    #[arg(long, value_name = "DATA", conflicts_with = "holdout")]
    test: Option<String>,
    /// The share of the rows of --data, the last of the file, that was held out [default: as RUN
    /// says]
    #[arg(long, value_name = "FRACTION", allow_hyphen_values = true)]
    holdout: Option<f64>,
    /// Write history.json, history.csv and the figures to this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// How to print the result
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    run: RunArgs,
}

/// Everything read and checked.
pub struct History {
    chronicle: Chronicle,
    out: Option<OutputFolder>,
    format: Format,
    seed: u64,
    strict: bool,
    pool: ThreadPool,
}

impl Subcommand for History {
    type Args = HistoryArgs;

    fn plan(args: HistoryArgs) -> anyhow::Result<Self> {
        if args.out.is_none() {
            stdout::must_be_open()?;
        }
        let trajectory = Arc::new(io::load_trajectory(&args.model).context("RUN")?);
        let rows = rows(&args, trajectory.last().rbm.n_visible())?;
        let chosen = plan::methods(&args.method)?;
        let along = chosen.iter().map(|method| args.run.methods.config_along(*method));
        let mut methods = along.collect::<anyhow::Result<Vec<_>>>()?;
        if methods.is_empty() {
            methods = history::default_methods(&trajectory);
            for config in &mut methods {
                args.run.methods.change(config)?;
            }
        }
        let names: Vec<_> = methods.iter().map(MethodConfig::method).collect();
        args.run.methods.note_idle(&names);
        let info = plan::model(&args.model)?.info;
        let chronicle =
            Chronicle::new(info, trajectory, methods, rows).map_err(|Refusal { method, error }| match error {
                Error::NoSuchMethod { .. } => anyhow::Error::from(error).context("--method"),
                error => in_flags(method, error),
            })?;
        Ok(Self {
            chronicle,
            out: args.out.as_deref().map(|dir| output::open("--out", dir)).transpose()?,
            format: args.format,
            seed: args.run.seed,
            strict: args.run.strict,
            pool: plan::pool(args.run.threads)?,
        })
    }

    fn run(self) -> anyhow::Result<()> {
        let progress = TerminalProgress::new(1);
        let run = Run { seed: self.seed, cancel: interrupt::flag(), progress: &progress };
        let process = Provenance::of_this_process(self.seed, self.pool.current_num_threads());
        let file = self.pool.install(|| self.chronicle.run(&run, process))?;
        let text = match self.format {
            Format::Table => table(&file),
            Format::Json => file.to_json()?,
            Format::Csv => file.to_csv(),
        };
        // Neither a stdout that is full nor a folder that is takes the other one's numbers with it.
        let saved = self.out.map(|mut out| out.save_history(&file)).transpose();
        console::print(&text)?;
        if let Some(written) = saved?
            && self.format == Format::Table
        {
            console::print(&output::list(&written))?;
        }
        if !self.chronicle.is_whole(&file) {
            bail!("stopped by Ctrl-C: the checkpoints after the last line have no numbers");
        }
        let doubtful = |row: &&HistoryRow| matches!(row.log_z.verdict, Verdict::Untrustworthy | Verdict::NotConverged);
        match file.rows.iter().filter(doubtful).count() {
            0 => Ok(()),
            n if self.strict => bail!("--strict: the numbers of {n} checkpoints cannot be trusted"),
            _ => Ok(()),
        }
    }
}

/// The training rows and those held out.
fn rows(args: &HistoryArgs, n_visible: usize) -> anyhow::Result<Rows> {
    let folder = args.model.rsplit_once('@').map_or(&*args.model, |(folder, _)| folder).as_ref();
    let classes = RunFolder::classes(folder)?;
    let load = |flag: &'static str, name: &str| {
        let data = io::load_data(name, Some(n_visible.saturating_sub(classes.len()))).context(flag)?;
        if classes.is_empty() { Ok(data) } else { labels::one_hot(&data, &classes).context(flag) }
    };
    let test = args.test.as_deref().map(|name| load("--test", name)).transpose()?;
    let Some(name) = &args.run.data.data else {
        if args.holdout.is_some() {
            console::note("--holdout has no effect without --data");
        }
        return Ok(Rows { test, ..Rows::default() });
    };
    let named = |train, test| Rows { name: Some(name.clone()), train: Some(Arc::new(train)), test };
    let data = load("--data", name)?;
    if test.is_some() {
        return Ok(named(data, test));
    }
    let (train, test) = match args.holdout {
        Some(holdout) => Train { holdout, ..Train::default() }.split(&data).context("--holdout")?,
        None => match RunFolder::split(folder, &data)? {
            Some(split) => split,
            None => {
                console::note(
                    "--data: not the file that RUN was trained on, as far as is known: all of its rows count as training rows",
                );
                (data, None)
            }
        },
    };
    Ok(named(train, test))
}

fn table(file: &HistoryFile) -> String {
    let mut table = Table::new(["update", "ln Z", "ln p train", "ln p test", "verdict"]);
    let likelihood = |of: Option<LogLikelihood>| of.map_or_else(|| "–".into(), |of| format!("{:.2}", of.value));
    for row in &file.rows {
        let objections = row.log_z.objections.join("; ");
        let verdict = row.log_z.verdict.to_string();
        table.row([
            row.update.to_string(),
            wording::quantity(Some(row.log_z.number)),
            likelihood(row.log_likelihood_train),
            likelihood(row.log_likelihood_test),
            if objections.is_empty() { verdict } else { format!("{verdict}: {objections}") },
        ]);
    }
    let methods: Vec<&str> =
        file.rows.first().map_or(Vec::new(), |row| row.estimates.iter().map(|of| of.log_z.method.name()).collect());
    format!(
        "{}: {} {} units; ln Z by {}; seed {}\n\n{table}\nln Z and the mean of ln p(v) over rows, in nats; ± one standard error\n",
        file.model.source,
        file.model.shape,
        file.model.units,
        methods.join(", beside "),
        file.provenance.seed,
    )
}
