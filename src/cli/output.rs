//! Where results go to.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};

use super::console;
use crate::{
    Error,
    io::{self, Seal},
    plot::OutputFolder,
};

/// A folder that was found writable and is locked before any work, so that a long run neither dies
/// when it saves nor mixes with another.
///
/// `argument` is how the user gave it, for the message.
pub fn open(argument: &str, dir: &Path) -> anyhow::Result<OutputFolder> {
    check_folder(argument, dir)?;
    OutputFolder::open(dir).context(argument.to_owned())
}

/// The checksum of a file of numbers in a folder; says so if it carries none.
pub fn checksum(dir: &Path, name: &str) -> anyhow::Result<Option<String>> {
    let path = dir.join(name);
    let text = fs::read_to_string(&path).map_err(Error::io("read", &path))?;
    let seal = io::json_seal(&text);
    if seal == Seal::None {
        console::note(format!(
            "{} carries no checksum: whether it is as it was written cannot be known",
            path.display()
        ));
    }
    Ok(seal.checksum().map(str::to_owned))
}

/// Makes a folder if need be, and writes to it on trial.
///
/// `argument` is how the user gave it, for the message.
pub fn check_folder(argument: &str, dir: &Path) -> anyhow::Result<()> {
    if dir.exists() && !dir.is_dir() {
        bail!("{argument}: `{}` is a file; choose the name of a folder", dir.display());
    }
    let opened = io::make_folder(dir).and_then(|()| tempfile::tempfile_in(dir).map_err(Error::io("write to", dir)));
    match opened {
        Ok(_trial) => Ok(()),
        Err(error) => bail!("{argument}: {error}; choose a folder that can be written to"),
    }
}

/// Refuses a file that could not be written, before any work.
///
/// `argument` is how the user gave it, for the message.
pub fn check_file(argument: &str, path: &Path) -> anyhow::Result<()> {
    if path.is_dir() {
        bail!("{argument}: `{}` is a folder; give the name of a file", path.display());
    }
    if path.exists() && !path.is_file() {
        return Ok(()); // A pipe or a device: it can only be tried.
    }
    io::check_link(path).context(argument.to_owned())?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match tempfile::tempfile_in(folder).map_err(Error::io("write to", folder)) {
        Ok(_trial) => Ok(()),
        Err(error) => bail!("{argument}: {error}; choose a folder that is there and can be written to"),
    }
}

/// The paths, one a line.
pub fn list(written: &[PathBuf]) -> String {
    written.iter().map(|path| format!("{}\n", path.display())).collect()
}
