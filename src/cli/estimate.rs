//! `plefka estimate`: the β-curve of one model by the methods asked for, on stdout.

use crate::{
    Method,
    io::{self, ResultFile},
};

use super::{
    Subcommand,
    args::{EstimateArgs, Format},
    console,
    plan::{self, Plan},
    table::Table,
    trust, wording,
};

/// A planned estimation, and how to print it.
pub struct Estimate {
    plan: Plan,
    format: Format,
}

impl Subcommand for Estimate {
    type Args = EstimateArgs;

    fn plan(args: EstimateArgs) -> anyhow::Result<Self> {
        let methods: Vec<Method> = plan::methods(&args.method)?;
        let model = plan::model(&args.model)?;
        Ok(Self { plan: Plan::new(model, &methods, &args.betas, &args.run)?, format: args.format })
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
        for (point, verdict) in curve.points.iter().zip(trust::verdicts(results, curve)) {
            table.row([
                curve.method.to_string(),
                point.beta.to_string(),
                wording::quantity(point.log_z),
                wording::quantity(point.energy),
                wording::quantity(point.entropy),
                wording::quantity(point.heat_capacity),
                verdict.to_string(),
            ]);
        }
    }
    format!("{}\n\n{table}\n{}\n", wording::headline(results), wording::LEGEND)
}
