//! What a model says about rows of data at any β, with or without units that the rows do not show.

use rand::{Rng, RngExt};

use super::observed::Flip;
use crate::{
    Rbm,
    data::Data,
    kernel::{
        layer::UNITS,
        softplus::{conditional_energy, softplus_and_slope, softplus_at},
    },
    model::{DataWeights, KeptLayer, Marginal, WholeState},
    sample::{ConditionalEnergy, Rung},
    stats::sigmoid,
};

/// Rows of data, each by its number.
pub(super) trait Rows: Sync {
    /// ⟨E | v⟩ and Var(E | v) at β.
    fn energy(&self, row: usize, beta: f64) -> ConditionalEnergy;

    /// ln f(v; β).
    fn log_weight(&self, row: usize, beta: f64) -> f64;

    /// Shows `see` what turning each unit over does.
    fn flips(&self, row: usize, beta: f64, see: &mut dyn FnMut(Flip));

    /// E with the hidden units drawn at β.
    fn joint_energy(&self, row: usize, beta: f64, rng: &mut dyn Rng) -> f64;
}

/// Rows on the visible units of an RBM, whose hidden units are summed out.
pub(super) struct Summed<'a> {
    data: &'a Data,
    marginal: Marginal,
    /// The fields of the hidden units, as bits, row after row.
    fields: Vec<f64>,
    /// c + a·v of each row.
    visible_terms: Vec<f64>,
    no_base: Vec<f64>,
}

impl<'a> Summed<'a> {
    pub(super) fn new(rbm: &Rbm, data: &'a Data) -> Self {
        let marginal = Marginal::keeping(rbm, KeptLayer::Visible);
        let mut fields = Vec::with_capacity(data.n_samples() * marginal.n_summed());
        let mut visible_terms = Vec::with_capacity(data.n_samples());
        for row in data.rows() {
            let start = fields.len();
            fields.extend_from_slice(marginal.summed_bias.as_slice());
            let mut term = marginal.offset;
            for i in (0..row.len()).filter(|i| row[*i] == 1) {
                term += marginal.kept_bias[i];
                fields[start..].iter_mut().zip(marginal.weights.column(i).iter()).for_each(|(x, w)| *x += w);
            }
            visible_terms.push(term);
        }
        Self { data, no_base: vec![0.0; marginal.n_summed()], marginal, fields, visible_terms }
    }

    fn fields_of(&self, row: usize) -> &[f64] {
        let n = self.marginal.n_summed();
        &self.fields[row * n..][..n]
    }
}

impl Rows for Summed<'_> {
    fn energy(&self, row: usize, beta: f64) -> ConditionalEnergy {
        let fields = self.fields_of(row).chunks(UNITS);
        let (mean, energy_variance) = conditional_energy(fields, &self.no_base, Rung::at(beta));
        ConditionalEnergy { energy: -(self.visible_terms[row] + mean), energy_variance }
    }

    fn log_weight(&self, row: usize, beta: f64) -> f64 {
        beta * self.visible_terms[row] + softplus_at(self.fields_of(row), beta)
    }

    fn flips(&self, row: usize, beta: f64, see: &mut dyn FnMut(Flip)) {
        let (here, values) = (self.fields_of(row), self.data.row(row));
        let (log_here, mean_here) = softplus_and_slope(here, beta);
        let mut there = here.to_vec();
        for (i, value) in values.iter().enumerate() {
            let sign = if *value == 1 { -1.0 } else { 1.0 };
            let weights = self.marginal.weights.column(i);
            there.iter_mut().zip(here).zip(weights.iter()).for_each(|((y, x), w)| *y = x + sign * w);
            let bias = sign * self.marginal.kept_bias[i];
            let (log_there, mean_there) = softplus_and_slope(&there, beta);
            see(Flip { log_ratio: beta * bias + log_there - log_here, slope: bias + mean_there - mean_here });
        }
    }

    fn joint_energy(&self, row: usize, beta: f64, rng: &mut dyn Rng) -> f64 {
        let mut on = |x: &f64| if rng.random::<f64>() < sigmoid(beta * x) { *x } else { 0.0 };
        -(self.visible_terms[row] + self.fields_of(row).iter().map(&mut on).sum::<f64>())
    }
}

/// Rows that show every unit of a model: E is that of the row, at any β.
pub(super) struct Whole(Vec<WholeState>);

impl Whole {
    /// `None` if the model has units that rows do not show.
    pub(super) fn new<M: DataWeights + ?Sized>(model: &M, data: &Data) -> Option<Self> {
        data.rows().map(|row| model.whole_state(row)).collect::<Option<_>>().map(Self)
    }
}

impl Rows for Whole {
    fn energy(&self, row: usize, _: f64) -> ConditionalEnergy {
        ConditionalEnergy { energy: self.0[row].energy, energy_variance: 0.0 }
    }

    fn log_weight(&self, row: usize, beta: f64) -> f64 {
        -beta * self.0[row].energy
    }

    fn flips(&self, row: usize, beta: f64, see: &mut dyn FnMut(Flip)) {
        self.0[row].flips.iter().for_each(|change| see(Flip { log_ratio: -beta * change, slope: -change }));
    }

    fn joint_energy(&self, row: usize, _: f64, _: &mut dyn Rng) -> f64 {
        self.0[row].energy
    }
}
