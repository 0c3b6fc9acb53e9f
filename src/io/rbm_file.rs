//! RBMs in files.

use std::io;

use nalgebra::{DMatrix, DVector};

use super::{
    npy::Array,
    npz::{Npz, NpzWriter, list},
};
use crate::{Error, Rbm, Units};

/// Writes `W`, `vbias`, `hbias` and `units`.
pub fn write(rbm: &Rbm, npz: &mut NpzWriter) -> io::Result<()> {
    let (n_visible, n_hidden) = (rbm.n_visible(), rbm.n_hidden());
    npz.numbers("W", &[n_visible, n_hidden], rbm.weights().transpose().iter().copied())?;
    npz.numbers("vbias", &[n_visible], rbm.visible_bias().iter().copied())?;
    npz.numbers("hbias", &[n_hidden], rbm.hidden_bias().iter().copied())?;
    match (rbm.visible_units(), rbm.hidden_units()) {
        (visible, hidden) if visible == hidden => npz.strings("units", &[], &[visible.name()]),
        (visible, hidden) => npz.strings("units", &[2], &[visible.name(), hidden.name()]),
    }
}

/// The arrays that an RBM is known by, under either naming scheme; the first three are ours.
pub const KEYS: [&str; 6] = ["W", "vbias", "hbias", "components_", "intercept_visible_", "intercept_hidden_"];

/// How somebody names the three arrays.
struct Layout {
    weights: &'static str,
    weights_shape: &'static str,
    visible_bias: &'static str,
    hidden_bias: &'static str,
    hidden_first: bool,
}

impl Layout {
    const PLEFKA: Self = Self {
        weights: "W",
        weights_shape: "(n_visible, n_hidden)",
        visible_bias: "vbias",
        hidden_bias: "hbias",
        hidden_first: false,
    };
    const SCIKIT_LEARN: Self = Self {
        weights: "components_",
        weights_shape: "(n_hidden, n_visible)",
        visible_bias: "intercept_visible_",
        hidden_bias: "intercept_hidden_",
        hidden_first: true,
    };

    fn keys(&self) -> [&'static str; 3] {
        [self.weights, self.visible_bias, self.hidden_bias]
    }

    /// The layout of which a file holds any key.
    fn of(npz: &Npz) -> Result<Self, Error> {
        let holds = |layout: &Self| layout.keys().iter().any(|key| npz.has(key));
        match (holds(&Self::PLEFKA), holds(&Self::SCIKIT_LEARN)) {
            (true, false) => Ok(Self::PLEFKA),
            (false, true) => Ok(Self::SCIKIT_LEARN),
            (both, _) => {
                let problem = if both { "two naming schemes are mixed" } else { "this is no model file" };
                let wanted = [Self::PLEFKA, Self::SCIKIT_LEARN].map(|layout| list(&layout.keys()));
                Err(npz.refuse(
                    format!("{problem}: it holds {}", npz.keys_found()),
                    format!(
                        "an RBM needs {}, or the {} of scikit-learn; an Ising model `J`; a list of levels `energies`",
                        wanted[0], wanted[1]
                    ),
                ))
            }
        }
    }
}

/// Reads an RBM by either naming scheme.
pub fn read(npz: &mut Npz) -> Result<Rbm, Error> {
    let layout = Layout::of(npz)?;
    let array = npz.array(layout.weights)?;
    let (rows, columns) = array.matrix_shape(layout.weights_shape)?;
    if rows == 0 || columns == 0 {
        let problem = format!("has shape {}, so a layer has no units", array.shape_name());
        return Err(array.refuse(problem, "give each layer at least one unit"));
    }
    let mut weights = DMatrix::from_row_slice(rows, columns, &array.by_rows(array.floats()?));
    if layout.hidden_first {
        weights = weights.transpose();
    }
    let bias = |npz: &mut Npz, key, axis, n| read_bias(&npz.array(key)?, axis, n, &layout, &array);
    let visible_bias = bias(npz, layout.visible_bias, "n_visible", weights.nrows())?;
    let hidden_bias = bias(npz, layout.hidden_bias, "n_hidden", weights.ncols())?;
    let [visible, hidden] = npz.optional("units")?.map_or(Ok([Units::Bit; 2]), |array| read_units(&array))?;
    let rbm = Rbm::new(weights, visible_bias, hidden_bias).map_err(|error| npz.refuse_model(error))?;
    Ok(rbm.with_units(visible, hidden))
}

fn read_bias(bias: &Array, axis: &str, n: usize, layout: &Layout, weights: &Array) -> Result<DVector<f64>, Error> {
    if bias.vector_len() != Some(n) {
        return Err(bias.refuse(
            format!("has shape {}, but `{}` has shape {}", bias.shape_name(), layout.weights, weights.shape_name()),
            format!(
                "it must have {axis} = {n} entries; if `{}` is not {}, transpose it",
                layout.weights, layout.weights_shape
            ),
        ));
    }
    Ok(DVector::from_vec(bias.floats()?))
}

/// The units of the visible and of the hidden layer.
fn read_units(array: &Array) -> Result<[Units; 2], Error> {
    let remedy = "save `bit` (0/1) or `spin` (±1), or the two names [visible, hidden]";
    if array.shape().iter().product::<usize>() > 2 {
        return Err(array.refuse(format!("has shape {}", array.shape_name()), remedy));
    }
    let names = array.strings()?;
    let units: Vec<Units> = (names.iter())
        .map(|name| name.parse().map_err(|_| array.refuse(format!("holds `{name}`"), remedy)))
        .collect::<Result<_, _>>()?;
    match units[..] {
        [both] => Ok([both; 2]),
        [visible, hidden] => Ok([visible, hidden]),
        _ => Err(array.refuse("is empty", remedy)),
    }
}
