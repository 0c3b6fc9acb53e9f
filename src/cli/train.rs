//! `plefka train`: trains an RBM, with its likelihood in the log.

use std::{path::PathBuf, sync::Arc};

use anyhow::{Context, anyhow, bail};
use rayon::ThreadPool;

use super::{
    Subcommand, console, interrupt, memory, numbers::whole, output, plan::pool, progress::TerminalProgress,
    table::Table,
};
use crate::{
    Error, Rbm, Run,
    data::Data,
    io,
    model::{Draw, Model},
    plot,
    plot::ImageShape,
    sample::{Base, Kernel, Rung, Sample},
    train::{Evaluator, LogRow, RunFolder, Train as Plan, labels},
};

/// The longer help.
pub const LONG: &str = "\
Train an RBM on binary data, and know its likelihood while it happens.

RUN is a folder: plan.toml (all settings), log.csv (a row a checkpoint: ln Z with its error and
verdict, the likelihood of the training rows and of those held out, entropy, temperature of the data,
norms), update-NNNNNNNN.npz (the model after so many updates, with what it takes to go on), model.npz
(the last), and figures. A run that was stopped or killed goes on with --resume, to the same bits, for
any number of threads. RUN is a model for every command, and RUN@N the one after N updates.

ln Z is enumerated up to 22 units in the smaller layer. Beyond that it is annealed both ways between the
means of the data and the chains of training, for a fifth of the work of training; the log says how far
it can be trusted.";

/// The examples.
pub const EXAMPLES: &str = "\
Examples:
  plefka train builtin:mnist10k --hidden 20 --holdout 0.2 --rate 0.2 --out runs/pcd
  plefka train builtin:mnist10k --hidden 20 --holdout 0.2 --negative emf --rate 0.2 --out runs/emf
  plefka train x.npz --hidden 500 --limit frobenius=40 --checkpoints log:20 --out runs/limited
  plefka train digits.npz --labels --hidden 100 --objective hybrid=0.1 --out runs/labels
  plefka compare runs/pcd
  plefka temperature runs/pcd@800 --data builtin:mnist10k";

/// The arguments of `train`.
#[derive(Debug, clap::Args)]
pub struct TrainArgs {
    /// Data file (.npz) with a row of 0 and 1 for each sample, or `builtin:mnist10k`
    #[arg(value_name = "DATA")]
    data: String,
    /// The folder of the run; made if need be
    #[arg(short, long, value_name = "RUN")]
    out: PathBuf,
    /// Rows to test on, from another file than DATA
    #[arg(long, value_name = "DATA", conflicts_with = "holdout")]
    test: Option<String>,
    /// Train on the labels of the rows too: a visible unit for each class, behind those of the row
    #[arg(long)]
    labels: bool,
    /// Go on with the run in RUN, if there is one; the settings must be the same
    #[arg(long)]
    resume: bool,
    #[command(flatten)]
    plan: Plan,
    /// The plain gradient
    #[arg(long, conflicts_with = "centred")]
    no_centred: bool,
    /// Height and width of the visible layer as an image [default: a square, if it is one]
    #[arg(long, value_name = "HxW")]
    image_shape: Option<ImageShape>,
    /// Worker threads [default: one for each core]
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = whole::<usize>)]
    threads: Option<usize>,
    /// Say nothing of the checkpoints as they come
    #[arg(long)]
    quiet: bool,
}

/// A checked plan, and its opened folder.
pub struct Train {
    plan: Plan,
    train: Arc<Data>,
    test: Option<Data>,
    folder: RunFolder,
    out: PathBuf,
    image_shape: Option<ImageShape>,
    pool: ThreadPool,
    quiet: bool,
}

impl Subcommand for Train {
    type Args = TrainArgs;

