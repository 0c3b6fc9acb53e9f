//! Runs that Python can watch and stop.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use plefka::{Error, Run, computation::thread_pool, run::Progress};
use pyo3::{
    exceptions::{PyKeyboardInterrupt, PyRuntimeError},
    prelude::*,
};

use crate::errors::value_error;

/// How often signals and progress are looked at.
const TICK: Duration = Duration::from_millis(50);

/// How a computation is to be run.
pub struct Circumstances {
    /// The root of all randomness.
    pub seed: u64,
    /// Worker threads; one for each core if not said.
    pub threads: Option<usize>,
    /// Called with the stage, the steps done and all of them.
    pub progress: Option<Py<PyAny>>,
}

/// The stage that a run is in. Steps are counted by many threads at once.
#[derive(Default)]
struct Meter {
    stage: Mutex<String>,
    done: AtomicU64,
    total: AtomicU64,
}

impl Meter {
    fn stage(&self) -> MutexGuard<'_, String> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn report(&self, py: Python<'_>, progress: &Py<PyAny>) -> PyResult<()> {
        let what = self.stage().clone();
        let [done, total] = [&self.done, &self.total].map(|count| count.load(Ordering::Relaxed));
        if what.is_empty() { Ok(()) } else { progress.call1(py, (what, done.min(total), total)).map(drop) }
    }
}

impl Progress for Meter {
    fn begin(&self, what: &str, total: u64) {
        let mut stage = self.stage();
        self.done.store(0, Ordering::Relaxed);
        self.total.store(total, Ordering::Relaxed);
        what.clone_into(&mut stage);
    }

    fn advance(&self, steps: u64) {
        self.done.fetch_add(steps, Ordering::Relaxed);
    }

    fn end(&self) {
        self.done.store(self.total.load(Ordering::Relaxed), Ordering::Relaxed);
    }
}

impl Circumstances {
    /// Does `work` on threads of its own, without the lock of the interpreter, while the calling
    /// thread looks for signals: Ctrl-C cancels the run and becomes `KeyboardInterrupt`, and so
    /// does whatever the callback of progress raises. `work` is given the number of threads.
    pub fn run<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&Run<'_>, usize) -> PyResult<T> + Send,
    ) -> PyResult<T> {
        let pool = thread_pool(self.threads).map_err(|error| value_error(&error))?;
        let (cancel, meter) = (AtomicBool::new(false), Meter::default());
        let run = Run { seed: self.seed, cancel: &cancel, progress: &meter };
        let waiting = thread::current();
        thread::scope(|scope| {
            let worker = scope.spawn(|| {
                let outcome = pool.install(|| work(&run, pool.current_num_threads()));
                waiting.unpark();
                outcome
            });
            let mut stopped = None;
            while stopped.is_none() && !worker.is_finished() {
                py.detach(|| thread::park_timeout(TICK));
                let watched = py
                    .check_signals()
                    .and_then(|()| self.progress.as_ref().map_or(Ok(()), |progress| meter.report(py, progress)));
                stopped = watched.err();
            }
            cancel.store(stopped.is_some(), Ordering::Relaxed);
            let outcome = py.detach(|| worker.join());
            match (stopped, outcome) {
                (Some(why), _) => Err(why),
                (None, Ok(outcome)) => outcome,
                (None, Err(_)) => {
                    Err(PyRuntimeError::new_err("a thread of plefka panicked; please report this as a bug"))
                }
            }
        })
    }
}

/// What a run that only a signal could cancel returned, with the errors of the library in words.
pub fn whole<T>(outcome: Result<Option<T>, Error>) -> PyResult<T> {
    match outcome {
        Ok(Some(value)) => Ok(value),
        Ok(None) => Err(PyKeyboardInterrupt::new_err(())),
        Err(error) => Err(value_error(&error)),
    }
}
