//! The arguments of a computation, validated: nothing in here can be refused any more once the work begins.

use anyhow::{Context, anyhow, bail};
use plefka::{
    Betas, Error, Estimator, Method, Rbm, Run,
    estimator::Settings,
    io::{self, CurveRecord, LoadedModel, Provenance, ResultFile},
};
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::{args::RunArgs, console, interrupt, progress::Bar};

/// More threads than any machine has cores: surely a slip of the finger.
const MAX_THREADS: usize = 4096;

/// A model, a grid and the estimators to run on them.
pub struct Plan {
    /// Whether a doubtful result is a failure.
    pub strict: bool,
    model: LoadedModel,
    betas: Betas,
    settings: Settings,
    estimators: Vec<Box<dyn Estimator<Rbm>>>,
    seed: u64,
    pool: ThreadPool,
}

impl Plan {
    /// Checks that every method can start.
    pub fn new(model: LoadedModel, methods: &[Method], betas: &str, args: RunArgs) -> anyhow::Result<Self> {
        let betas = betas.parse().context("--betas")?;
        let settings = args.settings.settings();
        let estimators: Vec<_> = methods.iter().map(|method| settings.estimator(*method)).collect();
        estimators.iter().try_for_each(|estimator| estimator.check(&model.rbm).map_err(name_flag))?;
        note_idle_settings(&settings, methods);
        let pool = pool(args.threads)?;
        Ok(Self { strict: args.strict, model, betas, settings, estimators, seed: args.seed, pool })
    }

    /// Runs the estimators one after the other. After Ctrl-C the rest of them return at once, with what they have.
    pub fn run(&self) -> anyhow::Result<ResultFile> {
        let cancel = interrupt::listen()?;
        let mut curves = Vec::with_capacity(self.estimators.len());
        for (k, estimator) in self.estimators.iter().enumerate() {
            let method = estimator.method();
            let run = Run { seed: self.seed, cancel, progress: &Bar::new(k, self.estimators.len()) };
            let curve = self.pool.install(|| estimator.curve(&self.model.rbm, &self.betas, &run));
            let curve = curve.with_context(|| method.to_string())?;
            curve.warnings.iter().for_each(|warning| console::warning(format!("{method}: {warning}")));
            curves.push(CurveRecord::from(&curve));
        }
        let settings = serde_json::to_value(&self.settings)?;
        let process = Provenance::of_this_process(self.seed, self.pool.current_num_threads());
        Ok(ResultFile::new(self.model.info.clone(), curves, Provenance { settings, ..process }))
    }
}

/// Loads MODEL, a file or a built-in.
pub fn model(name: &str) -> anyhow::Result<LoadedModel> {
    io::load_model(name).map_err(|error| match error {
        Error::Io { .. } => {
            anyhow!("MODEL: {error}; give a model file (.npz), or a built-in such as `builtin:mnist20`")
        }
        error => anyhow::Error::from(error).context("MODEL"),
    })
}

/// The methods by name, each at most once.
pub fn methods(names: &[String]) -> anyhow::Result<Vec<Method>> {
    let mut methods = Vec::with_capacity(names.len());
    for name in names {
        let method = name.parse().context("--method")?;
        if methods.contains(&method) {
            bail!("--method: `{method}` is listed twice; list each method once");
        }
        methods.push(method);
    }
    Ok(methods)
}

fn pool(threads: Option<usize>) -> anyhow::Result<ThreadPool> {
    if let Some(threads) = threads.filter(|n| !(1..=MAX_THREADS).contains(n)) {
        bail!("--threads {threads} cannot be used: it must be from 1 to {MAX_THREADS}, or left out to use every core");
    }
    let builder = ThreadPoolBuilder::new().num_threads(threads.unwrap_or(0));
    builder.build().context("--threads: the system refuses to start so many threads; ask for fewer")
}

/// A library error in terms of the command line: a field of a setting is known here by its flag.
fn name_flag(error: Error) -> anyhow::Error {
    match error {
        Error::Config { field, value, remedy } => {
            let flag = match field.rsplit('.').next() {
                Some("max_units") | None => "exact-limit".into(),
                Some(field) => field.replace('_', "-"),
            };
            anyhow!("--{flag} {value} cannot be used: {remedy}")
        }
        error => error.into(),
    }
}

/// Points out options that no chosen method listens to, so that nobody takes a result for what it is not.
fn note_idle_settings(settings: &Settings, methods: &[Method]) {
    let default = Settings::default();
    let mean_field = [Method::MeanField, Method::Tap2, Method::Tap3];
    let expands = methods.iter().any(|method| mean_field.contains(method));
    if settings.ais != default.ais && !methods.contains(&Method::Ais) {
        console::note("--chains, --rungs and --replicates have no effect without `--method ais`");
    }
    if settings.mean_field != default.mean_field && !expands {
        console::note(
            "--damping, --tolerance, --max-iterations, --starts, --report and --solver have no effect without mf, tap2 or tap3",
        );
    }
}
