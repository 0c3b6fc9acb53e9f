//! Ctrl-C: once to stop and keep what there is, twice to leave.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;

use super::console;

/// The customary exit status of a program ended by an interrupt: 128 + SIGINT.
const INTERRUPTED: i32 = 130;

static CANCEL: AtomicBool = AtomicBool::new(false);

/// Starts to listen for Ctrl-C and returns the flag that it raises.
pub fn listen() -> anyhow::Result<&'static AtomicBool> {
    ctrlc::set_handler(|| {
        if CANCEL.swap(true, Ordering::Relaxed) {
            std::process::exit(INTERRUPTED);
        }
        console::note("stopping, to report what is done so far; Ctrl-C again leaves at once");
    })
    .context("cannot listen for Ctrl-C")?;
    Ok(&CANCEL)
}
