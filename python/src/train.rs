//! Training.

use std::{path::PathBuf, sync::Arc};

use plefka::{
    Run,
    io::LoadedModel,
    train::{Evaluator, RunFolder, Train, Trainer},
};
use pyo3::{exceptions::PyKeyboardInterrupt, prelude::*};

use crate::{
    ask::{How, Rows},
    errors::{refuse, value_error},
    model::{self, Model},
    run::whole,
};

/// Trains an RBM in the folder `out`; the rows of its log as JSON. `settings` are those of
/// `plan.toml`, as JSON.
#[pyfunction]
pub fn train(
    py: Python<'_>,
    data: Rows<'_>,
    test: Option<Rows<'_>>,
    settings: &str,
    out: PathBuf,
    resume: bool,
    how: How,
) -> PyResult<String> {
    let plan: Train = serde_json::from_str(settings).map_err(|error| refuse(error.to_string()))?;
    let (data, _) = data.read(None)?;
    let (train, held_out) = plan.split(&data).map_err(|error| value_error(&error))?;
    let given = test.map(|rows| rows.read(Some(data.n_features()))).transpose()?;
    if given.is_some() && held_out.is_some() {
        return Err(refuse("test and holdout are both given; leave out one of the two"));
    }
    let (train, test) = (Arc::new(train), given.map(|(test, _)| test).or(held_out));
    let folder = RunFolder::open(&out, &plan, &train, test.as_ref(), resume).map_err(|error| value_error(&error))?;
    how.split().0.run(py, |run, _| {
        // The seed of the plan, so that a run that goes on is the run that was begun.
        let run = Run { seed: plan.seed, ..*run };
        let (test, evaluator) = (test.as_ref(), Evaluator::default());
        if !folder.train(&plan, &train, test, &evaluator, &run, &mut |_| ()).map_err(|error| value_error(&error))? {
            return Err(PyKeyboardInterrupt::new_err(()));
        }
        let rows = folder.log().map_err(|error| value_error(&error))?;
        serde_json::to_string(&rows).map_err(|error| refuse(error.to_string()))
    })
}

/// The model after all updates, from a random one or from a given one, without any evaluation.
#[pyfunction]
pub fn train_model(
    py: Python<'_>,
    start: Option<PyRef<'_, Model>>,
    data: Rows<'_>,
    settings: &str,
    how: How,
) -> PyResult<Py<PyAny>> {
    let plan: Train = serde_json::from_str(settings).map_err(|error| refuse(error.to_string()))?;
    let (data, _) = data.read(None)?;
    let start = match &start {
        Some(model) => Some(model.loaded.rbm().map_err(|error| value_error(&error))?.clone()),
        None => None,
    };
    let rbm = how.split().0.run(py, |run, _| {
        let trained = || {
            let mut trainer = match start {
                Some(rbm) => Trainer::from_model(&plan, &data, rbm)?,
                None => Trainer::new(&plan, &data)?,
            };
            Ok(trainer.finish(run)?.then(|| trainer.rbm().clone()))
        };
        whole(trained())
    })?;
    model::of_its_kind(py, LoadedModel::new(rbm.into(), "trained").map_err(|error| value_error(&error))?)
}
