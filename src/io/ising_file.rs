//! Fully connected spins in files.

use std::io;

use nalgebra::{DMatrix, DVector};

use super::npz::{Npz, NpzWriter};
use crate::{Error, model::Ising};

/// The array that an Ising model is known by.
pub const KEY: &str = "J";

/// Reads `J` (N, N) and, if there is one, `field` (N).
pub fn read(npz: &mut Npz) -> Result<Ising, Error> {
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
    let field = match npz.optional("field")? {
        None => DVector::zeros(rows),
        Some(field) if field.vector_len() == Some(rows) => DVector::from_vec(field.floats()?),
        Some(field) => {
            let problem = format!("has shape {}, but `J` has shape {}", field.shape_name(), array.shape_name());
            return Err(field.refuse(problem, format!("it must have N = {rows} entries")));
        }
    };
    Ising::new(couplings, field).map_err(|error| npz.refuse_model(error))
}

/// Writes `J` and `field`.
pub fn write(ising: &Ising, npz: &mut NpzWriter) -> io::Result<()> {
    let n = ising.field().len();
    // Symmetric, so the order of the two axes does not matter.
    npz.numbers(KEY, &[n, n], ising.couplings().iter().copied())?;
    npz.numbers("field", &[n], ising.field().iter().copied())
}
