//! Sparse matrices of SciPy (`scipy.sparse.save_npz`): as tables of samples, and as couplings.

use super::{
    data_file::{MIXED, two_valued},
    limits::checked_count,
    npz::Npz,
};
use crate::Error;

/// What to do about a matrix in another form.
const HOW: &str = "convert it to compressed rows before saving: scipy.sparse.save_npz(path, X.tocsr())";

/// Whether an archive is one: all of them say their format.
pub fn is_sparse(npz: &Npz) -> bool {
    npz.has("format") && npz.has("shape") && npz.has("data")
}

/// The entries of a sparse matrix.
pub struct Entries<T> {
    /// `csr`, `csc` or `coo`.
    pub format: String,
    pub rows: usize,
    pub columns: usize,
    /// Row, column and value of each, within these bounds.
    pub list: Vec<(usize, usize, T)>,
}

/// Reads the entries, each as `value` makes it, or refuses one for which there is none with
/// `remedy`. `beside` are the other arrays that the archive may hold.
pub fn entries<T: Copy>(
    npz: &mut Npz,
    beside: &[&str],
    value: impl Fn(f64) -> Option<T>,
    remedy: &str,
) -> Result<Entries<T>, Error> {
    let format = npz.array("format")?;
    let format = match &format.strings(HOW)?[..] {
        [format] => format.clone(),
        _ => return Err(format.refuse("is not one word", HOW)),
    };
    let (index, start) = match &format[..] {
        "csr" | "csc" => ("indices", Some("indptr")),
        "coo" => ("col", None),
        other => {
            let shown: String = other.chars().filter(|c| !c.is_control()).take(20).collect();
            return Err(npz.refuse(format!("it is a sparse matrix in the format `{shown}`"), HOW));
        }
    };
    let second = start.unwrap_or("row");
    let known: Vec<&str> = [&["format", "shape", "data", "_is_array", index, second], beside].concat();
    npz.account(&known)?;
    let whole = |x: f64| (x.fract() == 0.0 && (0.0..=9e15).contains(&x)).then_some(x as usize);
    let mut lengths = |key: &str| npz.array(key)?.numbers(whole, "it must hold whole numbers");
    let (shape, inner, outer) = (lengths("shape")?, lengths(index)?, lengths(second)?);
    let values = npz.array("data")?.numbers(value, remedy)?;
    let &[rows, columns] = &shape[..] else {
        return Err(npz.refuse("it is not a table of rows and columns", HOW));
    };
    let damaged = || npz.refuse("its indices do not fit its shape", "save it again with scipy.sparse.save_npz");
    let outer = match start {
        None => outer,
        Some(_) => {
            let lists = if format == "csc" { columns } else { rows };
            if outer.len().checked_sub(1) != Some(lists) {
                return Err(damaged());
            }
            expand(&outer, values.len()).ok_or_else(damaged)?
        }
    };
    if inner.len() != values.len() || outer.len() != values.len() {
        return Err(damaged());
    }
    let place = |((first, second), value)| {
        let (row, column) = if format == "csc" { (second, first) } else { (first, second) };
        (row < rows && column < columns).then_some((row, column, value))
    };
    let list = outer.into_iter().zip(inner).zip(values).map(place).collect::<Option<_>>().ok_or_else(damaged)?;
    Ok(Entries { format, rows, columns, list })
}

/// A table of samples: the number of columns, and 0 or 1 row by row.
pub fn read_table(npz: &mut Npz) -> Result<(usize, Vec<u8>), Error> {
    let value = |x: f64| if [-1.0, 0.0, 1.0].contains(&x) { Some(x as i8) } else { None };
    let read = entries(npz, &[], value, "every value must be 0 or 1: binarise the data")?;
    let Entries { rows, columns, list, .. } = read;
    // The table is held whole, a byte a value: eight of them are what the limit counts as one
    // number.
    if rows == 0 || columns == 0 || checked_count(&[rows.div_ceil(8), columns], list.len() * 16).is_none() {
        let problem = format!("its shape ({rows}, {columns}) is empty, or far too large for its {} values", list.len());
        return Err(npz.refuse(problem, "save fewer rows, or the table itself"));
    }
    let mut table = vec![0i8; rows * columns];
    for (row, column, value) in list {
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
