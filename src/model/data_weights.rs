//! What data weigh under a model: all of their likelihood but Z.

use rayon::prelude::*;

use super::{Ising, KeptLayer, Levels, Marginal, Model, Rbm, SparseIsing};
use crate::{
    data::Data,
    kernel::{rung::Rung, softplus::softplus_sum},
    run::Run,
    stats::softplus,
};

/// A model under which a row of data has a probability.
///
/// A row shows the first [`n_shown`](Self::n_shown) units, 0 and 1 for their lower and upper value;
/// the others are summed out.
pub trait DataWeights: Model {
    /// The number of units that a row shows: the visible ones of an RBM, all units of any other
    /// model.
    fn n_shown(&self) -> usize;

    /// ln f(v; β) = ln Σ_h e^{−βE(v, h)} of each row: ln p(v) + ln Z. `None` if the run was
    /// cancelled.
    ///
    /// # Panics
    /// If the data do not have a column for each unit shown.
    fn row_log_weights(&self, data: &Data, beta: f64, run: &Run<'_>) -> Option<Vec<f64>>;

    /// Σᵢ ln p(vᵢ | the other units shown) of each row at β: its pseudo-log-likelihood, which needs
    /// no Z. `None` if the run was cancelled: many rows of a large model take a while.
    ///
    /// # Panics
    /// If the data do not have a column for each unit shown.
    fn row_log_conditionals(&self, data: &Data, beta: f64, run: &Run<'_>) -> Option<Vec<f64>>;

    /// The energy of a row and of its flips, where rows show every unit; `None` where some units are
    /// summed out.
    ///
    /// # Panics
    /// If the row does not have a value for each unit.
    fn whole_state(&self, row: &[u8]) -> Option<WholeState> {
        let _ = row;
        None
    }
}

/// A state of all units.
#[derive(Debug, Clone, PartialEq)]
pub struct WholeState {
    /// E.
    pub energy: f64,
    /// By how much E grows when each unit alone is turned over.
    pub flips: Vec<f64>,
}

/// The same for each row, on all threads.
fn for_rows(data: &Data, n_shown: usize, run: &Run<'_>, f: impl Fn(&[u8]) -> f64 + Sync + Send) -> Option<Vec<f64>> {
    assert_eq!(data.n_features(), n_shown, "the data need a column for each unit that they show");
    data.values().par_chunks(n_shown).map(|row| (!run.cancelled()).then(|| f(row))).collect()
}

/// ln p of a unit given the others, if turning it over changes the log-weight by `change`: ln
/// σ(−change).
fn log_conditional(change: f64) -> f64 {
    -softplus(change)
}

/// The hidden units are summed out: p(v) is that of the visible units alone.
impl DataWeights for Rbm {
    fn n_shown(&self) -> usize {
        self.n_visible()
    }

    fn row_log_weights(&self, data: &Data, beta: f64, run: &Run<'_>) -> Option<Vec<f64>> {
        let summed = Summed::new(self, beta);
        for_rows(data, self.n_visible(), run, |row| {
            let (fields, bias) = summed.fields(row);
            beta * bias + summed.log_sum(&fields)
        })
    }

    fn row_log_conditionals(&self, data: &Data, beta: f64, run: &Run<'_>) -> Option<Vec<f64>> {
        let summed = Summed::new(self, beta);
        for_rows(data, self.n_visible(), run, |row| {
            let (fields, _) = summed.fields(row);
            let here = summed.log_sum(&fields);
            let mut turned = vec![0.0; fields.len()];
            let conditional = |(i, bit): (usize, &u8)| {
                let sign = if *bit == 1 { -1.0 } else { 1.0 };
                let weights = summed.marginal.weights.column(i);
                turned.iter_mut().zip(fields.iter().zip(weights.iter())).for_each(|(t, (x, w))| *t = x + sign * w);
                log_conditional(beta * sign * summed.marginal.kept_bias[i] + summed.log_sum(&turned) - here)
            };
            row.iter().enumerate().map(conditional).sum()
        })
    }
}

/// An RBM with its hidden units summed out, as bits.
struct Summed {
    marginal: Marginal,
    rung: Rung,
    zeros: Vec<f64>,
}

impl Summed {
    fn new(rbm: &Rbm, beta: f64) -> Self {
        let marginal = Marginal::keeping(rbm, KeptLayer::Visible);
        Self { rung: Rung::at(beta), zeros: vec![0.0; marginal.n_summed()], marginal }
    }

    /// The fields of the hidden units given a row, and minus the energy of the row alone.
    fn fields(&self, row: &[u8]) -> (Vec<f64>, f64) {
        let (mut fields, mut bias) = (self.marginal.summed_bias.as_slice().to_vec(), self.marginal.offset);
        for i in (0..row.len()).filter(|i| row[*i] == 1) {
            bias += self.marginal.kept_bias[i];
            fields.iter_mut().zip(self.marginal.weights.column(i).iter()).for_each(|(x, w)| *x += w);
        }
        (fields, bias)
    }

    /// Σⱼ ln(1 + e^{βxⱼ}).
    fn log_sum(&self, fields: &[f64]) -> f64 {
        softplus_sum(fields, &self.zeros, self.rung)
    }
}

/// A model whose rows are its states: they show every unit.
trait ShowsAll: Model + Sync {
    /// E of a row.
    fn energy_of(&self, row: &[u8]) -> f64;

    /// By how much E grows when each unit of a row alone is turned over.
    fn flips_of(&self, row: &[u8]) -> Vec<f64>;
}

impl<M: ShowsAll> DataWeights for M {
    fn n_shown(&self) -> usize {
        self.n_units()
    }

    fn row_log_weights(&self, data: &Data, beta: f64, run: &Run<'_>) -> Option<Vec<f64>> {
        for_rows(data, self.n_units(), run, |row| -beta * self.energy_of(row))
    }

    fn row_log_conditionals(&self, data: &Data, beta: f64, run: &Run<'_>) -> Option<Vec<f64>> {
        let of_flip = |change: &f64| log_conditional(-beta * change);
        for_rows(data, self.n_units(), run, |row| self.flips_of(row).iter().map(of_flip).sum())
    }

    fn whole_state(&self, row: &[u8]) -> Option<WholeState> {
        Some(WholeState { energy: self.energy_of(row), flips: self.flips_of(row) })
    }
}

impl ShowsAll for Ising {
    fn energy_of(&self, row: &[u8]) -> f64 {
        self.energy(&spins(row))
    }

    fn flips_of(&self, row: &[u8]) -> Vec<f64> {
        let s = spins(row);
        let of = |i: usize| {
            let local: f64 = self.couplings().column(i).iter().zip(&s).map(|(j, s)| j * s).sum();
            2.0 * s[i] * (local + self.field()[i])
        };
        (0..s.len()).map(of).collect()
    }
}

impl ShowsAll for SparseIsing {
    fn energy_of(&self, row: &[u8]) -> f64 {
        self.energy(&spins(row))
    }

    fn flips_of(&self, row: &[u8]) -> Vec<f64> {
        let s = spins(row);
        (0..s.len()).map(|i| 2.0 * s[i] * self.local_field(i, |j| s[j])).collect()
    }
}

fn spins(row: &[u8]) -> Vec<f64> {
    row.iter().map(|x| 2.0 * f64::from(*x) - 1.0).collect()
}

/// The state of a row is the number whose bits it shows, unit 0 the lowest.
impl ShowsAll for Levels {
    fn energy_of(&self, row: &[u8]) -> f64 {
        self.energies()[number(row)]
    }

    fn flips_of(&self, row: &[u8]) -> Vec<f64> {
        let (k, energies) = (number(row), self.energies());
        (0..self.n_units()).map(|i| energies[k ^ 1 << i] - energies[k]).collect()
    }
}

fn number(row: &[u8]) -> usize {
    row.iter().enumerate().map(|(i, bit)| usize::from(*bit) << i).sum()
}
