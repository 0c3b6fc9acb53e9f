//! The last resort: a panic becomes a failure with a sentence, like any other.
//!
//! A panic is a mistake in the program, and whoever meets it at night needs the exit status, what
//! was being done and how to report it; the trace is for the report.

use std::{
    backtrace::Backtrace,
    env,
    panic::{self, AssertUnwindSafe, PanicHookInfo},
    sync::{Mutex, PoisonError},
};

use anyhow::anyhow;

use super::{console, failure::Failure};

/// With this environment variable a panic shows where it came from.
const TRACE: &str = "PLEFKA_BACKTRACE";

/// What the first panic said. (Others may follow from it, on other threads.)
static FIRST: Mutex<Option<String>> = Mutex::new(None);

/// Does the work; a panic within it, on any thread that it waits for, is a failed run.
pub fn guarded(work: impl FnOnce() -> Result<(), Failure>) -> Result<(), Failure> {
    panic::set_hook(Box::new(note));
    panic::catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        let first = FIRST.lock().unwrap_or_else(PoisonError::into_inner).take();
        let what = first.unwrap_or_else(|| "a thread ended".into());
        Err(Failure::Run(anyhow!(
            "a mistake in plefka itself ({what}): there is no result; please report it with the command line and the model, \
             and with what {TRACE}=1 shows"
        )))
    })
}

/// Keeps the words of a panic, and shows its trace if that is wanted.
fn note(panic: &PanicHookInfo<'_>) {
    let payload = panic.payload();
    let text = payload.downcast_ref::<String>().map(String::as_str).or(payload.downcast_ref::<&str>().copied());
    let words = text.unwrap_or("no message").to_owned();
    let place = panic.location().map(|place| format!(", {}:{}", place.file(), place.line())).unwrap_or_default();
    if env::var_os(TRACE).is_some_and(|value| !value.is_empty() && value != "0") {
        console::note(format!("panic: {words}{place}\n{}", Backtrace::force_capture()));
    }
    FIRST.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(format!("{words}{place}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Planted bug: a panic on a worker, as in an estimator.
    #[test]
    fn a_panic_on_any_thread_is_a_failure_with_a_sentence_and_status_1() {
        let hook = panic::take_hook();
        let failure = guarded(|| {
            rayon::join(|| (), || panic!("the two sides do not cross"));
            Ok(())
        });
        panic::set_hook(hook);
        let Err(failure @ Failure::Run(_)) = failure else { panic!("no failed run: {failure:?}") };
        let sentence = failure.to_string();
        for part in ["the two sides do not cross", "boundary.rs:", "PLEFKA_BACKTRACE", "report"] {
            assert!(sentence.contains(part), "{sentence}");
        }
    }
}
