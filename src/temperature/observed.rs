//! Data on the visible units, beside a model whose hidden units are summed out.

use std::sync::atomic::{AtomicBool, Ordering};

use rand::RngExt;
use rayon::prelude::*;

use crate::{
    Error, Rbm, Units,
    data::Data,
    kernel::{
        layer::UNITS,
        softplus::{conditional_energy, softplus_and_slope, softplus_at},
    },
    model::{KeptLayer, Marginal},
    sample::{ConditionalEnergy, Rung},
    stats::sigmoid,
    streams::stream,
};

/// Rows that one task works on.
const BLOCK: usize = 64;

/// The random stream that hidden units are drawn from.
const HIDDEN_STREAM: u64 = 1;

/// Binary data and what a model says about them at any β.
///
/// # Formula
/// p_β(v) = f(v; β)/Z(β) with ln f(v; β) = −βF(v; β) = β a·v + Σⱼ ln Σ_{hⱼ} e^{βhⱼ(b + Wᵀv)ⱼ}. Its
/// derivative is −⟨E | v⟩_β, the mean energy over the hidden units in equilibrium at β with v held
/// fixed: with data on the visible units alone, this and not an energy E(v, h) is what can be
/// compared with U(β).
///
/// The fields b + Wᵀv are computed once; 0 and 1 in the data are the lower and the upper value of
/// the visible units.
pub struct Observed<'a> {
    data: &'a Data,
    units: Units,
    marginal: Marginal,
    /// The fields of the hidden units, as bits, row after row.
    fields: Vec<f64>,
    /// c + a·v of each row.
    visible_terms: Vec<f64>,
    /// Once it is set, nothing of what is computed is used.
    stop: Option<&'a AtomicBool>,
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
    /// Sets data beside a model.
    ///
    /// # Errors
    /// [`Error::Config`] if the data have not one column for each visible unit, fewer than two
    /// rows, or only equal rows: there is no error bar without a spread.
    pub fn new(rbm: &Rbm, data: &'a Data) -> Result<Self, Error> {
        if data.n_features() != rbm.n_visible() {
            let given = format!("{} columns", data.n_features());
            let n = rbm.n_visible();
            return Err(Error::config(
                "data",
                given,
                format!("the model has {n} visible units; give one column for each"),
            ));
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
        let marginal = Marginal::keeping(rbm, KeptLayer::Visible);
        let mut fields = vec![0.0; data.n_samples() * marginal.n_summed()];
        let term_and_fields = |(fields, row): (&mut [f64], &[u8])| {
            fields.copy_from_slice(marginal.summed_bias.as_slice());
            let mut term = marginal.offset;
            for i in (0..row.len()).filter(|i| row[*i] == 1) {
                term += marginal.kept_bias[i];
                fields.iter_mut().zip(marginal.weights.column(i).iter()).for_each(|(x, w)| *x += w);
            }
            term
        };
        let rows = data.values().par_chunks(data.n_features());
        let visible_terms = fields.par_chunks_mut(marginal.n_summed()).zip(rows).map(term_and_fields).collect();
        Ok(Self { data, units: rbm.visible_units(), marginal, fields, visible_terms, stop: None })
    }

    /// The same, to be asked no more once `stop` is set: what takes long is then left out, and its
    /// numbers are not a number.
    #[must_use]
    pub fn until(self, stop: &'a AtomicBool) -> Self {
        Self { stop: Some(stop), ..self }
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
        let no_base = vec![0.0; self.marginal.n_summed()];
        self.map_rows(|row| {
            let (mean, energy_variance) =
                conditional_energy(self.fields_of(row).chunks(UNITS), &no_base, Rung::at(beta));
            ConditionalEnergy { energy: -(self.visible_terms[row] + mean), energy_variance }
        })
    }

    /// ln f(v; β) of each row.
    #[must_use]
    pub fn log_weights(&self, beta: f64) -> Vec<f64> {
        self.map_rows(|row| beta * self.visible_terms[row] + softplus_at(self.fields_of(row), beta))
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
        let units = self.data.n_features();
        let of_row = |row: usize| {
            if self.stop.is_some_and(|stop| stop.load(Ordering::Relaxed)) {
                return f64::NAN;
            }
            let (here, values) = (self.fields_of(row), self.data.row(row));
            let (log_here, mean_here) = softplus_and_slope(here, beta);
            let mut there = here.to_vec();
            let mut sum = 0.0;
            for i in 0..units {
                let sign = if values[i] == 1 { -1.0 } else { 1.0 };
                let weights = self.marginal.weights.column(i);
                there.iter_mut().zip(here).zip(weights.iter()).for_each(|((y, x), w)| *y = x + sign * w);
                let bias = sign * self.marginal.kept_bias[i];
                let (log_there, mean_there) = softplus_and_slope(&there, beta);
                sum +=
                    score(Flip { log_ratio: beta * bias + log_there - log_here, slope: bias + mean_there - mean_here });
            }
            sum / units as f64
        };
        rows.par_iter().with_min_len(BLOCK).map(|row| of_row(*row)).collect()
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
        let mut on = |x: &f64| if rng.random::<f64>() < sigmoid(beta * x) { *x } else { 0.0 };
        let mut energy = |row| -(self.visible_terms[row] + self.fields_of(row).iter().map(&mut on).sum::<f64>());
        (0..self.n_samples()).map(&mut energy).collect()
    }

    fn fields_of(&self, row: usize) -> &[f64] {
        let n = self.marginal.n_summed();
        &self.fields[row * n..][..n]
    }

    /// `f` of each row, in order, on all threads.
    fn map_rows<T: Send>(&self, f: impl Fn(usize) -> T + Sync + Send) -> Vec<T> {
        (0..self.n_samples()).into_par_iter().with_min_len(BLOCK).map(f).collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::temperature::observed::*;

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
