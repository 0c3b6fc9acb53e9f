//! The folders of all shares of a sweep, found in the folder that holds them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{STORE, Shard};
use crate::Error;

/// The folders that `given` stands for: a folder with a store is itself, and one that holds
/// `share-1-of-n` to `share-n-of-n` stands for these, in their order.
///
/// # Errors
/// [`Error::Format`] if some of the n are not there, or there are shares of two n; [`Error::Io`] if
/// the folder cannot be read.
pub fn shares(given: &Path) -> Result<Vec<PathBuf>, Error> {
    if given.join(STORE).exists() {
        return Ok(vec![given.to_owned()]);
    }
    let found = found(given)?;
    // What is no folder of shares is refused as a store that is not there.
    Ok(if found.is_empty() { vec![given.to_owned()] } else { found })
}

/// The folders of the shares in `folder`, in their order, whether or not it has a store itself.
///
/// # Errors
/// As [`shares`], and if there are none.
pub fn shares_in(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let found = found(folder)?;
    if found.is_empty() {
        let problem = "it holds no shares (`share-1-of-n` and so on)";
        return Err(Error::format(folder, problem, "give the folders of all shares, and `--out`"));
    }
    Ok(found)
}

fn found(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(Error::io("read", folder))? {
        let name = entry.map_err(Error::io("read", folder))?.file_name();
        found.extend(name.to_str().and_then(Shard::of_folder));
    }
    found.sort_unstable_by_key(|share| (share.count(), share.index()));
    let (Some(first), Some(last)) = (found.first().copied(), found.last().copied()) else { return Ok(Vec::new()) };
    if first.count() != last.count() {
        let problem = format!("it holds shares of two runs, `{}` and `{}`", first.folder(), last.folder());
        return Err(Error::format(folder, problem, "move those that do not belong to this run elsewhere"));
    }
    let n = first.count();
    if let Some(gap) = (1..=n).find(|index| found.get(index - 1).is_none_or(|share| share.index() != *index)) {
        let problem =
            format!("{} of {n} shares are not there, the first of them `share-{gap}-of-{n}`", n - found.len());
        return Err(Error::format(folder, problem, format!("run them, the first by `--shard {gap}/{n}`")));
    }
    Ok(found.into_iter().map(|share| folder.join(share.folder())).collect())
}
