//! Folders whose names survive a loss of power.
//!
//! A file that is flushed is on the disk, and its name is not until the folder that holds it is
//! flushed, too; so it is with a folder and the one around it.

use std::{
    fs,
    fs::File,
    path::{Path, PathBuf},
};

use crate::Error;

/// Makes a folder and those around it, as far as they are missing, for good.
///
/// # Errors
/// [`Error::Io`] if the system refuses.
pub(crate) fn make_folder(folder: &Path) -> Result<(), Error> {
    let missing: Vec<PathBuf> = folder.ancestors().take_while(|path| !path.exists()).map(Path::to_owned).collect();
    fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
    // The outermost first: a name is worth nothing before the folder around it has one.
    missing.iter().rev().for_each(|made| keep_name(made));
    Ok(())
}

/// Has the disk keep the names in a folder.
///
/// Not every file system can do that, and each file is whole either way, so a refusal is no failure.
pub(crate) fn keep_names(folder: &Path) {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

/// The same for the one name of a file or a folder.
pub(crate) fn keep_name(path: &Path) {
    if let Some(folder) = path.parent() {
        keep_names(folder);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_made_as_far_as_they_are_missing() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("a/b/c");
        make_folder(&folder).unwrap();
        make_folder(&folder).unwrap();
        assert!(folder.is_dir());
        fs::write(folder.join("file"), b"").unwrap();
        assert!(make_folder(&folder.join("file/d")).is_err());
    }
}
