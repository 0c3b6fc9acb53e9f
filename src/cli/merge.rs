//! `plefka merge`: the shares of a sweep put together.

use std::path::PathBuf;

use super::{Subcommand, console, sweep::conclude};
use crate::sweep::{self, RESULTS};

pub const LONG: &str = "\
Join the folders of all shares of a sweep to one, with the table of the whole.

Nothing is computed. Shares of different plans, a missing curve and a curve that is there twice are
refused.";

/// The arguments of `merge`.
#[derive(Debug, clap::Args)]
pub struct MergeArgs {
    /// The folders of all shares
    #[arg(value_name = "DIR", required = true)]
    folders: Vec<PathBuf>,
    /// Folder for the joined sweep: empty, or not there yet
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// What is to be joined. Whether it fits together is known when it was read.
pub struct Merge {
    joined: sweep::Store,
    out: PathBuf,
}

impl Subcommand for Merge {
    type Args = MergeArgs;

    fn plan(args: MergeArgs) -> anyhow::Result<Self> {
        Ok(Self { joined: sweep::merge(&args.folders, &args.out)?, out: args.out })
    }

    fn run(mut self) -> anyhow::Result<()> {
        console::print(&format!("{}\n", self.out.join(RESULTS).display()))?;
        let failed = self.joined.progressed().failed;
        conclude(&mut self.joined, failed)
    }
}
