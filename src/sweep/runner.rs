//! Working off the jobs of a store.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use super::{Outcome, Plan, Store};
use crate::{Error, Run, run::Quiet};

/// How far a sweep has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progressed {
    /// Jobs of this share.
    pub jobs: usize,
    /// Jobs in the store.
    pub done: usize,
    /// Jobs among them that have no curve but a reason.
    pub failed: usize,
}

/// Computes what the store lacks, on the threads of the rayon pool this is called in, and records
/// each curve as soon as it is there.
///
/// A job that cannot be computed is recorded with the reason and does not end the sweep. If `run`
/// is cancelled, the curves under way are dropped, and the next run begins them anew. Neither the
/// order of the jobs nor the threads nor `run.seed` has any influence on the numbers: each job has
/// its own seed.
///
/// # Errors
/// [`Error::Io`] if a record cannot be written, for example because the disk is full. What was
/// recorded before is safe.
pub fn run(plan: &Plan, store: &mut Store, run: &Run<'_>) -> Result<Progressed, Error> {
    let todo = store.missing();
    run.progress.begin(&plan.grid().name, todo.len() as u64);
    let next = AtomicUsize::new(0);
    let broken = AtomicBool::new(false);
    let failure = Mutex::new(None);
    let shared = Mutex::new(&mut *store);
    let work_off = || {
        while !run.cancelled() && !broken.load(Ordering::Relaxed) {
            let Some(&number) = todo.get(next.fetch_add(1, Ordering::Relaxed)) else { break };
            let job = plan.grid().job(number);
            // The stages of a single estimator are too short to be shown.
            let outcome = match plan.outcome(&job, &Run { progress: &Quiet, ..*run }) {
                Ok(None) => break,
                Ok(Some(outcome)) => outcome,
                Err(error) => Outcome::Failed(error.to_string()),
            };
            let recorded = shared.lock().unwrap_or_else(PoisonError::into_inner).append(&job, outcome);
            match recorded {
                Ok(()) => run.progress.advance(1),
                Err(error) => {
                    broken.store(true, Ordering::Relaxed);
                    failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                }
            }
        }
    };
    // Each thread takes the next job when it has none. Estimators are parallel themselves: a thread
    // that waits for the parts of its curve helps with parts of others, but never begins a whole
    // other job on top (as it might if the jobs were a parallel iterator), so there are never more
    // curves under way than threads.
    rayon::broadcast(|_| work_off());
    run.progress.end();
    store.sync()?;
    match failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(error) => Err(error),
        None => Ok(store.progressed()),
    }
}
