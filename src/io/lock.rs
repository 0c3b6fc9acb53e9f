//! Locks on files and folders, in one place.
//!
//! All are those of the system ([`File::try_lock`]): they end with the process, however it ends, so
//! that nothing is ever locked by the dead.

use std::{
    fs,
    fs::{File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
};

use super::temporary;
use crate::Error;

/// The file in a folder that stands for its lock, as long as it is held.
const LOCK: &str = ".plefka-lock";

/// A folder that one process at a time writes to, as long as this lives.
#[derive(Debug)]
pub(crate) struct FolderLock {
    path: PathBuf,
    /// Locked until it is closed.
    file: File,
}

impl FolderLock {
    /// Locks a folder that is there.
    ///
    /// # Errors
    /// [`Error::Format`] if another process has it, or the file system has no locks; [`Error::Io`] if
    /// the system refuses.
    pub(crate) fn take(folder: &Path) -> Result<Self, Error> {
        let path = folder.join(LOCK);
        loop {
            let options = OpenOptions::new().read(true).write(true).create(true).truncate(false).to_owned();
            let file = options.open(&path).map_err(Error::io("write to", folder))?;
            refuse(folder, file.try_lock(), "")?;
            // Whoever had it before may have removed it between the two: then it stands for nothing.
            if is_at(&file, &path) {
                return Ok(Self { path, file });
            }
        }
    }

    /// Whether the folder is still the one that was locked.
    ///
    /// # Errors
    /// [`Error::Format`] if it was removed or replaced in the meantime.
    #[cfg(feature = "plot")]
    pub(crate) fn check(&self, folder: &Path) -> Result<(), Error> {
        if is_at(&self.file, &self.path) {
            return Ok(());
        }
        let problem = "the folder was removed or replaced while it was to be written to";
        Err(Error::format(folder, problem, "run it again, and let the folder be until it ends"))
    }
}

/// Removed while it is still held, so that nobody has a lock on a file that another removes.
impl Drop for FolderLock {
    fn drop(&mut self) {
        if is_at(&self.file, &self.path) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Whether an open file is the one at `path`.
fn is_at(file: &File, path: &Path) -> bool {
    let (Ok(open), Ok(there)) = (file.metadata(), fs::metadata(path)) else { return false };
    #[cfg(unix)]
    return {
        use std::os::unix::fs::MetadataExt;
        (open.dev(), open.ino()) == (there.dev(), there.ino())
    };
    // Elsewhere an open file cannot be removed.
    #[cfg(not(unix))]
    return open.is_file() && there.is_file();
}

/// Whether a folder holds nothing but what this program needs while it works.
///
/// # Errors
/// [`Error::Io`] if it cannot be read.
pub(crate) fn is_unused(folder: &Path) -> Result<bool, Error> {
    temporary::sweep(folder);
    let names = fs::read_dir(folder).map_err(Error::io("read", folder))?;
    for name in names {
        if name.map_err(Error::io("read", folder))?.file_name() != LOCK {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether a file that is written to is locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Locking {
    /// One process writes, and another one is refused.
    Locked,
    /// For file systems that have no locks: that nobody else writes is the caller's to see to.
    Unlocked,
}

/// A file for one writer; what another process has is refused by name.
///
/// # Errors
/// [`Error::Format`] if another process has it, or the file system has no locks; [`Error::Io`] if
/// the system cannot lock.
pub(crate) fn refuse_written(path: &Path, file: &File, locking: Locking) -> Result<(), Error> {
    match locking {
        Locking::Locked => refuse(path, file.try_lock(), " or, if nothing else works on it, use `--no-lock`"),
        Locking::Unlocked => Ok(()),
    }
}

/// A file for several readers. Where the file system has no locks, no writer has one either: it is
/// read as it is, since what is unfinished or damaged is known by itself.
///
/// # Errors
/// [`Error::Format`] if another process writes to it, [`Error::Io`] if the system cannot lock.
pub(crate) fn refuse_read(path: &Path, file: &File) -> Result<(), Error> {
    match file.try_lock_shared() {
        Err(TryLockError::Error(error)) if has_no_locks(&error) => Ok(()),
        locked => refuse(path, locked, ""),
    }
}

/// `otherwise` is what else can be done where there are no locks.
fn refuse(path: &Path, locked: Result<(), TryLockError>, otherwise: &str) -> Result<(), Error> {
    match locked {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => {
            let remedy = "wait for it, or stop it, or choose another folder";
            Err(Error::format(path, "another process is at work on it", remedy))
        }
        Err(TryLockError::Error(error)) if has_no_locks(&error) => {
            let problem = format!("its file system has no locks, which keep two processes from one folder ({error})");
            Err(Error::format(path, problem, format!("choose a folder on another file system{otherwise}")))
        }
        Err(TryLockError::Error(error)) => Err(Error::io("lock", path)(error)),
    }
}

/// Whether it is the file system that cannot lock: ENOSYS or EOPNOTSUPP (Lustre that is mounted
/// without `flock`, FUSE), ENOLCK (NFS without its lock manager).
fn has_no_locks(error: &io::Error) -> bool {
    let no_manager = if cfg!(target_os = "linux") { 37 } else { 77 };
    error.kind() == io::ErrorKind::Unsupported || (cfg!(unix) && error.raw_os_error() == Some(no_manager))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What only some file systems do; the program on one of them is tried by `tests/cluster/check`.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_system_without_locks_is_known_by_its_errors() {
        const EIO: i32 = 5;
        // ENOSYS, EOPNOTSUPP, ENOLCK.
        for code in [38, 95, 37, EIO] {
            let error = || io::Error::from_raw_os_error(code);
            assert_eq!(has_no_locks(&error()), code != EIO, "{code}");
            let refusal = refuse("f".as_ref(), Err(TryLockError::Error(error())), " or do without").unwrap_err();
            assert_eq!(refusal.to_string().contains("no locks"), code != EIO, "{refusal}");
            assert_eq!(refusal.to_string().ends_with("or do without"), code != EIO, "{refusal}");
        }
    }
}
