//! Which kernel moves an RBM.

use nalgebra::DVector;

use super::{CollapsedSampler, GibbsSampler};
use crate::{
    Error,
    dataset::Data,
    model::{Base, Expand, Kernel, Model, Rbm, Sample, Sampler},
};

/// Up to this many kept units `auto` sums the other layer out of the moves: a sweep then costs at most some ten times
/// one of block Gibbs, and crosses barriers that block Gibbs does not.
const FEW_KEPT_UNITS: usize = 64;

impl Sample for Rbm {
    fn sampler(&self, kernel: Kernel, base: &Base) -> Box<dyn Sampler> {
        let few = self.n_visible().min(self.n_hidden()) <= FEW_KEPT_UNITS;
        match kernel {
            Kernel::Collapsed => Box::new(CollapsedSampler::new(self, base)),
            Kernel::Auto if few => Box::new(CollapsedSampler::new(self, base)),
            Kernel::Auto | Kernel::Block => Box::new(GibbsSampler::new(self, base)),
        }
    }

    fn expansion(&self) -> Option<&dyn Expand> {
        Some(self)
    }

    fn means_of_data(&self, data: &Data, beta: f64) -> Result<Vec<f64>, Error> {
        if data.n_features() != self.n_visible() {
            let given = format!("{} columns", data.n_features());
            return Err(Error::config("data", given, format!("give data of {} visible units", self.n_visible())));
        }
        let [low, high] = self.visible_units().values();
        let mut sums = DVector::zeros(self.n_units());
        for row in data.rows() {
            let v: Vec<f64> = row.iter().map(|x| if *x == 1 { high } else { low }).collect();
            let (mut visible, mut hidden) = sums.rows_range_pair_mut(..self.n_visible(), self.n_visible()..);
            visible += DVector::from_column_slice(&v);
            hidden += self.hidden_given_visible(&v, beta);
        }
        Ok((sums / data.n_samples() as f64).as_slice().to_vec())
    }
}
