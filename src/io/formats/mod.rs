//! The formats in which people have their models, one a file, behind one trait.
//!
//! A file is recognised by its content and never by its ending (but for lists of couplings, where
//! the same three columns mean opposite signs in two formats). What is recognised and cannot be
//! read is refused by its name, with what to do.

mod adabmdca;
mod couplings;
mod dimod;
mod dimod_binary;
mod foreign;
#[cfg(feature = "formats")]
mod hdf5;
#[cfg(feature = "formats")]
mod matlab;
mod numpy;
mod pickle;
mod pytorch;
#[cfg(feature = "formats")]
mod safetensors;
mod state_dict;
mod text;

use std::path::Path;

#[cfg(feature = "formats")]
pub(super) use self::{hdf5::to_hdf5, safetensors::to_safetensors};
pub(super) use dimod::to_json;

use super::{
    npz::Npz,
    reading::{ReadOptions, Reading},
};
#[cfg(feature = "formats")]
use crate::path::Checkpoint;
use crate::{Error, model::AnyModel};

/// A file in memory, and how it is to be read.
pub(super) struct Source<'a> {
    /// Its name, for messages, and where only the ending tells two formats apart.
    pub path: &'a Path,
    /// What it holds.
    pub bytes: &'a [u8],
    /// What the file leaves open.
    pub options: &'a ReadOptions,
}

impl Source<'_> {
    /// An error about this file.
    fn refuse(&self, problem: impl Into<String>, remedy: impl Into<String>) -> Error {
        Error::format(self.path, problem, remedy)
    }
}

/// Every update of an archive of rbms; none if the file is no such archive.
#[cfg(feature = "formats")]
pub(super) fn updates_of_archive(path: &Path, bytes: &[u8]) -> Result<Vec<Checkpoint>, Error> {
    let source = Source { path, bytes, options: &ReadOptions::default() };
    if hdf5::Hdf5.recognises(bytes) { hdf5::checkpoints(&source) } else { Ok(Vec::new()) }
}

/// A format in which a model may be.
pub(super) trait Format: Sync {
    /// Whether these bytes look like a file in this format: by their first ones, or by what is in
    /// the archive.
    fn recognises(&self, bytes: &[u8]) -> bool;

    /// Reads the model, and writes down what was taken for what.
    ///
    /// # Errors
    /// [`Error::Format`] if it holds no model that is understood here, or more than is understood.
    fn read(&self, source: &Source<'_>) -> Result<(AnyModel, Reading), Error>;
}

/// All of them; the first that recognises a file reads it.
const FORMATS: &[&dyn Format] = &[
    &pytorch::StateDict,
    &numpy::Archive,
    #[cfg(feature = "formats")]
    &hdf5::Hdf5,
    #[cfg(feature = "formats")]
    &matlab::MatFile,
    &dimod_binary::DimodBinary,
    &dimod::DimodJson,
    &adabmdca::AdabmDca,
    &couplings::CouplingList,
    #[cfg(feature = "formats")]
    &safetensors::SafeTensors,
    &foreign::Foreign,
];

/// Reads the model in a file of any format.
pub(super) fn read_any(source: &Source<'_>) -> Result<(AnyModel, Reading), Error> {
    if source.bytes.is_empty() {
        return Err(source.refuse("the file is empty", "save it again"));
    }
    match FORMATS.iter().find(|format| format.recognises(source.bytes)) {
        Some(format) => format.read(source),
        None => Err(source.refuse(
            "this is not an .npz archive, nor any other model file that is known",
            "save the arrays W, vbias and hbias with numpy.savez; docs/formats.md lists what can be read",
        )),
    }
}
