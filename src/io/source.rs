//! The bytes behind a name: a file, or something built in.

use std::{borrow::Cow, fs, io::ErrorKind};

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
    fs::read(name).map(Cow::Owned).map_err(|error| {
        // The name of a built-in model without its prefix is a likely slip.
        if error.kind() == ErrorKind::NotFound && builtins.iter().any(|(builtin, _)| *builtin == name) {
            return Error::config(what, name, format!("there is no such file; what is built in is {}", known()));
        }
        Error::io("read", name)(error)
    })
}
