//! `plefka plot`: draws the figures of a results folder again.

use anyhow::Context;
use plefka::io::ResultFile;

use super::{
    Subcommand,
    args::PlotArgs,
    console,
    output::{self, OutputFolder},
};

/// Saved numbers, and the folder where their figures go.
pub struct Plot {
    results: ResultFile,
    folder: OutputFolder,
}

impl Subcommand for Plot {
    type Args = PlotArgs;

    fn plan(args: PlotArgs) -> anyhow::Result<Self> {
        let results = ResultFile::read(&args.dir).context("DIR")?;
        Ok(Self { results, folder: OutputFolder::open("DIR", &args.dir)? })
    }

    fn run(self) -> anyhow::Result<()> {
        let written = self.folder.draw(&self.results)?;
        console::print(&output::list(&written))
    }
}
