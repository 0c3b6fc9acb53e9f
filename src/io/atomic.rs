//! Writing a whole file, or nothing.

use std::{
    fs,
    io::{self, BufWriter, Write},
    path::Path,
};

use super::{folder::keep_names, temporary::new_file};
use crate::Error;

/// Writes `bytes` to `path` so that a reader, a crash or a full disk never leaves half a file
/// there.
///
/// The bytes go to a temporary file in the same folder, are flushed to the disk, and the file is
/// then renamed to `path`. A symbolic link is followed. What exists and is not a regular file (a
/// pipe, `/dev/stdout`) cannot be replaced and is written to directly.
///
/// # Errors
/// [`Error::Io`] if the system refuses; an older file at `path` is then untouched.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    write_atomically_with(path, |file| file.write_all(bytes))
}

/// Refuses a symbolic link that leads nowhere, or in a circle: what was written would replace it.
///
/// # Errors
/// [`Error::Format`].
pub(crate) fn check_link(path: &Path) -> Result<(), Error> {
    let is_link = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink());
    if is_link && fs::metadata(path).is_err() {
        let problem = "it is a symbolic link that leads to no file";
        return Err(Error::format(path, problem, "remove the link, or give the name of the file itself"));
    }
    Ok(())
}

/// The same for what is too large to be held in memory: `write` is given the file, buffered.
///
/// # Errors
/// As [`write_atomically`], and whatever `write` returns.
pub(crate) fn write_atomically_with(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Error> {
    let write = |file: &fs::File| {
        let mut buffer = BufWriter::new(file);
        write(&mut buffer)?;
        buffer.flush()
    };
    let existing = fs::metadata(path).ok();
    if existing.as_ref().is_some_and(|metadata| !metadata.is_file()) {
        let file = fs::OpenOptions::new().write(true).open(path).map_err(Error::io("write", path))?;
        return write(&file).map_err(Error::io("write", path));
    }
    check_link(path)?;
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let file = new_file(folder).map_err(Error::io("create a file in", folder))?;
    if let Some(metadata) = existing {
        file.as_file().set_permissions(metadata.permissions()).map_err(Error::io("write", path))?;
    }
    write(file.as_file()).and_then(|()| file.as_file().sync_all()).map_err(Error::io("write", path))?;
    file.persist(&target).map_err(|refused| Error::io("write", path)(refused.error))?;
    keep_names(folder);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(folder: &Path) -> usize {
        fs::read_dir(folder).unwrap().count()
    }

    #[test]
    fn a_file_is_replaced_whole_and_nothing_is_left_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        write_atomically(&path, b"first and longer").unwrap();
        write_atomically(&path, b"second").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert_eq!(entries(folder.path()), 1);
    }

    #[test]
    fn a_refusal_names_the_place_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let lost = write_atomically(&folder.path().join("missing").join("a.txt"), b"x").unwrap_err().to_string();
        assert!(lost.contains("missing"), "{lost}");
        let occupied = write_atomically(folder.path(), b"x").unwrap_err().to_string();
        assert!(occupied.contains("cannot write"), "{occupied}");
        assert_eq!(entries(folder.path()), 0);
    }

    #[cfg(unix)]
    #[test]
    fn permissions_and_links_stay_as_they_are() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("a.txt"), folder.path().join("link"));
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        fs::write(folder.path().join("plain"), b"").unwrap();
        write_atomically(&path, b"x").unwrap();
        assert_eq!(mode(&path), mode(&folder.path().join("plain")));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        symlink(&path, &link).unwrap();
        write_atomically(&link, b"y").unwrap();
        assert_eq!((fs::read(&path).unwrap().as_slice(), mode(&path)), (&b"y"[..], 0o600));
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }
}
