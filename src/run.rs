//! What a run is given besides its configuration: a seed, a way to be stopped, a way to report
//! progress.

use std::sync::atomic::{AtomicBool, Ordering};

/// Where a run reports how far it has come. The library prints nothing itself.
pub trait Progress: Sync {
    /// A stage called `what` begins, `total` steps long.
    fn begin(&self, what: &str, total: u64);

    /// `steps` more are done. Called from several threads at once.
    fn advance(&self, steps: u64);

    /// The stage is over.
    fn end(&self);
}

/// Progress that is thrown away.
#[derive(Debug, Clone, Copy, Default)]
pub struct Quiet;

impl Progress for Quiet {
    fn begin(&self, _what: &str, _total: u64) {}
    fn advance(&self, _steps: u64) {}
    fn end(&self) {}
}

/// Progress in which a step counts for several, as that of a ladder for its temperatures.
pub(crate) struct Weighted<'a> {
    pub(crate) progress: &'a dyn Progress,
    pub(crate) weight: u64,
}

impl Progress for Weighted<'_> {
    fn begin(&self, what: &str, total: u64) {
        self.progress.begin(what, total * self.weight);
    }

    fn advance(&self, steps: u64) {
        self.progress.advance(steps * self.weight);
    }

    fn end(&self) {
        self.progress.end();
    }
}

/// The circumstances of one run.
#[derive(Clone, Copy)]
pub struct Run<'a> {
    /// The root of all randomness; deterministic estimators ignore it.
    pub seed: u64,
    /// Set it from anywhere to end the run early: it then returns what it has, with status
    /// `cancelled`.
    pub cancel: &'a AtomicBool,
    /// Where progress is reported.
    pub progress: &'a dyn Progress,
}

impl Run<'_> {
    /// A run that cannot be cancelled and reports to nobody.
    #[must_use]
    pub fn quiet(seed: u64) -> Run<'static> {
        static NEVER: AtomicBool = AtomicBool::new(false);
        Run { seed, cancel: &NEVER, progress: &Quiet }
    }

    /// Reports `steps` more done; `false` if the run was asked to stop.
    #[must_use]
    pub fn advance_or_stop(&self, steps: u64) -> bool {
        self.progress.advance(steps);
        !self.cancelled()
    }

    /// Whether the run was asked to stop.
    #[must_use]
    pub fn cancelled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }
}
