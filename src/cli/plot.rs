//! `plefka plot`: draws the figures of a folder again, from the numbers saved in it.

use std::path::PathBuf;

use anyhow::{Context, bail};

use super::{Subcommand, console, interrupt, output, png::Painter};
use crate::{
    io::{ResultFile, TemperatureFile},
    plot::{self, FigureFile, OutputFolder},
    sweep::{RESULTS, STORE, Store},
};

/// The longer help.
pub const LONG: &str = "\
Draw the figures and report.html of a results folder again from its results.json, the figure of
temperatures from its temperature.json, those of a sweep from its sweep.jsonl, and those of an
analysis from its *.figure.json. Nothing is computed.";

/// The arguments of `plot`.
#[derive(Debug, clap::Args)]
pub struct PlotArgs {
    /// A folder that `plefka compare`, `plefka temperature --out`, `plefka sweep` or an analysis
    /// has written
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
    /// Draw every figure as PNG too, beside its SVG (needs the feature `png`)
    #[arg(long)]
    pub png: bool,
}

/// Saved numbers of any kind, and the folder where their figures go.
pub struct Plot {
    results: Option<ResultFile>,
    temperatures: Option<TemperatureFile>,
    figures: Vec<(String, FigureFile)>,
    dir: PathBuf,
    folder: OutputFolder,
    painter: Option<Painter>,
}

impl Subcommand for Plot {
    type Args = PlotArgs;

    fn plan(args: PlotArgs) -> anyhow::Result<Self> {
        // What a process that died had decided is finished before anything is read.
        let folder = if args.dir.is_dir() { Some(output::open("DIR", &args.dir)?) } else { None };
        let temperatures = TemperatureFile::read(&args.dir).context("DIR")?;
        let mut figures = if args.dir.is_dir() { FigureFile::read_all(&args.dir).context("DIR")? } else { Vec::new() };
        if args.dir.join(STORE).exists() {
            let mut store = Store::read(&args.dir).context("DIR")?;
            let swept = plot::sweep_figures(&mut store).context("DIR")?;
            if swept.is_empty() {
                bail!(
                    "DIR: this sweep has no figures, for they are drawn over one or two axes; draw parts of `{RESULTS}`"
                );
            }
            figures.extend(swept);
        }
        // A folder of temperatures or figures alone has no other results; one with nothing is
        // refused.
        let alone = (temperatures.is_some() || !figures.is_empty()) && !args.dir.join("results.json").exists();
        let results = (!alone).then(|| ResultFile::read(&args.dir)).transpose().context("DIR")?;
        let folder = folder.map_or_else(|| output::open("DIR", &args.dir), Ok)?;
        let painter = args.png.then(Painter::new).transpose()?;
        Ok(Self { results, temperatures, figures, dir: args.dir, folder, painter })
    }

    fn run(mut self) -> anyhow::Result<()> {
        let mut written = Vec::new();
        if let Some(results) = &self.results {
            let sum = output::checksum(&self.dir, plot::RESULTS)?;
            written.extend(self.folder.draw(results, sum.as_deref())?);
        }
        interrupt::check()?;
        if let Some(temperatures) = &self.temperatures {
            let sum = output::checksum(&self.dir, plot::TEMPERATURES)?;
            written.extend(self.folder.draw_temperatures(temperatures, sum.as_deref())?);
        }
        for (name, figure) in &self.figures {
            interrupt::check()?;
            written.extend(self.folder.draw_figure(name, figure)?);
        }
        self.folder.commit()?;
        if let Some(painter) = &self.painter {
            let svgs = written.iter().filter(|path| path.extension().is_some_and(|e| e == "svg"));
            let paint = |path: &PathBuf| interrupt::check().and_then(|()| painter.paint(path));
            let painted: Vec<PathBuf> = svgs.map(paint).collect::<Result<_, _>>()?;
            written.extend(painted);
        }
        console::print(&output::list(&written))
    }
}
