//! NumPy's `.npz`: our own keys, scikit-learn's, and other names in use.

use super::{
    super::{ising_file, levels_file, npz::list, rbm_file, sparse},
    Error, Format, Npz, Reading, Source,
};
use crate::model::AnyModel;

/// A zip archive of arrays.
pub struct Archive;

impl Format for Archive {
    fn recognises(&self, bytes: &[u8]) -> bool {
        bytes.starts_with(b"PK")
    }

    fn read(&self, source: &Source<'_>) -> Result<(AnyModel, Reading), Error> {
        let mut npz = Npz::new(source.path, source.bytes)?;
        let mut reading = Reading::of("NumPy .npz");
        let model = read(&mut npz, source, &mut reading)?;
        Ok((model, reading))
    }
}

/// Reads a model of the kind that the keys say.
fn read(npz: &mut Npz, source: &Source<'_>, reading: &mut Reading) -> Result<AnyModel, Error> {
    let ours = || {
        format!(
            "an RBM needs {}, or the {} of scikit-learn; an Ising model `{}`; a list of levels `{}`",
            list(&rbm_file::OURS),
            list(&rbm_file::SCIKIT_LEARN),
            ising_file::KEY,
            levels_file::KEY
        )
    };
    if sparse::is_sparse(npz) {
        return ising_file::read_sparse(npz, reading);
    }
    match (npz.has(ising_file::KEY), npz.has(levels_file::KEY), rbm_file::holds_one(npz)) {
        (true, false, false) => ising_file::read(npz, reading),
        (false, true, false) => levels_file::read(npz, reading).map(AnyModel::from),
        (false, false, true) => rbm_file::read(npz, source.options, reading).map(AnyModel::from),
        (false, false, false) if ["X", "bits"].iter().any(|key| npz.has(key)) => Err(npz.refuse(
            format!("this is a file of data and no model: it holds {}", npz.keys_found()),
            "give the model here and the data with `--data`",
        )),
        (false, false, false) => {
            Err(npz.refuse(format!("this is no model file: it holds {}", npz.keys_found()), ours()))
        }
        _ => Err(npz.refuse(
            format!("models of several kinds are mixed: it holds {}", npz.keys_found()),
            format!("save one model a file: {}", ours()),
        )),
    }
}
