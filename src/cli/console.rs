//! What the user sees: the result on stdout, everything else on stderr.
//!
//! Neither `println!` nor `eprintln!` is used anywhere, because both panic when the reader has gone
//! away (`| head`).

use std::{
    fmt::Display,
    io::{self, ErrorKind, Write},
};

use anyhow::Context;

/// Writes the result to stdout. A reader that has seen enough is not an error.
pub fn print(result: &str) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(result.as_bytes()).and_then(|()| stdout.flush()) {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => Err(e).context("cannot write the result to stdout"),
        _ => Ok(()),
    }
}

/// Says why the program ends.
pub fn error(what: &impl Display) {
    say("error", what);
}

/// Tells what the reader of a result must know.
pub fn warning(what: impl Display) {
    say("warning", &what);
}

/// Tells what the program decided by itself.
pub fn note(what: impl Display) {
    say("note", &what);
}

fn say(kind: &str, what: &impl Display) {
    let _ = writeln!(io::stderr(), "{kind}: {what}");
}
