//! What analyses share: the arguments of those with a quick run, and how tables are written.

use std::{
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
};

use plefka::io;
use serde::Serialize;

/// The folder for the results, `plefka-out/NAME` if none is given, and whether `--quick` is.
#[allow(dead_code)] // not every analysis has a quick run
pub fn arguments(name: &str) -> Result<(PathBuf, bool), Box<dyn Error>> {
    let (flags, folders): (Vec<String>, Vec<String>) =
        env::args().skip(1).partition(|argument| argument.starts_with("--"));
    if let Some(unknown) = flags.iter().find(|flag| *flag != "--quick") {
        return Err(format!("{unknown} is unknown; give a folder, and --quick for a run of seconds").into());
    }
    let folder = folders.first().map_or_else(|| Path::new("plefka-out").join(name), PathBuf::from);
    fs::create_dir_all(&folder)?;
    Ok((folder, !flags.is_empty()))
}

/// Writes a table with a header.
pub fn save_csv<T: Serialize>(path: &Path, rows: impl IntoIterator<Item = T>) -> Result<(), Box<dyn Error>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    rows.into_iter().try_for_each(|row| writer.serialize(row))?;
    io::write_atomically(path, &writer.into_inner()?)?;
    Ok(())
}
