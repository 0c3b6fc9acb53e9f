//! `plefka temperature`: at which β would the model produce the data?

use std::path::PathBuf;

use anyhow::{Context, anyhow, bail};

use super::{
    Subcommand,
    args::{BETAS_HELP, Format, MODEL_HELP},
    console, interrupt, memory,
    method_args::{self, in_flags},
    numbers::whole,
    output,
    plan::{self, pool},
    progress::TerminalProgress,
    stdout,
    table::Table,
};
use crate::{
    Curve, Error, Method, Rbm, Run,
    computation::Thermometer,
    data::Data,
    estimator::MethodConfig,
    findings::wording,
    io,
    io::{LoadedModel, Provenance, TemperatureFile},
    model::AnyModel,
    plot::OutputFolder,
    sample::Capabilities,
    temperature::{Evidence, Observed},
};

/// The longer help.
pub const LONG: &str = "\
Estimate the inverse temperature of data under a model, by every estimator that the data allow.

If the data come from the model at some β, all estimates agree within their errors. If they do not,
local estimates (does a unit agree with the others?) and global ones (is the energy right?) differ,
and that is the finding: no single β describes the data.

The energy U(β) of the model is computed by --method on the grid --betas, and again on a finer grid
near the result. What cannot be estimated is a warning that says what would help.

MODEL may be an RBM, whose hidden units are summed out, or spins or levels, of which a row shows
every unit: the effective temperature of an annealer that was given an Ising model.";

/// The examples.
pub const EXAMPLES: &str = "\
Examples:
  plefka temperature builtin:mnist20 --data builtin:mnist10k
  plefka temperature bqm.json --data samples.npy      samples of an annealer, -1 and +1
  plefka temperature model.npz --data x.npz --sample s.npz --sample-beta 1 --out runs/t
  plefka temperature model.npz --data x.npz --reference untrained.npz --format json";

/// The arguments of `temperature`.
#[derive(Debug, clap::Args)]
pub struct TemperatureArgs {
    #[arg(value_name = "MODEL", help = MODEL_HELP)]
    model: String,
    /// Data file (.npz) with one row for each sample of the visible units (of all units, for spins and
    /// levels), or `builtin:mnist10k`
    #[arg(long, value_name = "DATA")]
    data: String,
    /// How U(β) of the model is computed [default: exact, or ais where the model is too large for
    /// it]
    #[arg(long, value_name = "M")]
    method: Option<String>,
    #[arg(long, value_name = "SPEC", default_value = "0:2:21", allow_hyphen_values = true, help = BETAS_HELP)]
    betas: String,
    /// A sample of the model at a known β, for two_beta_ratio and microcanonical
    #[arg(long, value_name = "DATA", requires = "sample_beta")]
    sample: Option<String>,
    /// The β of --sample
    #[arg(long, value_name = "B", requires = "sample", allow_hyphen_values = true)]
    sample_beta: Option<f64>,
    /// A sample of what the data came from, in a field on every visible unit, for
    /// fluctuation_dissipation
    #[arg(long, value_name = "DATA", requires = "field")]
    field_data: Option<String>,
    /// The field H of --field-data: E → E − H Σ v
    #[arg(long, value_name = "H", requires = "field_data", allow_hyphen_values = true)]
    field: Option<f64>,
    /// A model whose weights are the unit of strength, for weight_norm
    #[arg(long, value_name = "MODEL")]
    reference: Option<String>,
    /// Folder for temperature.json, temperature.csv and temperature.svg; made if need be
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// How to print the result
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Seed of all randomness
    #[arg(long, value_name = "N", default_value_t = 1, allow_hyphen_values = true, value_parser = whole::<u64>)]
    seed: u64,
    /// Worker threads [default: one for each core]
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = whole::<usize>)]
    threads: Option<usize>,
}

/// Everything read and checked.
pub struct Temperature {
    model: LoadedModel,
    data_name: String,
    data: Data,
    sample: Option<(Data, f64)>,
    field: Option<(Data, f64)>,
    reference: Option<Rbm>,
    thermometer: Thermometer,
    seed: u64,
    pool: rayon::ThreadPool,
    folder: Option<OutputFolder>,
    format: Format,
}

impl Subcommand for Temperature {
    type Args = TemperatureArgs;

    fn plan(args: TemperatureArgs) -> anyhow::Result<Self> {
        if args.out.is_none() {
            stdout::must_be_open()?;
        }
        let model = plan::model(&args.model)?;
        let kind = model.model.concrete();
        if args.reference.is_some() && kind.as_rbm().is_none() {
            bail!(
                "--reference: weight_norm compares W of two RBMs, and MODEL is of kind `{}`; leave it out",
                kind.kind()
            );
        }
        let data = load(&model, "--data", &args.data)?;
        let further = |flag: &str, name: Option<String>, number: Option<f64>| {
            name.zip(number).map(|(name, x)| Ok::<_, anyhow::Error>((load(&model, flag, &name)?, x))).transpose()
        };
        let sample = further("--sample", args.sample, args.sample_beta)?;
        let field = further("--field-data", args.field_data, args.field)?;
        let reference = args.reference.map(|name| reference(&name)).transpose()?;
        let config = MethodConfig::of(method(&model.model, args.method.as_deref())?);
        let thermometer = Thermometer { config, betas: args.betas.parse().context("--betas")? };
        thermometer.check(&model.model, args.sample_beta, args.field).map_err(|error| match error {
            Error::NoSuchMethod { .. } => anyhow::Error::from(error).context("--method"),
            error => in_flags(thermometer.config.method(), error),
        })?;
        let (seed, pool, format) = (args.seed, pool(args.threads)?, args.format);
        let others = [&sample, &field].into_iter().flatten().map(|(data, _)| data.n_samples());
        let rows = data.n_samples() + others.sum::<usize>();
        let bytes = thermometer.memory(&model.model, rows, pool.current_num_threads());
        memory::check("temperature", bytes, "ask for fewer β, or give fewer rows")?;
        let folder = args.out.map(|dir| output::open("--out", &dir)).transpose()?;
        let data_name = args.data;
        Ok(Self { model, data_name, data, sample, field, reference, thermometer, seed, pool, folder, format })
    }

