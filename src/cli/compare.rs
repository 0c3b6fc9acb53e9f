//! `plefka compare`: several methods on one model, laid beside the truth.

use std::{fmt::Write, path::PathBuf};

use anyhow::bail;

use super::{
    Subcommand,
    args::{BETAS_HELP, MODEL_HELP, RunArgs, methods_help},
    console,
    method_args::MethodArgs,
    output,
    plan::{self, Computation},
    table::Table,
    trust,
};
use crate::{
    Method,
    computation::{USUAL, usual_methods},
    error::number,
    findings::{self, wording},
    io::{CurveRecord, Quantity, ResultFile},
    model::AnyModel,
    plot::OutputFolder,
};

/// The longer help.
pub const LONG: &str = "\
Lay several methods beside the exact result.

Prints ln Z, its distance from the exact value, the entropy and a verdict for each method at some
of the β; writes all the numbers (results.json, results.csv), figures and report.html to a folder.
What the folder held before is replaced only when the run is over. Without --method, `exact` is
left out where the model is too large for it.";

/// Examples, below the help.
pub const EXAMPLES: &str = "\
Examples:
  plefka compare
  plefka compare model.npz --method exact,tap2 --betas 0:4:81 --out runs/tap
  plefka compare model.npz --strict || echo 'look at the report'";

/// The arguments of `compare`.
#[derive(Debug, clap::Args)]
pub struct CompareArgs {
    #[arg(value_name = "MODEL", default_value = "builtin:mnist20", help = MODEL_HELP)]
    pub model: String,
    #[arg(long, value_name = "M[,M…]", value_delimiter = ',', help = methods_to_compare())]
    pub method: Vec<String>,
    #[arg(long, value_name = "SPEC", default_value = "0:2:41", allow_hyphen_values = true, help = BETAS_HELP)]
    pub betas: String,
    /// Folder for results.json, results.csv, the figures and report.html; made if need be
    #[arg(long, value_name = "DIR", default_value = "plefka-out/compare")]
    pub out: PathBuf,
    #[command(flatten)]
    pub run: RunArgs,
}

/// The help of `--method`: all methods, and those that a comparison takes if nobody says which.
fn methods_to_compare() -> String {
    format!("{} [default: {}, as far as the model allows]", methods_help(), USUAL.map(Method::name).join(", "))
}

/// Where along the grid the table on stdout looks: on the default grid at β = 0, 0.5, 1, 1.3, 1.5
/// and 2.
const PICKS: [f64; 6] = [0.0, 0.25, 0.5, 0.65, 0.75, 1.0];

/// A planned comparison, and the folder for its results.
pub struct Compare {
    plan: Computation,
    folder: OutputFolder,
}

impl Subcommand for Compare {
    type Args = CompareArgs;

    fn plan(args: CompareArgs) -> anyhow::Result<Self> {
        let model = plan::model(&args.model)?;
        let methods = match &args.method[..] {
            [] => feasible(&model.model, &args.run.methods)?,
            chosen => plan::methods(chosen)?,
        };
        let plan = Computation::new(model, &methods, &args.betas, &args.run)?;
        Ok(Self { plan, folder: output::open("--out", &args.out)? })
    }

    fn run(mut self) -> anyhow::Result<()> {
        let outcome = self.plan.run()?;
        let saved = self.folder.save(&outcome.results);
        // Print the numbers even where the files could not be written: they have cost something.
        console::print(&table(&outcome.results))?;
        console::print(&output::list(&saved?))?;
        trust::conclude(&outcome, self.plan.strict)
    }
}

/// Those of the usual methods that the model allows. `exact` is left out where the model is too
/// large for it: nobody asked for it by name.
fn feasible(model: &AnyModel, args: &MethodArgs) -> anyhow::Result<Vec<Method>> {
    match usual_methods(model, &args.config(Method::Exact)?) {
        Ok((methods, None)) => Ok(methods),
        Ok((methods, Some(refusal))) => {
            console::note(format!("`exact` is left out: {refusal}"));
            Ok(methods)
        }
        Err(error) => bail!("no method remains: {error}"),
    }
}

/// A block for each picked β, with one line a method.
fn table(results: &ResultFile) -> String {
    let curves: Vec<_> = results.curves.iter().map(|curve| (curve, findings::judgements(results, curve))).collect();
    let summaries = findings::consensus(results);
    let betas: Vec<f64> = results.curves.first().map_or_else(Vec::new, |c| c.points.iter().map(|p| p.beta).collect());
    let mut text = format!("{}\n", wording::headline(results));
    for k in picks(betas.len()) {
        let exact = results.exact(Quantity::LogZ, betas[k]);
        let mut block = Table::new(["method", "ln Z", "vs exact", "S", "verdict"]);
        for (curve, judgements) in &curves {
            let CurveRecord { method, points, .. } = curve;
            block.row([
                method.to_string(),
                wording::quantity(points[k].log_z),
                wording::difference(points[k].log_z, exact),
                wording::quantity(points[k].entropy),
                judgements[k].to_string(),
            ]);
        }
        let _ = writeln!(text, "\nβ = {}\n{block}  {}", number(betas[k]), summaries[k]);
    }
    let _ = write!(text, "\n{}\nAll {} β are in results.csv.\n\n", wording::LEGEND, betas.len());
    text
}

/// The indices to show of a grid of `count` points: all of a short one.
fn picks(count: usize) -> Vec<usize> {
    let mut picks: Vec<usize> = match count {
        0..=6 => (0..count).collect(),
        _ => PICKS.map(|fraction| (fraction * (count - 1) as f64).round() as usize).to_vec(),
    };
    picks.dedup();
    picks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picks_are_distinct_points_of_the_grid() {
        assert_eq!(picks(41), [0, 10, 20, 26, 30, 40]);
        assert_eq!(picks(3), [0, 1, 2]);
        for count in 0..100 {
            let picks = picks(count);
            assert!(picks.is_sorted_by(|a, b| a < b) && picks.iter().all(|k| *k < count), "{count}: {picks:?}");
        }
    }
}
