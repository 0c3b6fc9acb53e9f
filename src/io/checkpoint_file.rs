//! Checkpoints of a training run: a model file with further arrays, from which the run goes on.

use std::{collections::BTreeMap, fs, path::Path};

use nalgebra::DMatrix;

use super::{
    accounted::RESUME,
    npz::{Npz, NpzWriter},
    rbm_file,
    reading::{ReadOptions, Reading},
};
use crate::{Error, Rbm};

/// Saves a model with the arrays that its training needs to go on. The same content gives the same
/// bytes.
///
/// # Errors
/// [`Error::Io`] if the file cannot be written.
pub(crate) fn save_checkpoint(rbm: &Rbm, arrays: &BTreeMap<String, DMatrix<f64>>, path: &Path) -> Result<(), Error> {
    NpzWriter::save(path, |npz| {
        rbm_file::write(rbm, npz)?;
        for (name, array) in arrays {
            // A column of the matrix is a row of the file.
            npz.numbers(&format!("{RESUME}{name}"), &[array.ncols(), array.nrows()], array.iter().copied())?;
        }
        Ok(())
    })
}

/// Holds every array of an archive against its checksum, those of a checkpoint that a model does not
/// need, too.
///
/// # Errors
/// [`Error::Io`] if the file cannot be read, [`Error::Format`] if it is damaged.
#[cfg(feature = "cli")]
pub(crate) fn check_archive(path: &Path) -> Result<(), Error> {
    let bytes = fs::read(path).map_err(Error::io("read", path))?;
    Npz::new(path, &bytes)?.check()
}

/// Reads what [`save_checkpoint`] wrote.
///
/// # Errors
/// [`Error::Io`] if the file cannot be read, [`Error::Format`] if it is damaged.
pub(crate) fn load_checkpoint(path: &Path) -> Result<(Rbm, BTreeMap<String, DMatrix<f64>>), Error> {
    let bytes = fs::read(path).map_err(Error::io("read", path))?;
    let mut npz = Npz::new(path, &bytes)?;
    let rbm = rbm_file::read(&mut npz, &ReadOptions::default(), &mut Reading::default())?;
    let mut arrays = BTreeMap::new();
    for key in npz.keys() {
        if let Some(name) = key.strip_prefix(RESUME) {
            let array = npz.array(&key)?;
            let (columns, rows) = array.matrix_shape("a matrix")?;
            arrays.insert(name.to_owned(), DMatrix::from_column_slice(rows, columns, &array.by_rows(array.floats()?)));
        }
    }
    Ok((rbm, arrays))
}
