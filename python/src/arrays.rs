//! Arrays of NumPy, in and out.

use nalgebra::{DMatrix, DVector};
use numpy::{PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2, PyUntypedArrayMethods};
use plefka::{Betas, data::Data};
use pyo3::prelude::*;

use crate::errors::{refuse, value_error};

/// A list of numbers, to Python.
pub type List<'py, T = f64> = Bound<'py, PyArray1<T>>;

/// A table of numbers, to Python.
pub type Table<'py, T = f64> = Bound<'py, PyArray2<T>>;

/// Anything that NumPy takes for an array of numbers (any type, order and strides), as f64.
fn numbers<'py>(name: &str, values: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let array = values.py().import("numpy")?.call_method1("asarray", (values,))?;
    let dtype = array.getattr("dtype")?;
    if !matches!(&dtype.getattr("kind")?.extract::<String>()?[..], "f" | "i" | "u" | "b") {
        return Err(refuse(format!("`{name}` is of type {dtype}; give an array of real numbers")));
    }
    array.call_method1("astype", ("float64",))
}

fn shape(array: &Bound<'_, PyAny>) -> String {
    array.getattr("shape").map_or_else(|_| "unknown".into(), |shape| shape.to_string())
}

/// A matrix; `axes` names its axes.
pub fn matrix(name: &str, axes: &str, values: &Bound<'_, PyAny>) -> PyResult<DMatrix<f64>> {
    let array = numbers(name, values)?;
    let Ok(table) = array.extract::<PyReadonlyArray2<'_, f64>>() else {
        let given = shape(&array);
        return Err(refuse(format!("`{name}` has shape {given}, but it must have two dimensions; give {axes}")));
    };
    let view = table.as_array();
    Ok(DMatrix::from_fn(view.nrows(), view.ncols(), |i, j| view[(i, j)]))
}

/// A list of numbers.
pub fn vector(name: &str, values: &Bound<'_, PyAny>) -> PyResult<Vec<f64>> {
    let array = numbers(name, values)?;
    let Ok(list) = array.extract::<PyReadonlyArray1<'_, f64>>() else {
        let given = shape(&array);
        return Err(refuse(format!("`{name}` has shape {given}, but it must have one dimension; flatten it")));
    };
    Ok(list.as_array().iter().copied().collect())
}

/// A grid of β: a number, a list of them, or a text as on the command line.
pub fn betas(values: &Bound<'_, PyAny>) -> PyResult<Betas> {
    if let Ok(text) = values.extract::<String>() {
        return text.parse().map_err(|error| value_error(&error));
    }
    let list = match values.extract::<f64>() {
        Ok(one) => vec![one],
        Err(_) => vector("betas", values)?,
    };
    Betas::new(list).map_err(|error| value_error(&error))
}

/// A table of 0 and 1.
pub fn data(table: &PyReadonlyArray2<'_, u8>) -> PyResult<Data> {
    let (columns, values) = (table.shape()[1], table.as_array().iter().copied().collect());
    Data::new(columns, values, None).map_err(|error| value_error(&error))
}

/// A matrix as an array.
pub fn from_matrix<'py>(py: Python<'py>, matrix: &DMatrix<f64>) -> PyResult<Table<'py>> {
    let (rows, columns) = matrix.shape();
    PyArray1::from_iter(py, matrix.transpose().iter().copied()).reshape([rows, columns])
}

/// A vector as an array.
pub fn from_vector<'py>(py: Python<'py>, vector: &DVector<f64>) -> List<'py> {
    PyArray1::from_slice(py, vector.as_slice())
}
