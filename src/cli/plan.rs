//! The arguments of a computation, validated: nothing in here can be refused any more once the work
//! begins.

use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::{
    args::{DataArgs, RunArgs},
    console, interrupt,
    method_args::{self, dashed, in_flags},
    progress::TerminalProgress,
};
use crate::{
    Betas, Curve, Error, Method, Run, Status,
    data::Data,
    estimator::{MethodConfig, certain_bounds, format_duration},
    findings, io,
    io::{CurveRecord, LoadedModel, Provenance, ReadOptions, ResultFile},
    sample::Capabilities,
};

/// More threads than any machine has cores: surely a slip of the finger.
const MAX_THREADS: usize = 4096;

/// An enumeration longer than this is announced.
const LONG_SECONDS: f64 = 20.0;

/// An enumeration of fewer factors is not long on any machine, and starts without a measurement of
/// its speed.
const WORTH_MEASURING: f64 = 1e9;

/// A model, a grid and the methods to run on them.
pub struct Computation {
    /// Whether a doubtful result is a failure.
    pub strict: bool,
    model: LoadedModel,
    betas: Betas,
    configs: Vec<MethodConfig>,
    data: Option<Arc<Data>>,
    seed: u64,
    pool: ThreadPool,
}

impl Computation {
    /// Checks that every method can start.
    pub fn new(model: LoadedModel, methods: &[Method], betas: &str, args: &RunArgs) -> anyhow::Result<Self> {
        let betas = betas.parse().context("--betas")?;
        let data = data(&args.data, &model)?.map(Arc::new);
        let mut configs = Vec::with_capacity(methods.len());
        for method in methods {
            let mut config = args.methods.config(*method)?;
            if let Some(data) = &data {
                config.give_data(data);
            }
            if config.follows_trajectory() && io::is_run(&model.info.source) {
                config.give_trajectory(&Arc::new(io::load_trajectory(&model.info.source).context("MODEL")?));
            }
            let prepared = config.prepare(&model.model).context("--method")?;
            prepared.check().map_err(|error| in_flags(*method, error))?;
            drop(prepared);
            configs.push(config);
        }
        if data.is_some() && !configs.iter().any(MethodConfig::reads_data) {
            console::note("--data has no effect without `--start-from data`, `--base data` or `--method data-bound`");
        }
        args.methods.note_idle(methods);
        for (setting, why) in configs.iter().filter_map(MethodConfig::remark) {
            console::note(format!("--{} {why}", dashed(setting)));
        }
        let pool = pool(args.threads)?;
        Ok(Self { strict: args.strict, model, betas, configs, data, seed: args.seed, pool })
    }

    /// Runs the methods one after the other. After Ctrl-C the rest of them return at once, with
    /// what they have.
    ///
    /// A method that fails does not take the results of the others with it.
    pub fn run(&self) -> anyhow::Result<Computed> {
        let cancel = interrupt::listen()?;
        let (mut curves, mut failed) = (Vec::with_capacity(self.configs.len()), Vec::new());
        let mut bounds = None;
        for (k, config) in self.configs.iter().enumerate() {
            let method = config.method();
            self.announce(config);
            let run = Run { seed: self.seed, cancel, progress: &TerminalProgress::new(k, self.configs.len()) };
            let prepared = config.prepare(&self.model.model)?;
            match self.pool.install(|| prepared.curve(&self.betas, &run)) {
                Ok(mut curve) => {
                    self.hold_against_bounds(&mut curve, &mut bounds, &run)?;
                    curve.warnings.iter().for_each(|warning| console::warning(format!("{method}: {warning}")));
                    curves.push(CurveRecord::from(&curve));
                }
                Err(error) if self.configs.len() == 1 => return Err(error).context(method.to_string()),
                Err(error) => {
                    console::warning(format!("{method} has no result: {error}"));
                    failed.push(method);
                }
            }
        }
        let by_method = self.configs.iter().map(|config| (config.method().name().into(), config.fields()));
        let settings = serde_json::Value::Object(by_method.collect());
        let process = Provenance::of_this_process(self.seed, self.pool.current_num_threads());
        let results = ResultFile::new(self.model.info.clone(), curves, Provenance { settings, ..process });
        let results = findings::judged(results);
        Ok(Computed { results, failed })
    }

