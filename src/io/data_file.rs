//! Data files.

use std::path::Path;

use super::{
    builtin,
    npy::Array,
    npz::{Npz, NpzWriter},
    source::{Builtin, fetch},
    sparse,
};
use crate::{Error, data::Data};

const BUILTINS: &[Builtin] = &[("mnist10k", builtin::MNIST10K)];

/// The largest integer up to which f64 holds all of them.
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

/// What a file of data may hold.
const KNOWN: [&str; 4] = ["X", "bits", "n", "labels"];

/// Loads binary data from a path, or the built-in digits (`builtin:mnist10k`), for a model of
/// `n_visible` units if one is given.
///
/// The [module](super) lists the keys. 0 and 1, or −1 and +1, are the lower and the upper value of
/// a unit of any kind. Packed rows (`bits`) have as many columns as the key `n` says, else
/// `n_visible`, else all that the bytes hold. A single array (`.npy`) and a sparse matrix
/// (`scipy.sparse.save_npz`) are read too.
///
/// # Errors
/// [`Error::Io`] if the file cannot be read, [`Error::Format`] if it holds no binary data, data of
/// another width, or what is not understood; [`Error::Config`] if there are no built-in data of
/// this name.
pub fn load_data(name: &str, n_visible: Option<usize>) -> Result<Data, Error> {
    read_data(name, &fetch("data", name, BUILTINS)?, n_visible)
}