    fn run(mut self) -> anyhow::Result<()> {
        let run = Run { seed: self.seed, cancel: interrupt::flag(), progress: &TerminalProgress::new(1) };
        let model = &self.model.model;
        let evidence = Evidence {
            model,
            data: Observed::new(model, &self.data)?.within(run),
            second: beside(model, self.sample.as_ref(), run)?,
            in_field: beside(model, self.field.as_ref(), run)?,
            reference: self.reference.as_ref(),
        };
        let warn = |curve: &Curve| curve.warnings.iter().for_each(console::warning);
        let survey = self.pool.install(|| self.thermometer.read(&evidence, &run, warn))?;
        if run.cancelled() {
            bail!("stopped by Ctrl-C");
        }
        let provenance = Provenance::of_this_process(self.seed, self.pool.current_num_threads());
        let file = TemperatureFile::new(self.model.info.clone(), self.data_name, survey, provenance);
        file.warnings.iter().for_each(console::warning);
        let text = match self.format {
            Format::Table => table(&file),
            Format::Json => file.to_json()?,
            Format::Csv => file.to_csv()?,
        };
        // Neither a stdout that is full nor a folder that is takes the other one's numbers with it.
        let saved = self.folder.as_mut().map(|folder| folder.save_temperatures(&file)).transpose();
        console::print(&text)?;
        saved?;
        Ok(())
    }
}

/// A further sample, beside the model, with the number that belongs to it.
fn beside<'a>(
    model: &AnyModel,
    sample: Option<&'a (Data, f64)>,
    run: Run<'a>,
) -> Result<Option<(Observed<'a>, f64)>, Error> {
    sample.map(|(data, number)| Ok((Observed::new(model, data)?.within(run), *number))).transpose()
}

/// Loads data for a model, checked to have a temperature.
fn load(model: &LoadedModel, flag: &str, name: &str) -> anyhow::Result<Data> {
    let data = io::load_data(name, Some(model.info.shape.n_visible())).map_err(|error| match error {
        Error::Io { .. } => anyhow!("{flag}: {error}; give a data file (.npz), or `builtin:mnist10k`"),
        error => anyhow::Error::from(error).context(flag.to_owned()),
    })?;
    Observed::new(&model.model, &data).map_err(|error| match error {
        Error::Config { value, remedy, .. } => anyhow!("{flag}: `{name}` holds {value}: {remedy}"),
        error => error.into(),
    })?;
    Ok(data)
}

fn reference(name: &str) -> anyhow::Result<Rbm> {
    let loaded = io::load_model(name);
    let loaded =
        loaded.map_err(|error| anyhow!("--reference: {error}; give a model file (.npz) or a built-in model"))?;
    Ok(loaded.rbm().context("--reference")?.clone())
}

/// The method asked for, else the usual one.
fn method(model: &AnyModel, name: Option<&str>) -> anyhow::Result<Method> {
    if let Some(name) = name {
        return method_args::method(name);
    }
    let method = Thermometer::usual_method(model);
    if method != Method::Exact {
        console::note(format!("U(β) is computed by `{method}`: the model is too large for `exact`"));
    }
    Ok(method)
}

/// One estimate a line, and the findings.
fn table(file: &TemperatureFile) -> String {
    let mut table = Table::new(["estimator", "scope", "β", "n_eff", "notes"]);
    for estimate in &file.estimates {
        let name = match &estimate.variant {
            Some(variant) => format!("{} ({variant})", estimate.estimator),
            None => estimate.estimator.to_string(),
        };
        let detail = |name: &str| match estimate.details.get(name) {
            Some(crate::curve::Diagnostic::Number(x)) => Some(*x),
            _ => None,
        };
        let notes = [("bias", "bias"), ("bin_width", "bin width"), ("overlap", "overlap"), ("norm", "norm")];
        let notes = notes.iter().filter_map(|(key, says)| detail(key).map(|x| format!("{says} {x:.3}")));
        table.row([
            name,
            estimate.scope.name().into(),
            wording::quantity(Some(estimate.beta)),
            detail("n_eff").map_or_else(|| "–".into(), |n| format!("{n:.0}")),
            notes.collect::<Vec<_>>().join(", "),
        ]);
    }
    let model = &file.model;
    let headline = format!(
        "{}: {} rows, n_eff = {:.0}, under {} ({} {} units)",
        file.data, file.n_samples, file.n_eff, model.source, model.shape, model.units
    );
    let findings: String = file.findings.iter().map(|finding| format!("- {finding}\n")).collect();
    format!("{headline}\n\n{table}\n± one standard error; ≈ no error control\n\n{findings}")
}