    /// Holds a sampled curve against the certain bounds of the model, which are found when they are
    /// first needed. `auto` has done so itself.
    fn hold_against_bounds(
        &self,
        curve: &mut Curve,
        bounds: &mut Option<Option<Vec<f64>>>,
        run: &Run<'_>,
    ) -> anyhow::Result<()> {
        // Beside the exact value a bound says nothing more.
        let exact = self.configs.iter().any(|config| config.method() == Method::Exact);
        if exact || curve.replicates.is_empty() || curve.method == Method::Auto || curve.status() == Status::Cancelled {
            return Ok(());
        }
        if bounds.is_none() {
            let (model, data) = (&self.model.model, self.data.as_ref());
            *bounds = Some(self.pool.install(|| certain_bounds(model, data, &self.betas, run))?);
        }
        if let Some(Some(bounds)) = bounds {
            curve.hold_against(bounds);
        }
        Ok(())
    }

    /// Prints an estimate of the time of an enumeration, if that is long.
    fn announce(&self, config: &MethodConfig) {
        let MethodConfig::Exact(exact) = config else { return };
        let model = self.model.model.enumerable();
        if model.enumeration_cost().factors() * self.betas.len() as f64 > WORTH_MEASURING {
            let seconds = exact.expected_seconds(model, self.betas.len());
            if seconds > LONG_SECONDS {
                console::note(format!("exact: this will take about {}", format_duration(seconds)));
            }
        }
    }
}

/// What a plan came to.
pub struct Computed {
    /// The curves of the methods that have one.
    pub results: ResultFile,
    /// The methods that have none.
    pub failed: Vec<Method>,
}

/// Loads MODEL, a file or a built-in, and says what had to be assumed.
pub fn model(name: &str) -> anyhow::Result<LoadedModel> {
    model_with(name, &ReadOptions::default())
}

/// The same, with what a file may leave open.
pub fn model_with(name: &str, options: &ReadOptions) -> anyhow::Result<LoadedModel> {
    let loaded = io::load_model_with(name, options).map_err(|error| match error {
        Error::Io { .. } => {
            anyhow!("MODEL: {error}; give a model file, or a built-in such as `builtin:mnist20`")
        }
        error => anyhow::Error::from(error).context("MODEL"),
    })?;
    loaded.reading.notes.iter().for_each(|note| console::note(format!("{name}: {note}")));
    Ok(loaded)
}

/// Loads the data of `--data` for this model, if they are given.
pub fn data(args: &DataArgs, model: &LoadedModel) -> anyhow::Result<Option<Data>> {
    let Some(name) = &args.data else { return Ok(None) };
    io::load_data(name, Some(model.info.shape.n_visible())).map(Some).map_err(|error| match error {
        Error::Io { .. } => {
            anyhow!("--data: {error}; give a data file (.npz), or a built-in such as `builtin:mnist10k`")
        }
        error => anyhow::Error::from(error).context("--data"),
    })
}

/// The methods by name, each at most once.
pub fn methods(names: &[String]) -> anyhow::Result<Vec<Method>> {
    let mut methods = Vec::with_capacity(names.len());
    for name in names {
        let method = method_args::method(name)?;
        if methods.contains(&method) {
            bail!("--method: `{method}` is listed twice; list each method once");
        }
        methods.push(method);
    }
    Ok(methods)
}

/// The threads to work on; without a number, one for each core.
pub fn pool(threads: Option<usize>) -> anyhow::Result<ThreadPool> {
    if let Some(threads) = threads.filter(|n| !(1..=MAX_THREADS).contains(n)) {
        bail!("--threads {threads} cannot be used: it must be from 1 to {MAX_THREADS}, or left out to use every core");
    }
    let builder = ThreadPoolBuilder::new().num_threads(threads.unwrap_or(0));
    builder.build().context("--threads: the system refuses to start so many threads; ask for fewer")
}
