//! Several methods on one model and one grid, to judged results.

use std::sync::Arc;

use crate::{
    Betas, Curve, Error, Method, Run, Status,
    data::Data,
    estimator::{MethodConfig, certain_bounds},
    findings,
    io::{self, CurveRecord, LoadedModel, Provenance, ResultFile},
};

/// A model, a grid and the methods to run on them: nothing in here can be refused any more once the
/// work begins.
#[derive(Debug)]
pub struct Computation {
    model: LoadedModel,
    betas: Betas,
    configs: Vec<MethodConfig>,
    data: Option<Arc<Data>>,
}

/// Why a method cannot start, or has no result.
#[derive(Debug, thiserror::Error)]
#[error("{method}: {error}")]
pub struct Refusal {
    /// The method.
    pub method: Method,
    /// Its words.
    pub error: Error,
}

/// Somebody who is told how a computation goes on.
pub trait Watch {
    /// The `k`-th method begins.
    fn begins(&mut self, k: usize, config: &MethodConfig) {
        let _ = (k, config);
    }

    /// A method has its curve.
    fn has_curve(&mut self, curve: &Curve) {
        let _ = curve;
    }

    /// A method has none, which does not take the results of the others with it.
    fn fails(&mut self, refusal: &Refusal) {
        let _ = refusal;
    }
}

/// Nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Watch for Silent {}

/// What a computation came to.
#[derive(Debug)]
pub struct Computed {
    /// The curves of the methods that have one, judged together.
    pub results: ResultFile,
    /// The methods that have none, and why.
    pub failed: Vec<Refusal>,
}

impl Computation {
    /// Gives the data to every method, and checks that each can start.
    ///
    /// # Errors
    /// The first [`Refusal`].
    pub fn new(
        model: LoadedModel,
        betas: Betas,
        mut configs: Vec<MethodConfig>,
        data: Option<Arc<Data>>,
    ) -> Result<Self, Refusal> {
        for config in &mut configs {
            if let Some(data) = &data {
                config.give_data(data);
            }
            if config.follows_trajectory() && io::is_run(&model.info.source) {
                let refusal = |error| Refusal { method: config.method(), error };
                let trajectory = io::load_trajectory(&model.info.source).map_err(refusal)?;
                config.give_trajectory(&Arc::new(trajectory));
            }
            let checked = config.prepare(&model.model).and_then(|prepared| prepared.check());
            checked.map_err(|error| Refusal { method: config.method(), error })?;
        }
        Ok(Self { model, betas, configs, data })
    }

    /// The model.
    #[must_use]
    pub fn model(&self) -> &LoadedModel {
        &self.model
    }

    /// The grid.
    #[must_use]
    pub fn betas(&self) -> &Betas {
        &self.betas
    }

    /// The methods with their settings.
    #[must_use]
    pub fn configs(&self) -> &[MethodConfig] {
        &self.configs
    }

    /// Whether data were given and no method does anything with them.
    #[must_use]
    pub fn ignores_data(&self) -> bool {
        self.data.is_some() && !self.configs.iter().any(MethodConfig::reads_data)
    }

    /// Runs the methods one after the other, on the threads of the rayon pool this is called in.
    /// Once `run` is cancelled the rest of them return at once, with what they have.
    ///
    /// `provenance` says what process this is; the settings of the methods are filled in.
    ///
    /// # Errors
    /// The [`Refusal`] of the method, if there is but one.
    pub fn run(&self, run: &Run<'_>, provenance: Provenance, watch: &mut dyn Watch) -> Result<Computed, Refusal> {
        let (mut curves, mut failed) = (Vec::with_capacity(self.configs.len()), Vec::new());
        let mut bounds = None;
        for (k, config) in self.configs.iter().enumerate() {
            watch.begins(k, config);
            match self.curve(config, &mut bounds, run) {
                Ok(curve) => {
                    watch.has_curve(&curve);
                    curves.push(CurveRecord::from(&curve));
                }
                Err(error) => {
                    let refusal = Refusal { method: config.method(), error };
                    if self.configs.len() == 1 {
                        return Err(refusal);
                    }
                    watch.fails(&refusal);
                    failed.push(refusal);
                }
            }
        }
        let by_method = self.configs.iter().map(|config| (config.method().name().into(), config.fields()));
        let settings = serde_json::Value::Object(by_method.collect());
        let results = ResultFile::new(self.model.info.clone(), curves, Provenance { settings, ..provenance });
        Ok(Computed { results: findings::judged(results), failed })
    }

    /// The curve of one method. One that is sampled is held against the certain bounds of the
    /// model, which are found when they are first needed; `auto` has done so itself.
    fn curve(
        &self,
        config: &MethodConfig,
        bounds: &mut Option<Option<Vec<f64>>>,
        run: &Run<'_>,
    ) -> Result<Curve, Error> {
        let mut curve = config.prepare(&self.model.model)?.curve(&self.betas, run)?;
        // Beside the exact value a bound says nothing more.
        let exact = self.configs.iter().any(|config| config.method() == Method::Exact);
        if exact || curve.replicates.is_empty() || curve.method == Method::Auto || curve.status() == Status::Cancelled {
            return Ok(curve);
        }
        if bounds.is_none() {
            *bounds = Some(certain_bounds(&self.model.model, self.data.as_ref(), &self.betas, run)?);
        }
        if let Some(Some(bounds)) = bounds {
            curve.hold_against(bounds);
        }
        Ok(curve)
    }
}
