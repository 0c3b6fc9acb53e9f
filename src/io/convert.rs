//! Writing models for other programs.

use std::path::Path;

use super::{LoadedModel, Save, formats, write_atomically};
use crate::{Error, model::AnyModel};

/// The formats in which a model can be written, told apart by the ending of the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// `.npz`: NumPy, with our own keys. Every model, to the last bit.
    Npz,
    /// `.h5`, `.hdf5`: an archive that rbms loads. RBMs with one kind of unit and no constant
    /// energy.
    Rbms,
    /// `.safetensors`: RBMs.
    SafeTensors,
    /// `.json`: dimod's BinaryQuadraticModel. Ising models, and RBMs with one kind of unit as a
    /// model of all their units.
    Dimod,
}

impl Written {
    /// By the ending of a name.
    ///
    /// # Errors
    /// [`Error::Format`] with the endings that there are.
    pub fn by_ending(path: &Path) -> Result<Self, Error> {
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or("");
        match &ending.to_lowercase()[..] {
            "npz" => Ok(Self::Npz),
            "h5" | "hdf5" => Ok(Self::Rbms),
            "safetensors" => Ok(Self::SafeTensors),
            "json" => Ok(Self::Dimod),
            _ => {
                let problem = "its name does not say in which format to write";
                let remedy = "let it end in .npz, .h5 (rbms), .safetensors or .json (dimod)";
                Err(Error::format(path, problem, remedy))
            }
        }
    }
}

/// Writes a model to `path` in the format that its ending says, whole or not at all. All numbers
/// are written as f64.
///
/// # Errors
/// [`Error::Format`] if the ending is unknown or the format has no place for this model, with what
/// can be done; [`Error::Io`] if the file cannot be written.
///
/// # Examples
/// ```no_run
/// let model = plefka::io::load_model("run.h5@1000")?;
/// plefka::io::convert(&model, "model.npz".as_ref())?;
/// # Ok::<(), plefka::Error>(())
/// ```
pub fn convert(loaded: &LoadedModel, path: &Path) -> Result<(), Error> {
    let refuse =
        |why: String| Err(Error::format(path, format!("the model cannot be written so: {why}"), "write an .npz"));
    let kind = loaded.info.kind.clone();
    let bytes = match (Written::by_ending(path)?, &loaded.model) {
        (Written::Npz, model) => return model.save(path),
        #[cfg(feature = "formats")]
        (Written::Rbms, AnyModel::Rbm(rbm)) => formats::to_hdf5(rbm),
        #[cfg(feature = "formats")]
        (Written::SafeTensors, AnyModel::Rbm(rbm)) => formats::to_safetensors(rbm),
        #[cfg(not(feature = "formats"))]
        (Written::Rbms | Written::SafeTensors, AnyModel::Rbm(_)) => {
            Err("this program was built without the feature `formats`".to_owned())
        }
        (Written::Dimod, model) => formats::to_json(model)
            .map(String::into_bytes)
            .ok_or_else(|| "a quadratic model of dimod has one kind of unit and pair couplings".to_owned()),
        (Written::Rbms | Written::SafeTensors, _) => Err(format!("it is of kind `{kind}`, and the format is for RBMs")),
    };
    match bytes {
        Ok(bytes) => write_atomically(path, &bytes),
        Err(why) => refuse(why),
    }
}