    fn plan(args: TrainArgs) -> anyhow::Result<Self> {
        let mut plan = Plan { centred: args.plan.centred && !args.no_centred, ..args.plan };
        let mut data = load("DATA", &args.data, None)?;
        let mut test = args.test.as_ref().map(|name| load("--test", name, Some(data.n_features()))).transpose()?;
        if let Some(shape) = args.image_shape.filter(|shape| shape.pixels() != data.n_features()) {
            bail!("--image-shape {shape}: the data have {} columns", data.n_features());
        }
        let image_shape = args.image_shape.or_else(|| ImageShape::square(data.n_features()));
        if args.labels {
            plan.classes = labels::classes(&data).map_err(in_flags)?;
            data = labels::one_hot(&data, &plan.classes).map_err(in_flags)?;
            test = test.map(|test| labels::one_hot(&test, &plan.classes)).transpose().context("--test")?;
        }
        let (train, held_out) = plan.split(&data).map_err(in_flags)?;
        let test = test.or(held_out);
        let pool = pool(args.threads)?;
        // The parameters with gradients and moments, and the rows as they are and as numbers.
        let (rows, columns) = (data.n_samples() as f64, data.n_features() as f64);
        let bytes = 12.0 * 8.0 * columns * plan.hidden as f64 + 10.0 * rows * columns;
        memory::check("--hidden", bytes, "train a smaller model, or on fewer rows")?;
        output::check_folder("--out", &args.out)?;
        let folder = RunFolder::open(&args.out, &plan, &train, test.as_ref(), args.resume).map_err(in_flags)?;
        let (train, out, quiet) = (Arc::new(train), args.out, args.quiet);
        Ok(Self { plan, train, test, folder, out, image_shape, pool, quiet })
    }

    fn run(self) -> anyhow::Result<()> {
        let cancel = interrupt::flag();
        let progress = TerminalProgress::new(1);
        let run = Run { seed: self.plan.seed, cancel, progress: &progress };
        let mut report = |row: &LogRow| {
            if !self.quiet {
                console::note(describe(row));
            }
        };
        let finished = self.pool.install(|| {
            let (plan, test) = (&self.plan, self.test.as_ref());
            self.folder.train(plan, &self.train, test, &Evaluator::default(), &run, &mut report)
        })?;
        let rows = self.folder.log()?;
        if !finished {
            let reached = rows.last().map_or(0, |row| row.update);
            bail!("stopped by Ctrl-C; `--resume` goes on from update {reached}");
        }
        let loaded = io::load_model(&self.out.to_string_lossy())?;
        let rbm = loaded.rbm()?;
        let mut written = vec![self.out.join("log.csv"), self.out.join("model.npz")];
        for (name, chart) in plot::training_charts(&rows, rbm) {
            written.extend(plot::FigureFile::from(chart).save(&self.out, name)?);
        }
        if let Some(shape) = self.image_shape {
            let samples = self.pool.install(|| samples(rbm, &self.train, &run))?;
            let (rbm, train, samples) = without_labels(rbm, &self.train, &samples, self.plan.classes.len())?;
            for (name, map) in plot::training_images(&rbm, &train, &samples, shape) {
                written.extend(plot::FigureFile::from(map).save(&self.out, name)?);
            }
        }
        console::print(&format!("{}\n{}{}", table(&rows), labels_right(&rows), output::list(&written)))
    }
}

/// What images are drawn of: the units of a row without those of its label.
fn without_labels(rbm: &Rbm, train: &Data, samples: &Data, classes: usize) -> anyhow::Result<(Rbm, Data, Data)> {
    let n = rbm.n_visible() - classes;
    let (a, b) = (rbm.visible_bias().rows(0, n).into_owned(), rbm.hidden_bias().clone());
    let rows = |data: &Data| Data::new(n, data.rows().flat_map(|row| &row[..n]).copied().collect(), None);
    Ok((Rbm::new(rbm.weights().rows(0, n).into_owned(), a, b)?, rows(train)?, rows(samples)?))
}

/// Loads data for training.
fn load(argument: &str, name: &str, n_visible: Option<usize>) -> anyhow::Result<Data> {
    io::load_data(name, n_visible).map_err(|error| match error {
        Error::Io { .. } => anyhow!("{argument}: {error}; give a data file (.npz), or `builtin:mnist10k`"),
        error => anyhow::Error::from(error).context(argument.to_owned()),
    })
}

/// A refusal with the name of the flag instead of that of the field.
fn in_flags(error: Error) -> anyhow::Error {
    match error {
        Error::Config { field, value, remedy } => anyhow!("--{} {value}: {remedy}", field.replace('_', "-")),
        error => error.into(),
    }
}

