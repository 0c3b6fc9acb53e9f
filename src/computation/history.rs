//! ln Z and the likelihood at every checkpoint of a training run, by several methods.

use std::sync::Arc;

use super::Refusal;
use crate::{
    Error, Run,
    data::Data,
    estimator::MethodConfig,
    history::history,
    io::{HistoryFile, ModelInfo, Provenance},
    path::Trajectory,
};

/// Rows of data beside a training run.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// What they are called in results.
    pub name: Option<String>,
    /// Those that it was trained on.
    pub train: Option<Arc<Data>>,
    /// Those that it was not.
    pub test: Option<Data>,
}

/// A training run and the methods to go through it with: nothing in here can be refused any more
/// once the work begins.
#[derive(Debug)]
pub struct Chronicle {
    info: ModelInfo,
    trajectory: Arc<Trajectory>,
    configs: Vec<MethodConfig>,
    rows: Rows,
}

impl Chronicle {
    /// Gives checkpoints and data to every method, and checks that each can start. `info` is of the
    /// last model.
    ///
    /// # Errors
    /// The first [`Refusal`].
    pub fn new(
        info: ModelInfo,
        trajectory: Arc<Trajectory>,
        mut configs: Vec<MethodConfig>,
        rows: Rows,
    ) -> Result<Self, Refusal> {
        for config in &mut configs {
            config.give_trajectory(&trajectory);
            if let Some(data) = &rows.train {
                config.give_data(data);
            }
            let checked = config.prepare(&trajectory.last().rbm).and_then(|prepared| prepared.check());
            checked.map_err(|error| Refusal { method: config.method(), error })?;
        }
        Ok(Self { info, trajectory, configs, rows })
    }

    /// Runs them, on the threads of the rayon pool this is called in. `provenance` says what process
    /// this is; the settings of the methods are filled in.
    ///
    /// # Errors
    /// Those of the methods, and [`Error::Config`] if the data do not fit the models.
    pub fn run(&self, run: &Run<'_>, provenance: Provenance) -> Result<HistoryFile, Error> {
        let Rows { name, train, test } = &self.rows;
        let found = history(&self.trajectory, &self.configs, train.as_ref(), test.as_ref(), run)?;
        let settings = self.configs.iter().map(|config| (config.method().name().into(), config.fields()));
        let provenance = Provenance { settings: serde_json::Value::Object(settings.collect()), ..provenance };
        let n_samples = [train.as_ref().map_or(0, |data| data.n_samples()), test.as_ref().map_or(0, Data::n_samples)];
        Ok(HistoryFile::new(self.info.clone(), name.clone(), n_samples, found, provenance))
    }

    /// Whether no checkpoint is missing: the run was not cancelled.
    #[must_use]
    pub fn is_whole(&self, file: &HistoryFile) -> bool {
        file.rows.len() == self.trajectory.checkpoints().len()
    }
}
