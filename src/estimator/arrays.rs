//! Samples as named arrays of numbers, as a file holds them.

use std::collections::BTreeMap;

use nalgebra::DMatrix;

/// Named arrays; a column of a matrix is a row of the file's array.
pub type Arrays = BTreeMap<String, DMatrix<f64>>;

/// Adds rows of equal length under `prefix` and `name`.
pub(super) fn put(arrays: &mut Arrays, prefix: &str, name: &str, rows: &[Vec<f64>]) {
    let length = rows.first().map_or(0, Vec::len);
    let matrix = DMatrix::from_iterator(length, rows.len(), rows.iter().flatten().copied());
    arrays.insert(format!("{prefix}{name}"), matrix);
}

/// The rows under `prefix` and `name`; `None` if there is no such array.
pub(super) fn get(arrays: &Arrays, prefix: &str, name: &str) -> Option<Vec<Vec<f64>>> {
    let matrix = arrays.get(&format!("{prefix}{name}"))?;
    Some(matrix.column_iter().map(|column| column.iter().copied().collect()).collect())
}

/// The same where every row must have so many numbers.
pub(super) fn get_rows<const N: usize>(arrays: &Arrays, prefix: &str, name: &str) -> Option<Vec<[f64; N]>> {
    get(arrays, prefix, name)?.into_iter().map(|row| row.try_into().ok()).collect()
}

/// Units as 0 and 1.
pub(super) fn from_bits(units: &[Vec<bool>]) -> Vec<Vec<f64>> {
    units.iter().map(|units| units.iter().map(|unit| f64::from(u8::from(*unit))).collect()).collect()
}

/// The reverse.
pub(super) fn to_bits(rows: Vec<Vec<f64>>) -> Vec<Vec<bool>> {
    rows.into_iter().map(|row| row.into_iter().map(|unit| unit != 0.0).collect()).collect()
}
