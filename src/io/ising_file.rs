//! Spins with pair couplings in files: J as a matrix, or as a sparse matrix of SciPy.

use std::io;

use nalgebra::{DMatrix, DVector};

use super::{
    limits::checked_count,
    npz::{Npz, NpzWriter, list},
    rbm_file::{read_constant, write_constant},
    reading::Reading,
    sparse::{self, Entries},
};
use crate::{
    Error,
    model::{AnyModel, Ising, Model, SparseIsing},
};

/// The array that an Ising model is known by.
pub const KEY: &str = "J";

/// What may stand beside J; the external fields go by either of the first two names.
const BESIDE: [&str; 4] = ["field", "h", "constant", "units"];

/// Reads `J` (N, N) and, if there are, `field` (N), also named `h`, and `constant`. A large matrix
/// that is mostly zeros becomes lists of neighbours.
pub fn read(npz: &mut Npz, reading: &mut Reading) -> Result<AnyModel, Error> {
    npz.account(&[&[KEY][..], &BESIDE].concat())?;
    check_units(npz)?;
    let array = npz.array(KEY)?;
    let (rows, columns) = array.matrix_shape("(N, N)")?;
    if rows == 0 || rows != columns {
        let problem = format!("has shape {}, but it must be square with at least one spin", array.shape_name());
        return Err(array.refuse(problem, "save it with shape (N, N)"));
    }
    let couplings = DMatrix::from_row_slice(rows, rows, &array.by_rows(array.floats()?));
    if let Some(i) = (0..rows).find(|&i| couplings[(i, i)] != 0.0) {
        let problem = format!("holds {} at [{i}, {i}], but no spin is coupled to itself", couplings[(i, i)]);
        return Err(array.refuse(problem, DIAGONAL));
    }
    let pairs = (0..rows).flat_map(|i| (0..i).map(move |j| (i, j)));
    if let Some((i, j)) = pairs.into_iter().find(|&(i, j)| couplings[(i, j)] != couplings[(j, i)]) {
        let problem = format!(
            "is not symmetric: it holds {} at [{j}, {i}] and {} at [{i}, {j}]",
            couplings[(j, i)],
            couplings[(i, j)]
        );
        return Err(array.refuse(problem, SYMMETRIC));
    }
    reading.arrays.push(format!("J from `{KEY}` {}", array.shape_name()));
    let field = read_field(npz, rows, &format!("`J` has shape {}", array.shape_name()), reading)?;
    let constant = read_constant(npz)?;
    let ising = Ising::new(couplings, field).and_then(|ising| ising.with_constant(constant));
    let ising = ising.map_err(|error| npz.refuse_model(error))?;
    let entries = ising.couplings().iter().filter(|j| **j != 0.0).count();
    let listed = SparseIsing::is_better_for(rows, entries / 2);
    Ok(if listed { SparseIsing::from(&ising).into() } else { ising.into() })
}

/// Reads J as `scipy.sparse.save_npz` writes it and, if there are, `field` or `h` (N) and
/// `constant`: as lists of neighbours, or as a matrix where that is the better form.
pub fn read_sparse(npz: &mut Npz, reading: &mut Reading) -> Result<AnyModel, Error> {
    let finite = "every coupling must be finite; did the training diverge?";
    let read = sparse::entries(npz, &BESIDE, |x| x.is_finite().then_some(x), finite)?;
    check_units(npz)?;
    let Entries { format, rows, columns, mut list } = read;
    let shape = format!("({rows}, {columns})");
    if rows == 0 || rows != columns {
        return Err(npz.refuse(
            format!("it is a sparse matrix of shape {shape}, and the couplings J of a model are square"),
            "if these are samples, give them with `--data`; save J with shape (N, N)",
        ));
    }
    // Spins without a bond take no place in the file: more of them than can be are not believed.
    if checked_count(&[rows, 4], list.len() * 16).is_none() {
        let problem = format!("it declares {rows} spins, far too many for its {} couplings", list.len());
        return Err(npz.refuse(problem, "leave out spins that nothing is coupled to"));
    }
    if let Some((i, _, value)) = list.iter().find(|(i, j, value)| i == j && *value != 0.0) {
        return Err(npz.refuse(format!("J holds {value} at [{i}, {i}], but no spin is coupled to itself"), DIAGONAL));
    }
    list.retain(|(.., value)| *value != 0.0);
    list.sort_unstable_by_key(|(i, j, _)| (*i.min(j), *i.max(j), i > j));
    let lone = |i: usize, j: usize| npz.refuse(format!("J is not symmetric at [{i}, {j}] and [{j}, {i}]"), SYMMETRIC);
    let mut bonds = Vec::with_capacity(list.len() / 2);
    for pair in list.chunks(2) {
        match *pair {
            [(i, j, x), (k, l, y)] if (i, j) == (l, k) && x == y => bonds.push((i, j, x)),
            [(i, j, _), (k, l, _)] if (i, j) == (k, l) => {
                return Err(npz.refuse(format!("J holds [{i}, {j}] twice"), "call J.sum_duplicates() before saving"));
            }
            [(i, j, _), ..] => return Err(lone(i, j)),
            [] => {}
        }
    }
    reading.arrays.push(format!("J from a sparse matrix ({format}) {shape}, {} bonds", bonds.len()));
    let field = read_field(npz, rows, &format!("J has shape {shape}"), reading)?;
    let constant = read_constant(npz)?;
    let model = SparseIsing::new(&bonds, field).and_then(|spins| spins.with_constant(constant));
    Ok(model.map_err(|error| npz.refuse_model(error))?.in_better_form())
}

