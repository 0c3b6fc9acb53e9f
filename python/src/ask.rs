//! What is asked of a model. Results are the JSON that the program prints.

use std::{path::PathBuf, sync::Arc};

use numpy::{PyArray1, PyArrayMethods, PyReadonlyArray2};
use plefka::{
    Error, Method, Run,
    computation::{Computation, Computed, Drawing, Silent, States, Thermometer, usual_methods},
    data::Data,
    findings::wording,
    io,
    io::{LoadedModel, Provenance, Quantity, ResultFile, TemperatureFile},
    model::AnyModel,
    plot::{self, OutputFolder},
    temperature::{Evidence, Observed},
};
use pyo3::{exceptions::PyKeyboardInterrupt, prelude::*};

use crate::{
    arrays::{self, List, Table},
    errors::{config_error, method_error, refuse, value_error},
    model::Model,
    options,
    run::{Circumstances, whole},
};

/// Rows of data: an array of 0 and 1, or the name of a file.
#[derive(FromPyObject)]
pub enum Rows<'py> {
    /// A table of bytes.
    Table(PyReadonlyArray2<'py, u8>),
    /// A file, or what is built in.
    Name(String),
}

impl Rows<'_> {
    /// The rows, checked to be of `n_visible` units, and what they are called in results.
    pub fn read(&self, n_visible: Option<usize>) -> PyResult<(Data, String)> {
        let (data, name) = match self {
            Self::Table(table) => (arrays::data(table)?, "array"),
            Self::Name(name) => (io::load_data(name, n_visible).map_err(|error| value_error(&error))?, &name[..]),
        };
        n_visible.map_or(Ok(()), |n| data.check_columns(n)).map_err(|error| value_error(&error))?;
        Ok((data, name.into()))
    }
}

/// How to run, as every function here is told.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct How {
    seed: u64,
    threads: Option<usize>,
    progress: Option<Py<PyAny>>,
    /// The call in words, for the provenance.
    command: Vec<String>,
}

impl How {
    /// The circumstances of the run, and the words for its provenance.
    pub fn split(self) -> (Circumstances, Vec<String>) {
        let Self { seed, threads, progress, command } = self;
        (Circumstances { seed, threads, progress }, command)
    }
}

/// How a result came to be.
pub fn provenance(seed: u64, threads: usize, command: &[String]) -> Provenance {
    Provenance { command: command.to_vec(), ..Provenance::of_this_process(seed, threads) }
}

/// Methods on a model, with data if there are any.
struct Asked {
    computation: Computation,
    notes: Vec<String>,
}

impl Asked {
    fn new(
        model: &LoadedModel,
        methods: &[String],
        betas: &Bound<'_, PyAny>,
        data: Option<Data>,
        options: &str,
    ) -> PyResult<Self> {
        let (configs, mut notes) = options::configs(methods, options)?;
        let computation = Computation::new(model.clone(), arrays::betas(betas)?, configs, data.map(Arc::new));
        let computation = computation.map_err(|refusal| method_error(&refusal))?;
        if computation.ignores_data() {
            notes.push("data has no effect without start_from=\"data\", base=\"data\" or method=\"data-bound\"".into());
        }
        Ok(Self { computation, notes })
    }

    /// Runs them. A run is cancelled by a signal alone, which is an error by then.
    fn run(&self, py: Python<'_>, how: How) -> PyResult<Computed> {
        let (circumstances, command) = how.split();
        circumstances.run(py, |run, threads| {
            let outcome = self.computation.run(run, provenance(run.seed, threads, &command), &mut Silent);
            outcome.map_err(|refusal| method_error(&refusal))
        })
    }
}

/// The curves of several methods: the JSON of `plefka estimate`, notes on the request, and the
/// methods without a result with the reason.
#[pyfunction]
pub fn curves(
    py: Python<'_>,
    model: &Model,
    methods: Vec<String>,
    betas: &Bound<'_, PyAny>,
    data: Option<Rows<'_>>,
    options: &str,
    how: How,
) -> PyResult<(String, Vec<String>, Vec<String>)> {
    let n_visible = model.loaded.info.shape.n_visible();
    let data = data.map(|rows| rows.read(Some(n_visible))).transpose()?.map(|(data, _)| data);
    let asked = Asked::new(&model.loaded, &methods, betas, data, options)?;
    let Computed { results, failed } = asked.run(py, how)?;
    let failed = failed.iter().map(|refusal| format!("{} has no result: {}", refusal.method, refusal.error)).collect();
    Ok((results.to_json().map_err(|error| value_error(&error))?, asked.notes, failed))
}