/// Visible states of the model beside the data: exact where it can be enumerated at once, else by
/// chains from the data.
fn samples(rbm: &Rbm, train: &Data, run: &Run<'_>) -> anyhow::Result<Data> {
    const ENUMERATED: usize = 20;
    const SWEEPS: usize = 1000;
    let count = plot::SAMPLES.min(train.n_samples());
    let visible = |states: Vec<Vec<u8>>| {
        let values = states.iter().flat_map(|state| &state[..rbm.n_visible()]).copied().collect();
        Data::new(rbm.n_visible(), values, None)
    };
    if rbm.n_visible().min(rbm.n_hidden()) <= ENUMERATED {
        let states = rbm.draw(1.0, count, run)?.context("stopped by Ctrl-C")?;
        return Ok(visible(states.chunks(rbm.n_units()).map(<[u8]>::to_vec).collect())?);
    }
    let first: Vec<u8> = train.rows().take(count).flatten().copied().collect();
    let rows = Data::new(train.n_features(), first, None)?;
    let kept = rbm.kept_of_data(&rows, 1.0, run.seed, crate::streams::Purpose::DataRows { run: 0 }.number())?;
    let sampler = rbm.sampler(Kernel::Block, &Base::uniform(rbm.n_units()));
    let mut chains = sampler.chains_from(&kept, run.seed, crate::streams::Purpose::Chains { block: 0 }.number());
    (0..SWEEPS).for_each(|_| chains.sweep(&[Rung::at(1.0)]));
    let states = chains.states(&[Rung::at(1.0)]);
    Ok(visible(states.into_iter().map(|state| state.into_iter().map(u8::from).collect()).collect())?)
}

/// A checkpoint in a line.
fn describe(row: &LogRow) -> String {
    let value = |x: Option<f64>| x.map_or("–".into(), |x| format!("{x:.2}"));
    format!(
        "update {}, epoch {:.1}: ln p(v) {} in training, {} held out; ln Z {}{}",
        row.update,
        row.epoch,
        value(row.log_likelihood_train),
        value(row.log_likelihood_test),
        row.verdict.map_or("unknown", |verdict| verdict.name()),
        row.accuracy_test
            .or(row.accuracy_train)
            .map_or(String::new(), |share| format!("; labels {:.1} % right", 100.0 * share)),
    )
}

/// How well the last model tells labels, if there are any.
fn labels_right(rows: &[LogRow]) -> String {
    let last = rows.last();
    let of = |accuracy: Option<f64>, log_likelihood: Option<f64>, rows: &str| {
        let (share, log_likelihood) = (100.0 * accuracy?, log_likelihood?);
        Some(format!("{share:.1} % right {rows} (mean ln p(y|x) {log_likelihood:.3})"))
    };
    let all = [
        last.and_then(|row| of(row.accuracy_train, row.label_log_likelihood_train, "in training")),
        last.and_then(|row| of(row.accuracy_test, row.label_log_likelihood_test, "held out")),
    ];
    let all: Vec<String> = all.into_iter().flatten().collect();
    if all.is_empty() { String::new() } else { format!("labels: {}\n\n", all.join(", ")) }
}

/// The checkpoints, one a line.
fn table(rows: &[LogRow]) -> Table<11> {
    let number = |x: Option<f64>, digits: usize| x.map_or("–".into(), |x| format!("{x:.digits$}"));
    let mut table = Table::new([
        "update",
        "epoch",
        "ln Z",
        "±",
        "ln p train",
        "ln p test",
        "S",
        "β̂ train",
        "β̂ test",
        "‖W‖",
        "verdict",
    ]);
    for row in rows {
        table.row([
            row.update.to_string(),
            format!("{:.1}", row.epoch),
            number(row.log_z, 2),
            number(row.log_z_std_error, 2),
            number(row.log_likelihood_train, 2),
            number(row.log_likelihood_test, 2),
            number(row.entropy, 1),
            number(row.beta_hat_train, 3),
            number(row.beta_hat_test, 3),
            format!("{:.2}", row.frobenius),
            row.verdict.map_or("–".into(), |verdict| verdict.to_string()),
        ]);
    }
    table
}