/// What to do about a J that is not symmetric.
const SYMMETRIC: &str = "save (J + J.T) / 2; a pair counts once in the energy −½ sᵀJs";

/// What to do about a diagonal.
const DIAGONAL: &str = "set the diagonal to 0: it only adds the constant energy −½ Σ Jᵢᵢ";

/// The fields of N spins, zero if there are none; `beside` is what J has, in words.
fn read_field(npz: &mut Npz, n: usize, beside: &str, reading: &mut Reading) -> Result<DVector<f64>, Error> {
    let [ours, other, ..] = BESIDE;
    if npz.has(ours) && npz.has(other) {
        return Err(npz.refuse("the fields are there twice, as `field` and `h`", "save them once, as `field`"));
    }
    let key = if npz.has(other) { other } else { ours };
    match npz.optional(key)? {
        None => {
            reading.notes.push("there is no `field` in the file: it is taken as zero".into());
            Ok(DVector::zeros(n))
        }
        Some(field) if field.vector_len() == Some(n) => {
            reading.arrays.push(format!("field from `{key}` {}", field.shape_name()));
            Ok(DVector::from_vec(field.floats()?))
        }
        Some(field) => {
            let problem = format!("has shape {}, but {beside}", field.shape_name());
            Err(field.refuse(problem, format!("it must have N = {n} entries")))
        }
    }
}

/// Who writes another kind of units means another model.
fn check_units(npz: &mut Npz) -> Result<(), Error> {
    let Some(array) = npz.optional("units")? else { return Ok(()) };
    let remedy =
        "an Ising model is on spins: leave `units` out or save `spin`, and write a model on bits as one on spins";
    match &array.strings(remedy)?[..] {
        [name] if name == "spin" => Ok(()),
        names => Err(array.refuse(format!("holds {}", list(names)), remedy)),
    }
}

/// Writes `J`, `field` and, if there is one, `constant`.
pub fn write(ising: &Ising, npz: &mut NpzWriter) -> io::Result<()> {
    let n = ising.field().len();
    // Symmetric, so the order of the two axes does not matter.
    npz.numbers(KEY, &[n, n], ising.couplings().iter().copied())?;
    npz.numbers("field", &[n], ising.field().iter().copied())?;
    write_constant(ising.constant(), npz)
}

/// Writes J as SciPy's compressed rows, which `scipy.sparse.load_npz` reads, and beside it `field`
/// and, if there is one, `constant`.
pub fn write_sparse(spins: &SparseIsing, npz: &mut NpzWriter) -> io::Result<()> {
    let (n, (neighbours, strengths)) = (spins.n_units(), spins.ends());
    npz.strings("format", &[], &["csr"])?;
    npz.numbers("shape", &[2], [n as i64; 2])?;
    npz.numbers("data", &[strengths.len()], strengths.iter().copied())?;
    // SciPy wants both of one type.
    npz.numbers("indices", &[neighbours.len()], neighbours.iter().map(|j| i64::from(*j)))?;
    npz.numbers("indptr", &[n + 1], spins.starts().iter().map(|start| *start as i64))?;
    npz.numbers("field", &[n], spins.field().iter().copied())?;
    write_constant(spins.constant(), npz)
}
