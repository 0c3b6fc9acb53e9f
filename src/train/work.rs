//! How much work training is, and how much of it the estimate of ln Z may add.

use super::{Negative, Train};
use crate::data::Data;

/// The share of the work of training that keeps ln Z and ln p(v) current.
pub(super) const SHARE: f64 = 0.2;

/// The least part of it that is left for ln Z beside the likelihood of all rows.
const LEAST: f64 = 0.5;

/// The part of what there is for ln Z that the last model gets: its number is the result of a run,
/// and at the end of a falling rate it can be had.
const FOR_THE_LAST: f64 = 0.5;

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

    /// The products that ln Z may take at a checkpoint of a run, where so many rows are weighed at
    /// each: a fifth of the work of training in all, less the rows.
    ///
    /// They are known beforehand and do not depend on where a run was interrupted.
    pub(super) fn products_for_log_z(&self, data: &Data, rows: usize, last: bool) -> usize {
        let updates = self.total_updates(data);
        let checkpoints = self.checkpoints.updates(updates).len();
        let all = SHARE * (updates * self.products_of_update(data)) as f64;
        let left = (all - (rows * checkpoints) as f64).max(LEAST * all);
        let others = (checkpoints - 1).max(1) as f64;
        (if last { FOR_THE_LAST * left } else { (1.0 - FOR_THE_LAST) * left / others }) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::Checkpoints;

    /// Over a run the parts add up to a fifth of the work of training, rows included.
    ///
    /// Planted bugs that fail: the share of each checkpoint given to all of them; rows that are not
    /// counted.
    #[test]
    fn the_parts_add_up_to_a_fifth() {
        let data = Data::new(2, vec![0; 2 * 4000], None).unwrap();
        for negative in [Negative::Cd, Negative::Pcd, Negative::Ptt, Negative::Emf] {
            for checkpoints in [Checkpoints::Linear(1), Checkpoints::Linear(10), Checkpoints::Log(20)] {
                let plan = Train { negative, checkpoints, updates: Some(3000), ..Train::default() };
                let at = plan.checkpoints.updates(3000);
                let rows = 5000;
                let parts = at.iter().map(|update| rows + plan.products_for_log_z(&data, rows, *update == 3000));
                let training = (3000 * plan.products_of_update(&data)) as f64;
                let share = parts.sum::<usize>() as f64 / training;
                assert!(share <= 0.2 && share > 0.199, "{negative:?}, {checkpoints}: {share}");
            }
        }
        // 100 rows and 100 chains, two products for each row, three for each chain.
        assert_eq!(Train::default().products_of_update(&data), 500);
    }
}
