//! Models: of arrays, of files, and back.

use std::{path::Path, sync::Arc};

use nalgebra::DVector;
use numpy::PyArray1;
use plefka::{
    Units, io,
    io::{LoadedModel, ReadOptions, Save},
    model,
    model::AnyModel,
};
use pyo3::{
    prelude::*,
    types::{PyBytes, PyDict},
};

use crate::{
    arrays::{List, Table, from_matrix, from_vector, matrix, vector},
    errors::{refuse, value_error},
};

/// What models of arrays are called in results.
const SOURCE: &str = "arrays";

/// What pickle keeps: a function, and what to call it with.
type Reduced<'py> = (Bound<'py, PyAny>, (String, Bound<'py, PyBytes>));

/// What every model has.
#[pyclass(frozen, subclass, module = "plefka")]
pub struct Model {
    /// The model, and where it is from.
    pub loaded: Arc<LoadedModel>,
}

impl Model {
    fn of(model: AnyModel) -> PyResult<Self> {
        let loaded = LoadedModel::new(model, SOURCE).map_err(|error| value_error(&error))?;
        Ok(Self { loaded: Arc::new(loaded) })
    }
}

#[pymethods]
impl Model {
    /// `rbm`, `ising` or `levels`.
    #[getter]
    fn kind(&self) -> &str {
        &self.loaded.info.kind
    }

    /// `bit` (0, 1), `spin` (−1, +1), or the two layers of an RBM as `bit/spin`.
    #[getter]
    fn units(&self) -> &str {
        &self.loaded.info.units
    }

    /// The number of units that data show: the visible ones of an RBM, all of any other model.
    #[getter]
    fn n_visible(&self) -> usize {
        self.loaded.info.shape.n_visible()
    }

    /// The number of all units.
    #[getter]
    fn n_units(&self) -> usize {
        self.loaded.info.shape.n_units()
    }

    /// The file or the name that it was loaded by.
    #[getter]
    fn source(&self) -> &str {
        &self.loaded.info.source
    }

    /// SHA-256 of the file; of arrays, that of the `.npz` that `save` would write.
    #[getter]
    fn sha256(&self) -> &str {
        &self.loaded.info.sha256
    }

    /// What was taken for what in the file, and what had to be assumed.
    #[getter]
    fn reading(&self) -> Vec<String> {
        let reading = &self.loaded.reading;
        reading.arrays.iter().chain(&reading.notes).cloned().collect()
    }

    /// Writes the model by the ending of the path: `.npz` (all models, to the last bit), `.h5`
    /// (rbms), `.safetensors`, `.json` (dimod).
    fn save(&self, path: std::path::PathBuf) -> PyResult<()> {
        io::convert(&self.loaded, Path::new(&path)).map_err(|error| value_error(&error))
    }

    fn __repr__(&self) -> String {
        let info = &self.loaded.info;
        let name = match info.kind.as_str() {
            "rbm" => "RBM",
            "ising" => "Ising",
            _ => "Levels",
        };
        format!("{name}({}, units={:?}, source={:?})", info.shape, info.units, info.source)
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Reduced<'py>> {
        let bytes = self.loaded.model.to_npz()?;
        let read = py.import("plefka._plefka")?.getattr("read")?;
        Ok((read, (self.source().into(), PyBytes::new(py, &bytes))))
    }
}

/// A restricted Boltzmann machine, E(v, h) = c − a·v − b·h − vᵀWh.
#[pyclass(frozen, extends = Model, name = "RBM", module = "plefka")]
pub struct Rbm;

/// The RBM in a model whose class says that it is one.
fn rbm<'a>(this: &'a PyRef<'_, Rbm>) -> PyResult<&'a plefka::Rbm> {
    this.as_super().loaded.rbm().map_err(|error| value_error(&error))
}

#[pymethods]
impl Rbm {
    #[new]
    #[pyo3(signature = (W, vbias=None, hbias=None, units=None, constant=0.0))]
    #[expect(non_snake_case, reason = "W is its name in every paper")]
    fn new(
        W: &Bound<'_, PyAny>,
        vbias: Option<&Bound<'_, PyAny>>,
        hbias: Option<&Bound<'_, PyAny>>,
        units: Option<&Bound<'_, PyAny>>,
        constant: f64,
    ) -> PyResult<PyClassInitializer<Self>> {
        let weights = matrix("W", "(n_visible, n_hidden)", W)?;
        let bias = |name: &str, given: Option<&Bound<'_, PyAny>>, n: usize| match given {
            Some(given) => vector(name, given).map(DVector::from_vec),
            None => Ok(DVector::zeros(n)),
        };
        let (a, b) = (bias("vbias", vbias, weights.nrows())?, bias("hbias", hbias, weights.ncols())?);
        let [visible, hidden] = units.map_or(Ok([Units::Bit; 2]), layers)?;
        let rbm =
            plefka::Rbm::new(weights, a, b).and_then(|rbm| rbm.with_units(visible, hidden).with_constant(constant));
        Ok(PyClassInitializer::from(Model::of(rbm.map_err(|error| value_error(&error))?.into())?).add_subclass(Self))
    }

    /// W, of shape (n_visible, n_hidden); a copy.
    #[getter(W)]
    fn weights<'py>(this: PyRef<'py, Self>, py: Python<'py>) -> PyResult<Table<'py>> {
        from_matrix(py, rbm(&this)?.weights())
    }

    /// a, of shape (n_visible,); a copy.
    #[getter]
    fn vbias<'py>(this: PyRef<'py, Self>, py: Python<'py>) -> PyResult<List<'py>> {
        Ok(from_vector(py, rbm(&this)?.visible_bias()))
    }

    /// b, of shape (n_hidden,); a copy.
    #[getter]
    fn hbias<'py>(this: PyRef<'py, Self>, py: Python<'py>) -> PyResult<List<'py>> {
        Ok(from_vector(py, rbm(&this)?.hidden_bias()))
    }

    /// c, the constant energy.
    #[getter]
    fn constant(this: PyRef<'_, Self>) -> PyResult<f64> {
        Ok(rbm(&this)?.constant())
    }

    /// The number of hidden units.
    #[getter]
    fn n_hidden(this: PyRef<'_, Self>) -> PyResult<usize> {
        Ok(rbm(&this)?.n_hidden())
    }

    /// The parameters by their names in a model file: `np.savez(path, **model.to_numpy())` is one.
    fn to_numpy<'py>(this: PyRef<'py, Self>, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let rbm = rbm(&this)?;
        let parts = PyDict::new(py);
        parts.set_item("W", from_matrix(py, rbm.weights())?)?;
        parts.set_item("vbias", from_vector(py, rbm.visible_bias()))?;
        parts.set_item("hbias", from_vector(py, rbm.hidden_bias()))?;
        match (rbm.visible_units().name(), rbm.hidden_units().name()) {
            (visible, hidden) if visible == hidden => parts.set_item("units", visible)?,
            (visible, hidden) => parts.set_item("units", [visible, hidden])?,
        }
        parts.set_item("constant", rbm.constant())?;
        Ok(parts)
    }
}

