//! The moments of a phase: means, or sums over sampled states as the kernels leave them.

use nalgebra::{DMatrix, DVector};
use rayon::prelude::*;

use super::{Offsets, Parameters};
use crate::{
    Rbm, Units,
    kernel::{
        instruction_set::arch,
        layer::{Block, UNITS},
    },
    model::{UnitMeans, on_units},
};

/// Rows of a matrix that are turned into pieces of its columns at once.
const TILE: usize = 16;

/// ⟨v⟩, ⟨h⟩ and ⟨vhᵀ⟩ of the data or of the model.
pub(super) enum Moments {
    /// In double precision.
    Means(UnitMeans),
    /// Over sampled states.
    Sums(BitSums),
}

/// Sums over the states x of a layer of bits and the means y of another, given x.
pub(super) struct BitSums {
    /// ⟨x⟩.
    pub(super) visible: DVector<f64>,
    /// ⟨y⟩.
    pub(super) hidden: DVector<f64>,
    /// Σ xyᵀ by blocks of y: entry i of block b is row i over the units 32b to 32b + 31.
    pub(super) pairs: Vec<Vec<Block>>,
    /// States.
    pub(super) n: f64,
}

impl Moments {
    /// In the units of the model.
    pub(super) fn into_means(self, rbm: &Rbm) -> UnitMeans {
        match self {
            Self::Means(means) => means,
            Self::Sums(BitSums { visible, hidden, pairs, n }) => {
                let (rows, columns) = (visible.len(), hidden.len());
                let mut means = DMatrix::zeros(rows, columns);
                by_columns(&mut means, |block, row, unit| f64::from(pairs[block][row].0[unit]) / n);
                on_units(rbm, visible, hidden, means)
            }
        }
    }

    /// ⟨v⟩ and ⟨h⟩ in the units of the model.
    pub(super) fn offsets(&self, rbm: &Rbm) -> Offsets {
        match self {
            Self::Means(means) => Offsets::from(means),
            Self::Sums(sums) => Offsets::of_bits(rbm, &sums.visible, &sums.hidden),
        }
    }

    /// The difference of two sets of moments, those of the data less those of the model, in the memory
    /// of other parameters.
    pub(super) fn less(self, model: Self, rbm: &Rbm, mut spare: Parameters) -> Parameters {
        match (self, model) {
            // Without a matrix for each of them.
            (Self::Sums(data), Self::Sums(model)) if [rbm.visible_units(), rbm.hidden_units()] == [Units::Bit; 2] => {
                by_columns(&mut spare.weights, |block, row, unit| {
                    let of = |sums: &BitSums| f64::from(sums.pairs[block][row].0[unit]) / sums.n;
                    of(&data) - of(&model)
                });
                Parameters {
                    weights: spare.weights,
                    visible: data.visible - &model.visible,
                    hidden: data.hidden - &model.hidden,
                }
            }
            (data, model) => Parameters::difference(data.into_means(rbm), &model.into_means(rbm)),
        }
    }
}

/// Fills a matrix from what stands by blocks of 32 columns, row after row.
fn by_columns(matrix: &mut DMatrix<f64>, entry: impl Fn(usize, usize, usize) -> f64 + Sync) {
    let rows = matrix.nrows();
    let blocks = matrix.as_mut_slice().par_chunks_mut(UNITS * rows.max(1)).enumerate();
    blocks.for_each(|(block, columns)| arch().dispatch(|| fill(block, rows, columns, &entry)));
}

/// The columns of one block.
#[inline(always)]
fn fill(block: usize, rows: usize, columns: &mut [f64], entry: &impl Fn(usize, usize, usize) -> f64) {
    let mut tile = [[0.0; UNITS]; TILE];
    for first in (0..rows).step_by(TILE) {
        let count = TILE.min(rows - first);
        for (row, entries) in tile.iter_mut().enumerate().take(count) {
            for (unit, x) in entries.iter_mut().enumerate() {
                *x = entry(block, first + row, unit);
            }
        }
        for (unit, column) in columns.chunks_exact_mut(rows).enumerate() {
            for (x, row) in column[first..first + count].iter_mut().zip(&tile) {
                *x = row[unit];
            }
        }
    }
}
