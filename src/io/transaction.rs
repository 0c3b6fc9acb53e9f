//! Several files of one folder, written all or none.
//!
//! They are staged in a folder within the folder; renaming that one is the decision; then each file
//! is moved to its place. A process that dies before the decision leaves the folder as it was, and
//! one that dies after it leaves the rest to be done by the next that opens the folder. Other files
//! in the folder stay as they are.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{FolderLock, folder::keep_names, temporary, write_atomically};
use crate::Error;

const STAGED: &str = ".plefka-staged";
const DECIDED: &str = ".plefka-decided";

/// What is to be removed, one name a line, in the staged folder.
const REMOVED: &str = ".removed";

/// A folder that is locked, and files that are to appear in it together.
#[derive(Debug)]
pub(crate) struct Transaction {
    folder: PathBuf,
    lock: FolderLock,
    names: Vec<String>,
    removed: Vec<String>,
}

impl Transaction {
    /// Locks a folder that is there, and finishes what a process that died had decided.
    ///
    /// # Errors
    /// [`Error::Format`] if another process is at work on it, [`Error::Io`] if the system refuses.
    pub(crate) fn begin(folder: &Path) -> Result<Self, Error> {
        let lock = FolderLock::take(folder)?;
        recover(folder)?;
        Ok(Self { folder: folder.to_owned(), lock, names: Vec::new(), removed: Vec::new() })
    }

    /// Stages a file.
    ///
    /// # Errors
    /// [`Error::Io`] if the system refuses, or the folder was removed in the meantime.
    pub(crate) fn write(&mut self, name: &str, text: &str) -> Result<PathBuf, Error> {
        self.lock.check(&self.folder)?;
        let staged = self.folder.join(STAGED);
        if self.names.is_empty() {
            fs::create_dir_all(&staged).map_err(Error::io("create", &staged))?;
        }
        write_atomically(&staged.join(name), text.as_bytes())?;
        self.names.push(name.to_owned());
        Ok(self.folder.join(name))
    }

    /// Has a file of an earlier run go when the others appear, unless it is one of them.
    pub(crate) fn remove(&mut self, name: String) {
        self.removed.push(name);
    }

    /// Puts all files in their places, for good.
    ///
    /// # Errors
    /// [`Error::Io`] if the system refuses, or the folder was removed in the meantime.
    pub(crate) fn commit(&mut self) -> Result<(), Error> {
        if self.names.is_empty() {
            return Ok(());
        }
        self.lock.check(&self.folder)?;
        let (staged, decided) = (self.folder.join(STAGED), self.folder.join(DECIDED));
        let gone: Vec<String> = self.removed.drain(..).filter(|name| !self.names.contains(name)).collect();
        write_atomically(&staged.join(REMOVED), gone.join("\n").as_bytes())?;
        fs::rename(&staged, &decided).map_err(Error::io("write to", &self.folder))?;
        keep_names(&self.folder);
        self.names.clear();
        finish(&self.folder)
    }
}

/// What was staged and not decided is dropped with it.
impl Drop for Transaction {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(self.folder.join(STAGED));
    }
}

/// Drops what was not decided, finishes what was, and sweeps up.
fn recover(folder: &Path) -> Result<(), Error> {
    temporary::sweep(folder);
    let staged = folder.join(STAGED);
    if staged.is_dir() {
        fs::remove_dir_all(&staged).map_err(Error::io("remove", &staged))?;
    }
    finish(folder)
}

/// Moves what was decided to its place. It can be begun again at any point.
fn finish(folder: &Path) -> Result<(), Error> {
    let decided = folder.join(DECIDED);
    if !decided.is_dir() {
        return Ok(());
    }
    let removed = fs::read_to_string(decided.join(REMOVED)).unwrap_or_default();
    for name in removed.lines().filter(|name| !name.contains(['/', '\\'])) {
        let _ = fs::remove_file(folder.join(name));
    }
    for entry in fs::read_dir(&decided).map_err(Error::io("read", &decided))? {
        let name = entry.map_err(Error::io("read", &decided))?.file_name();
        if name != REMOVED {
            let target = folder.join(&name);
            fs::rename(decided.join(&name), &target).map_err(Error::io("write", &target))?;
        }
    }
    keep_names(folder);
    fs::remove_dir_all(&decided).map_err(Error::io("remove", &decided))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn all_files_appear_or_none_and_others_stay() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["notes.txt", "old.svg", "a"] {
            fs::write(dir.path().join(name), "before").unwrap();
        }
        let mut dropped = Transaction::begin(dir.path()).unwrap();
        dropped.write("a", "never").unwrap();
        assert!(Transaction::begin(dir.path()).unwrap_err().to_string().contains("another process"));
        drop(dropped);
        assert_eq!(names(dir.path()), ["a", "notes.txt", "old.svg"]);
        let mut whole = Transaction::begin(dir.path()).unwrap();
        for name in ["a", "b"] {
            whole.write(name, "now").unwrap();
        }
        for name in ["a", "old.svg"] {
            whole.remove(name.to_owned());
        }
        whole.commit().unwrap();
        drop(whole);
        assert_eq!(names(dir.path()), ["a", "b", "notes.txt"]);
        assert_eq!(fs::read_to_string(dir.path().join("a")).unwrap(), "now");
    }

    /// A process that dies: before the decision, at it, and when some files are in their places.
    #[test]
    fn what_was_decided_is_finished_and_what_was_not_is_dropped() {
        let dir = tempfile::tempdir().unwrap();
        let place = |name: &str| dir.path().join(name);
        fs::write(place("a"), "before").unwrap();
        fs::create_dir(place(STAGED)).unwrap();
        fs::write(place(STAGED).join("a"), "half").unwrap();
        drop(Transaction::begin(dir.path()).unwrap());
        assert_eq!((names(dir.path()), fs::read_to_string(place("a")).unwrap()), (vec!["a".into()], "before".into()));
        fs::create_dir(place(DECIDED)).unwrap();
        fs::write(place(DECIDED).join("b"), "now").unwrap();
        fs::write(place(DECIDED).join(REMOVED), "gone").unwrap();
        fs::write(place("gone"), "before").unwrap();
        drop(Transaction::begin(dir.path()).unwrap());
        assert_eq!(names(dir.path()), ["a", "b"]);
    }

    #[test]
    fn a_folder_that_was_removed_is_an_error_and_not_made_again() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("c");
        fs::create_dir(&folder).unwrap();
        let mut transaction = Transaction::begin(&folder).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        let refusal = transaction.write("a", "x").unwrap_err().to_string();
        assert!(refusal.contains("removed"), "{refusal}");
        assert!(!folder.exists());
    }
}
