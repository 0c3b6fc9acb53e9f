//! The learning rate over a run.

use super::{RateSchedule, Train};

impl Train {
    /// The rate of update number `update` (from 0) of `updates`.
    pub(super) fn rate_at(&self, update: usize, updates: usize) -> f64 {
        let share = update as f64 / updates.max(1) as f64;
        self.rate
            * match self.rate_schedule {
                RateSchedule::Constant => 1.0,
                RateSchedule::Linear => 1.0 - share,
                RateSchedule::Cosine => 0.5 * (1.0 + (std::f64::consts::PI * share).cos()),
            }
    }
}
