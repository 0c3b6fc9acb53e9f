//! `plefka merge`: the shares of a sweep put together.

use std::path::PathBuf;

use anyhow::bail;

use super::{Subcommand, console, sweep::conclude};
use crate::sweep::{self, RESULTS};

pub const LONG: &str = "\
Join the folders of all shares of a sweep to one, with the table of the whole.

A DIR that holds share-1-of-n to share-n-of-n, as `plefka sweep --shard auto` makes them, stands for
these shares; a single one needs no --out and gets the table itself. Nothing is computed. Shares of
different plans, a missing share or curve and a curve that is there twice are refused.";

pub const EXAMPLES: &str = "\
Examples:
  plefka merge runs/plan                         the shares in runs/plan/share-*
  plefka merge part1 part2 part3 --out whole";

/// The arguments of `merge`.
#[derive(Debug, clap::Args)]
pub struct MergeArgs {
    /// The folders of all shares, or a folder that holds them
    #[arg(value_name = "DIR", required = true)]
    folders: Vec<PathBuf>,
    /// Folder for the joined sweep: empty, or not there yet [default: DIR, if it holds the shares]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// What is to be joined. Whether it fits together is known when it was read.
pub struct Merge {
    joined: sweep::Store,
    out: PathBuf,
}

impl Subcommand for Merge {
    type Args = MergeArgs;

    fn plan(args: MergeArgs) -> anyhow::Result<Self> {
        let (folders, out) = match (args.out, &args.folders[..]) {
            (Some(out), given) => {
                let found: Result<Vec<_>, _> = given.iter().map(|folder| sweep::shares(folder)).collect();
                (found?.concat(), out)
            }
            (None, [holding]) => (sweep::shares_in(holding)?, holding.clone()),
            (None, _) => {
                bail!("--out is missing: give a folder for the joined sweep, or one DIR that holds all shares")
            }
        };
        Ok(Self { joined: sweep::merge(&folders, &out)?, out })
    }

    fn run(mut self) -> anyhow::Result<()> {
        console::print(&format!("{}\n", self.out.join(RESULTS).display()))?;
        let failed = self.joined.progressed().failed;
        conclude(&mut self.joined, failed)
    }
}
