//! Model files.

use std::path::Path;

use super::{
    ModelInfo, builtin,
    formats::{Source, read_any},
    ising_file, levels_file,
    npz::NpzWriter,
    rbm_file,
    reading::{ReadOptions, Reading},
    run_name::file_of_run,
    source::{Builtin, fetch},
    write_atomically,
};
use crate::{
    Error, Rbm,
    checksum::sha256,
    model::{AnyModel, Ising, Levels, SparseIsing, random::Hopfield},
    sample::Capabilities,
};

const BUILTINS: &[Builtin] = &[("mnist20", builtin::MNIST20)];

/// A model and where it came from.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadedModel {
    /// The model.
    pub model: AnyModel,
    /// Its description.
    pub info: ModelInfo,
    /// What was read from where.
    pub reading: Reading,
}

impl LoadedModel {
    /// A model that is in memory, called `source`; its hash is that of the file that
    /// [`save_model`] would write.
    ///
    /// # Errors
    /// [`Error::Io`] if it has no place in a file.
    pub fn new(model: AnyModel, source: &str) -> Result<Self, Error> {
        let bytes = model.to_npz().map_err(Error::io("write", source))?;
        Ok(Self { info: ModelInfo::new(&model, source, sha256(&bytes)), model, reading: Reading::of("memory") })
    }

    /// The RBM.
    ///
    /// # Errors
    /// [`Error::Format`], naming the file, if it holds a model of another kind.
    pub fn rbm(&self) -> Result<&Rbm, Error> {
        self.model.as_rbm().ok_or_else(|| {
            let problem = format!("it holds a model of kind `{}`", self.info.kind);
            Error::format(&self.info.source, problem, "an RBM is needed here")
        })
    }
}

/// Loads a model from a path, a built-in one by name (`builtin:mnist20`), the last checkpoint of a
/// training run by its folder (`RUN`), or an earlier one (`RUN@N`, after N updates).
///
/// The [module](super) lists the formats, which are recognised by their content. `RUN.h5@N` is
/// update N of an archive of rbms; `RUN` and `RUN@N` are checkpoints of a training run. Numbers of
/// fewer bits are widened, which is exact; a vector may also be one row or one column of a matrix.
///
/// # Errors
/// [`Error::Io`] if the file cannot be read, [`Error::Format`] if it holds no model or something
/// that is not understood, [`Error::Config`] if there is no built-in model of this name.
///
/// # Examples
/// ```
/// let model = plefka::io::load_model("builtin:mnist20")?;
/// assert_eq!((model.rbm()?.n_visible(), model.rbm()?.n_hidden()), (784, 20));
/// # Ok::<(), plefka::Error>(())
/// ```
pub fn load_model(name: &str) -> Result<LoadedModel, Error> {
    load_model_with(name, &ReadOptions::default())
}

/// The same, with what a file may leave open: the update of a run, the name of one model of
/// several, the order of the layers.
///
/// # Errors
/// As [`load_model`].
pub fn load_model_with(name: &str, options: &ReadOptions) -> Result<LoadedModel, Error> {
    let file = file_of_run(name);
    let (path, update) = split_update(&file);
    let bytes = fetch("model", path, BUILTINS)?;
    let options = ReadOptions { update: options.update.or(update), ..options.clone() };
    let LoadedModel { model, info, reading } = read_model(path, &bytes, &options)?;
    Ok(LoadedModel { model, info: ModelInfo { source: name.into(), ..info }, reading })
}

/// The same of a file that is in memory; `name` is for messages, and for lists of couplings, which
/// are told apart by its ending.
///
/// # Errors
/// As [`load_model`].
pub fn read_model(name: &str, bytes: &[u8], options: &ReadOptions) -> Result<LoadedModel, Error> {
    let (model, reading) = read_any(&Source { path: name.as_ref(), bytes, options })?;
    let info = ModelInfo::new(&model, name, sha256(bytes));
    Ok(LoadedModel { model, info, reading })
}

/// `RUN@N` as the file and the update, unless there is a file of this very name.
pub(super) fn split_update(name: &str) -> (&str, Option<u64>) {
    let split = name.rsplit_once('@').and_then(|(path, update)| Some((path, update.parse().ok()?)));
    match split {
        Some((path, update)) if !Path::new(name).exists() => (path, Some(update)),
        _ => (name, None),
    }
}

/// Saves a model, all numbers as f64. Loading it gives the same model to the last bit.
///
/// # Errors
/// [`Error::Io`] if the file cannot be written; see [`write_atomically`](super::write_atomically).
///
/// # Examples
/// ```no_run
/// use plefka::{io, model::Levels};
/// io::save_model(&Levels::new(vec![0.0, 1.0])?, "levels.npz".as_ref())?;
/// # Ok::<(), plefka::Error>(())
/// ```
pub fn save_model<M: Save + ?Sized>(model: &M, path: &Path) -> Result<(), Error> {
    model.save(path)
}

/// A model that has a place in a file.
pub trait Save {
    /// The bytes of its file; the same model gives the same ones.
    ///
    /// # Errors
    /// None but those of the encoder.
    fn to_npz(&self) -> std::io::Result<Vec<u8>>;

    /// Saves it; see [`save_model`].
    ///
    /// # Errors
    /// [`Error::Io`] if the file cannot be written.
    fn save(&self, path: &Path) -> Result<(), Error> {
        write_atomically(path, &self.to_npz().map_err(Error::io("write", path))?)
    }
}

/// With the keys `W`, `vbias`, `hbias` and `units`.
impl Save for Rbm {
    fn to_npz(&self) -> std::io::Result<Vec<u8>> {
        NpzWriter::bytes(|npz| rbm_file::write(self, npz))
    }
}

/// With the keys `J` and `field`.
impl Save for Ising {
    fn to_npz(&self) -> std::io::Result<Vec<u8>> {
        NpzWriter::bytes(|npz| ising_file::write(self, npz))
    }
}

/// With J as `scipy.sparse.save_npz` writes it, and the key `field`.
impl Save for SparseIsing {
    fn to_npz(&self) -> std::io::Result<Vec<u8>> {
        NpzWriter::bytes(|npz| ising_file::write_sparse(self, npz))
    }
}

/// With the keys `J`, `field` and `patterns` (P, N) of ±1. What is loaded again is an Ising model,
/// without the patterns.
impl Save for Hopfield {
    fn to_npz(&self) -> std::io::Result<Vec<u8>> {
        NpzWriter::bytes(|npz| {
            ising_file::write(self.ising(), npz)?;
            let signs = self.patterns().transpose().iter().map(|x| *x as i8).collect::<Vec<_>>();
            npz.numbers("patterns", &[self.patterns().nrows(), self.patterns().ncols()], signs)
        })
    }
}

/// With the key `energies`.
impl Save for Levels {
    fn to_npz(&self) -> std::io::Result<Vec<u8>> {
        NpzWriter::bytes(|npz| levels_file::write(self, npz))
    }
}

impl Save for AnyModel {
    fn to_npz(&self) -> std::io::Result<Vec<u8>> {
        match self {
            Self::Rbm(model) => model.to_npz(),
            Self::Ising(model) => model.to_npz(),
            Self::SparseIsing(model) => model.to_npz(),
            Self::Levels(model) => model.to_npz(),
        }
    }
}