/// The methods that a comparison takes if nobody says which, and a note on what is left out.
#[pyfunction]
pub fn compare_methods(model: &Model, options: &str) -> PyResult<(Vec<&'static str>, Option<String>)> {
    let (exact, _) = options::configs(&["exact".into()], options)?;
    let usual = usual_methods(&model.loaded.model, &exact[0]).map_err(|error| value_error(&error))?;
    let (methods, refusal) = usual;
    let note = refusal.map(|error| format!("`exact` is left out: {error}"));
    Ok((methods.into_iter().map(Method::name).collect(), note))
}

/// The likelihood of data: the JSON of `plefka likelihood`, ln p(v) of each row, and notes.
#[pyfunction]
pub fn likelihood<'py>(
    py: Python<'py>,
    model: &Model,
    data: Rows<'py>,
    method: String,
    beta: &Bound<'py, PyAny>,
    options: &str,
    how: How,
) -> PyResult<(String, List<'py>, Vec<String>)> {
    let (data, name) = data.read(Some(model.loaded.info.shape.n_visible()))?;
    let (configs, _) = options::configs(std::slice::from_ref(&method), options)?;
    // The data are used here in any case: no note that the method has no use for them.
    let for_method = configs[0].reads_data().then(|| data.clone());
    let Asked { computation, notes } = Asked::new(&model.loaded, &[method], beta, for_method, options)?;
    let loaded = &model.loaded;
    let (circumstances, command) = how.split();
    let file = circumstances.run(py, |run, threads| {
        let computed = computation.run(run, provenance(run.seed, threads, &command), &mut Silent);
        let computed = computed.map_err(|refusal| method_error(&refusal))?;
        computed.likelihood(loaded, &data, &name, run).map_err(|error| value_error(&error))
    })?;
    let file = file.ok_or_else(|| refuse("the method gives no ln Z; choose another one"))?;
    Ok((file.to_json().map_err(|error| value_error(&error))?, PyArray1::from_slice(py, &file.rows), notes))
}

/// What may stand beside data whose temperature is asked for.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct Beside<'py> {
    sample: Option<Rows<'py>>,
    sample_beta: Option<f64>,
    field_data: Option<Rows<'py>>,
    field: Option<f64>,
    reference: Option<PyRef<'py, Model>>,
}

/// The temperature of data: the JSON of `plefka temperature`, and notes.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "the keywords of the function in Python")]
pub fn temperature(
    py: Python<'_>,
    model: &Model,
    data: Rows<'_>,
    method: Option<String>,
    betas: &Bound<'_, PyAny>,
    options: &str,
    beside: Beside<'_>,
    how: How,
) -> PyResult<(String, Vec<String>)> {
    let words = |error: Error| value_error(&error);
    let (any, n_visible) = (&model.loaded.model, model.loaded.info.shape.n_visible());
    let method = method.unwrap_or_else(|| Thermometer::usual_method(any).name().into());
    let (mut configs, notes) = options::configs(&[method], options)?;
    let thermometer = Thermometer { config: configs.remove(0), betas: arrays::betas(betas)? };
    let checked = thermometer.check(any, beside.sample_beta, beside.field);
    checked.map_err(|error| config_error(thermometer.config.method(), &error))?;

    let (data, name) = data.read(Some(n_visible))?;
    let further = |rows: &Option<Rows<'_>>| {
        let rows = rows.as_ref().map(|rows| rows.read(Some(n_visible))).transpose();
        rows.map(|rows| rows.map(|(data, _)| data))
    };
    let (sample, field_data) = (further(&beside.sample)?, further(&beside.field_data)?);
    let reference = beside.reference.as_ref().map(|model| model.loaded.rbm().map_err(words)).transpose()?;
    let (sample_beta, field, info) = (beside.sample_beta, beside.field, &model.loaded.info);
    let (circumstances, command) = how.split();
    let file = circumstances.run(py, |run, threads| {
        let evidence = Evidence {
            model: any,
            data: Observed::new(any, &data).map_err(words)?.within(*run),
            second: observed(any, sample.as_ref(), sample_beta, run).map_err(words)?,
            in_field: observed(any, field_data.as_ref(), field, run).map_err(words)?,
            reference,
        };
        let survey = thermometer.read(&evidence, run, |_| ()).map_err(words)?;
        if run.cancelled() {
            return Err(PyKeyboardInterrupt::new_err(()));
        }
        let provenance = provenance(run.seed, threads, &command);
        TemperatureFile::new(info.clone(), name, survey, provenance).to_json().map_err(words)
    })?;
    Ok((file, notes))
}

