//! Progress bars on stderr, shown only when it is a terminal.

use std::io::{self, IsTerminal};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::run::Progress;

/// One line for the stage of an estimator that is under way, gone when it is over.
pub struct TerminalProgress {
    bar: ProgressBar,
    count: usize,
}

impl TerminalProgress {
    /// A bar for `count` estimators, which waits for the first stage of the first one.
    pub fn new(count: usize) -> Self {
        let target =
            if io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let style = ProgressStyle::with_template("{prefix}{msg} [{wide_bar}] {percent:>3}%  {eta} left")
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .progress_chars("=> ");
        let progress = Self { bar: ProgressBar::with_draw_target(None, target).with_style(style), count };
        progress.turn_to(0);
        progress
    }

    /// The stages that follow are those of estimator number `k`, from 0.
    pub fn turn_to(&self, k: usize) {
        if self.count > 1 {
            self.bar.set_prefix(format!("{}/{} ", k + 1, self.count));
        }
    }
}

impl Progress for TerminalProgress {
    fn begin(&self, what: &str, total: u64) {
        self.bar.set_message(what.to_owned());
        self.bar.set_length(total);
        self.bar.reset();
    }

    fn advance(&self, steps: u64) {
        self.bar.inc(steps);
    }

    fn end(&self) {
        self.bar.finish_and_clear();
    }
}
