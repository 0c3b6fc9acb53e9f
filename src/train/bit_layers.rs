//! Both layers of an RBM as bits, in single precision: what sampled moments are made of.

use nalgebra::{DMatrix, DVector};
use rayon::prelude::*;

use super::{Offsets, batches::Batch};
use crate::{
    Rbm, Units,
    kernel::{
        bernoulli::sample_blocks,
        bit_product::BitProduct,
        lanes::Lanes,
        layer::{Block, Fields, States, UNITS},
        means::fields_to_means,
        outer::{Columns, outer},
    },
    model::{KeptLayer, Marginal, UnitMeans, on_units},
    streams::Training,
};

/// The fields of each layer given the states of the other.
///
/// f32 throughout, which adds 10⁻⁷ to moments whose sampling error is a thousand times as large or
/// more.
pub(super) struct BitLayers<'a> {
    rbm: &'a Rbm,
    to_visible: BitProduct,
    to_hidden: BitProduct,
}

impl<'a> BitLayers<'a> {
    pub(super) fn new(rbm: &'a Rbm) -> Self {
        let products = |weights: &DMatrix<f64>, visible: &DVector<f64>, hidden: &DVector<f64>| {
            (BitProduct::new(weights, visible.as_slice()), BitProduct::transposed(weights, hidden.as_slice()))
        };
        let (to_visible, to_hidden) = if (rbm.visible_units(), rbm.hidden_units()) == (Units::Bit, Units::Bit) {
            products(rbm.weights(), rbm.visible_bias(), rbm.hidden_bias())
        } else {
            let bits = Marginal::keeping(rbm, KeptLayer::Hidden);
            products(&bits.weights, &bits.summed_bias, &bits.kept_bias)
        };
        Self { rbm, to_visible, to_hidden }
    }

    /// The visible states of some rows of data.
    pub(super) fn states_of(&self, batch: Batch<'_>) -> States {
        let mut states = States::zeros(self.rbm.n_visible(), batch.len());
        for (chain, row) in batch.rows().enumerate() {
            (0..row.len()).filter(|i| row[*i] == 1).for_each(|i| states.set(chain, i));
        }
        states
    }

    /// Draws the hidden units given the visible ones; `time` numbers the draws of a run.
    pub(super) fn draw_hidden(&self, visible: &States, seed: u64, time: u64) -> States {
        let mut hidden = States::zeros(self.rbm.n_hidden(), visible.chains());
        sample_blocks(&self.hidden_fields(visible), lanes(seed, Training::Hidden, time), &mut hidden);
        hidden
    }

    /// Draws the visible units given the hidden ones.
    pub(super) fn draw_visible(&self, hidden: &States, seed: u64, time: u64) -> States {
        let mut fields = Fields::zeros(self.rbm.n_visible(), hidden.chains());
        self.to_visible.apply_in_parallel(hidden, &mut fields);
        let mut visible = States::zeros(self.rbm.n_visible(), hidden.chains());
        sample_blocks(&fields, lanes(seed, Training::Visible, time), &mut visible);
        visible
    }

    /// ⟨v⟩, ⟨h⟩ and ⟨vhᵀ⟩ over visible states, the hidden units averaged given each of them.
    pub(super) fn moments(&self, visible: &States) -> UnitMeans {
        self.moments_in(visible, self.hidden_fields(visible))
    }

    /// Both [`moments`](Self::moments) and [`draw_hidden`](Self::draw_hidden), from one product.
    pub(super) fn moments_and_hidden(&self, visible: &States, seed: u64, time: u64) -> (UnitMeans, States) {
        let fields = self.hidden_fields(visible);
        let mut hidden = States::zeros(self.rbm.n_hidden(), visible.chains());
        sample_blocks(&fields, lanes(seed, Training::Hidden, time), &mut hidden);
        (self.moments_in(visible, fields), hidden)
    }

    /// The moments, given the fields of the hidden units.
    fn moments_in(&self, visible: &States, mut means: Fields) -> UnitMeans {
        let (n_visible, n_hidden) = (self.rbm.n_visible(), self.rbm.n_hidden());
        let n = visible.chains() as f64;
        fields_to_means(&mut means);
        let columns = Columns::of(visible, n_visible);
        let sums = outer(&columns, &means);
        let mut pairs = DMatrix::zeros(n_visible, n_hidden);
        // Block by block, a column of W at a time.
        let columns_of_blocks = pairs.as_mut_slice().par_chunks_mut(UNITS * n_visible);
        columns_of_blocks.zip(&sums).for_each(|(pairs, sums)| {
            for (unit, column) in pairs.chunks_exact_mut(n_visible).enumerate() {
                column.iter_mut().zip(sums).for_each(|(x, row)| *x = f64::from(row.0[unit]) / n);
            }
        });
        let mean =
            |j: usize, blocks: &[Block]| blocks.iter().map(|block| f64::from(block.0[j % UNITS])).sum::<f64>() / n;
        let by_block: Vec<_> = means.by_block().collect();
        let hidden = DVector::from_fn(n_hidden, |j, _| mean(j, by_block[j / UNITS]));
        let visible = DVector::from_iterator(n_visible, columns.counts().map(|count| f64::from(count) / n));
        on_units(self.rbm, visible, hidden, pairs)
    }

    /// ⟨v⟩ and ⟨⟨h|v⟩⟩ over some rows of data.
    pub(super) fn means(&self, batch: Batch<'_>) -> Offsets {
        // Small enough for its fields to stay in the cache.
        const ROWS: usize = 500;
        let mut sum =
            Offsets { visible: DVector::zeros(self.rbm.n_visible()), hidden: DVector::zeros(self.rbm.n_hidden()) };
        let n = batch.len() as f64;
        for rows in batch.rows.chunks(ROWS) {
            let states = self.states_of(Batch { data: batch.data, rows });
            let mut means = self.hidden_fields(&states);
            fields_to_means(&mut means);
            let visible = Columns::of(&states, self.rbm.n_visible());
            sum.visible.iter_mut().zip(visible.counts()).for_each(|(x, count)| *x += f64::from(count) / n);
            for chain in 0..rows.len() {
                let of_chain = means.of_chain(chain).flatten();
                sum.hidden.iter_mut().zip(of_chain).for_each(|(x, mean)| *x += f64::from(*mean) / n);
            }
        }
        let map = |units: Units, x: f64| units.values()[0] + (units.values()[1] - units.values()[0]) * x;
        Offsets {
            visible: sum.visible.map(|x| map(self.rbm.visible_units(), x)),
            hidden: sum.hidden.map(|x| map(self.rbm.hidden_units(), x)),
        }
    }

    fn hidden_fields(&self, visible: &States) -> Fields {
        let mut fields = Fields::zeros(self.rbm.n_hidden(), visible.chains());
        self.to_hidden.apply_in_parallel(visible, &mut fields);
        fields
    }
}

/// A generator for each block of units.
fn lanes(seed: u64, draw: Training, time: u64) -> impl Fn(usize) -> Lanes + Sync {
    move |block| Lanes::new(draw.at(time, block as u64).generator(seed))
}
