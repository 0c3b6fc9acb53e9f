//! RBMs in files.

use std::io;

use super::{
    npy::Array,
    npz::{Npz, NpzWriter, list},
    rbm_parts::{NAMES, Parts, Role, role},
    reading::{ReadOptions, Reading},
};
use crate::{Error, Rbm, Units};

/// The arrays that we write.
pub const OURS: [&str; 3] = ["W", "vbias", "hbias"];

/// Those of scikit-learn.
pub const SCIKIT_LEARN: [&str; 3] = ["components_", "intercept_visible_", "intercept_hidden_"];

/// Writes `W`, `vbias`, `hbias` and `units`.
pub fn write(rbm: &Rbm, npz: &mut NpzWriter) -> io::Result<()> {
    let (n_visible, n_hidden) = (rbm.n_visible(), rbm.n_hidden());
    npz.numbers("W", &[n_visible, n_hidden], rbm.weights().transpose().iter().copied())?;
    npz.numbers("vbias", &[n_visible], rbm.visible_bias().iter().copied())?;
    npz.numbers("hbias", &[n_hidden], rbm.hidden_bias().iter().copied())?;
    match (rbm.visible_units(), rbm.hidden_units()) {
        (visible, hidden) if visible == hidden => npz.strings("units", &[], &[visible.name()])?,
        (visible, hidden) => npz.strings("units", &[2], &[visible.name(), hidden.name()])?,
    }
    write_constant(rbm.constant(), npz)
}

/// What else a file with an RBM may hold.
const BESIDE: [&str; 2] = ["units", "constant"];

/// Whether an archive holds any array of an RBM.
pub fn holds_one(npz: &Npz) -> bool {
    npz.keys().iter().any(|key| role(key).is_some())
}

/// Reads an RBM by any of the names that are known.
pub fn read(npz: &mut Npz, options: &ReadOptions, reading: &mut Reading) -> Result<Rbm, Error> {
    let mixed = |npz: &Npz| {
        npz.refuse(
            format!("two naming schemes are mixed: it holds {}", npz.keys_found()),
            format!("save W, a and b once each: as {}, or as {} of scikit-learn", list(&OURS), list(&SCIKIT_LEARN)),
        )
    };
    let find = |wanted: fn(Role) -> bool| {
        let keys: Vec<String> = npz.keys().into_iter().filter(|key| role(key).is_some_and(wanted)).collect();
        if keys.len() > 1 { Err(mixed(npz)) } else { Ok(keys.into_iter().next()) }
    };
    let weights = find(|role| matches!(role, Role::Weights(_)))?;
    let biases = [find(|role| role == Role::VisibleBias)?, find(|role| role == Role::HiddenBias)?];
    let known: Vec<&str> = NAMES.iter().map(|(name, _)| *name).chain(BESIDE).collect();
    npz.account(&known)?;
    let Some(weights) = weights else {
        let problem = format!("there is no array `W`; the file holds {}", npz.keys_found());
        return Err(npz.refuse(problem, "save the weights as `W` (n_visible, n_hidden), too"));
    };
    let Some(Role::Weights(orientation)) = role(&weights) else { unreachable!("it was found by its role") };
    let weights = npz.array(&weights)?.tensor()?;
    let mut bias = |key: &Option<String>| key.as_ref().map(|key| npz.array(key)?.tensor()).transpose();
    let (visible_bias, hidden_bias) = (bias(&biases[0])?, bias(&biases[1])?);
    let parts = Parts { weights, orientation, visible_bias, hidden_bias };
    let rbm = parts.rbm(npz.path(), options, reading)?;
    let [visible, hidden] = npz.optional("units")?.map_or(Ok([Units::Bit; 2]), |array| read_units(&array))?;
    let constant = read_constant(npz)?;
    rbm.with_units(visible, hidden).with_constant(constant).map_err(|error| npz.refuse_model(error))
}

/// The constant energy, if the file holds one.
pub fn read_constant(npz: &mut Npz) -> Result<f64, Error> {
    let Some(array) = npz.optional("constant")? else { return Ok(0.0) };
    match array.floats()?[..] {
        [constant] => Ok(constant),
        _ => Err(array.refuse(format!("has shape {}", array.shape_name()), "it must be one number, an energy")),
    }
}

/// Writes the constant energy, if there is one.
pub fn write_constant(constant: f64, npz: &mut NpzWriter) -> io::Result<()> {
    if constant == 0.0 { Ok(()) } else { npz.numbers("constant", &[], [constant]) }
}

/// The units of the visible and of the hidden layer.
fn read_units(array: &Array) -> Result<[Units; 2], Error> {
    let remedy = "save `bit` (0/1) or `spin` (±1), or the two names [visible, hidden]";
    if array.shape().iter().product::<usize>() > 2 {
        return Err(array.refuse(format!("has shape {}", array.shape_name()), remedy));
    }
    let names = array.strings(remedy)?;
    let units: Vec<Units> = (names.iter())
        .map(|name| name.parse().map_err(|_| array.refuse(format!("holds `{name}`"), remedy)))
        .collect::<Result<_, _>>()?;
    match units[..] {
        [both] => Ok([both; 2]),
        [visible, hidden] => Ok([visible, hidden]),
        _ => Err(array.refuse("is empty", remedy)),
    }
}
