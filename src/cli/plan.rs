//! The arguments of a computation, validated: nothing in here can be refused any more once the work
//! begins.

use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use rayon::ThreadPool;

use super::{
    args::{DataArgs, RunArgs},
    console, interrupt, memory,
    method_args::{self, dashed, in_flags},
    progress::TerminalProgress,
};
use crate::{
    Betas, Curve, Error, Method, Run,
    computation::{self, Computed, Refusal, Shares, Watch},
    data::Data,
    estimator::{MethodConfig, Share, format_duration},
    io,
    io::{LoadedModel, Provenance, ReadOptions, SamplesFile},
    sample::Capabilities,
};

/// An enumeration longer than this is announced.
const LONG_SECONDS: f64 = 20.0;

/// An enumeration of fewer factors is not long on any machine, and starts without a measurement of
/// its speed.
const WORTH_MEASURING: f64 = 1e9;

/// A checked computation of the library, with what the command line says about how to run it.
pub struct Computation {
    /// Whether a doubtful result is a failure.
    pub strict: bool,
    asked: computation::Computation,
    /// The name by which the data were given.
    data: Option<String>,
    seed: u64,
    pool: ThreadPool,
}

impl Computation {
    /// Checks that every method can start.
    pub fn new(model: LoadedModel, methods: &[Method], betas: &str, args: &RunArgs) -> anyhow::Result<Self> {
        let betas = betas.parse().context("--betas")?;
        let data = data(&args.data, &model)?.map(Arc::new);
        let configs = methods.iter().map(|method| args.methods.config(*method)).collect::<anyhow::Result<_>>()?;
        let asked = computation::Computation::new(model, betas, configs, data).map_err(
            |Refusal { method, error }| match error {
                Error::NoSuchMethod { .. } => anyhow::Error::from(error).context("--method"),
                error => in_flags(method, error),
            },
        )?;
        if asked.ignores_data() {
            console::note(
                "--data has no effect without `--start-from data`, `--base data` or `--method data-bound`; how probable the \
                 data are is told by `plefka likelihood MODEL --data FILE`",
            );
        }
        args.methods.note_idle(methods);
        for (setting, why) in asked.configs().iter().filter_map(MethodConfig::remark) {
            console::note(format!("--{} {why}", dashed(setting)));
        }
        let pool = pool(args.threads)?;
        for config in asked.configs() {
            let bytes = config.memory(&asked.model().model, asked.betas().len(), pool.current_num_threads());
            memory::check(config.method().name(), bytes, "ask for fewer β, chains, records or replicates")?;
        }
        Ok(Self { strict: args.strict, asked, data: args.data.data.clone(), seed: args.seed, pool })
    }

    /// The run that pooled samples are of.
    pub fn of_shares(
        model: LoadedModel,
        betas: Betas,
        config: MethodConfig,
        data: Option<Data>,
        seed: u64,
        threads: Option<usize>,
        strict: bool,
    ) -> anyhow::Result<Self> {
        let asked = computation::Computation::new(model, betas, vec![config], data.map(Arc::new))?;
        Ok(Self { strict, asked, data: None, seed, pool: pool(threads)? })
    }

    /// Whether the run can be dealt out so.
    pub fn check_share(&self, share: Share) -> anyhow::Result<()> {
        let [config] = self.asked.configs() else {
            bail!("--save-samples: the samples of one method go to one file; ask for one --method");
        };
        let prepared = config.prepare(&self.asked.model().model)?;
        prepared.check_share(share).map_err(|error| in_flags(config.method(), error))
    }

    /// Draws the samples of a share.
    pub fn sample(&self, share: Share) -> anyhow::Result<SamplesFile> {
        self.on_the_threads(|run, _, _| self.asked.sample(share, self.data.as_deref(), run))
    }

    /// Makes the result of the samples of all shares.
    pub fn pool(&self, shares: Shares) -> anyhow::Result<Computed> {
        self.on_the_threads(|run, process, told| self.asked.pool(shares, run, process, told))
    }

    /// Runs the methods one after the other, and tells of them on stderr. After Ctrl-C the rest of
    /// them return at once, with what they have.
    pub fn run(&self) -> anyhow::Result<Computed> {
        self.on_the_threads(|run, process, told| self.asked.run(run, process, told))
    }

    /// Does some work of the library on the threads asked for, and shows how far it has come.
    fn on_the_threads<T: Send>(
        &self,
        work: impl FnOnce(&Run<'_>, Provenance, &mut Told<'_>) -> Result<T, Refusal> + Send,
    ) -> anyhow::Result<T> {
        let progress = TerminalProgress::new(self.asked.configs().len());
        let run = Run { seed: self.seed, cancel: interrupt::flag(), progress: &progress };
        let process = Provenance::of_this_process(self.seed, self.pool.current_num_threads());
        let mut told = Told { asked: &self.asked, progress: &progress };
        let done = self.pool.install(|| work(&run, process, &mut told));
        done.map_err(|Refusal { method, error }| anyhow::Error::from(error).context(method.to_string()))
    }

    /// The model.
    pub fn model(&self) -> &LoadedModel {
        self.asked.model()
    }
}

/// What is said on stderr while a computation goes on.
struct Told<'a> {
    asked: &'a computation::Computation,
    progress: &'a TerminalProgress,
}

impl Watch for Told<'_> {
    fn begins(&mut self, k: usize, config: &MethodConfig) {
        self.progress.turn_to(k);
        let MethodConfig::Exact(exact) = config else { return };
        let (model, points) = (self.asked.model().model.enumerable(), self.asked.betas().len());
        if model.enumeration_cost().factors() * points as f64 > WORTH_MEASURING {
            let seconds = exact.expected_seconds(model, points);
            if seconds > LONG_SECONDS {
                console::note(format!("exact: this will take about {}", format_duration(seconds)));
            }
        }
    }

    fn has_curve(&mut self, curve: &Curve) {
        curve.warnings.iter().for_each(|warning| console::warning(format!("{}: {warning}", curve.method)));
    }

    fn fails(&mut self, Refusal { method, error }: &Refusal) {
        console::warning(format!("{method} has no result: {error}"));
    }
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
    computation::thread_pool(threads).map_err(|error| in_flags(Method::Auto, error))
}
