//! The moments of the model from solutions of mean-field equations: extended mean field.

use nalgebra::DMatrix;
use rand::{RngExt, seq::index};

use super::{
    NegativePhase, Precision, Update,
    solutions::{Expansion, Solutions},
};
use crate::{
    Error, Rbm,
    data::Data,
    stats::log_sum_exp,
    streams::Training,
    train::{
        SolutionStart, SolutionWeights, Train,
        batches::Batch,
        data_moments::{hidden_columns, visible_columns},
        moments::Moments,
        state::State,
    },
};

/// Solutions whose hidden means agree to this share of the range of a unit are one.
const SAME_SOLUTION: f64 = 0.1;

/// EMF training (Gabrié, Tramel & Krzakala, NeurIPS 2015) from a population of solutions.
///
/// With equal weights and nothing replaced it is theirs, and fails on trained models: all
/// persistent solutions fall onto one, which the model then chases. A mixture of product
/// distributions with the weights e^{L_k}/Σe^L, in which copies count once, keeps the modes in
/// proportion.
pub(super) struct MeanFields {
    order: usize,
    steps: usize,
    damping: f64,
    weights: SolutionWeights,
    start: SolutionStart,
    refresh: f64,
    solutions: Solutions,
    /// Which solutions count, at the last update, and L of all.
    distinct: Vec<usize>,
    log_z: Vec<f64>,
}

impl MeanFields {
    /// A population that starts from random rows of the data.
    pub(super) fn new(plan: &Train, rbm: &Rbm, data: &Data) -> Self {
        let mut rng = Training::Start.at(0, 1).generator(plan.seed);
        let start = plan.start_from.unwrap_or_default();
        let count = if start == SolutionStart::Data { plan.batch } else { plan.solutions.unwrap_or(300) };
        let rows: Vec<usize> = (0..count).map(|_| rng.random_range(0..data.n_samples())).collect();
        Self {
            order: plan.order.unwrap_or(1),
            steps: plan.steps.unwrap_or(5),
            damping: plan.damping(),
            weights: plan.weights.unwrap_or_default(),
            start,
            refresh: plan.refresh(),
            solutions: from_rows(rbm, Batch { data, rows: &rows }),
            distinct: Vec::new(),
            log_z: Vec::new(),
        }
    }

    /// Replaces a share of the solutions by rows of the batch: first copies of others, then those
    /// that weigh least.
    fn replace_some(&mut self, update: &Update<'_>) {
        let wanted = (self.refresh * self.solutions.len() as f64).round() as usize;
        let count = wanted.min(update.batch.len());
        if count == 0 {
            return;
        }
        let mut rng = Training::Refresh.at(update.number, 0).generator(update.seed);
        let chosen: Vec<usize> =
            index::sample(&mut rng, update.batch.len(), count).into_iter().map(|k| update.batch.rows[k]).collect();
        let fresh = from_rows(update.rbm, Batch { data: update.batch.data, rows: &chosen });
        for (column, slot) in self.slots().into_iter().take(count).enumerate() {
            self.solutions.visible.set_column(slot, &fresh.visible.column(column));
            self.solutions.hidden.set_column(slot, &fresh.hidden.column(column));
        }
    }

    /// The solutions in the order in which they are given up.
    fn slots(&self) -> Vec<usize> {
        let mut counts = vec![false; self.solutions.len()];
        self.distinct.iter().for_each(|k| counts[*k] = true);
        let mut slots: Vec<usize> = (0..self.solutions.len()).collect();
        let worth = |k: usize| self.log_z.get(k).copied().unwrap_or(0.0);
        slots.sort_by(|a, b| counts[*a].cmp(&counts[*b]).then(worth(*a).total_cmp(&worth(*b))));
        slots
    }

    /// The distinct solutions, the one of largest L of each group of copies.
    fn find_distinct(&mut self, rbm: &Rbm) {
        let [low, high] = rbm.hidden_units().values();
        let tolerance = SAME_SOLUTION * (high - low);
        let hidden = &self.solutions.hidden;
        let same = |a: usize, b: usize| {
            hidden.column(a).iter().zip(hidden.column(b).iter()).all(|(x, y)| (x - y).abs() < tolerance)
        };
        let mut order: Vec<usize> = (0..self.solutions.len()).collect();
        order.sort_by(|a, b| self.log_z[*b].total_cmp(&self.log_z[*a]).then(a.cmp(b)));
        self.distinct.clear();
        for k in order {
            if !self.distinct.iter().any(|found| same(*found, k)) {
                self.distinct.push(k);
            }
        }
    }

    /// The weight of each solution.
    fn shares(&self) -> Vec<f64> {
        let n = self.solutions.len();
        let mut shares = vec![0.0; n];
        match self.weights {
            SolutionWeights::Equal => shares.fill(1.0 / n as f64),
            SolutionWeights::Single => shares[self.distinct[0]] = 1.0,
            SolutionWeights::Boltzmann => {
                let total = self.log_sum();
                self.distinct.iter().for_each(|k| shares[*k] = (self.log_z[*k] - total).exp());
            }
        }
        shares
    }

