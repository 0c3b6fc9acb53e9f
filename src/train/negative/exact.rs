//! The moments of the model by enumeration.

use super::{NegativePhase, Precision, Update};
use crate::model::UnitMeans;

/// The truth.
pub(super) struct Enumeration;

impl NegativePhase for Enumeration {
    fn precision(&self) -> Precision {
        Precision::Double
    }

    fn moments(&mut self, update: &Update<'_>) -> Option<UnitMeans> {
        update.rbm.unit_means(1.0, update.run)
    }
}
