//! `plefka plot`: draws the figures of a results folder again.

use anyhow::Context;
use plefka::io::{ResultFile, TemperatureFile};

use super::{
    Subcommand,
    args::PlotArgs,
    console,
    output::{self, OutputFolder},
};

/// Saved numbers of one or both kinds, and the folder where their figures go.
pub struct Plot {
    results: Option<ResultFile>,
    temperatures: Option<TemperatureFile>,
    folder: OutputFolder,
}

impl Subcommand for Plot {
    type Args = PlotArgs;

    fn plan(args: PlotArgs) -> anyhow::Result<Self> {
        let temperatures = TemperatureFile::read(&args.dir).context("DIR")?;
        // A folder of temperatures alone has no other results; one with neither is refused.
        let alone = temperatures.is_some() && !args.dir.join("results.json").exists();
        let results = (!alone).then(|| ResultFile::read(&args.dir)).transpose().context("DIR")?;
        let folder = OutputFolder::open("DIR", &args.dir)?;
        Ok(Self { results, temperatures, folder })
    }

    fn run(self) -> anyhow::Result<()> {
        let mut written = Vec::new();
        if let Some(results) = &self.results {
            written.extend(self.folder.draw(results)?);
        }
        if let Some(temperatures) = &self.temperatures {
            written.extend(self.folder.draw_temperatures(temperatures)?);
        }
        console::print(&output::list(&written))
    }
}
