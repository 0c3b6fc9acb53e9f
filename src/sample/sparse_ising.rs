//! Sampling of spins with lists of neighbours.

use super::{
    exact::{draws_exactly, exact_units},
    ising::{means_of_spins, rows_as_states},
    single_flip::{SingleFlip, SingleFlipSampler},
};
use crate::{
    Error, Run,
    data::Data,
    model::{Expand, Model, SparseIsing, Units},
    sample::{Base, Kernel, Sample, Sampler},
};

/// A byte for each spin, and nothing beside it: of a lattice of 10⁵ spins a ladder of a hundred
/// chains takes 10 MB, and to sum four neighbours afresh costs no more than to read what was kept.
impl SingleFlip for SparseIsing {
    type State = Vec<i8>;

    const UNITS: Units = Units::Spin;

    fn state(&self, upper: &[bool]) -> Vec<i8> {
        upper.iter().map(|upper| if *upper { 1 } else { -1 }).collect()
    }

    fn is_upper(state: &Vec<i8>, i: usize) -> bool {
        state[i] > 0
    }

    fn energy(&self, state: &Vec<i8>) -> f64 {
        self.energy_of(|i| f64::from(state[i]))
    }

    fn energy_of_flip(&self, state: &Vec<i8>, i: usize) -> f64 {
        2.0 * f64::from(state[i]) * self.local_field(i, |j| f64::from(state[j]))
    }

    fn flip(&self, state: &mut Vec<i8>, i: usize) {
        state[i] = -state[i];
    }
}

impl Sample for SparseIsing {
    fn sampler(&self, _: Kernel, base: &Base) -> Box<dyn Sampler> {
        Box::new(SingleFlipSampler::new(self, base))
    }

    fn expansion(&self) -> Option<&dyn Expand> {
        Some(self)
    }

    fn draws_exactly(&self) -> bool {
        draws_exactly(self)
    }

    fn exact_kept(&self, beta: f64, count: usize, run: &Run<'_>) -> Result<Option<Vec<Vec<bool>>>, Error> {
        exact_units(self, 0..self.n_units(), beta, count, run)
    }

    fn check_data(&self, data: &Data) -> Result<(), Error> {
        data.check_columns(self.n_units())
    }

    fn kept_of_data(&self, data: &Data, _: f64, _: u64, _: u64) -> Result<Vec<Vec<bool>>, Error> {
        rows_as_states(data, self.n_units())
    }

    fn means_of_data(&self, data: &Data, _: f64) -> Result<Vec<f64>, Error> {
        means_of_spins(data, self.n_units())
    }
}
