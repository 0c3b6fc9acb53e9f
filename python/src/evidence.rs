//! What stands behind the numbers of sampling methods, as arrays: to be laid beside other programs.

use std::sync::Arc;

use numpy::{PyArray1, PyArray2, PyArrayMethods};
use plefka::{
    Betas, Error, Method,
    estimator::{ChainLogWeights, MethodConfig, Multistate, WorkValues},
    sample::Capabilities,
};
use pyo3::prelude::*;

use crate::{
    arrays::{self, List, Table, from_matrix},
    ask::{How, Rows},
    errors::{config_error, refuse, value_error},
    model::Model,
    options,
    run::whole,
};

/// The configuration of one method, with data if there are any.
fn config(model: &Model, method: Method, data: Option<Rows<'_>>, options: &str) -> PyResult<MethodConfig> {
    let (mut configs, _) = options::configs(&[method.name().into()], options)?;
    let mut config = configs.remove(0);
    if let Some(rows) = data {
        config.give_data(&Arc::new(rows.read(Some(model.loaded.info.shape.n_visible()))?.0));
    }
    let checked = config.prepare(&model.loaded.model).and_then(|prepared| prepared.check());
    checked.map_err(|error| config_error(method, &error))?;
    Ok(config)
}

/// Another method's configuration cannot come from `config`.
fn unexpected<T>() -> Result<Option<T>, Error> {
    Ok(None)
}

/// ln w of every chain of `ais` at every β, (β, chains), ln Z of the base at each, and the grid.
#[pyfunction]
pub fn log_weights<'py>(
    py: Python<'py>,
    model: &Model,
    betas: &Bound<'py, PyAny>,
    data: Option<Rows<'py>>,
    options: &str,
    how: How,
) -> PyResult<(Table<'py>, List<'py>, List<'py>)> {
    let (config, betas) = (config(model, Method::Ais, data, options)?, arrays::betas(betas)?);
    let found = how.split().0.run(py, |run, _| {
        whole(match &config {
            MethodConfig::Ais(ais) => ais.log_weights(model.loaded.model.sampled(), &betas, run),
            _ => unexpected(),
        })
    })?;
    let rows: Vec<Vec<f64>> = found.iter().map(|ChainLogWeights { log_w, .. }| log_w.clone()).collect();
    let bases = found.iter().map(|of_beta| of_beta.log_z_base);
    Ok((PyArray2::from_vec2(py, &rows)?, PyArray1::from_iter(py, bases), PyArray1::from_slice(py, &betas)))
}

/// The work of `bar` at one β: up, down, ln Z of the base, and whether the chains down start from
/// exact samples.
#[pyfunction]
pub fn works<'py>(
    py: Python<'py>,
    model: &Model,
    beta: f64,
    data: Option<Rows<'py>>,
    options: &str,
    how: How,
) -> PyResult<(List<'py>, List<'py>, f64, bool)> {
    let config = config(model, Method::Bar, data, options)?;
    Betas::one(beta).map_err(|error| value_error(&error))?;
    let found = how.split().0.run(py, |run, _| {
        whole(match &config {
            MethodConfig::Bar(bar) => bar.works(model.loaded.model.sampled(), beta, run),
            _ => unexpected(),
        })
    })?;
    let WorkValues { log_z_base, forward, reverse, exact_start } = found;
    Ok((PyArray1::from_vec(py, forward), PyArray1::from_vec(py, reverse), log_z_base, exact_start))
}

/// u (states, samples), the number of samples of each state, ln Z of the base, the grid, and the kept
/// units of each sample.
type Inputs<'py> = (Table<'py>, List<'py, i64>, f64, List<'py>, Table<'py, u8>);

/// What MBAR takes, of `tempering`.
#[pyfunction]
pub fn multistate<'py>(
    py: Python<'py>,
    model: &Model,
    betas: &Bound<'py, PyAny>,
    data: Option<Rows<'py>>,
    options: &str,
    how: How,
) -> PyResult<Inputs<'py>> {
    let (config, betas) = (config(model, Method::Tempering, data, options)?, arrays::betas(betas)?);
    let found = how.split().0.run(py, |run, _| {
        whole(match &config {
            MethodConfig::Tempering(config) => config.multistate(model.loaded.model.sampled(), &betas, run),
            _ => unexpected(),
        })
    })?;
    let [Multistate { potentials, counts, kept, log_z_base, .. }] = &found[..] else {
        return Err(refuse("from this base each β has a run of its own; ask for one β, or leave base=\"uniform\""));
    };
    let counts = counts.iter().map(|count| *count as i64);
    let units = PyArray1::from_iter(py, kept.iter().flatten().map(|up| u8::from(*up)));
    let kept = units.reshape([kept.len(), kept.first().map_or(0, Vec::len)])?;
    let (counts, betas) = (PyArray1::from_iter(py, counts), PyArray1::from_slice(py, &betas));
    Ok((from_matrix(py, potentials)?, counts, *log_z_base, betas, kept))
}
