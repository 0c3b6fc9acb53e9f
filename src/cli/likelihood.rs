//! `plefka likelihood`: how probable does the model find the data?

use std::path::PathBuf;

use anyhow::{Context, bail};

use super::{
    Subcommand,
    args::{Format, MODEL_HELP, RunArgs},
    console, interrupt, method_args, output,
    plan::{self, Computation},
    stdout,
    table::Table,
    trust,
};
use crate::{
    Method, Run, Status,
    data::Data,
    findings::wording,
    io::{self, LikelihoodFile},
    likelihood::PSEUDO_NOTE,
    sample::Capabilities,
};

/// The longer help.
pub const LONG: &str = "\
The mean of ln p(v) over data, in nats: ln p(v) = ln Σ_h e^{−βE(v, h)} − ln Z.

The error of the mean over rows and that of ln Z stand apart. Beside it stands the
pseudo-log-likelihood, which needs no Z and is no likelihood. Hidden units are summed out; for a
model without hidden units a row shows every unit, 0 and 1 for its lower and upper value.";

/// The examples.
pub const EXAMPLES: &str = "\
Examples:
  plefka likelihood builtin:mnist20 --data builtin:mnist10k
  plefka likelihood model.npz --data test.npz --method bar --per-row rows.csv
  plefka likelihood spins.npz --data samples.npz --beta 0.5 --format json";

/// The arguments of `likelihood`.
#[derive(Debug, clap::Args)]
pub struct LikelihoodArgs {
    #[arg(value_name = "MODEL", help = MODEL_HELP)]
    model: String,
    /// How ln Z is computed [default: auto]
    #[arg(long, value_name = "M")]
    method: Option<String>,
    /// Inverse temperature
    #[arg(long, value_name = "B", default_value_t = 1.0, allow_hyphen_values = true)]
    beta: f64,
    /// How to print the result
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Write ln p(v) of each row to this file, as CSV
    #[arg(long, value_name = "FILE.csv")]
    per_row: Option<PathBuf>,
    #[command(flatten)]
    run: RunArgs,
}

/// Everything read and checked.
pub struct LikelihoodRun {
    data_name: String,
    data: Data,
    plan: Computation,
    per_row: Option<PathBuf>,
    format: Format,
}

impl Subcommand for LikelihoodRun {
    type Args = LikelihoodArgs;

    fn plan(mut args: LikelihoodArgs) -> anyhow::Result<Self> {
        if args.per_row.is_none() {
            stdout::must_be_open()?;
        }
        let model = plan::model(&args.model)?;
        let Some(data) = plan::data(&args.run.data, &model)? else {
            bail!("--data is needed: give the data whose likelihood is asked for, or `builtin:mnist10k`");
        };
        data.check_columns(model.model.weighs_data().n_shown()).context("--data")?;
        let method = match args.method.as_deref() {
            Some(name) => method_args::method(name)?,
            None => Method::Auto,
        };
        if let Some(path) = &args.per_row {
            output::check_file("--per-row", path)?;
        }
        let data_name = args.run.data.data.clone().unwrap_or_default();
        // The data are used here in any case: no note that the method has no use for them.
        if !args.run.methods.config(method)?.reads_data() {
            args.run.data.data = None;
        }
        let plan = Computation::new(model, &[method], &args.beta.to_string(), &args.run)?;
        Ok(Self { data_name, data, plan, per_row: args.per_row, format: args.format })
    }

    fn run(self) -> anyhow::Result<()> {
        let outcome = self.plan.run()?;
        let results = &outcome.results;
        if results.curves.first().is_some_and(|curve| curve.status == Status::Cancelled) {
            bail!("stopped by Ctrl-C");
        }
        let run = Run { cancel: interrupt::flag(), ..Run::quiet(0) };
        let file = outcome.likelihood(self.plan.model(), &self.data, &self.data_name, &run)?;
        if run.cancelled() {
            bail!("stopped by Ctrl-C");
        }
        let file = file.context("the method gives no ln Z")?;
        file.warnings.iter().for_each(console::warning);
        if let Some(path) = &self.per_row {
            io::write_atomically(path, file.rows_to_csv().as_bytes())?;
        }
        console::print(&match self.format {
            Format::Table => table(&file),
            Format::Json => file.to_json()?,
            Format::Csv => file.to_csv(),
        })?;
        trust::conclude(&outcome, self.plan.strict)
    }
}

fn table(file: &LikelihoodFile) -> String {
    let mut table = Table::new(["", "nats", "± data", "± ln Z"]);
    let decimals = |x: Option<f64>| x.map_or_else(|| "–".into(), |x| format!("{x:.4}"));
    let likelihood = file.log_likelihood;
    let (data, z) = (likelihood.std_error_data, likelihood.std_error_log_z);
    let n = file.model.shape.n_visible() as f64;
    let mean = format!("{:.4}", likelihood.value);
    table.row(["ln p(v), mean over rows".into(), mean, decimals(data), decimals(z)]);
    let per_unit = |x: Option<f64>| x.map_or_else(|| "–".into(), |x| format!("{:.6}", x / n));
    table.row(["the same per unit".into(), format!("{:.6}", file.per_unit), per_unit(data), per_unit(z)]);
    let pseudo = format!("{:.4}", file.pseudo_log_likelihood.value);
    table.row(["pseudo-log-likelihood".into(), pseudo, "–".into(), "–".into()]);
    format!(
        "{}: {} rows under {} ({} {}) at β = {}\nln Z = {} by {}, {}\n\n{table}\n{PSEUDO_NOTE}\n",
        file.data,
        file.n_samples,
        file.model.source,
        file.model.shape,
        file.model.units,
        file.beta,
        wording::quantity(Some(file.log_z.number)),
        file.log_z.method,
        file.log_z.verdict,
    )
}