/// The units of both layers: one name, two of them, or `bit/spin`.
fn layers(units: &Bound<'_, PyAny>) -> PyResult<[Units; 2]> {
    let names: Vec<String> = match units.extract::<String>() {
        Ok(text) => text.split('/').map(String::from).collect(),
        Err(_) => units.extract()?,
    };
    let parsed: Result<Vec<Units>, _> = names.iter().map(|name| name.parse()).collect();
    match parsed.map_err(|error| value_error(&error))?[..] {
        [both] => Ok([both; 2]),
        [visible, hidden] => Ok([visible, hidden]),
        _ => Err(refuse("`units` names more than two layers; give one name, or those of (visible, hidden)")),
    }
}

/// Spins on ±1 with pair couplings, E(s) = c − ½ sᵀJs − f·s.
#[pyclass(frozen, extends = Model, module = "plefka")]
pub struct Ising;

fn ising<'a>(this: &'a PyRef<'_, Ising>) -> PyResult<&'a model::Ising> {
    match &this.as_super().loaded.model {
        AnyModel::Ising(ising) => Ok(ising),
        _ => Err(refuse(
            "its couplings are held as lists of neighbours and not as a matrix; save it, and read J with scipy.sparse.load_npz",
        )),
    }
}

#[pymethods]
impl Ising {
    #[new]
    #[pyo3(signature = (J, field=None, constant=0.0))]
    #[expect(non_snake_case, reason = "J is its name in every paper")]
    fn new(
        J: &Bound<'_, PyAny>,
        field: Option<&Bound<'_, PyAny>>,
        constant: f64,
    ) -> PyResult<PyClassInitializer<Self>> {
        let couplings = matrix("J", "(N, N)", J)?;
        let field = match field {
            Some(field) => DVector::from_vec(vector("field", field)?),
            None => DVector::zeros(couplings.nrows()),
        };
        let ising = model::Ising::new(couplings, field).and_then(|ising| ising.with_constant(constant));
        Ok(PyClassInitializer::from(Model::of(ising.map_err(|error| value_error(&error))?.into())?).add_subclass(Self))
    }

