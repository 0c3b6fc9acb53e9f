//! Penalties on W: −(decay/2)‖W‖²_F − l1‖W‖_L1, added to the mean log-likelihood.

use super::{Parameters, Train};
use crate::Rbm;

impl Train {
    /// Adds the gradient of the penalties to the plain gradient of the likelihood. Biases have
    /// none, and the size of a batch does not matter: the likelihood is a mean.
    pub(super) fn penalise(&self, gradient: &mut Parameters, rbm: &Rbm) {
        let (decay, l1) = (self.decay, self.l1);
        if decay != 0.0 || l1 != 0.0 {
            // The sign of 0 is 0 here: a weight that is not there is not pulled.
            let pull = |w: f64| decay * w + if w == 0.0 { 0.0 } else { l1 * w.signum() };
            gradient.weights.zip_apply(rbm.weights(), |g, w| *g -= pull(w));
        }
    }
}
