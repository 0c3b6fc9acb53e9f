//! Several methods on one model and one grid, to judged results.

use std::sync::Arc;

use crate::{
    Betas, Curve, Error, Method, Run, Status,
    data::Data,
    estimator::{CertainBounds, MethodConfig},
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

    /// The data, if there are any.
    pub(super) fn data(&self) -> Option<&Data> {
        self.data.as_deref()
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
        for (k, config) in self.configs.iter().enumerate() {
            watch.begins(k, config);
            let prepared = config.prepare(&self.model.model);
            match prepared.and_then(|prepared| prepared.curve(&self.betas, run)) {
                Ok(curve) => curves.push(curve),
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
        Ok(self.judged(curves, failed, run, provenance, watch))
    }

    /// The curves of the methods that have one, held against what is certain and judged together.
    pub(super) fn judged(
        &self,
        mut curves: Vec<Curve>,
        failed: Vec<Refusal>,
        run: &Run<'_>,
        provenance: Provenance,
        watch: &mut dyn Watch,
    ) -> Computed {
        if let Err(error) = self.hold_against_certain_bounds(&mut curves, run) {
            // The numbers stand without their bounds, and whoever watches is told so.
            watch.fails(&Refusal { method: Method::Mixture, error });
        }
        curves.iter().for_each(|curve| watch.has_curve(curve));
        let curves: Vec<CurveRecord> = curves.iter().map(CurveRecord::from).collect();
        let by_method = self.configs.iter().map(|config| (config.method().name().into(), config.fields()));
        let settings = serde_json::Value::Object(by_method.collect());
        let results = ResultFile::new(self.model.info.clone(), curves, Provenance { settings, ..provenance });
        Computed { results: findings::judged(results), failed }
    }

    /// Holds the sampled curves against the certain bounds of the model and its modes, which all of
    /// their states help to find. `auto` has done so itself, and beside the exact value a bound says
    /// nothing more.
    fn hold_against_certain_bounds(&self, curves: &mut [Curve], run: &Run<'_>) -> Result<(), Error> {
        let judged = |curve: &Curve| {
            !curve.replicates.is_empty() && curve.method != Method::Auto && curve.status() != Status::Cancelled
        };
        let exact = self.configs.iter().any(|config| config.method() == Method::Exact);
        let sampled: Vec<&Curve> = curves.iter().filter(|curve| judged(curve)).collect();
        if exact || sampled.is_empty() {
            return Ok(());
        }
        let model = &self.model.model;
        let certain = CertainBounds::find(model, self.data.as_ref(), &sampled, &self.betas, run)?;
        if let Some(certain) = certain {
            curves.iter_mut().filter(|curve| judged(curve)).for_each(|curve| curve.hold_against(&certain));
        }
        Ok(())
    }
}