/// A further sample beside the model, with the number that belongs to it.
fn observed<'a>(
    model: &AnyModel,
    data: Option<&'a Data>,
    number: Option<f64>,
    run: &Run<'a>,
) -> Result<Option<(Observed<'a>, f64)>, Error> {
    let beside = |(data, number)| Ok((Observed::new(model, data)?.within(*run), number));
    data.zip(number).map(beside).transpose()
}

/// How chains made samples: their number, sweeps of burn-in, sweeps between two samples, τ.
type Chains = (usize, usize, usize, f64);

/// States, how chains made them, what must be known about that, and what is doubtful.
type Drawn<'py> = (Table<'py, u8>, Option<Chains>, Option<String>, Option<String>);

/// States of the visible units.
#[pyfunction]
pub fn sample<'py>(
    py: Python<'py>,
    model: &Model,
    count: usize,
    beta: f64,
    exact_limit: Option<u32>,
    burn_in: Option<usize>,
    how: How,
) -> PyResult<Drawn<'py>> {
    let usual = Drawing::default();
    let drawing = Drawing {
        beta,
        count,
        exact_limit: exact_limit.unwrap_or(usual.exact_limit),
        burn_in: burn_in.unwrap_or(usual.burn_in),
    };
    drawing.is_exact(&model.loaded).map_err(|error| config_error(Method::Exact, &error))?;
    let drawn = how.split().0.run(py, |run, _| whole(drawing.draw(&model.loaded, run)))?;
    let States { visible, by_chains } = drawn;
    let table = PyArray1::from_vec(py, visible).reshape([count, model.loaded.info.shape.n_visible()])?;
    let chains = by_chains.map(|of| (of.chains, of.burn_in, of.every, of.autocorrelation_time));
    Ok((table, chains, by_chains.map(|of| of.note()), by_chains.and_then(|of| of.warning())))
}

/// A figure of results as SVG: `log_z`, `energy`, `entropy` or `heat_capacity` against β. None where
/// the results have no numbers for it.
#[pyfunction]
pub fn figure(results: &str, quantity: &str) -> PyResult<Option<String>> {
    let results: ResultFile = serde_json::from_str(results).map_err(|error| refuse(error.to_string()))?;
    if !Quantity::ALL.iter().any(|known| known.name() == quantity) {
        let known = Quantity::ALL.map(Quantity::name).join(", ");
        return Err(refuse(format!("`{quantity}` is no quantity; choose one of {known}")));
    }
    let figures = plot::figures(&results).map_err(|error| value_error(&error))?;
    Ok(figures.into_iter().find(|figure| figure.name.starts_with(quantity)).map(|figure| figure.svg))
}

/// A measured number of a result, as JSON, in words: `245.22 ± 0.03`, `≥ 213.5000`, `–`.
#[pyfunction]
pub fn in_words(measured: &str) -> PyResult<String> {
    let measured = serde_json::from_str(measured).map_err(|error| refuse(error.to_string()))?;
    Ok(wording::quantity(measured))
}

/// Writes results to a folder as `plefka compare` does: numbers, figures, a report; the paths.
#[pyfunction]
pub fn save_results(results: &str, folder: PathBuf) -> PyResult<Vec<PathBuf>> {
    let results: ResultFile = serde_json::from_str(results).map_err(|error| refuse(error.to_string()))?;
    let saved = OutputFolder::open(&folder).and_then(|mut folder| folder.save(&results));
    saved.map_err(|error| value_error(&error))
}