/// The same of a file that is in memory; `name` is for messages.
///
/// # Errors
/// As [`load_data`].
pub fn read_data(name: &str, bytes: &[u8], n_visible: Option<usize>) -> Result<Data, Error> {
    let (n_features, values, labels) = match bytes {
        [] => return Err(Error::format(name, "the file is empty", "save it again")),
        [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => {
            let x = Array::read(name.as_ref(), "X", bytes.len() as u64, bytes)?;
            let (n, values) = read_plain(&x)?;
            (n, values, None)
        }
        [b'P', b'K', ..] => read_archive(&mut Npz::new(name, bytes)?, n_visible)?,
        _ => {
            let problem = "this is neither an .npz archive nor an .npy array";
            return Err(Error::format(name, problem, "save the samples as `X` with numpy.savez"));
        }
    };
    if let Some(n_visible) = n_visible.filter(|&n| n != n_features) {
        return Err(Error::format(
            name,
            format!("it has rows of {n_features} values, but the model has {n_visible} visible units"),
            "use the data the model was trained on, or the model of these data",
        ));
    }
    Data::new(n_features, values, labels)
}

/// The number of columns, the values row by row, the labels.
type Table = (usize, Vec<u8>, Option<Vec<i64>>);

fn read_archive(npz: &mut Npz, n_visible: Option<usize>) -> Result<Table, Error> {
    if sparse::is_sparse(npz) {
        let (n, values) = sparse::read_table(npz)?;
        return Ok((n, values, None));
    }
    if !npz.has("X") && !npz.has("bits") {
        return Err(npz.refuse(
            format!("this is no data file: it holds {}", npz.keys_found()),
            "save the samples as `X` (n_samples, n_visible) of 0 and 1, or packed as `bits`",
        ));
    }
    npz.account(&KNOWN)?;
    let (n, values) = match (npz.optional("X")?, npz.optional("bits")?) {
        (Some(x), None) => read_plain(&x)?,
        (None, Some(bits)) => {
            let n = npz.optional("n")?.map(|n| read_n(&n)).transpose()?;
            read_packed(&bits, n.or(n_visible))?
        }
        _ => {
            return Err(npz.refuse(
                format!("the samples are there twice: it holds {}", npz.keys_found()),
                "save them as `X` (n_samples, n_visible) of 0 and 1, or packed as `bits`, not both",
            ));
        }
    };
    let labels = npz.optional("labels")?.map(|labels| read_labels(&labels, values.len() / n)).transpose()?;
    Ok((n, values, labels))
}

/// Saves data with the key `X` (n_samples, n_visible) of u8 and, if there are any, `labels`.
///
/// # Errors
/// [`Error::Io`] if the file cannot be written; see [`write_atomically`](super::write_atomically).
pub fn save_data(data: &Data, path: &Path) -> Result<(), Error> {
    NpzWriter::save(path, |npz| {
        npz.numbers("X", &[data.n_samples(), data.n_features()], data.values().iter().copied())?;
        data.labels().map_or(Ok(()), |labels| npz.numbers("labels", &[labels.len()], labels.iter().copied()))
    })
}

/// The number of columns, and 0 or 1 row by row.
fn read_plain(x: &Array) -> Result<(usize, Vec<u8>), Error> {
    let (_, columns) = filled_table(x, "(n_samples, n_visible)")?;
    let value = |value| match value {
        0.0 => Some(0),
        1.0 => Some(1),
        -1.0 => Some(-1),
        _ => None,
    };
    let stored = x.numbers(value, "every value must be 0 or 1, or −1 or +1: binarise the data")?;
    let bits = two_valued(x.by_rows(stored)).map_err(|problem| x.refuse(problem, MIXED))?;
    Ok((columns, bits))
}

/// What to do about a table of three values.
pub const MIXED: &str = "a unit has two values: 0 and 1, or −1 and +1, the same two in the whole table";

/// 0 and 1, or −1 and +1, as the lower and the upper value.
pub fn two_valued(values: Vec<i8>) -> Result<Vec<u8>, String> {
    let spins = values.contains(&-1);
    if spins && values.contains(&0) {
        return Err("holds −1 and 0 beside each other".into());
    }
    Ok(values.into_iter().map(|x| u8::from(x == 1)).collect())
}

/// The same of rows packed eight values a byte, the first in the highest bit.
fn read_packed(bits: &Array, n: Option<usize>) -> Result<(usize, Vec<u8>), Error> {
    let (_, row_bytes) = filled_table(bits, "(n_samples, ceil(n_visible / 8))")?;
    let n = n.unwrap_or(8 * row_bytes);
    if n.div_ceil(8) != row_bytes {
        return Err(bits.refuse(
            format!("has shape {}, but a row of {n} values takes {} bytes", bits.shape_name(), n.div_ceil(8)),
            "pack the rows with numpy.packbits(X, axis=1) and save their unpacked length as `n`",
        ));
    }
    let packed = bits.by_rows(bits.packed()?);
    let mut values = Vec::with_capacity(packed.len() / row_bytes * n);
    for row in packed.chunks_exact(row_bytes) {
        let mut unpacked = row.iter().flat_map(|byte| (0..8).rev().map(move |place| byte >> place & 1));
        values.extend(unpacked.by_ref().take(n));
        if unpacked.any(|padding| padding == 1) {
            let problem = format!("has rows longer than {n} values: bits are set beyond the end");
            return Err(bits.refuse(problem, "correct `n`, or use the model of these data"));
        }
    }
    Ok((n, values))
}

/// The shape of a matrix with something in it.
fn filled_table(array: &Array, expected: &str) -> Result<(usize, usize), Error> {
    match array.matrix_shape(expected)? {
        (rows, columns) if rows > 0 && columns > 0 => Ok((rows, columns)),
        _ => {
            let problem = format!("has shape {}, so there are no samples", array.shape_name());
            Err(array.refuse(problem, "save at least one row and one column"))
        }
    }
}

fn read_n(array: &Array) -> Result<usize, Error> {
    let remedy = "it must be one whole number, the length of an unpacked row";
    let whole = |x: f64| (x.fract() == 0.0 && (1.0..=MAX_EXACT).contains(&x)).then_some(x as usize);
    match array.numbers(whole, remedy)?[..] {
        [n] => Ok(n),
        _ => Err(array.refuse(format!("has shape {}", array.shape_name()), remedy)),
    }
}

fn read_labels(array: &Array, n_samples: usize) -> Result<Vec<i64>, Error> {
    if array.vector_len() != Some(n_samples) {
        let problem = format!("has shape {}, but there are {n_samples} samples", array.shape_name());
        return Err(array.refuse(problem, "save one label for each sample"));
    }
    let whole = |x: f64| (x.fract() == 0.0 && x.abs() <= MAX_EXACT).then_some(x as i64);
    array.numbers(whole, "every label must be a whole number")
}
