//! Sampling of spins with pair couplings.

use super::{
    exact::{draws_exactly, exact_units},
    single_flip::{SingleFlip, SingleFlipSampler},
};
use crate::{
    Error, Run,
    data::Data,
    model::{DENSE_SHARE, Expand, Ising, Model, SparseIsing, Units},
    sample::{Base, Kernel, Sample, Sampler},
};

/// Spins with their local fields f + Js.
#[derive(Clone)]
pub(super) struct Spins {
    spins: Vec<f64>,
    fields: Vec<f64>,
}

/// Few couplings in a matrix: a flip changes the fields of the neighbours alone. On a 32 × 32
/// lattice a column of J has 1024 entries, four of which are not zero.
#[derive(Clone)]
struct Listed(SparseIsing);

impl Listed {
    /// `None` if a model has too many couplings for it to be worth while.
    fn of(model: &Ising) -> Option<Self> {
        let couplings = model.couplings();
        let count = couplings.iter().filter(|j| **j != 0.0).count();
        (count as f64 <= DENSE_SHARE * couplings.len() as f64).then(|| Self(model.into()))
    }
}

impl Model for Listed {
    fn n_units(&self) -> usize {
        self.0.n_units()
    }
}

/// The same numbers as for [`Ising`], to the last bit: what is left out are additions of zero. (A
/// [`SparseIsing`] keeps no fields, and its numbers differ by rounding.)
impl SingleFlip for Listed {
    type State = Spins;

    const UNITS: Units = Units::Spin;

    fn state(&self, upper: &[bool]) -> Spins {
        let spins: Vec<f64> = upper.iter().map(|upper| if *upper { 1.0 } else { -1.0 }).collect();
        let mut fields = self.0.field().as_slice().to_vec();
        for (i, spin) in spins.iter().enumerate() {
            self.0.neighbours(i).for_each(|(neighbour, j)| fields[neighbour] += j * spin);
        }
        Spins { spins, fields }
    }

    fn is_upper(state: &Spins, i: usize) -> bool {
        Ising::is_upper(state, i)
    }

    fn energy(&self, state: &Spins) -> f64 {
        state.energy(self.0.field().as_slice(), self.0.constant())
    }

    fn energy_of_flip(&self, state: &Spins, i: usize) -> f64 {
        2.0 * state.spins[i] * state.fields[i]
    }

    fn flip(&self, Spins { spins, fields }: &mut Spins, i: usize) {
        spins[i] = -spins[i];
        let change = 2.0 * spins[i];
        self.0.neighbours(i).for_each(|(neighbour, j)| fields[neighbour] += change * j);
    }
}

impl Spins {
    fn energy(&self, field: &[f64], constant: f64) -> f64 {
        // Each pair stands twice in s·(f + Js), each external field once.
        let terms = self.spins.iter().zip(&self.fields).zip(field);
        constant - terms.map(|((spin, local), external)| 0.5 * spin * (local + external)).sum::<f64>()
    }
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

    fn energy(&self, state: &Spins) -> f64 {
        state.energy(self.field().as_slice(), self.constant())
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
        match Listed::of(self) {
            Some(listed) => Box::new(SingleFlipSampler::new(&listed, base)),
            None => Box::new(SingleFlipSampler::new(self, base)),
        }
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

/// Rows that show every unit, as states.
pub(super) fn rows_as_states(data: &Data, n_units: usize) -> Result<Vec<Vec<bool>>, Error> {
    data.check_columns(n_units)?;
    Ok(data.rows().map(|row| row.iter().map(|x| *x == 1).collect()).collect())
}

/// The mean of each spin over rows that show every one.
pub(super) fn means_of_spins(data: &Data, n_units: usize) -> Result<Vec<f64>, Error> {
    data.check_columns(n_units)?;
    let n = data.n_samples() as f64;
    let ones = |i: usize| data.rows().map(|row| f64::from(row[i])).sum::<f64>();
    Ok((0..n_units).map(|i| 2.0 * ones(i) / n - 1.0).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{SparseIsing, torus::ferromagnet},
        sample::Rung,
    };
    use nalgebra::{DMatrix, DVector};

    /// 1 in the data is +1, whichever way the couplings are stored; sizes are as they are for both.
    #[test]
    fn rows_of_data_are_states_of_spins() {
        let data = Data::new(3, vec![1, 0, 0, 1, 1, 0, 1, 0, 0, 0, 1, 0], None).unwrap();
        let too_wide = Data::new(4, vec![0; 8], None).unwrap();
        let bonds = [(0, 1, 0.4), (1, 2, -0.7)];
        let small = SparseIsing::new(&bonds, DVector::zeros(3)).unwrap();
        let large = |n: usize| SparseIsing::new(&bonds, DVector::zeros(n)).unwrap();
        let check = |model: &dyn Sample| {
            let states = model.kept_of_data(&data, 1.0, 1, 1).unwrap();
            assert_eq!(states[..2], [vec![true, false, false], vec![true, true, false]]);
            assert_eq!((states.len(), model.means_of_data(&data, 1.0).unwrap()), (4, vec![0.5, 0.0, -1.0]));
            for refused in
                [model.kept_of_data(&too_wide, 1.0, 1, 1).is_err(), model.means_of_data(&too_wide, 1.0).is_err()]
            {
                assert!(refused);
            }
            assert!(model.draws_exactly() && model.exact_kept(1.0, 5, &Run::quiet(1)).unwrap().unwrap().len() == 5);
        };
        let dense = Ising::new(DMatrix::zeros(3, 3), DVector::zeros(3)).unwrap();
        check(&small);
        check(&dense);
        let none =
            |model: &dyn Sample| !model.draws_exactly() && model.exact_kept(1.0, 5, &Run::quiet(1)).unwrap().is_none();
        assert!(none(&large(30)) && none(&Ising::new(DMatrix::zeros(30, 30), DVector::zeros(30)).unwrap()));
    }

    /// Fails for a list of neighbours that leaves one out, or has J of the wrong pair.
    #[test]
    fn a_list_of_neighbours_gives_the_same_chains_to_the_last_bit() {
        let lattice = ferromagnet(4, 5).unwrap();
        // Couplings of different strengths, and fields: J and a field of its own for each spin.
        let uneven = lattice.couplings().map_with_location(|i, k, j| j * (0.3 + 0.1 * (i * k % 7) as f64));
        let field = (0..20).map(|i| 0.2 * f64::from(i).sin()).collect::<Vec<_>>();
        let model = Ising::new(uneven, field.into()).unwrap();
        let sparse = Listed::of(&model).expect("four neighbours of 19");
        let base = Base::uniform(20);
        let (one, other) = (SingleFlipSampler::new(&model, &base), SingleFlipSampler::new(&sparse, &base));
        let mut chains = [one.chains_at_base(3, 1, 1), other.chains_at_base(3, 1, 1)];
        for _ in 0..50 {
            let states = chains.each_mut().map(|chains| {
                chains.sweep(&[Rung::at(0.5)]);
                (chains.kept(), chains.conditional_energies(&[Rung::at(0.5)]))
            });
            assert_eq!(states[0], states[1]);
        }
        assert!(Listed::of(&crate::model::random::sk(10, 1).unwrap()).is_none());
    }
}
