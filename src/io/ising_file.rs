//! Fully connected spins in files.

use std::io;

use nalgebra::{DMatrix, DVector};

use super::{
    npz::{Npz, NpzWriter, list},
    rbm_file::{read_constant, write_constant},
    reading::Reading,
};
use crate::{Error, model::Ising};

/// The array that an Ising model is known by.
pub const KEY: &str = "J";

/// The external fields, by either name.
const FIELDS: [&str; 2] = ["field", "h"];

/// Reads `J` (N, N) and, if there are, `field` (N), also named `h`, and `constant`.
pub fn read(npz: &mut Npz, reading: &mut Reading) -> Result<Ising, Error> {
    npz.account(&[KEY, FIELDS[0], FIELDS[1], "constant", "units"])?;
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
        return Err(array.refuse(problem, "set the diagonal to 0: it only adds the constant energy −½ Σ Jᵢᵢ"));
    }
    let pairs = (0..rows).flat_map(|i| (0..i).map(move |j| (i, j)));
    if let Some((i, j)) = pairs.into_iter().find(|&(i, j)| couplings[(i, j)] != couplings[(j, i)]) {
        let problem = format!(
            "is not symmetric: it holds {} at [{j}, {i}] and {} at [{i}, {j}]",
            couplings[(j, i)],
            couplings[(i, j)]
        );
        return Err(array.refuse(problem, "save (J + J.T) / 2; a pair counts once in the energy −½ sᵀJs"));
    }
    reading.arrays.push(format!("J from `{KEY}` {}", array.shape_name()));
    if FIELDS.iter().all(|key| npz.has(key)) {
        return Err(npz.refuse("the fields are there twice, as `field` and `h`", "save them once, as `field`"));
    }
    let key = if npz.has(FIELDS[1]) { FIELDS[1] } else { FIELDS[0] };
    let field = match npz.optional(key)? {
        None => {
            reading.notes.push("there is no `field` in the file: it is taken as zero".into());
            DVector::zeros(rows)
        }
        Some(field) if field.vector_len() == Some(rows) => {
            reading.arrays.push(format!("field from `{key}` {}", field.shape_name()));
            DVector::from_vec(field.floats()?)
        }
        Some(field) => {
            let problem = format!("has shape {}, but `J` has shape {}", field.shape_name(), array.shape_name());
            return Err(field.refuse(problem, format!("it must have N = {rows} entries")));
        }
    };
    let constant = read_constant(npz)?;
    let ising = Ising::new(couplings, field).and_then(|ising| ising.with_constant(constant));
    ising.map_err(|error| npz.refuse_model(error))
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
