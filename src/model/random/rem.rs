//! The random energy model.

use rand::RngExt;
use rand_distr::Normal;

use super::disorder;
use crate::{Error, model::Levels};

/// The most units: 2²⁶ levels take half a gigabyte.
const MAX_UNITS: usize = 26;

/// The random energy model of N two-state units: 2^N independent energies E ~ N(0, N/2).
///
/// # Formula
/// For large N it freezes at β_c = 2√ln 2: ln Z/N = ln 2 + β²/4 above the transition temperature,
/// β√ln 2 below it, where the entropy per unit is zero (Derrida, Phys. Rev. Lett. 45, 79 (1980);
/// Phys. Rev. B 24, 2613 (1981), whose J is 1 here).
///
/// # Errors
/// [`Error::Model`] unless N is from 1 to 26.
///
/// # Examples
/// ```
/// let rem = plefka::model::random::rem(10, 1)?;
/// assert_eq!(rem.energies().len(), 1024);
/// # Ok::<(), plefka::Error>(())
/// ```
pub fn rem(n_units: usize, seed: u64) -> Result<Levels, Error> {
    if !(1..=MAX_UNITS).contains(&n_units) {
        let problem = format!("a random energy model of {n_units} units has 2^{n_units} levels");
        return Err(Error::model(problem, format!("choose from 1 to {MAX_UNITS} units")));
    }
    let level = Normal::new(0.0, (n_units as f64 / 2.0).sqrt()).expect("a finite positive width");
    Levels::new(disorder(seed).sample_iter(level).take(1 << n_units).collect())
}
