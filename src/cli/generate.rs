//! `plefka generate`: what packages need and the arguments already say. It is for those who make
//! packages, and the help does not list it.

use std::{fs, path::PathBuf};

use anyhow::Context;
use clap::{CommandFactory, ValueEnum};
use clap_complete::Shell;

use super::{Subcommand, command::Args, console};

/// The arguments of `generate`.
#[derive(Debug, clap::Args)]
pub struct GenerateArgs {
    /// Folder for the man pages (man1/) and the completions of each shell (completions/)
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

/// Where it is to go.
pub struct Generate(PathBuf);

impl Subcommand for Generate {
    type Args = GenerateArgs;

    fn plan(args: GenerateArgs) -> anyhow::Result<Self> {
        Ok(Self(args.folder))
    }

    fn run(self) -> anyhow::Result<()> {
        let [pages, completions] = ["man1", "completions"].map(|name| self.0.join(name));
        for folder in [&pages, &completions] {
            fs::create_dir_all(folder).with_context(|| format!("cannot create `{}`", folder.display()))?;
        }
        clap_mangen::generate_to(Args::command(), &pages)
            .with_context(|| format!("cannot write to `{}`", pages.display()))?;
        for shell in Shell::value_variants() {
            clap_complete::generate_to(*shell, &mut Args::command(), "plefka", &completions)
                .with_context(|| format!("cannot write to `{}`", completions.display()))?;
        }
        console::print(&format!("{}\n{}\n", pages.display(), completions.display()))
    }
}
