//! Sparse matrices of SciPy (`scipy.sparse.save_npz`) as tables of samples.

use super::{
    data_file::{MIXED, two_valued},
    limits::checked_count,
    npz::Npz,
};
use crate::Error;

/// Whether an archive is one: all of them say their format.
pub fn is_sparse(npz: &Npz) -> bool {
    npz.has("format") && npz.has("shape") && npz.has("data")
}

/// The number of columns, and 0 or 1 row by row.
pub fn read(npz: &mut Npz) -> Result<(usize, Vec<u8>), Error> {
    let how = "convert it to compressed rows before saving: scipy.sparse.save_npz(path, X.tocsr())";
    let format = npz.array("format")?;
    let format = match &format.strings(how)?[..] {
        [format] => format.clone(),
        _ => return Err(format.refuse("is not one word", how)),
    };
    let (index, start) = match &format[..] {
        "csr" | "csc" => ("indices", Some("indptr")),
        "coo" => ("col", None),
        other => {
            let shown: String = other.chars().filter(|c| !c.is_control()).take(20).collect();
            return Err(npz.refuse(format!("it is a sparse matrix in the format `{shown}`"), how));
        }
    };
    let second = start.unwrap_or("row");
    npz.account(&["format", "shape", "data", "_is_array", index, second])?;
    let whole = |x: f64| (x.fract() == 0.0 && (0.0..=9e15).contains(&x)).then_some(x as usize);
    let mut lengths = |key: &str| npz.array(key)?.numbers(whole, "it must hold whole numbers");
    let (shape, inner, outer) = (lengths("shape")?, lengths(index)?, lengths(second)?);
    let data = npz.array("data")?;
    let value = |x: f64| if [-1.0, 0.0, 1.0].contains(&x) { Some(x as i8) } else { None };
    let values = data.numbers(value, "every value must be 0 or 1: binarise the data")?;
    let &[rows, columns] = &shape[..] else {
        return Err(npz.refuse("it is not a table of rows and columns", how));
    };
    // The table is held whole, a byte a value: eight of them are what the limit counts as one
    // number.
    if rows == 0 || columns == 0 || checked_count(&[rows.div_ceil(8), columns], values.len() * 16).is_none() {
        let problem =
            format!("its shape ({rows}, {columns}) is empty, or far too large for its {} values", values.len());
        return Err(npz.refuse(problem, "save fewer rows, or the table itself"));
    }
    let damaged = || npz.refuse("its indices do not fit its shape", "save it again with scipy.sparse.save_npz");
    let outer = match start {
        None => outer,
        Some(_) => expand(&outer, values.len()).ok_or_else(damaged)?,
    };
    if inner.len() != values.len() || outer.len() != values.len() {
        return Err(damaged());
    }
    let mut table = vec![0i8; rows * columns];
    for ((first, second), value) in outer.into_iter().zip(inner).zip(values) {
        let (row, column) = if format == "csc" { (second, first) } else { (first, second) };
        if row >= rows || column >= columns {
            return Err(damaged());
        }
        let cell = &mut table[row * columns + column];
        if *cell != 0 {
            let problem = format!("the cell ({row}, {column}) is there twice");
            return Err(npz.refuse(problem, "call X.sum_duplicates() before saving"));
        }
        *cell = value;
    }
    Ok((columns, two_valued(table).map_err(|problem| npz.refuse(format!("it {problem}"), MIXED))?))
}

/// The row (or column) of each value, from where each begins.
fn expand(starts: &[usize], count: usize) -> Option<Vec<usize>> {
    if starts.first() != Some(&0) || starts.last() != Some(&count) || !starts.is_sorted() {
        return None;
    }
    Some(starts.windows(2).enumerate().flat_map(|(k, pair)| vec![k; pair[1] - pair[0]]).collect())
}
