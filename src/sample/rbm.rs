//! Which kernel moves an RBM.

use nalgebra::{DMatrix, DVector};
use rand::RngExt;
use rayon::prelude::*;

use super::{
    collapsed::CollapsedSampler,
    exact::{draws_exactly, exact_units},
    gibbs::GibbsSampler,
    mixture::MixtureSampler,
    precision::{check_block, single_is_enough},
};
use crate::{
    Error, Run,
    data::Data,
    model::{Expand, KeptLayer, Model, Rbm},
    sample::{Base, Kernel, MixtureBase, Sample, Sampler},
    streams::stream,
};

/// Up to this many kept units `auto` sums the other layer out of the moves: a sweep then costs at
/// most some ten times one of block Gibbs, and crosses barriers that block Gibbs does not.
const FEW_KEPT_UNITS: usize = 64;

/// Whether the kernel sums the larger layer out of the moves.
pub(super) fn sums_out(kernel: Kernel, rbm: &Rbm) -> bool {
    match kernel {
        Kernel::Auto => rbm.n_visible().min(rbm.n_hidden()) <= FEW_KEPT_UNITS || !single_is_enough(rbm),
        Kernel::Block => false,
        Kernel::Collapsed => true,
    }
}

impl Sample for Rbm {
    fn sampler(&self, kernel: Kernel, base: &Base) -> Box<dyn Sampler> {
        if sums_out(kernel, self) {
            Box::new(CollapsedSampler::new(self, base))
        } else {
            Box::new(GibbsSampler::new(self, base))
        }
    }

    fn check_kernel(&self, kernel: Kernel) -> Result<(), Error> {
        if kernel == Kernel::Block { check_block("kernel", "block", self) } else { Ok(()) }
    }

    fn mixture_sampler(&self, base: &MixtureBase) -> Option<Box<dyn Sampler>> {
        Some(Box::new(MixtureSampler::new(self, base)))
    }

    fn starts_from_mixtures(&self) -> bool {
        true
    }

    fn expansion(&self) -> Option<&dyn Expand> {
        Some(self)
    }

    fn rbm(&self) -> Option<&Rbm> {
        Some(self)
    }

    fn draws_exactly(&self) -> bool {
        draws_exactly(self)
    }

    fn exact_kept(&self, beta: f64, count: usize, run: &Run<'_>) -> Result<Option<Vec<Vec<bool>>>, Error> {
        let kept = KeptLayer::smaller(self).units_of(self);
        exact_units(self, kept, beta, count, run)
    }

    fn check_data(&self, data: &Data) -> Result<(), Error> {
        data.check_columns(self.n_visible())
    }

    fn kept_of_data(&self, data: &Data, beta: f64, seed: u64, number: u64) -> Result<Vec<Vec<bool>>, Error> {
        data.check_columns(self.n_visible())?;
        if KeptLayer::smaller(self) == KeptLayer::Visible {
            return Ok(data.rows().map(|row| row.iter().map(|x| *x == 1).collect()).collect());
        }
        let mut rng = stream(seed, number);
        let [low, high] = self.hidden_units().values();
        let mut draw = |mean: &f64| rng.random::<f64>() < (mean - low) / (high - low);
        let rows = data.rows().map(|row| self.hidden_given_visible(&visible_state(self, row), beta));
        Ok(rows.map(|means| means.iter().map(&mut draw).collect()).collect())
    }

    fn means_of_data(&self, data: &Data, beta: f64) -> Result<Vec<f64>, Error> {
        data.check_columns(self.n_visible())?;
        let mut sums = DVector::zeros(self.n_units());
        let rows: Vec<&[u8]> = data.rows().collect();
        // A product of matrices reads W once for all rows of a block. Blocks are computed on all
        // threads, and added in their order.
        let to_hidden = self.weights().transpose();
        let sums_of = |rows: &[&[u8]]| {
            let states: Vec<f64> = rows.iter().flat_map(|row| visible_state(self, row)).collect();
            let states = DMatrix::from_vec(self.n_visible(), rows.len(), states);
            let mut means = &to_hidden * &states;
            for mut of_row in means.column_iter_mut() {
                let units = of_row.iter_mut().zip(self.hidden_bias());
                units.for_each(|(x, bias)| *x = self.hidden_units().mean(beta * (bias + *x)));
            }
            (states.column_sum(), means.column_sum())
        };
        let of_blocks: Vec<(DVector<f64>, DVector<f64>)> = rows.par_chunks(ROWS).map(sums_of).collect();
        for (of_visible, of_hidden) in of_blocks {
            let (mut visible, mut hidden) = sums.rows_range_pair_mut(..self.n_visible(), self.n_visible()..);
            visible += of_visible;
            hidden += of_hidden;
        }
        Ok((sums / data.n_samples() as f64).as_slice().to_vec())
    }
}

/// Rows in a block.
const ROWS: usize = 128;

/// A row of data in the units of the visible layer.
fn visible_state(rbm: &Rbm, row: &[u8]) -> Vec<f64> {
    row.iter().map(|x| rbm.visible_units().values()[usize::from(*x)]).collect()
}
