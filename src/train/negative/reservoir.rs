//! States of an earlier model of a run, with its ln Z: what chains exchange states with.

use nalgebra::DMatrix;

use crate::{
    Error, Rbm,
    kernel::layer::States,
    stats::free_energy::{BennettRatio, Work, bar},
    train::{Parameters, state::State, visible_weights::VisibleWeights},
};

/// A frozen model of the run, states in equilibrium under it, and ln Z.
pub(super) struct Reservoir {
    pub(super) rbm: Rbm,
    pub(super) states: States,
    weights: VisibleWeights,
    /// ln Z and its standard error.
    pub(super) log_z: (f64, f64),
}

impl Reservoir {
    pub(super) fn new(rbm: Rbm, states: States, log_z: (f64, f64)) -> Self {
        Self { weights: VisibleWeights::of(&rbm), rbm, states, log_z }
    }

    /// ln f of states under the frozen model.
    pub(super) fn log_weights(&self, visible: &States) -> Vec<f64> {
        self.weights.log_weights(visible)
    }

    /// ln Z of another model, given states in equilibrium under it, by Bennett's acceptance ratio
    /// between it and the frozen one: with the standard error and the overlap.
    ///
    /// # Errors
    /// [`Error::NotFinite`] if a weight is not finite.
    pub(super) fn log_z_of(&self, rbm: &Rbm, states: &States) -> Result<(f64, f64, f64), Error> {
        let other = VisibleWeights::of(rbm);
        let less = |a: Vec<f64>, b: Vec<f64>| a.into_iter().zip(b).map(|(a, b)| a - b).collect::<Vec<_>>();
        // The work of a jump is minus the gain of ln f.
        let up = less(self.log_weights(&self.states), other.log_weights(&self.states));
        let down = less(other.log_weights(states), self.log_weights(states));
        let BennettRatio { delta_f, std_error, overlap } = bar(Work::new(&up)?, Work::new(&down)?);
        Ok((self.log_z.0 - delta_f, self.log_z.1.hypot(std_error.unwrap_or(f64::INFINITY)), overlap))
    }

    pub(super) fn save(&self, state: &mut State) {
        state.insert_parameters("frozen", &Parameters::of(&self.rbm));
        state.insert("reservoir", to_matrix(&self.states, self.rbm.n_visible()));
        state.insert("frozen_log_z", DMatrix::from_column_slice(2, 1, &[self.log_z.0, self.log_z.1]));
    }

    pub(super) fn restore(&mut self, state: &mut State) -> Result<(), Error> {
        let mut frozen = Parameters::of(&self.rbm);
        state.take_parameters("frozen", &mut frozen)?;
        let n = state.columns("reservoir")?;
        let states = from_matrix(&state.take("reservoir", (self.rbm.n_visible(), n))?);
        let log_z = state.take("frozen_log_z", (2, 1))?;
        let Parameters { weights, visible, hidden } = frozen;
        let rbm = Rbm::new(weights, visible, hidden)?.with_units(self.rbm.visible_units(), self.rbm.hidden_units());
        *self = Self::new(rbm, states, (log_z[0], log_z[1]));
        Ok(())
    }
}

/// Bits as numbers, a state a column.
pub(super) fn to_matrix(states: &States, n: usize) -> DMatrix<f64> {
    DMatrix::from_fn(n, states.chains(), |unit, chain| f64::from(u8::from(states.get(chain, unit))))
}

/// The states that [`to_matrix`] wrote.
pub(super) fn from_matrix(bits: &DMatrix<f64>) -> States {
    let mut states = States::zeros(bits.nrows(), bits.ncols());
    for (chain, column) in bits.column_iter().enumerate() {
        (0..bits.nrows()).filter(|unit| column[*unit] == 1.0).for_each(|unit| states.set(chain, unit));
    }
    states
}
