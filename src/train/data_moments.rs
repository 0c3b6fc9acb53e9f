//! The positive phase in double precision.

use nalgebra::DMatrix;

use super::batches::Batch;
use crate::{Rbm, model::UnitMeans};

/// The visible states of a batch in the units of the model, one a column.
pub(super) fn visible_columns(rbm: &Rbm, batch: Batch<'_>) -> DMatrix<f64> {
    let values = rbm.visible_units().values();
    let entries = batch.rows().flatten().map(|x| values[usize::from(*x)]);
    DMatrix::from_iterator(rbm.n_visible(), batch.len(), entries)
}

/// ⟨h|v⟩ of each column.
pub(super) fn hidden_columns(rbm: &Rbm, visible: &DMatrix<f64>) -> DMatrix<f64> {
    let mut hidden = rbm.weights().tr_mul(visible);
    for mut column in hidden.column_iter_mut() {
        column += rbm.hidden_bias();
        column.apply(|x| *x = rbm.hidden_units().mean(*x));
    }
    hidden
}

/// ⟨v⟩, ⟨h⟩ and ⟨vhᵀ⟩ over a batch, the hidden units averaged given each row.
pub(super) fn data_moments(rbm: &Rbm, batch: Batch<'_>) -> UnitMeans {
    let visible = visible_columns(rbm, batch);
    let hidden = hidden_columns(rbm, &visible);
    let n = batch.len() as f64;
    UnitMeans { pairs: &visible * hidden.transpose() / n, visible: visible.column_mean(), hidden: hidden.column_mean() }
}
