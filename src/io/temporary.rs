//! Files that are being written, under a name of their own until they are whole.
//!
//! Each is locked as long as its process lives. What a dead one has left is therefore known by its
//! name and by its lock, and is removed by the next process that writes to the same folder.

use std::{
    collections::BTreeSet,
    ffi::OsStr,
    fs,
    fs::{File, OpenOptions},
    io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use tempfile::NamedTempFile;

const PREFIX: &str = ".plefka-";
const SUFFIX: &str = ".part";

/// A new file in `folder`, with the permissions of an ordinary one. (By default only its owner could
/// read it.)
pub(super) fn new_file(folder: &Path) -> io::Result<NamedTempFile> {
    sweep_once(folder);
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX).suffix(SUFFIX);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666)); // less the umask
    loop {
        let file = builder.tempfile_in(folder)?;
        // A file system without locks has no sweeper either: it cannot lock what it would remove.
        if matches!(file.as_file().try_lock(), Err(fs::TryLockError::WouldBlock)) {
            continue; // A sweeper was faster, and removes it.
        }
        if file.path().exists() {
            return Ok(file);
        }
    }
}

/// Removes what dead processes have left in a folder.
pub(super) fn sweep(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()).filter(|path| is_temporary(path)) {
        // Who can lock it knows that nobody writes to it, and holds the lock while it is removed.
        if let Ok(file) = OpenOptions::new().write(true).open(&path)
            && File::try_lock(&file).is_ok()
        {
            let _ = fs::remove_file(&path);
        }
    }
}

fn is_temporary(path: &Path) -> bool {
    let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
    name.starts_with(PREFIX) && name.ends_with(SUFFIX)
}

/// The same, once in the life of the process for each folder: reading a large one takes time.
fn sweep_once(folder: &Path) {
    static SWEPT: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
    let absolute = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    if SWEPT.lock().unwrap_or_else(PoisonError::into_inner).insert(absolute) {
        sweep(folder);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_dead_left_is_removed_and_what_the_living_write_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let living = new_file(folder.path()).unwrap();
        let (dead, other) = (folder.path().join(".plefka-abc123.part"), folder.path().join(".tmpabc123"));
        fs::write(&dead, b"half").unwrap();
        fs::write(&other, b"of another program").unwrap();
        sweep(folder.path());
        assert!(living.path().exists() && other.exists() && !dead.exists());
    }
}
