//! What a sweep will cost, before it is begun.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Instant,
};

use super::Plan;
use crate::{Error, Run, run::Progress, sample::Capabilities};

/// How long to measure, over all methods and sizes.
const BUDGET_SECONDS: f64 = 3.0;

/// A larger model is not measured: its first step alone may take longer than all of that.
const MEASURED_PARAMETERS: usize = 2_000_000;

/// Neither is a job that takes more memory than a trial should.
const MEASURED_BYTES: f64 = 1e9;

/// An estimate of the cost of a sweep. Measured on a few jobs and carried over to the rest, so it
/// is right to a factor of two at best: strong couplings take mean field longer than weak ones, and
/// other programs run on the machine.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Forecast {
    /// Seconds on the given number of threads. `None` if a job did not get far enough for a guess, or
    /// its model is too large to be tried.
    pub seconds: Option<f64>,
    /// Bytes of memory: what models, chains and curves under way hold.
    pub bytes: f64,
    /// The number of jobs that were tried.
    pub measured: usize,
}

/// Estimates the cost of a plan on so many threads, by running the first job of each method and
/// size of model on one thread, some seconds in all; one that is not done by then is extrapolated
/// by how far it has come.
///
/// # Errors
/// [`Error::Config`] if no thread can be started.
pub fn forecast(plan: &Plan, threads: usize) -> Result<Forecast, Error> {
    let grid = plan.grid();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    let pool = pool.map_err(|e| Error::config("threads", 1, e.to_string()))?;
    let shapes = plan.shapes();
    let budget = BUDGET_SECONDS / (shapes.len() * grid.methods.len()) as f64;
    let (mut seconds, mut bytes) = (Some(0.0), 0f64);
    let mut measured = 0;
    for &(cell, alike) in &shapes {
        let model = plan.model(cell)?;
        let one = plan.memory(&model);
        bytes = bytes.max(one);
        if model.n_parameters() > MEASURED_PARAMETERS || one > MEASURED_BYTES {
            seconds = None;
            continue;
        }
        measured += grid.methods.len();
        for method in 0..grid.methods.len() {
            let job = grid.job(cell * grid.methods.len() + method);
            let gauge = Gauge::new(budget);
            let run = Run { seed: 0, cancel: &gauge.full, progress: &gauge };
            let done = pool.install(|| plan.outcome(&job, &run));
            let one = match done {
                Ok(_) => gauge.expected(),
                Err(_) => Some(0.0), // it will fail as fast again
            };
            seconds = seconds.zip(one).map(|(sum, one)| sum + one * alike as f64);
        }
    }
    let seconds = seconds.map(|sum| sum / threads.max(1) as f64);
    Ok(Forecast { seconds, bytes: in_all(bytes, plan, threads), measured })
}

/// About how many bytes a plan takes on so many threads: each has a job of its own.
///
/// # Errors
/// Those of the model.
pub fn memory(plan: &Plan, threads: usize) -> Result<f64, Error> {
    let mut bytes = 0f64;
    for (cell, _) in plan.shapes() {
        bytes = bytes.max(plan.memory(&*plan.model(cell)?));
    }
    Ok(in_all(bytes, plan, threads))
}

/// The jobs under way, and where the record of each job of the grid lies.
fn in_all(bytes: f64, plan: &Plan, threads: usize) -> f64 {
    bytes * threads.max(1) as f64 + (plan.grid().jobs() * size_of::<(u128, u64)>()) as f64
}

/// Counts steps, and stops the run when its time is over.
struct Gauge {
    begun: Instant,
    budget: f64,
    full: AtomicBool,
    total: Mutex<u64>,
    done: AtomicU64,
}

impl Gauge {
    fn new(budget: f64) -> Self {
        let (full, total, done) = (AtomicBool::new(false), Mutex::new(0), AtomicU64::new(0));
        Self { begun: Instant::now(), budget, full, total, done }
    }

    /// How long the whole would take.
    fn expected(&self) -> Option<f64> {
        let elapsed = self.begun.elapsed().as_secs_f64();
        if !self.full.load(Ordering::Relaxed) {
            return Some(elapsed);
        }
        let total = *self.total.lock().unwrap_or_else(PoisonError::into_inner);
        let done = self.done.load(Ordering::Relaxed);
        (done > 0 && total > 0).then(|| elapsed * total as f64 / done.min(total) as f64)
    }
}

impl Progress for Gauge {
    fn begin(&self, _what: &str, total: u64) {
        *self.total.lock().unwrap_or_else(PoisonError::into_inner) = total;
    }

    fn advance(&self, steps: u64) {
        self.done.fetch_add(steps, Ordering::Relaxed);
        if self.begun.elapsed().as_secs_f64() > self.budget {
            self.full.store(true, Ordering::Relaxed);
        }
    }

    fn end(&self) {}
}