    /// J, of shape (N, N), symmetric with a zero diagonal; a copy.
    #[getter(J)]
    fn couplings<'py>(this: PyRef<'py, Self>, py: Python<'py>) -> PyResult<Table<'py>> {
        from_matrix(py, ising(&this)?.couplings())
    }

    /// f, of shape (N,); a copy.
    #[getter]
    fn field<'py>(this: PyRef<'py, Self>, py: Python<'py>) -> PyResult<List<'py>> {
        Ok(from_vector(py, ising(&this)?.field()))
    }

    /// c, the constant energy.
    #[getter]
    fn constant(this: PyRef<'_, Self>) -> PyResult<f64> {
        Ok(ising(&this)?.constant())
    }

    /// The parameters by their names in a model file.
    fn to_numpy<'py>(this: PyRef<'py, Self>, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let ising = ising(&this)?;
        let parts = PyDict::new(py);
        parts.set_item("J", from_matrix(py, ising.couplings())?)?;
        parts.set_item("field", from_vector(py, ising.field()))?;
        parts.set_item("constant", ising.constant())?;
        Ok(parts)
    }
}

/// A list of 2^N energies; that of state k is the energy of the units whose values are its bits.
#[pyclass(frozen, extends = Model, module = "plefka")]
pub struct Levels;

#[pymethods]
impl Levels {
    #[new]
    fn new(energies: &Bound<'_, PyAny>) -> PyResult<PyClassInitializer<Self>> {
        let levels = model::Levels::new(vector("energies", energies)?);
        Ok(PyClassInitializer::from(Model::of(levels.map_err(|error| value_error(&error))?.into())?).add_subclass(Self))
    }

    /// The energies, of shape (2^N,); a copy.
    #[getter]
    fn energies<'py>(this: PyRef<'py, Self>, py: Python<'py>) -> PyResult<List<'py>> {
        match &this.as_super().loaded.model {
            AnyModel::Levels(levels) => Ok(PyArray1::from_slice(py, levels.energies())),
            _ => Err(refuse("this is no list of levels")),
        }
    }

    /// The energies by their name in a model file.
    fn to_numpy<'py>(this: PyRef<'py, Self>, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let parts = PyDict::new(py);
        parts.set_item("energies", Self::energies(this, py)?)?;
        Ok(parts)
    }
}

/// The model in the class of its kind.
pub fn of_its_kind(py: Python<'_>, loaded: LoadedModel) -> PyResult<Py<PyAny>> {
    let kind = loaded.info.kind.clone();
    let model = Model { loaded: Arc::new(loaded) };
    Ok(match kind.as_str() {
        "rbm" => Py::new(py, PyClassInitializer::from(model).add_subclass(Rbm))?.into_any(),
        "ising" => Py::new(py, PyClassInitializer::from(model).add_subclass(Ising))?.into_any(),
        _ => Py::new(py, PyClassInitializer::from(model).add_subclass(Levels))?.into_any(),
    })
}

/// A model from a file of any format that is known, from a training run, or a built-in one.
#[pyfunction]
#[pyo3(signature = (path, update=None, name=None, transposed=None))]
pub fn load(
    py: Python<'_>,
    path: &str,
    update: Option<u64>,
    name: Option<String>,
    transposed: Option<bool>,
) -> PyResult<Py<PyAny>> {
    let options = ReadOptions { update, name, transposed };
    let loaded = py.detach(|| io::load_model_with(path, &options));
    of_its_kind(py, loaded.map_err(|error| value_error(&error))?)
}

/// The same of the bytes of a file; `source` is what it is called.
#[pyfunction]
#[pyo3(signature = (source, content, name=None, transposed=None))]
pub fn read(
    py: Python<'_>,
    source: &str,
    content: &[u8],
    name: Option<String>,
    transposed: Option<bool>,
) -> PyResult<Py<PyAny>> {
    let options = ReadOptions { update: None, name, transposed };
    of_its_kind(py, io::read_model(source, content, &options).map_err(|error| value_error(&error))?)
}
