//! The moments of the model by enumeration.

use super::{NegativePhase, Precision, Update};
use crate::train::moments::Moments;

/// The truth.
pub(super) struct Enumeration;

impl NegativePhase for Enumeration {
    fn precision(&self) -> Precision {
        Precision::Double
    }

    fn moments(&mut self, update: &Update<'_>) -> Option<Moments> {
        update.rbm.unit_means(1.0, update.run).map(Moments::Means)
    }
}
