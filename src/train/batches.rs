//! Which rows an update looks at.

use rand::seq::SliceRandom;

use crate::{data::Data, streams::Training};

/// Some rows of the data.
#[derive(Clone, Copy)]
pub(super) struct Batch<'a> {
    pub(super) data: &'a Data,
    pub(super) rows: &'a [usize],
}

impl<'a> Batch<'a> {
    pub(super) fn rows(self) -> impl ExactSizeIterator<Item = &'a [u8]> {
        self.rows.iter().map(move |row| self.data.row(*row))
    }

    pub(super) fn len(self) -> usize {
        self.rows.len()
    }
}

/// The rows in the order of an epoch, which is a random one, cut into batches; the last may be
/// shorter.
pub(super) struct Batches {
    order: Vec<usize>,
    epoch: Option<u64>,
    size: usize,
    seed: u64,
}

impl Batches {
    pub(super) fn new(n_samples: usize, size: usize, seed: u64) -> Self {
        Self { order: (0..n_samples).collect(), epoch: None, size: size.min(n_samples), seed }
    }

    /// Updates in an epoch.
    pub(super) fn in_epoch(&self) -> usize {
        self.order.len().div_ceil(self.size)
    }

    /// The rows of an update.
    pub(super) fn rows(&mut self, update: usize) -> &[usize] {
        let (epoch, place) = ((update / self.in_epoch()) as u64, update % self.in_epoch());
        if self.epoch != Some(epoch) {
            // From the same beginning every time: an epoch does not depend on those before it.
            self.order.sort_unstable();
            self.order.shuffle(&mut Training::Order.at(epoch, 0).generator(self.seed));
            self.epoch = Some(epoch);
        }
        &self.order[place * self.size..self.order.len().min((place + 1) * self.size)]
    }
}
