//! Progress bars on stderr, shown only when it is a terminal.

use std::io::{self, IsTerminal};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::run::Progress;

/// One line for the stage of an estimator that is under way, gone when it is over.
pub struct TerminalProgress(ProgressBar);

impl TerminalProgress {
    /// A bar for estimator number `k` (from 0) of `count`, which waits for its first stage.
    pub fn new(k: usize, count: usize) -> Self {
        let target =
            if io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let style = ProgressStyle::with_template("{prefix}{msg} [{wide_bar}] {percent:>3}%  {eta} left")
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .progress_chars("=> ");
        let prefix = if count > 1 { format!("{}/{count} ", k + 1) } else { String::new() };
        Self(ProgressBar::with_draw_target(None, target).with_style(style).with_prefix(prefix))
    }
}

impl Progress for TerminalProgress {
    fn begin(&self, what: &str, total: u64) {
        self.0.set_message(what.to_owned());
        self.0.set_length(total);
        self.0.reset();
    }

    fn advance(&self, steps: u64) {
        self.0.inc(steps);
    }

    fn end(&self) {
        self.0.finish_and_clear();
    }
}
