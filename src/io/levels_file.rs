//! Lists of energy levels in files.

use std::io;

use super::{
    npz::{Npz, NpzWriter},
    reading::Reading,
};
use crate::{Error, model::Levels};

/// The array that a list of levels is known by.
pub const KEY: &str = "energies";

/// Reads `energies` (2^N).
pub fn read(npz: &mut Npz, reading: &mut Reading) -> Result<Levels, Error> {
    npz.account(&[KEY])?;
    let array = npz.array(KEY)?;
    match array.vector_len() {
        Some(count) if count >= 2 && count.is_power_of_two() => {
            reading.arrays.push(format!("levels from `{KEY}` {}", array.shape_name()));
            Levels::new(array.floats()?).map_err(|error| npz.refuse_model(error))
        }
        _ => {
            let problem = format!("has shape {}, which is not that of 2^N levels", array.shape_name());
            Err(array
                .refuse(problem, "save one vector with the energy of each state of N two-state units, N at least 1"))
        }
    }
}

/// Writes `energies`.
pub fn write(levels: &Levels, npz: &mut NpzWriter) -> io::Result<()> {
    npz.numbers(KEY, &[levels.energies().len()], levels.energies().iter().copied())
}
