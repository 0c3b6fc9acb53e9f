//! The checkpoints of a training run, from its folder or from an archive of rbms.

use std::{fs, path::Path};

use super::{
    checkpoint_file::load_checkpoint,
    model_file::split_update,
    run_name::{checkpoint_file, update_of_file},
};
use crate::{
    Error,
    path::{Checkpoint, Trajectory},
};

/// Loads every checkpoint of a training run by its folder (`RUN`) or of an archive of rbms
/// (`run.h5`), or those up to one of them (`RUN@N`).
///
/// # Errors
/// [`Error::Config`] if `name` is no training run, [`Error::Io`] or [`Error::Format`] if a
/// checkpoint cannot be read, and [`Error::Model`] if they do not belong together.
///
/// # Examples
/// ```no_run
/// let run = plefka::io::load_trajectory("run@5000")?;
/// println!("{} checkpoints up to update {}", run.checkpoints().len(), run.last().update);
/// # Ok::<(), plefka::Error>(())
/// ```
pub fn load_trajectory(name: &str) -> Result<Trajectory, Error> {
    let (path, until) = match name.rsplit_once('@') {
        Some((folder, update)) if Path::new(folder).is_dir() => (folder, update.parse().ok()),
        _ => split_update(name),
    };
    let path = Path::new(path);
    let mut checkpoints = if path.is_dir() { of_folder(path)? } else { of_archive(path)? };
    if let Some(until) = until {
        checkpoints.retain(|checkpoint| checkpoint.update <= until);
    }
    if checkpoints.is_empty() {
        let remedy = "give the folder of a training run, or an archive of rbms: there are no checkpoints here";
        return Err(Error::config("run", name, remedy));
    }
    Trajectory::new(checkpoints)
}

/// Whether `name` is a training run: [`load_trajectory`] would look for checkpoints there.
#[must_use]
pub fn is_run(name: &str) -> bool {
    let path = name.rsplit_once('@').map_or(name, |(path, _)| path);
    Path::new(name).is_dir()
        || Path::new(path).is_dir()
        || of_archive(Path::new(split_update(name).0)).is_ok_and(|all| all.len() > 1)
}

fn of_folder(dir: &Path) -> Result<Vec<Checkpoint>, Error> {
    let mut updates = Vec::new();
    for entry in fs::read_dir(dir).map_err(Error::io("read", dir))? {
        let name = entry.map_err(Error::io("read", dir))?.file_name();
        updates.extend(name.to_str().and_then(update_of_file));
    }
    updates.sort_unstable();
    let load = |update: usize| {
        let (rbm, _) = load_checkpoint(&dir.join(checkpoint_file(update)))?;
        Ok(Checkpoint { update: update as u64, rbm })
    };
    updates.into_iter().map(load).collect()
}

#[cfg(feature = "formats")]
fn of_archive(path: &Path) -> Result<Vec<Checkpoint>, Error> {
    let bytes = fs::read(path).map_err(Error::io("read", path))?;
    super::formats::updates_of_archive(path, &bytes)
}

#[cfg(not(feature = "formats"))]
fn of_archive(_: &Path) -> Result<Vec<Checkpoint>, Error> {
    Ok(Vec::new())
}
