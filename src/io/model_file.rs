//! Model files.

use std::path::Path;

use sha2::{Digest, Sha256};

use super::{
    ModelInfo, builtin, ising_file, levels_file,
    npz::{Npz, NpzWriter, list},
    rbm_file,
    run_name::file_of_run,
    source::{Builtin, fetch},
};
use crate::{
    Error, Rbm,
    model::{AnyModel, Ising, Levels, random::Hopfield},
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
}

impl LoadedModel {
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

/// Loads a model from a path, a built-in one by name (`builtin:mnist20`), the last checkpoint of a training run by its
/// folder (`RUN`), or an earlier one (`RUN@N`, after N updates).
///
/// The [module](super) lists the keys, which say what kind of model it is. Arrays of f32 are
/// widened, which is exact; a vector may also be one row or one column of a matrix.
///
/// # Errors
/// [`Error::Io`] if the file cannot be read, [`Error::Format`] if it holds no model,
/// [`Error::Config`] if there is no built-in model of this name.
///
/// # Examples
/// ```
/// let model = plefka::io::load_model("builtin:mnist20")?;
/// assert_eq!((model.rbm()?.n_visible(), model.rbm()?.n_hidden()), (784, 20));
/// # Ok::<(), plefka::Error>(())
/// ```
pub fn load_model(name: &str) -> Result<LoadedModel, Error> {
    let file = file_of_run(name);
    let bytes = fetch("model", &file, BUILTINS)?;
    let sha256: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    let model = read(&mut Npz::new(&*file, bytes)?)?;
    let info = ModelInfo::new(&model, name, sha256);
    Ok(LoadedModel { model, info })
}

/// Reads a model of the kind that the keys say.
fn read(npz: &mut Npz) -> Result<AnyModel, Error> {
    let is_rbm = rbm_file::KEYS.iter().any(|key| npz.has(key));
    match (npz.has(ising_file::KEY), npz.has(levels_file::KEY), is_rbm) {
        (true, false, false) => ising_file::read(npz).map(AnyModel::from),
        (false, true, false) => levels_file::read(npz).map(AnyModel::from),
        // What is no model at all is also described there.
        (false, false, _) => rbm_file::read(npz).map(AnyModel::from),
        _ => Err(npz.refuse(
            format!("models of several kinds are mixed: it holds {}", npz.keys_found()),
            format!(
                "save one model a file: an Ising model has `{}`, a list of levels `{}`, an RBM {}",
                ising_file::KEY,
                levels_file::KEY,
                list(&rbm_file::KEYS[..3]),
            ),
        )),
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
    /// Saves it; see [`save_model`].
    ///
    /// # Errors
    /// [`Error::Io`] if the file cannot be written.
    fn save(&self, path: &Path) -> Result<(), Error>;
}

/// With the keys `W`, `vbias`, `hbias` and `units`.
impl Save for Rbm {
    fn save(&self, path: &Path) -> Result<(), Error> {
        NpzWriter::save(path, |npz| rbm_file::write(self, npz))
    }
}

/// With the keys `J` and `field`.
impl Save for Ising {
    fn save(&self, path: &Path) -> Result<(), Error> {
        NpzWriter::save(path, |npz| ising_file::write(self, npz))
    }
}

/// With the keys `J`, `field` and `patterns` (P, N) of ±1. What is loaded again is an Ising model,
/// without the patterns.
impl Save for Hopfield {
    fn save(&self, path: &Path) -> Result<(), Error> {
        NpzWriter::save(path, |npz| {
            ising_file::write(self.ising(), npz)?;
            let signs = self.patterns().transpose().iter().map(|x| *x as i8).collect::<Vec<_>>();
            npz.numbers("patterns", &[self.patterns().nrows(), self.patterns().ncols()], signs)
        })
    }
}

/// With the key `energies`.
impl Save for Levels {
    fn save(&self, path: &Path) -> Result<(), Error> {
        NpzWriter::save(path, |npz| levels_file::write(self, npz))
    }
}

impl Save for AnyModel {
    fn save(&self, path: &Path) -> Result<(), Error> {
        match self {
            Self::Rbm(model) => model.save(path),
            Self::Ising(model) => model.save(path),
            Self::Levels(model) => model.save(path),
        }
    }
}
