//! How much work training is, and how much of it the estimate of ln Z may add.

use super::{Negative, Train};
use crate::{Rbm, data::Data, estimator::products_of_step};

/// The share of the work of training that keeps ln Z current.
const SHARE: f64 = 0.2;

/// The part of what there is for ln Z that the last model gets: its number is the result of a run,
/// and at the end of a falling rate it can be had.
const FOR_THE_LAST: f64 = 0.5;

/// Chains of an estimate each way: five times as many as must carry the weight.
pub(super) const CHAINS: usize = 100;

/// Sweeps of rows of the data that stand for chains.
pub(super) const BURN_IN: usize = 20;

/// Steps of annealing at least, so that a short run has a number too.
const FEWEST_STEPS: usize = 10;

/// What ln Z costs at a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cost {
    /// Steps of annealing each way.
    pub(super) steps: usize,
    /// Products of a state with W.
    pub(super) products: usize,
}

impl Train {
    /// Work is counted in products of one state with W or its transpose, and in outer products of
    /// two layers, which cost as much. This is what an update takes on these training data.
    pub(super) fn products_of_update(&self, data: &Data) -> usize {
        let batch = self.batch.min(data.n_samples());
        let chains = self.chains.unwrap_or(100);
        let steps = self.steps.unwrap_or(1);
        // A product and an outer product of the data; of chains two products a sweep, then an outer
        // product, and one with W where no chains go on that share it.
        let of_model = match self.negative {
            _ if !self.objective.samples_model() => 0,
            Negative::Exact => 2,
            Negative::Cd => batch * (2 * steps + 2),
            Negative::Pcd => chains * (2 * steps + 1),
            // Two states of each chain under two models beside.
            Negative::Ptt => chains * (2 * steps + 2 + 4),
            Negative::Emf => {
                let (order, steps) = (self.order.unwrap_or(1), self.steps.unwrap_or(5));
                // Both layers at each order; and L and the moments of each solution.
                self.solutions.unwrap_or(300) * order * (2 * steps + 2)
            }
        };
        2 * batch + of_model
    }

    /// What ln Z may take at a checkpoint: over the run a fifth of the work of training, unless that
    /// is less than the least there is. (ln p(v) of the rows takes a product for each row beside.)
    ///
    /// It is known beforehand and does not depend on where a run was interrupted.
    pub(super) fn cost_of_log_z(&self, rbm: &Rbm, data: &Data, last: bool) -> Cost {
        let updates = self.total_updates(data);
        let all = SHARE * (updates * self.products_of_update(data)) as f64;
        let others = (self.checkpoints.updates(updates).len() - 1).max(1) as f64;
        let own = if last { FOR_THE_LAST * all } else { (1.0 - FOR_THE_LAST) * all / others };
        let of_step = CHAINS * products_of_step(rbm);
        let burn_in = if self.has_chains() { 0 } else { BURN_IN };
        let steps = ((own / of_step as f64 - burn_in as f64) / 2.0) as usize;
        let steps = steps.max(FEWEST_STEPS);
        Cost { steps, products: of_step * (2 * steps + burn_in) }
    }

    /// The work of all estimates of ln Z up to a checkpoint as a share of that of training up to
    /// there.
    pub(super) fn log_z_share(&self, rbm: &Rbm, data: &Data, update: usize) -> Option<f64> {
        let updates = self.total_updates(data);
        let so_far = self.checkpoints.updates(updates).into_iter().filter(|at| *at <= update);
        let products: usize = so_far.map(|at| self.cost_of_log_z(rbm, data, at == updates).products).sum();
        (update > 0).then(|| products as f64 / (update * self.products_of_update(data)) as f64)
    }

    /// Whether the negative phase has as many chains as are wanted.
    fn has_chains(&self) -> bool {
        let persistent = matches!(self.negative, Negative::Pcd | Negative::Ptt) && self.objective.samples_model();
        persistent && self.chains.unwrap_or(100) >= CHAINS / 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::Checkpoints;

    /// Over a run the parts add up to a fifth of the work of training.
    ///
    /// Planted bugs that fail: the share of all checkpoints given to each of them; the steps of one
    /// direction alone counted.
    #[test]
    fn the_parts_add_up_to_a_fifth() {
        let data = Data::new(2, vec![0; 2 * 4000], None).unwrap();
        let rbm = Rbm::from_rows(&[[0.0], [0.0]], &[0.0; 2], &[0.0]).unwrap();
        for negative in [Negative::Cd, Negative::Pcd, Negative::Ptt, Negative::Emf] {
            for checkpoints in [Checkpoints::Linear(1), Checkpoints::Linear(10), Checkpoints::Log(10)] {
                let plan = Train { negative, checkpoints, updates: Some(6000), ..Train::default() };
                let share = plan.log_z_share(&rbm, &data, 6000).unwrap();
                assert!(share <= 0.2 && share > 0.19, "{negative:?}, {checkpoints}: {share}");
            }
        }
        // 100 rows and 100 chains, two products for each row, three for each chain.
        assert_eq!(Train::default().products_of_update(&data), 500);
        let short = Train { updates: Some(3), ..Train::default() };
        assert_eq!(short.cost_of_log_z(&rbm, &data, false), Cost { steps: 10, products: 200 * 20 });
        let short = Train { negative: Negative::Cd, ..short };
        assert_eq!(short.cost_of_log_z(&rbm, &data, true), Cost { steps: 10, products: 200 * 40 });
    }
}
