//! The command line: arguments as typed (`command`) → a validated plan → the run.
//!
//! Each subcommand is one file and one type that implements `Subcommand`. Where an error happens
//! decides what it is: while planning it is bad usage (exit status 2), while running it is a failed
//! run (exit status 1).

mod args;
mod boundary;
mod combine;
mod command;
mod compare;
mod console;
mod convert;
mod estimate;
mod failure;
#[cfg(feature = "generate")]
mod generate;
mod history;
mod info;
mod interrupt;
mod likelihood;
mod memory;
mod merge;
mod method_args;
mod model;
mod numbers;
mod output;
mod plan;
mod plot;
#[cfg(feature = "png")]
mod png;
#[cfg(not(feature = "png"))]
#[path = "no_png.rs"]
mod png;
mod progress;
mod sample;
mod stdout;
mod sweep;
mod table;
mod temperature;
mod train;
mod trust;
mod verify;

use std::process::ExitCode;

use clap::{Parser, error::ErrorKind};

use command::{Args, Command};
use failure::Failure;

/// A subcommand, in two acts.
trait Subcommand: Sized {
    /// The arguments as typed.
    type Args;

    /// Checks everything that can be checked before any work: inputs are read, outputs opened,
    /// limits compared.
    fn plan(args: Self::Args) -> anyhow::Result<Self>;

    /// Does the work.
    fn run(self) -> anyhow::Result<()>;
}

/// Runs the program on the arguments of this process.
pub fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(answer) => {
            return refused(&answer);
        }
    };
    match boundary::guarded(|| dispatch(args.command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            console::error(&failure);
            failure.exit_code()
        }
    }
}

/// Prints what is wrong with the arguments; or help and version, which come this way too and go to
/// stdout. Nobody may be reading: that is no failure, but a disk that is full is, and a stdout that is
/// closed.
fn refused(answer: &clap::Error) -> ExitCode {
    if answer.use_stderr() {
        let text = console::shortened(answer.render().to_string());
        console::plain(&text.replace("invalid float literal", "it must be a number, such as 0.5 or 1e-3"));
        return ExitCode::from(failure::USAGE);
    }
    // Whether a program is there is often asked by `--version` with its output thrown away.
    if answer.kind() != ErrorKind::DisplayVersion
        && let Err(error) = stdout::must_be_open()
    {
        let failure = Failure::Usage(error);
        console::error(&failure);
        return failure.exit_code();
    }
    match answer.print() {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            let failure = Failure::Run(anyhow::Error::from(error).context("cannot write to stdout"));
            console::error(&failure);
            failure.exit_code()
        }
        _ => ExitCode::SUCCESS,
    }
}

fn dispatch(command: Command) -> Result<(), Failure> {
    match command {
        Command::Estimate(args) => perform::<estimate::Estimate>(args),
        Command::Combine(args) => perform::<combine::Combine>(args),
        Command::Compare(args) => perform::<compare::Compare>(args),
        Command::Info(args) => perform::<info::Info>(args),
        Command::Convert(args) => perform::<convert::Convert>(args),
        Command::Sample(args) => perform::<sample::Sample>(args),
        Command::Model(args) => perform::<model::Model>(args),
        Command::Plot(args) => perform::<plot::Plot>(args),
        Command::Sweep(args) => perform::<sweep::Sweep>(args),
        Command::Merge(args) => perform::<merge::Merge>(args),
        Command::Likelihood(args) => perform::<likelihood::LikelihoodRun>(args),
        Command::Temperature(args) => perform::<temperature::Temperature>(args),
        Command::Train(args) => perform::<train::Train>(args),
        Command::Verify(args) => perform::<verify::Verify>(args),
        Command::History(args) => perform::<history::History>(args),
        #[cfg(feature = "generate")]
        Command::Generate(args) => perform::<generate::Generate>(args),
    }
}

fn perform<S: Subcommand>(args: S::Args) -> Result<(), Failure> {
    interrupt::listen().map_err(Failure::Run)?;
    let planned = S::plan(args).map_err(Failure::Usage)?;
    interrupt::check().and_then(|()| planned.run()).map_err(Failure::Run)
}
