//! Data beside a model, whose hidden units, if it has any, are summed out.

use rayon::prelude::*;

use super::rows::{Rows, Summed, Whole};
use crate::{
    Error, Run, Units,
    data::Data,
    sample::{Capabilities, ConditionalEnergy},
    streams::stream,
};

/// Rows that one task works on.
const BLOCK: usize = 64;

/// The random stream that hidden units are drawn from.
const HIDDEN_STREAM: u64 = 1;

/// Binary data and what a model says about them at any β.
///
/// # Formula
/// For an RBM p_β(v) = f(v; β)/Z(β) with ln f(v; β) = −βF(v; β) = β a·v + Σⱼ ln Σ_{hⱼ} e^{βhⱼ(b +
/// Wᵀv)ⱼ}. Its derivative is −⟨E | v⟩_β, the mean energy over the hidden units in equilibrium at β
/// with v held fixed: with data on the visible units alone, this and not an energy E(v, h) is what
/// can be compared with U(β).
///
/// Without hidden units, as for samples of an annealer under an Ising model, a row is a whole state
/// and has an energy: ln f = −βE, at any β.
///
/// Fields, energies and those of flips are computed once; 0 and 1 in the data are the lower and the
/// upper value of the visible units.
pub struct Observed<'a> {
    data: &'a Data,
    units: Units,
    rows: Box<dyn Rows + 'a>,
    run: Run<'a>,
}

/// What turning one visible unit over does to ln f(v; β).
#[derive(Debug, Clone, Copy)]
pub struct Flip {
    /// D = ln f(v′; β) − ln f(v; β): the unit has its present value with probability σ(−D) given
    /// the others.
    pub log_ratio: f64,
    /// ∂D/∂β = ⟨E | v⟩ − ⟨E | v′⟩.
    pub slope: f64,
}

