//! Sampling of a list of energies, on the hypercube of its labels.

use super::{
    exact::{draws_exactly, exact_units},
    ising::rows_as_states,
    single_flip::{SingleFlip, SingleFlipSampler},
};
use crate::{
    Error, Run,
    data::Data,
    model::{Levels, Model, Units},
    sample::{Base, Kernel, Sample, Sampler},
};

/// A state is the number of its level, and its units are the binary digits of that, the lowest
/// first.
impl SingleFlip for Levels {
    type State = usize;

    const UNITS: Units = Units::Bit;

    fn state(&self, upper: &[bool]) -> usize {
        upper.iter().enumerate().map(|(i, upper)| usize::from(*upper) << i).sum()
    }

    fn is_upper(state: &usize, i: usize) -> bool {
        state >> i & 1 == 1
    }

    fn energy(&self, state: &usize) -> f64 {
        self.energies()[*state]
    }

    fn energy_of_flip(&self, state: &usize, i: usize) -> f64 {
        self.energies()[state ^ 1 << i] - self.energies()[*state]
    }

    fn flip(&self, state: &mut usize, i: usize) {
        *state ^= 1 << i;
    }
}

impl Sample for Levels {
    fn sampler(&self, _: Kernel, base: &Base) -> Box<dyn Sampler> {
        Box::new(SingleFlipSampler::new(self, base))
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
}
