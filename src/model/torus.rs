//! The two-dimensional Ising ferromagnet on a torus, and its exact partition function.

mod jet;
mod kaufman;

pub use kaufman::kaufman;

use nalgebra::DVector;

use super::{Ising, SparseIsing};
use crate::Error;

/// The most spins of a matrix: J of 10,000 spins takes 800 MB.
const MAX_SPINS: usize = 10_000;
/// The most spins of lists, which take some 100 bytes for each.
const MAX_LISTED: usize = 1 << 26;

/// Spins on a square lattice of `rows` × `columns` with periodic boundaries, J = 1 between
/// neighbours, no field.
///
/// Spin (r, c) has number r × `columns` + c. Across a side of length two, two bonds join the same
/// pair, whose J is then 2. [`kaufman`] gives the exact ln Z; the infinite lattice orders at β_c =
/// ½ ln(1 + √2) = 0.440687 (Onsager, Phys. Rev. 65, 117 (1944)).
///
/// # Errors
/// [`Error::Model`] if a side is shorter than two, or there are more than 10,000 spins.
///
/// # Examples
/// ```
/// use plefka::{Betas, Estimator, Exact, Run, model::torus};
/// let exact = Exact::default().curve(&torus::ferromagnet(4, 4)?, &Betas::one(0.44)?, &Run::quiet(0))?;
/// assert!((exact.values.log_z[0] - torus::kaufman(4, 4, 0.44).log_z).abs() < 1e-12);
/// # Ok::<(), plefka::Error>(())
/// ```
pub fn ferromagnet(rows: usize, columns: usize) -> Result<Ising, Error> {
    if rows.saturating_mul(columns) > MAX_SPINS {
        return Err(refusal(rows, columns, MAX_SPINS, ", or `lattice`, which keeps lists of neighbours"));
    }
    Ok(lattice(rows, columns)?.to_dense())
}

/// The same with lists of neighbours in place of a matrix: up to 2^26 spins.
///
/// # Errors
/// [`Error::Model`] if a side is shorter than two, or there are more spins than that.
///
/// # Examples
/// ```
/// use plefka::model::{Model, torus};
/// let large = torus::lattice(300, 300)?;
/// assert_eq!((large.n_units(), large.n_bonds()), (90_000, 180_000));
/// # Ok::<(), plefka::Error>(())
/// ```
pub fn lattice(rows: usize, columns: usize) -> Result<SparseIsing, Error> {
    if rows < 2 || columns < 2 || rows.checked_mul(columns).is_none_or(|n| n > MAX_LISTED) {
        return Err(refusal(rows, columns, MAX_LISTED, ""));
    }
    let mut bonds = Vec::with_capacity(2 * rows * columns);
    let mut join = |here: usize, there: usize, length: usize, first: bool| match length {
        // Both ways round lead to the same spin.
        2 if first => bonds.push((here, there, 2.0)),
        2 => {}
        _ => bonds.push((here, there, 1.0)),
    };
    for r in 0..rows {
        for c in 0..columns {
            let here = r * columns + c;
            join(here, r * columns + (c + 1) % columns, columns, c == 0);
            join(here, (r + 1) % rows * columns + c, rows, r == 0);
        }
    }
    SparseIsing::new(&bonds, DVector::zeros(rows * columns))
}

fn refusal(rows: usize, columns: usize, most: usize, or: &str) -> Error {
    let problem = format!("a torus of {rows} × {columns} spins cannot be made");
    Error::model(problem, format!("choose sides of at least 2 and at most {most} spins in all{or}"))
}
