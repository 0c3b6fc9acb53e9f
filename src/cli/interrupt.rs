//! Ctrl-C and its like: once to stop and keep what there is, twice to leave.
//!
//! SIGTERM (a scheduler, a shutdown) and SIGHUP (a lost connection) mean the same as Ctrl-C, unless
//! SIGHUP was ignored from the start, as by `nohup`. SIGXFSZ, a file beyond the limit of the shell,
//! is caught so that the write fails instead, as on a full disk.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, bail};

use super::console;

/// The customary exit status of a program ended by an interrupt: 128 + SIGINT.
const INTERRUPTED: i32 = 130;

static CANCEL: AtomicBool = AtomicBool::new(false);

/// The flag that a signal raises.
pub fn flag() -> &'static AtomicBool {
    &CANCEL
}

/// Fails once a signal has come: for work that is not cut short by the flag.
pub fn check() -> anyhow::Result<()> {
    if CANCEL.load(Ordering::Relaxed) {
        bail!("stopped by Ctrl-C");
    }
    Ok(())
}

/// Starts to listen, before any work.
pub fn listen() -> anyhow::Result<()> {
    signals().context("cannot listen for Ctrl-C")
}

/// A signal has come.
fn interrupted() {
    if CANCEL.swap(true, Ordering::Relaxed) {
        std::process::exit(INTERRUPTED);
    }
    console::note("stopping, to report what is done so far; Ctrl-C again leaves at once");
}

#[cfg(unix)]
fn signals() -> std::io::Result<()> {
    use signal_hook::{
        consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ},
        iterator::Signals,
    };
    let heard = [Some(SIGINT), Some(SIGTERM), (!hangup_is_ignored()).then_some(SIGHUP)];
    let mut signals = Signals::new(heard.into_iter().flatten())?;
    std::thread::Builder::new().name("signals".into()).spawn(move || signals.forever().for_each(|_| interrupted()))?;
    signal_hook::flag::register(SIGXFSZ, std::sync::Arc::new(AtomicBool::new(false)))?;
    Ok(())
}

/// Whether SIGHUP was ignored when the program began. Only Linux says so without unsafe code.
#[cfg(unix)]
fn hangup_is_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 != 0)
}

#[cfg(not(unix))]
fn signals() -> std::io::Result<()> {
    ctrlc::set_handler(interrupted).map_err(std::io::Error::other)
}
