//! What the program can die of, and the exit status that says so.

use std::{fmt, process::ExitCode};

/// The exit status of bad usage and bad input.
pub const USAGE: u8 = 2;

/// The exit status of a failed run.
const RUN: u8 = 1;

/// Why there is no (complete, trusted) result.
#[derive(Debug)]
pub enum Failure {
    /// The request cannot be carried out: a bad argument, a bad file. No work was done.
    Usage(anyhow::Error),
    /// The work began and did not end well.
    Run(anyhow::Error),
}

impl Failure {
    /// The exit status.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Usage(_) => USAGE,
            Self::Run(_) => RUN,
        })
    }
}

/// The whole chain of causes on one line.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Usage(error) | Self::Run(error)) = self;
        let mut line = String::new();
        for cause in error.chain().map(ToString::to_string) {
            // The library's messages end with the system's own words, which are also the next
            // cause: say them once.
            if !line.ends_with(&cause) {
                line.push_str(if line.is_empty() { "" } else { ": " });
                line.push_str(&cause);
            }
        }
        f.write_str(&line.replace('\n', " "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cause_is_said_once_and_on_one_line() {
        let io = std::io::Error::other("no\nluck");
        let error = anyhow::Error::from(crate::Error::io("read", "x.npz")(io)).context("--plan");
        assert_eq!(Failure::Usage(error).to_string(), "--plan: cannot read `x.npz`: no luck");
    }
}
