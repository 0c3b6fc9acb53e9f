//! The threads to work on.

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::Error;

/// More threads than any machine has cores: surely a slip of the finger.
const MAX_THREADS: usize = 4096;

/// So many threads; without a number, one for each core.
///
/// # Errors
/// [`Error::Config`] if there cannot be so many.
pub fn thread_pool(threads: Option<usize>) -> Result<ThreadPool, Error> {
    let refuse = |remedy: String| Error::config("threads", threads.unwrap_or(0), remedy);
    if threads.is_some_and(|n| !(1..=MAX_THREADS).contains(&n)) {
        return Err(refuse(format!("it must be from 1 to {MAX_THREADS}, or left out to use every core")));
    }
    let builder = ThreadPoolBuilder::new().num_threads(threads.unwrap_or(0));
    builder.build().map_err(|_| refuse("the system refuses to start so many threads; ask for fewer".into()))
}
