//! `plefka estimate`: the β-curve of one model by the methods asked for, on stdout.

use super::{
    Subcommand,
    args::{BETAS_HELP, Format, MODEL_HELP, RunArgs, methods_help},
    console,
    plan::{self, Computation},
    table::Table,
    trust,
};
use crate::{
    Method,
    error::number,
    findings::{self, wording},
    io::{self, ResultFile},
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
    #[command(flatten)]
    pub run: RunArgs,
}

/// A planned estimation, and how to print it.
pub struct Estimate {
    plan: Computation,
    format: Format,
}

impl Subcommand for Estimate {
    type Args = EstimateArgs;

    fn plan(args: EstimateArgs) -> anyhow::Result<Self> {
        let methods: Vec<Method> = plan::methods(&args.method)?;
        let model = plan::model(&args.model)?;
        Ok(Self { plan: Computation::new(model, &methods, &args.betas, &args.run)?, format: args.format })
    }

    fn run(self) -> anyhow::Result<()> {
        let outcome = self.plan.run()?;
        let results = &outcome.results;
        let text = match self.format {
            Format::Table => table(results),
            Format::Json => results.to_json()?,
            Format::Csv => io::to_csv(results)?,
        };
        console::print(&text)?;
        trust::conclude(&outcome, self.plan.strict)
    }
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
