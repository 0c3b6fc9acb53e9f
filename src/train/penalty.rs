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

#[cfg(test)]
mod tests {
    use super::*;

    /// The slope of −(decay/2)‖W‖² − l1 Σ|W|, whatever the batch; biases are left alone.
    ///
    /// Planted bugs that fail: a penalty on the biases; one divided by the size of the batch.
    #[test]
    fn penalties_pull_at_the_weights_alone() {
        let rbm = Rbm::from_rows(&[[2.0, -0.5], [0.0, 1.0]], &[3.0, -3.0], &[4.0, 5.0]).unwrap();
        let mut gradient = Parameters::zeros(2, 2);
        Train { decay: 0.1, l1: 0.25, batch: 7, ..Train::default() }.penalise(&mut gradient, &rbm);
        let expected = nalgebra::DMatrix::from_row_slice(2, 2, &[-0.45, 0.3, 0.0, -0.35]);
        assert!((gradient.weights - expected).amax() < 1e-15);
        assert_eq!((gradient.visible.amax(), gradient.hidden.amax()), (0.0, 0.0));
    }
}
