//! The history of a training run.

use std::{path::PathBuf, sync::Arc};

use plefka::{
    Error,
    computation::{Chronicle, Rows as Beside},
    history,
    io::{self, HistoryFile, LoadedModel},
    path::{Checkpoint, Trajectory},
    plot::{self, FigureFile, OutputFolder},
    train::{RunFolder, Train},
};
use pyo3::{exceptions::PyKeyboardInterrupt, prelude::*};

use crate::{
    ask::{How, Rows, provenance},
    errors::{method_error, refuse, value_error},
    model::Model,
    options,
};

const WHOSE_ROWS: &str = "data: not the rows that the run was trained on, as far as is known: all of them count as \
                          training rows";

/// A training run: by the name of its folder or archive, or as models by their updates.
#[derive(FromPyObject)]
pub enum TrainingRun<'py> {
    /// A folder or an archive, `RUN` or `RUN@N`.
    Name(String),
    /// Updates and models, in their order.
    Models(Vec<(u64, PyRef<'py, Model>)>),
}

impl TrainingRun<'_> {
    /// Its checkpoints, and the last model.
    fn load(&self) -> Result<(Trajectory, LoadedModel), Error> {
        match self {
            Self::Name(name) => Ok((io::load_trajectory(name)?, io::load_model(name)?)),
            Self::Models(models) => {
                let checkpoint = |(update, model): &(u64, PyRef<'_, Model>)| {
                    Ok(Checkpoint { update: *update, rbm: model.loaded.rbm()?.clone() })
                };
                let checkpoints = models.iter().map(checkpoint).collect::<Result<Vec<_>, Error>>()?;
                let trajectory = Trajectory::new(checkpoints)?;
                let last = LoadedModel::new(trajectory.last().rbm.clone().into(), "checkpoints")?;
                Ok((trajectory, last))
            }
        }
    }

    /// Its folder, if it has one.
    fn folder(&self) -> Option<PathBuf> {
        match self {
            Self::Name(name) => Some(name.rsplit_once('@').map_or(&name[..], |(folder, _)| folder).into()),
            Self::Models(_) => None,
        }
    }
}

/// The rows beside a run: data, a table to test on, the share held out.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct Given<'py> {
    data: Option<Rows<'py>>,
    test: Option<Rows<'py>>,
    holdout: Option<f64>,
}

impl Given<'_> {
    /// The rows to train on and those to test on, with a note on what is not known of them.
    fn split(&self, folder: Option<PathBuf>, n_visible: usize) -> PyResult<(Beside, Option<String>)> {
        let words = |error: Error| value_error(&error);
        let test = self.test.as_ref().map(|rows| rows.read(Some(n_visible))).transpose()?.map(|(test, _)| test);
        let Some(data) = &self.data else {
            let idle = self.holdout.map(|_| "holdout has no effect without data".into());
            return Ok((Beside { test, ..Beside::default() }, idle));
        };
        let (data, name) = data.read(Some(n_visible))?;
        let (train, test, note) = match (test, self.holdout) {
            (Some(_), Some(_)) => return Err(refuse("test and holdout are both given; leave out one of the two")),
            (Some(test), None) => (data, Some(test), None),
            (None, Some(holdout)) => {
                let (train, test) = Train { holdout, ..Train::default() }.split(&data).map_err(words)?;
                (train, test, None)
            }
            (None, None) => {
                let found = folder.map(|folder| RunFolder::split(&folder, &data)).transpose().map_err(words)?.flatten();
                match found {
                    Some((train, test)) => (train, test, None),
                    None => (data, None, Some(WHOSE_ROWS.into())),
                }
            }
        };
        Ok((Beside { name: Some(name), train: Some(Arc::new(train)), test }, note))
    }
}

/// ln Z and ln p(v) at every checkpoint: the JSON of `plefka history`, and notes.
#[pyfunction]
#[pyo3(name = "history")]
pub fn of_run(
    py: Python<'_>,
    run: TrainingRun<'_>,
    methods: Vec<String>,
    given: Given<'_>,
    options: &str,
    how: How,
) -> PyResult<(String, Vec<String>)> {
    let words = |error: Error| value_error(&error);
    let (trajectory, last) = run.load().map_err(words)?;
    let trajectory = Arc::new(trajectory);
    let (beside, note) = given.split(run.folder(), trajectory.last().rbm.n_visible())?;
    let usual = if methods.is_empty() { history::default_methods(&trajectory) } else { Vec::new() };
    let (configs, mut notes) = options::configs_along(usual, &methods, options)?;
    notes.extend(note);
    let chronicle = Chronicle::new(last.info, trajectory, configs, beside).map_err(|refusal| method_error(&refusal))?;
    let (circumstances, command) = how.split();
    let file = circumstances.run(py, |run, threads| {
        let file = chronicle.run(run, provenance(run.seed, threads, &command)).map_err(words)?;
        if chronicle.is_whole(&file) { Ok(file) } else { Err(PyKeyboardInterrupt::new_err(())) }
    })?;
    Ok((file.to_json().map_err(words)?, notes))
}

fn parsed(history: &str) -> PyResult<HistoryFile> {
    serde_json::from_str(history).map_err(|error| refuse(error.to_string()))
}

/// The figures of a history as SVG, by their names.
#[pyfunction]
pub fn history_figures(history: &str) -> PyResult<Vec<(&'static str, String)>> {
    let mut drawn = Vec::new();
    for (name, chart) in plot::history_charts(&parsed(history)?) {
        let figure = FigureFile::from(chart).draw(name).map_err(|error| value_error(&error))?;
        drawn.extend(figure.map(|figure| (name, figure.svg)));
    }
    Ok(drawn)
}

/// Writes a history to a folder as `plefka history --out` does; the paths.
#[pyfunction]
pub fn save_history(history: &str, folder: PathBuf) -> PyResult<Vec<PathBuf>> {
    let history = parsed(history)?;
    let saved = OutputFolder::open(&folder).and_then(|mut folder| folder.save_history(&history));
    saved.map_err(|error| value_error(&error))
}
