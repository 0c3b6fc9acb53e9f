//! `plefka estimate`: the β-curve of one model by the methods asked for, on stdout.

use std::{env, path::PathBuf};

use anyhow::Context;

use super::{
    Subcommand,
    args::{BETAS_HELP, Format, MODEL_HELP, RunArgs, methods_help},
    console, output,
    plan::{self, Computation},
    stdout,
    table::Table,
    trust,
};
use crate::{
    Method,
    computation::Shares,
    error::number,
    estimator::Share,
    findings::{self, wording},
    io::{self, ResultFile},
    sweep,
};

/// The longer help.
pub const LONG: &str = "\
Estimate ln Z, the energy U, the entropy S = ln Z + βU and the heat capacity C = β² Var E.

The result goes to stdout; progress and warnings go to stderr. Ctrl-C stops the run and prints
what is done so far.";

/// Examples, below the help.
pub const EXAMPLES: &str = "\
Examples:
  plefka estimate builtin:mnist20 --method exact,ais
  plefka estimate model.npz --method tap2 --betas 0.5,1,2 --starts 100
  plefka estimate model.npz --method ais --chains 5000 --seed 7 --format json > ais.json";

/// The arguments of `estimate`.
#[derive(Debug, clap::Args)]
pub struct EstimateArgs {
    #[arg(value_name = "MODEL", help = MODEL_HELP)]
    pub model: String,
    #[arg(long, value_name = "M[,M…]", value_delimiter = ',', default_value = "auto", help = methods_help())]
    pub method: Vec<String>,
    #[arg(long, value_name = "SPEC", default_value = "1", allow_hyphen_values = true, help = BETAS_HELP)]
    pub betas: String,
    /// How to print the result
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
    /// Draw the samples of the I-th of N equal shares of the run only, for --save-samples; `auto`
    /// takes the share from the scheduler, as `plefka sweep --shard auto` does
    #[arg(long, value_name = "I/N|auto", requires = "save_samples")]
    pub batches: Option<String>,
    /// Write the samples to this file (.npz), for `plefka combine`
    #[arg(long, value_name = "FILE")]
    pub save_samples: Option<PathBuf>,
    #[command(flatten)]
    pub run: RunArgs,
}

/// A planned estimation, and how to print it.
pub struct Estimate {
    plan: Computation,
    /// Which share of the samples is to be drawn, and where they go.
    saved: Option<(Share, PathBuf)>,
    format: Format,
}

impl Subcommand for Estimate {
    type Args = EstimateArgs;

    fn plan(args: EstimateArgs) -> anyhow::Result<Self> {
        if args.save_samples.is_none() {
            stdout::must_be_open()?;
        }
        let methods: Vec<Method> = plan::methods(&args.method)?;
        let model = plan::model(&args.model)?;
        let plan = Computation::new(model, &methods, &args.betas, &args.run)?;
        let saved = match args.save_samples {
            None => None,
            Some(path) => {
                let share = share(args.batches.as_deref())?;
                plan.check_share(share)?;
                output::check_file("--save-samples", &path)?;
                Some((share, path))
            }
        };
        Ok(Self { plan, saved, format: args.format })
    }

    fn run(self) -> anyhow::Result<()> {
        let outcome = match self.saved {
            None => self.plan.run()?,
            Some((share, path)) => {
                let samples = self.plan.sample(share)?;
                samples.save(&path)?;
                if share != Share::WHOLE {
                    return console::print(&format!("{}: samples of share {share}\n", path.display()));
                }
                self.plan.pool(Shares::join(vec![(path, samples)])?)?
            }
        };
        console::print(&text(&outcome.results, self.format)?)?;
        trust::conclude(&outcome, self.plan.strict)
    }
}

/// The share that is asked for: the whole, `i/n`, or the task of the scheduler.
fn share(typed: Option<&str>) -> anyhow::Result<Share> {
    let share = match typed {
        None => Ok(Share::WHOLE),
        Some("auto") => {
            let task = sweep::scheduled(|name| env::var(name).ok(), None)?;
            Share::new(task.index(), task.count())
        }
        Some(typed) => typed.parse(),
    };
    share.context("--batches")
}

/// The results as they were asked for.
pub fn text(results: &ResultFile, format: Format) -> anyhow::Result<String> {
    Ok(match format {
        Format::Table => table(results),
        Format::Json => results.to_json()?,
        Format::Csv => io::to_csv(results)?,
    })
}

/// Every point of every method, one a line.
fn table(results: &ResultFile) -> String {
    let mut table = Table::new(["method", "β", "ln Z", "U", "S", "C", "verdict"]);
    for curve in &results.curves {
        for (point, judgement) in curve.points.iter().zip(findings::judgements(results, curve)) {
            table.row([
                curve.method.to_string(),
                number(point.beta),
                wording::quantity(point.log_z),
                wording::quantity(point.energy),
                wording::quantity(point.entropy),
                wording::quantity(point.heat_capacity),
                judgement.to_string(),
            ]);
        }
    }
    format!("{}\n\n{table}\n{}\n", wording::headline(results), wording::LEGEND)
}
