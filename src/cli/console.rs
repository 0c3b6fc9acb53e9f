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

/// A text of several lines that is an error as it is.
pub fn plain(text: &str) {
    let _ = write!(io::stderr(), "{text}");
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
    let _ = writeln!(io::stderr(), "{kind}: {}", shortened(what.to_string()));
}

/// What was typed or read is said again in messages, and may be long: the middle is left out.
pub fn shortened(text: String) -> String {
    const KEPT: usize = 1500;
    let count = text.chars().count();
    if count <= 2 * KEPT {
        return text;
    }
    let (start, end): (String, String) = (text.chars().take(KEPT).collect(), text.chars().skip(count - KEPT).collect());
    format!("{start} [… {} characters …] {end}", count - 2 * KEPT)
}
