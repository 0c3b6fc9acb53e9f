//! What a run needs besides the model to go on: named arrays.

use std::collections::BTreeMap;

use nalgebra::DMatrix;

use super::Parameters;
use crate::Error;

/// Named arrays of numbers, as they are saved beside a model.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct State(pub(super) BTreeMap<String, DMatrix<f64>>);

impl State {
    pub(super) fn insert(&mut self, name: &str, array: DMatrix<f64>) {
        self.0.insert(name.to_owned(), array);
    }

    pub(super) fn insert_parameters(&mut self, name: &str, parameters: &Parameters) {
        for (part, values) in parameters.named() {
            self.insert(&format!("{name}_{part}"), DMatrix::from_column_slice(values.len(), 1, values));
        }
    }

    /// The array of a name, in the shape that it must have.
    pub(super) fn take(&mut self, name: &str, shape: (usize, usize)) -> Result<DMatrix<f64>, Error> {
        let array = self.0.remove(name).ok_or_else(|| refuse(name, "is missing"))?;
        if array.shape() == shape { Ok(array) } else { Err(refuse(name, "has another shape")) }
    }

    /// The number of columns of an array whose number is not known beforehand.
    pub(super) fn columns(&self, name: &str) -> Result<usize, Error> {
        self.0.get(name).map(DMatrix::ncols).ok_or_else(|| refuse(name, "is missing"))
    }

    /// The number of rows, likewise.
    pub(super) fn rows(&self, name: &str) -> Result<usize, Error> {
        self.0.get(name).map(DMatrix::nrows).ok_or_else(|| refuse(name, "is missing"))
    }

    pub(super) fn take_parameters(&mut self, name: &str, into: &mut Parameters) -> Result<(), Error> {
        for (part, values) in into.named_mut() {
            values.copy_from_slice(self.take(&format!("{name}_{part}"), (values.len(), 1))?.as_slice());
        }
        Ok(())
    }
}

fn refuse(name: &str, problem: &str) -> Error {
    Error::config("resume", name, format!("this array of the checkpoint {problem}; remove that checkpoint's file"))
}
