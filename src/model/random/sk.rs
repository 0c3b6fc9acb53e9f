//! The Sherrington–Kirkpatrick model.

use nalgebra::{DMatrix, DVector};
use rand::RngExt;
use rand_distr::StandardNormal;

use super::{check_size, disorder};
use crate::{Error, model::Ising};

/// The Sherrington–Kirkpatrick model of N spins: Jᵢⱼ ~ N(0, 1/N) for each pair, no field.
///
/// # Formula
/// E = −Σ_{i<j} Jᵢⱼsᵢsⱼ. For β < 1 and large N, ln Z/N = ln 2 + β²/4; at β = 1 the spins freeze
/// (Sherrington & Kirkpatrick, Phys. Rev. Lett. 35, 1792 (1975)).
///
/// # Errors
/// [`Error::Model`] if there are no spins, or more than 10,000.
///
/// # Examples
/// ```
/// let sk = plefka::model::random::sk(20, 1)?;
/// assert_eq!(sk.couplings().shape(), (20, 20));
/// # Ok::<(), plefka::Error>(())
/// ```
pub fn sk(n_spins: usize, seed: u64) -> Result<Ising, Error> {
    check_size(["spins", "partners of each"], n_spins, n_spins)?;
    let mut rng = disorder(seed);
    let width = (n_spins as f64).sqrt().recip();
    let mut couplings = DMatrix::zeros(n_spins, n_spins);
    for i in 0..n_spins {
        for j in i + 1..n_spins {
            let coupling = width * rng.sample::<f64, _>(StandardNormal);
            couplings[(i, j)] = coupling;
            couplings[(j, i)] = coupling;
        }
    }
    Ising::new(couplings, DVector::zeros(n_spins))
}
