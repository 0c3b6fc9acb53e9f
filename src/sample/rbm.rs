//! Which kernel moves an RBM.

use super::{CollapsedSampler, GibbsSampler};
use crate::model::{Kernel, Rbm, Sample, Sampler};

/// Up to this many kept units `auto` sums the other layer out of the moves: a sweep then costs at most some ten times
/// one of block Gibbs, and crosses barriers that block Gibbs does not.
const FEW_KEPT_UNITS: usize = 64;

impl Sample for Rbm {
    fn sampler(&self, kernel: Kernel) -> Box<dyn Sampler> {
        let few = self.n_visible().min(self.n_hidden()) <= FEW_KEPT_UNITS;
        match kernel {
            Kernel::Collapsed => Box::new(CollapsedSampler::new(self)),
            Kernel::Auto if few => Box::new(CollapsedSampler::new(self)),
            Kernel::Auto | Kernel::Block => Box::new(GibbsSampler::new(self)),
        }
    }
}
