//! Both layers of an RBM as bits, in single precision: what sampled moments are made of.

use nalgebra::{DMatrix, DVector};

use super::{Offsets, batches::Batch, moments::BitSums};
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
    model::{KeptLayer, Marginal},
    streams::Training,
};

/// The fields of each layer given the states of the other.
///
/// f32 throughout, which adds 10⁻⁷ to moments whose sampling error is a thousand times as large or
/// more.
pub(super) struct BitLayers<'a> {
    rbm: &'a Rbm,
    products: Products,
}

/// With W and with its transpose.
#[derive(Default)]
pub(super) struct Products {
    to_visible: BitProduct,
    to_hidden: BitProduct,
}

impl<'a> BitLayers<'a> {
    pub(super) fn new(rbm: &'a Rbm) -> Self {
        Self::in_place_of(Products::default(), rbm)
    }

    /// The same, in the memory of other products.
    pub(super) fn in_place_of(spare: Products, rbm: &'a Rbm) -> Self {
        let products = |weights: &DMatrix<f64>, visible: &DVector<f64>, hidden: &DVector<f64>| Products {
            to_visible: spare.to_visible.set(weights, visible.as_slice()),
            to_hidden: spare.to_hidden.set_transposed(weights, hidden.as_slice()),
        };
        let products = if (rbm.visible_units(), rbm.hidden_units()) == (Units::Bit, Units::Bit) {
            products(rbm.weights(), rbm.visible_bias(), rbm.hidden_bias())
        } else {
            let bits = Marginal::keeping(rbm, KeptLayer::Hidden);
            products(&bits.weights, &bits.summed_bias, &bits.kept_bias)
        };
        Self { rbm, products }
    }

    /// Memory for the next ones.
    pub(super) fn into_products(self) -> Products {
        self.products
    }

    /// The visible states of some rows of data.
    pub(super) fn states_of(&self, batch: Batch<'_>) -> States {
        let mut states = States::zeros(self.rbm.n_visible(), batch.len());
        for (chain, row) in batch.rows().enumerate() {
            for (words, units) in states.by_word_mut().zip(row.chunks(UNITS)) {
                words[chain] = units.iter().rev().fold(0, |word, x| word << 1 | u32::from(*x == 1));
            }
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
        self.products.to_visible.apply_in_parallel(hidden, &mut fields);
        let mut visible = States::zeros(self.rbm.n_visible(), hidden.chains());
        sample_blocks(&fields, lanes(seed, Training::Visible, time), &mut visible);
        visible
    }

    /// ⟨v⟩, ⟨h⟩ and ⟨vhᵀ⟩ over visible states, the hidden units averaged given each of them.
    pub(super) fn moments(&self, visible: &States) -> BitSums {
        self.moments_in(visible, self.hidden_fields(visible))
    }

    /// Both [`moments`](Self::moments) and [`draw_hidden`](Self::draw_hidden), from one product.
    pub(super) fn moments_and_hidden(&self, visible: &States, seed: u64, time: u64) -> (BitSums, States) {
        let fields = self.hidden_fields(visible);
        let mut hidden = States::zeros(self.rbm.n_hidden(), visible.chains());
        sample_blocks(&fields, lanes(seed, Training::Hidden, time), &mut hidden);
        (self.moments_in(visible, fields), hidden)
    }

    /// The moments, given the fields of the hidden units.
    fn moments_in(&self, visible: &States, mut means: Fields) -> BitSums {
        let (n_visible, n_hidden) = (self.rbm.n_visible(), self.rbm.n_hidden());
        let n = visible.chains() as f64;
        fields_to_means(&mut means);
        let columns = Columns::of(visible, n_visible);
        let pairs = outer(&columns, &means);
        let mean = |blocks: &[Block]| {
            let mut sums = [0.0; UNITS];
            for block in blocks {
                sums.iter_mut().zip(&block.0).for_each(|(sum, x)| *sum += f64::from(*x));
            }
            sums.map(|sum| sum / n)
        };
        let hidden = DVector::from_iterator(n_hidden, means.by_block().flat_map(mean).take(n_hidden));
        let visible = DVector::from_iterator(n_visible, columns.counts().map(|count| f64::from(count) / n));
        BitSums { visible, hidden, pairs, n }
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
        Offsets::of_bits(self.rbm, &sum.visible, &sum.hidden)
    }

    fn hidden_fields(&self, visible: &States) -> Fields {
        let mut fields = Fields::zeros(self.rbm.n_hidden(), visible.chains());
        self.products.to_hidden.apply_in_parallel(visible, &mut fields);
        fields
    }
}

/// A generator for each block of units.
fn lanes(seed: u64, draw: Training, time: u64) -> impl Fn(usize) -> Lanes + Sync {
    move |block| Lanes::new(draw.at(time, block as u64).generator(seed))
}
