//! An RBM from its three arrays, by whatever names they go.

use std::path::Path;

use nalgebra::{DMatrix, DVector};

use super::{
    reading::{ReadOptions, Reading},
    tensor::{Tensor, shape_name},
};
use crate::{Error, Rbm};

/// Which axis of a matrix of weights comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Orientation {
    /// (n_visible, n_hidden)
    VisibleFirst,
    /// (n_hidden, n_visible)
    HiddenFirst,
    /// The name does not say: the biases must.
    Unknown,
}

/// What an array is to an RBM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// W
    Weights(Orientation),
    /// a
    VisibleBias,
    /// b
    HiddenBias,
}

/// The names that are known, ours first, then scikit-learn's, rbms', Hinton's and what people write
/// in PyTorch.
pub const NAMES: &[(&str, Role)] = &[
    ("W", Role::Weights(Orientation::VisibleFirst)),
    ("components_", Role::Weights(Orientation::HiddenFirst)),
    ("weight_matrix", Role::Weights(Orientation::VisibleFirst)),
    ("vishid", Role::Weights(Orientation::VisibleFirst)),
    ("weight", Role::Weights(Orientation::Unknown)),
    ("weights", Role::Weights(Orientation::Unknown)),
    ("vbias", Role::VisibleBias),
    ("intercept_visible_", Role::VisibleBias),
    ("v_bias", Role::VisibleBias),
    ("visible_bias", Role::VisibleBias),
    ("b_v", Role::VisibleBias),
    ("visbiases", Role::VisibleBias),
    ("hbias", Role::HiddenBias),
    ("intercept_hidden_", Role::HiddenBias),
    ("h_bias", Role::HiddenBias),
    ("hidden_bias", Role::HiddenBias),
    ("b_h", Role::HiddenBias),
    ("hidbiases", Role::HiddenBias),
    ("hidrecbiases", Role::HiddenBias),
];

/// What an array of this name is, if its name is known.
pub fn role(name: &str) -> Option<Role> {
    NAMES.iter().find(|(known, _)| *known == name).map(|(_, role)| *role)
}

/// The arrays of one RBM.
pub struct Parts {
    /// W, or its transpose.
    pub weights: Tensor,
    /// Which axis of it comes first.
    pub orientation: Orientation,
    /// a; zero if there is none.
    pub visible_bias: Option<Tensor>,
    /// b; zero if there is none.
    pub hidden_bias: Option<Tensor>,
}

impl Parts {
    /// Joins them to an RBM on bits, and writes down what was taken for what.
    pub fn rbm(self, path: &Path, options: &ReadOptions, reading: &mut Reading) -> Result<Rbm, Error> {
        let Self { weights, orientation, visible_bias, hidden_bias } = self;
        let &[rows, columns] = weights.shape() else {
            let problem = format!("has shape {}, but it must have two dimensions", weights.shape_name());
            return Err(weights.refuse(problem, "save it with shape (n_visible, n_hidden)"));
        };
        if rows == 0 || columns == 0 {
            let problem = format!("has shape {}, so a layer has no units", weights.shape_name());
            return Err(weights.refuse(problem, "give each layer at least one unit"));
        }
        let lengths = [&visible_bias, &hidden_bias].map(|bias| bias.as_ref().and_then(Tensor::vector_len));
        let hidden_first = match (options.transposed, orientation) {
            (Some(transposed), _) => transposed,
            (None, Orientation::VisibleFirst) => false,
            (None, Orientation::HiddenFirst) => true,
            (None, Orientation::Unknown) => by_biases(&weights, [rows, columns], lengths)?,
        };
        let (n_visible, n_hidden) = if hidden_first { (columns, rows) } else { (rows, columns) };
        let vector = |bias: Option<Tensor>, name: &str, axis: &str, n: usize, reading: &mut Reading| {
            let Some(bias) = bias else {
                reading.notes.push(format!("there are no {name} biases in the file: they are taken as zero"));
                return Ok(DVector::zeros(n));
            };
            fits(&bias, axis, n, &weights, hidden_first)?;
            bias.finite()?;
            reading.arrays.push(format!("{name} bias from `{}` {}", bias.name(), bias.shape_name()));
            Ok(DVector::from_column_slice(bias.values()))
        };
        weights.finite()?;
        let turned = if hidden_first { ", transposed" } else { "" };
        reading.arrays.push(format!("W from `{}` {}{turned}", weights.name(), weights.shape_name()));
        let a = vector(visible_bias, "visible", "n_visible", n_visible, reading)?;
        let b = vector(hidden_bias, "hidden", "n_hidden", n_hidden, reading)?;
        let w = DMatrix::from_row_slice(rows, columns, weights.values());
        let w = if hidden_first { w.transpose() } else { w };
        Rbm::new(w, a, b).map_err(|error| about(path, error))
    }
}

/// Whether W is stored as (n_hidden, n_visible), by the lengths of the biases.
fn by_biases(weights: &Tensor, shape: [usize; 2], lengths: [Option<usize>; 2]) -> Result<bool, Error> {
    let [rows, columns] = shape;
    let fits = |hidden_first: bool| {
        let own = if hidden_first { [columns, rows] } else { [rows, columns] };
        lengths.iter().zip(own).all(|(length, n)| length.is_none_or(|length| length == n))
    };
    match (fits(false), fits(true)) {
        (true, false) => Ok(false),
        (false, true) => Ok(true),
        // Reported for the order that PyTorch's own layers have.
        (false, false) => Ok(true),
        (true, true) => Err(weights.refuse(
            format!(
                "has shape {}, and neither its name nor the biases tell whether the visible or the hidden units come first",
                weights.shape_name()
            ),
            "say so: `plefka convert IN OUT.npz --transposed` if it is (n_hidden, n_visible), as PyTorch's layers are, and \
             `--transposed=false` if it is (n_visible, n_hidden)",
        )),
    }
}

fn fits(bias: &Tensor, axis: &str, n: usize, weights: &Tensor, hidden_first: bool) -> Result<(), Error> {
    if bias.vector_len() == Some(n) {
        return Ok(());
    }
    let expected = if hidden_first { "(n_hidden, n_visible)" } else { "(n_visible, n_hidden)" };
    Err(bias.refuse(
        format!("has shape {}, but `{}` has shape {}", bias.shape_name(), weights.name(), shape_name(weights.shape())),
        format!("it must have {axis} = {n} entries; if `{}` is not {expected}, transpose it", weights.name()),
    ))
}

/// An error about the model in the file `path`.
pub fn about(path: &Path, error: Error) -> Error {
    match error {
        Error::Model { problem, remedy } => Error::format(path, problem, remedy),
        other => other,
    }
}