impl<'a> Observed<'a> {
    /// Sets data beside a model of any kind.
    ///
    /// # Errors
    /// [`Error::Config`] if the data have not one column for each visible unit (for each unit, of a
    /// model without layers), fewer than two rows, or only equal rows: there is no error bar
    /// without a spread.
    pub fn new(model: &dyn Capabilities, data: &'a Data) -> Result<Self, Error> {
        let n = model.weighs_data().n_shown();
        if data.n_features() != n {
            let given = format!("{} columns", data.n_features());
            let visible = if model.as_rbm().is_some() { "visible units" } else { "units" };
            return Err(Error::config("data", given, format!("the model has {n} {visible}; give one column for each")));
        }
        if data.n_samples() < 2 {
            return Err(Error::config("data", "one row", "give at least two rows: one sample has no error bar"));
        }
        if data.rows().all(|row| row == data.row(0)) {
            let given = format!("{} equal rows", data.n_samples());
            return Err(Error::config(
                "data",
                given,
                "every column is constant, and a sample without a spread has no temperature; give other data",
            ));
        }
        let units = match (model.as_rbm(), model.as_spins()) {
            (Some(rbm), _) => rbm.visible_units(),
            (None, Some(_)) => Units::Spin,
            (None, None) => Units::Bit,
        };
        let rows: Box<dyn Rows + 'a> = match model.as_rbm() {
            Some(rbm) => Box::new(Summed::new(rbm, data)),
            None => match Whole::new(model.weighs_data(), data) {
                Some(whole) => Box::new(whole),
                None => {
                    let remedy = "its rows do not show every unit, and the others cannot be summed out here";
                    return Err(Error::config("model", model.kind(), remedy));
                }
            },
        };
        Ok(Self { data, units, rows, run: Run::quiet(0) })
    }

    /// The same within a run: what takes long reports to it, and is left out once the run is to stop.
    /// Its numbers are then not a number.
    #[must_use]
    pub fn within(self, run: Run<'a>) -> Self {
        Self { run, ..self }
    }

    /// The number of rows.
    #[must_use]
    pub fn n_samples(&self) -> usize {
        self.data.n_samples()
    }

    /// The number of visible units.
    #[must_use]
    pub fn n_visible(&self) -> usize {
        self.data.n_features()
    }

    /// How many columns hold the same value in all rows.
    #[must_use]
    pub fn constant_columns(&self) -> usize {
        let first = self.data.row(0);
        (0..first.len()).filter(|i| self.data.rows().all(|row| row[*i] == first[*i])).count()
    }

    /// ⟨E | v⟩ and Var(E | v) of each row at β.
    #[must_use]
    pub fn energies(&self, beta: f64) -> Vec<ConditionalEnergy> {
        self.map_rows(|row| self.rows.energy(row, beta))
    }

    /// ln f(v; β) of each row.
    #[must_use]
    pub fn log_weights(&self, beta: f64) -> Vec<f64> {
        self.map_rows(|row| self.rows.log_weight(row, beta))
    }

    /// The mean over all visible units of `score` of their flips, for each row.
    #[must_use]
    pub fn mean_over_flips(&self, beta: f64, score: impl Fn(Flip) -> f64 + Sync) -> Vec<f64> {
        let all: Vec<usize> = (0..self.n_samples()).collect();
        self.mean_over_flips_of(&all, beta, score)
    }

    /// The indices 0, n, 2n, … of rows.
    pub(super) fn every_nth_row(&self, n: usize) -> Vec<usize> {
        (0..self.n_samples()).step_by(n).collect()
    }

    /// [`mean_over_flips`](Self::mean_over_flips) for some of the rows.
    pub(super) fn mean_over_flips_of(&self, rows: &[usize], beta: f64, score: impl Fn(Flip) -> f64 + Sync) -> Vec<f64> {
        let units = self.n_visible() as f64;
        let of_row = |row: &usize| {
            if !self.run.advance_or_stop(1) {
                return f64::NAN;
            }
            let mut sum = 0.0;
            self.rows.flips(*row, beta, &mut |flip| sum += score(flip));
            sum / units
        };
        self.run.progress.begin(&format!("unit by unit at β = {beta:.4}"), rows.len() as u64);
        let means = rows.par_iter().with_min_len(BLOCK).map(of_row).collect();
        self.run.progress.end();
        means
    }

    /// Σᵢ vᵢ of each row, in the units of the model.
    #[must_use]
    pub fn magnetisations(&self) -> Vec<f64> {
        let [low, high] = self.units.values();
        let value = |x: &u8| if *x == 1 { high } else { low };
        self.data.rows().map(|row| row.iter().map(value).sum()).collect()
    }

    /// E(v, h) of each row with hidden units drawn in equilibrium with it at β: joint energies,
    /// where the rows are drawn at β.
    #[must_use]
    pub fn joint_energies(&self, beta: f64, seed: u64) -> Vec<f64> {
        let mut rng = stream(seed, HIDDEN_STREAM);
        (0..self.n_samples()).map(|row| self.rows.joint_energy(row, beta, &mut rng)).collect()
    }

    /// `f` of each row, in order, on all threads.
    fn map_rows<T: Send>(&self, f: impl Fn(usize) -> T + Sync + Send) -> Vec<T> {
        (0..self.n_samples()).into_par_iter().with_min_len(BLOCK).map(f).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rbm;

    /// Energies, weights and flips against sums over all hidden states, on every combination of
    /// units.
    #[test]
    fn summing_the_hidden_units_out_agrees_with_enumeration() {
        let base = Rbm::from_rows(&[[0.5, -1.0], [2.0, 0.25], [-0.75, 1.5]], &[0.1, -0.2, 0.3], &[0.4, -0.5]).unwrap();
        let data = Data::new(3, vec![0, 1, 1, 1, 0, 0, 1, 1, 1], None).unwrap();
        let beta = 0.8;
        for (visible, hidden) in
            [(Units::Bit, Units::Bit), (Units::Spin, Units::Bit), (Units::Bit, Units::Spin), (Units::Spin, Units::Spin)]
        {
            let rbm = base.clone().with_units(visible, hidden);
            let observed = Observed::new(&rbm, &data).unwrap();
            // ln f and ⟨E | v⟩ by enumeration.
            let truth = |bits: &[u8]| {
                let v: Vec<f64> = bits.iter().map(|x| visible.values()[usize::from(*x)]).collect();
                let [low, high] = hidden.values();
                let (mut sum, mut energy) = (0.0, 0.0);
                for h in [[low, low], [low, high], [high, low], [high, high]] {
                    let e = rbm.energy(&v, &h);
                    sum += (-beta * e).exp();
                    energy += e * (-beta * e).exp();
                }
                (f64::ln(sum), energy / sum)
            };
            let means = observed.mean_over_flips(beta, |flip| flip.log_ratio + 3.0 * flip.slope);
            for (row, bits) in data.rows().enumerate() {
                let (log_f, energy) = truth(bits);
                assert!((observed.log_weights(beta)[row] - log_f).abs() < 1e-13);
                assert!((observed.energies(beta)[row].energy - energy).abs() < 1e-13);
                let flip = |i: usize| {
                    let mut other = bits.to_vec();
                    other[i] = 1 - other[i];
                    let (log_f_there, energy_there) = truth(&other);
                    log_f_there - log_f + 3.0 * (energy - energy_there)
                };
                assert!((means[row] - (0..3).map(flip).sum::<f64>() / 3.0).abs() < 1e-13);
            }
        }
    }
}
