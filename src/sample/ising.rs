//! Sampling of fully connected spins.

use super::{
    exact::{draws_exactly, exact_units},
    single_flip::{SingleFlip, SingleFlipSampler},
};
use crate::{
    Error, Run,
    dataset::Data,
    model::{Base, Expand, Ising, Kernel, Model, Sample, Sampler, Units},
};

/// Spins with their local fields f + Js.
#[derive(Clone)]
pub(super) struct Spins {
    spins: Vec<f64>,
    fields: Vec<f64>,
}

impl SingleFlip for Ising {
    type State = Spins;

    const UNITS: Units = Units::Spin;

    fn state(&self, upper: &[bool]) -> Spins {
        let spins: Vec<f64> = upper.iter().map(|upper| if *upper { 1.0 } else { -1.0 }).collect();
        let mut fields = self.field().as_slice().to_vec();
        for (column, spin) in self.couplings().column_iter().zip(&spins) {
            fields.iter_mut().zip(column.iter()).for_each(|(field, j)| *field += j * spin);
        }
        Spins { spins, fields }
    }

    fn is_upper(state: &Spins, i: usize) -> bool {
        state.spins[i] > 0.0
    }

    fn energy(&self, Spins { spins, fields }: &Spins) -> f64 {
        // Each pair stands twice in s·(f + Js), each external field once.
        let terms = spins.iter().zip(fields).zip(self.field().iter());
        -terms.map(|((spin, local), external)| 0.5 * spin * (local + external)).sum::<f64>()
    }

    fn energy_of_flip(&self, state: &Spins, i: usize) -> f64 {
        2.0 * state.spins[i] * state.fields[i]
    }

    fn flip(&self, Spins { spins, fields }: &mut Spins, i: usize) {
        spins[i] = -spins[i];
        let change = 2.0 * spins[i];
        fields.iter_mut().zip(self.couplings().column(i).iter()).for_each(|(field, j)| *field += change * j);
    }
}

impl Sample for Ising {
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

    fn kept_of_data(&self, data: &Data, _: f64, _: u64, _: u64) -> Result<Vec<Vec<bool>>, Error> {
        data.check_columns(self.n_units())?;
        Ok(data.rows().map(|row| row.iter().map(|x| *x == 1).collect()).collect())
    }

    fn means_of_data(&self, data: &Data, _: f64) -> Result<Vec<f64>, Error> {
        data.check_columns(self.n_units())?;
        let n = data.n_samples() as f64;
        let ones = |i: usize| data.rows().map(|row| f64::from(row[i])).sum::<f64>();
        Ok((0..self.n_units()).map(|i| 2.0 * ones(i) / n - 1.0).collect())
    }
}
