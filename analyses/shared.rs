//! What the analyses of phase diagrams share: their arguments and their files.

use std::{env, error::Error, fs, path::PathBuf};

use plefka::{Measured, io, plot::Figure};
use serde::Serialize;

/// The folder for the results, `plefka-out/NAME` if none is given, and whether `--quick` is.
pub fn arguments(name: &str) -> Result<(PathBuf, bool), Box<dyn Error>> {
    let (flags, folders): (Vec<String>, Vec<String>) =
        env::args().skip(1).partition(|argument| argument.starts_with("--"));
    if let Some(unknown) = flags.iter().find(|flag| *flag != "--quick") {
        return Err(format!("{unknown} is unknown; give a folder, and --quick for a run of seconds").into());
    }
    let folder = folders.first().map_or_else(|| PathBuf::from("plefka-out").join(name), PathBuf::from);
    fs::create_dir_all(&folder)?;
    Ok((folder, !flags.is_empty()))
}

/// A table as bytes of CSV.
pub fn csv<T: Serialize>(rows: &[T]) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    rows.iter().try_for_each(|row| writer.serialize(row))?;
    Ok(writer.into_inner()?)
}

/// Writes the table, and the figures that there are.
pub fn save<T: Serialize>(
    folder: &std::path::Path,
    table: &str,
    rows: &[T],
    figures: &[Option<Figure>],
) -> Result<(), Box<dyn Error>> {
    io::write_atomically(&folder.join(table), &csv(rows)?)?;
    for figure in figures.iter().flatten() {
        io::write_atomically(&folder.join(figure.name).with_extension("svg"), figure.svg.as_bytes())?;
    }
    Ok(())
}

/// The standard error of a number, if it has one.
#[allow(dead_code)] // not every analysis samples
pub fn error_of(measured: Measured) -> Option<f64> {
    measured.claim.std_error()
}
