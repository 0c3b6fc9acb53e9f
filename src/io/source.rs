//! The bytes behind a name: a file, or something built in.

use std::{
    borrow::Cow,
    fs,
    io::{ErrorKind, Read},
    path::Path,
};

use crate::Error;

/// What the names of built-in models and data begin with.
pub(crate) const BUILTIN: &str = "builtin:";

/// Something embedded: its name without the prefix, and its bytes.
pub type Builtin = (&'static str, &'static [u8]);

/// The bytes behind `name`. `what` ("model", "data") is used in messages.
pub fn fetch(what: &'static str, name: &str, builtins: &[Builtin]) -> Result<Cow<'static, [u8]>, Error> {
    let known = || builtins.iter().map(|(name, _)| format!("`{BUILTIN}{name}`")).collect::<Vec<_>>().join(", ");
    if let Some(wanted) = name.strip_prefix(BUILTIN) {
        return match builtins.iter().find(|(name, _)| *name == wanted) {
            Some((_, bytes)) => Ok(Cow::Borrowed(bytes)),
            None => {
                Err(Error::config(what, name, format!("what is built in is {}; a file is given by its path", known())))
            }
        };
    }
    let metadata = fs::metadata(name).map_err(|error| {
        // The name of a built-in model without its prefix is a likely slip.
        if error.kind() == ErrorKind::NotFound && builtins.iter().any(|(builtin, _)| *builtin == name) {
            return Error::config(what, name, format!("there is no such file; what is built in is {}", known()));
        }
        Error::io("read", name)(error)
    })?;
    read_regular(name.as_ref(), &metadata).map(Cow::Owned)
}

/// The bytes of a regular file.
fn read_regular(path: &Path, metadata: &fs::Metadata) -> Result<Vec<u8>, Error> {
    // Asked before it is opened: opening a pipe waits for somebody to write to it, and a device
    // never ends.
    if !metadata.is_file() {
        let kind = if metadata.is_dir() { "it is a folder" } else { "it is a pipe or a device" };
        let problem = format!("cannot read it: {kind}, and not a regular file");
        return Err(Error::format(path, problem, "give the path of a file"));
    }
    // What a file grows by while it is read is not of interest.
    let mut bytes = Vec::new();
    let read = fs::File::open(path).and_then(|file| file.take(metadata.len()).read_to_end(&mut bytes));
    read.map_err(Error::io("read", path))?;
    Ok(bytes)
}

/// The text of a regular file.
///
/// # Errors
/// [`Error::Io`] if it cannot be read, [`Error::Format`] if it is no regular file or no text.
pub(crate) fn read_text(path: &Path) -> Result<String, Error> {
    let bytes = read_regular(path, &fs::metadata(path).map_err(Error::io("read", path))?)?;
    String::from_utf8(bytes).map_err(|error| {
        let problem = format!("it is not text (byte {} is no part of UTF-8)", error.utf8_error().valid_up_to());
        Error::format(path, problem, "give the file that is meant, or save it as UTF-8")
    })
}
