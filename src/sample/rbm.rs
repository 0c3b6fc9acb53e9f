//! Which kernel moves an RBM.

use nalgebra::DVector;
use rand::RngExt;

use super::{
    CollapsedSampler, GibbsSampler,
    exact::{MAX_KEPT, exact_kept},
    stream,
};
use crate::{
    Error,
    dataset::Data,
    model::{Base, Expand, KeptLayer, Kernel, Marginal, Model, Rbm, Sample, Sampler},
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

    fn draws_exactly(&self) -> bool {
        self.n_visible().min(self.n_hidden()) <= MAX_KEPT
    }

    fn exact_kept(&self, beta: f64, count: usize, seed: u64, stream: u64) -> Option<Vec<Vec<bool>>> {
        exact_kept(self, beta, count, seed, stream)
    }

    fn kept_of_data(&self, data: &Data, beta: f64, seed: u64, number: u64) -> Result<Vec<Vec<bool>>, Error> {
        check_columns(self, data)?;
        if Marginal::of(self).kept == KeptLayer::Visible {
            return Ok(data.rows().map(|row| row.iter().map(|x| *x == 1).collect()).collect());
        }
        let mut rng = stream(seed, number);
        let [low, high] = self.hidden_units().values();
        let mut draw = |mean: &f64| rng.random::<f64>() < (mean - low) / (high - low);
        let rows = data.rows().map(|row| self.hidden_given_visible(&visible_state(self, row), beta));
        Ok(rows.map(|means| means.iter().map(&mut draw).collect()).collect())
    }

    fn means_of_data(&self, data: &Data, beta: f64) -> Result<Vec<f64>, Error> {
        check_columns(self, data)?;
        let mut sums = DVector::zeros(self.n_units());
        for row in data.rows() {
            let v = visible_state(self, row);
            let (mut visible, mut hidden) = sums.rows_range_pair_mut(..self.n_visible(), self.n_visible()..);
            hidden += self.hidden_given_visible(&v, beta);
            visible += DVector::from_vec(v);
        }
        Ok((sums / data.n_samples() as f64).as_slice().to_vec())
    }
}

fn check_columns(rbm: &Rbm, data: &Data) -> Result<(), Error> {
    if data.n_features() == rbm.n_visible() {
        return Ok(());
    }
    let remedy = format!("give data of the model's {} visible units", rbm.n_visible());
    Err(Error::config("data", format!("{} columns", data.n_features()), remedy))
}

/// A row of data in the units of the visible layer.
fn visible_state(rbm: &Rbm, row: &[u8]) -> Vec<f64> {
    row.iter().map(|x| rbm.visible_units().values()[usize::from(*x)]).collect()
}
