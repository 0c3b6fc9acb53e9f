//! The two-dimensional Ising ferromagnet on a torus, and its exact partition function.

mod jet;
mod kaufman;

pub use kaufman::kaufman;

use nalgebra::{DMatrix, DVector};

use super::Ising;
use crate::Error;

/// The most spins: a dense J of 10,000 spins takes 800 MB.
const MAX_SPINS: usize = 10_000;

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
    if rows < 2 || columns < 2 || rows.checked_mul(columns).is_none_or(|n| n > MAX_SPINS) {
        let problem = format!("a torus of {rows} × {columns} spins cannot be made");
        return Err(Error::model(problem, format!("choose sides of at least 2 and at most {MAX_SPINS} spins in all")));
    }
    let n = rows * columns;
    let mut couplings = DMatrix::zeros(n, n);
    for r in 0..rows {
        for c in 0..columns {
            let here = r * columns + c;
            for there in [r * columns + (c + 1) % columns, (r + 1) % rows * columns + c] {
                couplings[(here, there)] += 1.0;
                couplings[(there, here)] += 1.0;
            }
        }
    }
    Ising::new(couplings, DVector::zeros(n))
}