    /// By how much another iteration would move the hidden means of the distinct solutions, at most:
    /// 0 where they are solutions.
    fn residual(&self, rbm: &Rbm) -> f64 {
        let mut moved = self.solutions.clone();
        Expansion::new(rbm, self.order).alternate(&mut moved, 1, 0.0);
        let of = |k: &usize| (moved.hidden.column(*k) - self.solutions.hidden.column(*k)).amax();
        self.distinct.iter().map(of).fold(0.0, f64::max)
    }

    /// ln Σ e^{L} over the distinct solutions.
    fn log_sum(&self) -> f64 {
        log_sum_exp(&self.distinct.iter().map(|k| self.log_z[*k]).collect::<Vec<_>>())
    }
}

impl NegativePhase for MeanFields {
    fn precision(&self) -> Precision {
        Precision::Double
    }

    fn moments(&mut self, update: &Update<'_>) -> Option<Moments> {
        match self.start {
            SolutionStart::Data => self.solutions = from_rows(update.rbm, update.batch),
            SolutionStart::Persistent => self.replace_some(update),
        }
        let expansion = Expansion::new(update.rbm, self.order);
        expansion.alternate(&mut self.solutions, self.steps, self.damping);
        self.log_z = expansion.log_z(&self.solutions);
        self.find_distinct(update.rbm);
        Some(Moments::Means(expansion.moments(&self.solutions, &self.shares())))
    }

    fn evidence(&self, rbm: &Rbm) -> Vec<(&'static str, f64)> {
        if self.distinct.is_empty() {
            return Vec::new();
        }
        vec![
            ("solutions", self.distinct.len() as f64),
            ("log_z_solutions", self.log_sum()),
            ("solutions_residual", self.residual(rbm)),
        ]
    }

    fn save(&self, state: &mut State) {
        state.insert("solutions_visible", self.solutions.visible.clone());
        state.insert("solutions_hidden", self.solutions.hidden.clone());
        let column = |values: Vec<f64>| DMatrix::from_column_slice(values.len(), 1, &values);
        state.insert("solutions_log_z", column(self.log_z.clone()));
        state.insert("solutions_distinct", column(self.distinct.iter().map(|k| *k as f64).collect()));
    }

    fn restore(&mut self, state: &mut State) -> Result<(), Error> {
        let count = state.columns("solutions_visible")?;
        self.solutions.visible = state.take("solutions_visible", (self.solutions.visible.nrows(), count))?;
        self.solutions.hidden = state.take("solutions_hidden", (self.solutions.hidden.nrows(), count))?;
        let (known, distinct) = (state.rows("solutions_log_z")?, state.rows("solutions_distinct")?);
        self.log_z = state.take("solutions_log_z", (known, 1))?.as_slice().to_vec();
        let numbers = state.take("solutions_distinct", (distinct, 1))?;
        self.distinct = numbers.iter().map(|k| (*k as usize).min(count.saturating_sub(1))).collect();
        Ok(())
    }
}

/// (x, ⟨h|x⟩) of some rows.
fn from_rows(rbm: &Rbm, batch: Batch<'_>) -> Solutions {
    let visible = visible_columns(rbm, batch);
    Solutions { hidden: hidden_columns(rbm, &visible), visible }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Run;

    /// A few iterations leave a residual, many leave none: the log tells which they were.
    ///
    /// Planted bug that fails: the residual of a step with damping 1, which is always 0.
    #[test]
    fn the_residual_says_whether_the_iterations_were_enough() {
        let weights = DMatrix::from_fn(9, 4, |i, j| 0.8 * ((1 + 2 * i + 3 * j + i * j) as f64).cos());
        let rbm = Rbm::new(weights, vec![0.1; 9].into(), vec![-0.2; 4].into()).unwrap();
        let data = Data::new(9, (0..180).map(|k| u8::from(k % 7 < 3)).collect(), None).unwrap();
        let rows: Vec<usize> = (0..20).collect();
        let residual = |order: usize, steps: usize| {
            let plan = Train {
                hidden: 4,
                negative: crate::train::Negative::Emf,
                order: Some(order),
                steps: Some(steps),
                refresh: Some(0.0),
                ..Train::default()
            };
            let mut phase = MeanFields::new(&plan, &rbm, &data);
            phase.moments(&Update::new(&rbm, Batch { data: &data, rows: &rows }, (1, 0), &Run::quiet(1)));
            let known = phase.evidence(&rbm);
            known.iter().find(|(name, _)| *name == "solutions_residual").unwrap().1
        };
        for order in [1, 2] {
            assert!(residual(order, 1) > 1e-2, "{}", residual(order, 1));
            assert!(residual(order, 400) < 1e-8, "{}", residual(order, 400));
        }
    }
}
