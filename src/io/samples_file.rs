//! The samples of a share of a run: arrays of numbers with a header that says what they are of.

use std::{collections::BTreeMap, fs, path::Path};

use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    ModelInfo,
    npz::{Npz, NpzWriter},
};
use crate::Error;

/// The name of the array that holds the header, as JSON.
const HEADER: &str = "header";

/// What a file of samples is of. Files whose headers agree in all but the share and the seconds are
/// of one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SamplesHeader {
    /// The version of plefka that drew them.
    pub version: String,
    /// The method.
    pub method: String,
    /// Its settings.
    pub settings: Value,
    /// The inverse temperatures.
    pub betas: Vec<f64>,
    /// The root of all randomness.
    pub seed: u64,
    /// The model.
    pub model: ModelInfo,
    /// The data that were given to the method, if any.
    pub data: Option<DataInfo>,
    /// Which share of how many, counted from 1.
    pub share: [usize; 2],
    /// How long it took.
    pub seconds: f64,
}

/// Which data were given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataInfo {
    /// The path or the name they were loaded by.
    pub source: String,
    /// SHA-256 of their shape and values.
    pub sha256: String,
}

/// A file of samples.
#[derive(Debug, Clone, PartialEq)]
pub struct SamplesFile {
    /// What they are of.
    pub header: SamplesHeader,
    /// The numbers, by name; a column of a matrix is a row of the file's array.
    pub arrays: BTreeMap<String, DMatrix<f64>>,
}

impl SamplesFile {
    /// Saves it as an `.npz` archive, whole or not at all.
    ///
    /// # Errors
    /// [`Error::Io`] if the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        let header = serde_json::to_string(&self.header).map_err(|e| Error::io("write", path)(e.into()))?;
        NpzWriter::save(path, |npz| {
            npz.strings(HEADER, &[], &[&header])?;
            for (name, array) in &self.arrays {
                npz.numbers(name, &[array.ncols(), array.nrows()], array.iter().copied())?;
            }
            Ok(())
        })
    }

    /// Reads what [`save`](Self::save) wrote.
    ///
    /// # Errors
    /// [`Error::Io`] if the file cannot be read, [`Error::Format`] if it is damaged or no file of
    /// samples.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let bytes = fs::read(path).map_err(Error::io("read", path))?;
        let mut npz = Npz::new(path, &bytes)?;
        let remedy = "give a file that `plefka estimate --save-samples` has written";
        if !npz.has(HEADER) {
            return Err(npz.refuse(format!("has no array `{HEADER}`: it holds no samples"), remedy));
        }
        let header = npz.array(HEADER)?.strings(remedy)?.concat();
        let header = serde_json::from_str(&header)
            .map_err(|problem| npz.refuse(format!("its header is not one of samples: {problem}"), remedy))?;
        let mut arrays = BTreeMap::new();
        for key in npz.keys().into_iter().filter(|key| key != HEADER) {
            let array = npz.array(&key)?;
            let (columns, rows) = array.matrix_shape("a matrix")?;
            arrays.insert(key, DMatrix::from_column_slice(rows, columns, &array.by_rows(array.floats()?)));
        }
        Ok(Self { header, arrays })
    }
}
