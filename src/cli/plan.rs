//! The arguments of a computation, validated: nothing in here can be refused any more once the work begins.

use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use plefka::{
    Betas, Error, MeanField, Method, Run,
    data::Data,
    estimator::{Settings, StartFrom, Tempering, format_duration},
    io,
    io::{CurveRecord, LoadedModel, Provenance, ResultFile},
};
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::{
    args::{DataArgs, RunArgs},
    console, interrupt,
    progress::Bar,
};

/// More threads than any machine has cores: surely a slip of the finger.
const MAX_THREADS: usize = 4096;

/// An enumeration longer than this is announced.
const LONG_SECONDS: f64 = 20.0;

/// An enumeration of fewer factors is not long on any machine, and starts without a measurement of its speed.
const WORTH_MEASURING: f64 = 1e9;

/// A model, a grid and the methods to run on them.
pub struct Plan {
    /// Whether a doubtful result is a failure.
    pub strict: bool,
    model: LoadedModel,
    betas: Betas,
    settings: Settings,
    methods: Vec<Method>,
    seed: u64,
    pool: ThreadPool,
}

impl Plan {
    /// Checks that every method can start.
    pub fn new(model: LoadedModel, methods: Vec<Method>, betas: &str, args: RunArgs) -> anyhow::Result<Self> {
        let betas = betas.parse().context("--betas")?;
        let mut settings = args.settings.settings();
        settings.give_data(data(&args.data, &model)?.map(Arc::new));
        for method in &methods {
            settings.bind(&model.model, *method).context("--method")?.check().map_err(name_flag)?;
        }
        note_idle_settings(&settings, &methods);
        let pool = pool(args.threads)?;
        Ok(Self { strict: args.strict, model, betas, settings, methods, seed: args.seed, pool })
    }

    /// Runs the methods one after the other. After Ctrl-C the rest of them return at once, with what they have.
    ///
    /// A method that fails does not take the results of the others with it.
    pub fn run(&self) -> anyhow::Result<Outcome> {
        let cancel = interrupt::listen()?;
        let (mut curves, mut failed) = (Vec::with_capacity(self.methods.len()), Vec::new());
        for (k, &method) in self.methods.iter().enumerate() {
            self.announce(method);
            let estimator = self.settings.bind(&self.model.model, method)?;
            let run = Run { seed: self.seed, cancel, progress: &Bar::new(k, self.methods.len()) };
            match self.pool.install(|| estimator.curve(&self.betas, &run)) {
                Ok(curve) => {
                    curve.warnings.iter().for_each(|warning| console::warning(format!("{method}: {warning}")));
                    curves.push(CurveRecord::from(&curve));
                }
                Err(error) if self.methods.len() == 1 => return Err(error).context(method.to_string()),
                Err(error) => {
                    console::warning(format!("{method} has no result: {error}"));
                    failed.push(method);
                }
            }
        }
        let settings = serde_json::to_value(&self.settings)?;
        let process = Provenance::of_this_process(self.seed, self.pool.current_num_threads());
        let results = ResultFile::new(self.model.info.clone(), curves, Provenance { settings, ..process });
        Ok(Outcome { results, failed })
    }

    /// Says beforehand how long an enumeration will take, if it is long.
    fn announce(&self, method: Method) {
        let model = self.model.model.enumerable();
        let factors = model.enumeration_cost().factors() * self.betas.len() as f64;
        if method == Method::Exact && factors > WORTH_MEASURING {
            let seconds = self.settings.exact.expected_seconds(model, self.betas.len());
            if seconds > LONG_SECONDS {
                console::note(format!("{method}: this will take about {}", format_duration(seconds)));
            }
        }
    }
}

/// What a plan came to.
pub struct Outcome {
    /// The curves of the methods that have one.
    pub results: ResultFile,
    /// The methods that have none.
    pub failed: Vec<Method>,
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
        let method = name.parse().context("--method")?;
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

/// A library error in terms of the command line: a field of a setting is known here by its flag.
pub fn name_flag(error: Error) -> anyhow::Error {
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
    let chosen = |listeners: &[Method]| methods.iter().any(|method| listeners.contains(method));
    let anneals = chosen(&[Method::Ais, Method::ReverseAis, Method::Bar]);
    let descends = chosen(&[Method::ReverseAis, Method::Bar]);
    let expands = chosen(&[Method::MeanField, Method::Tap2, Method::Tap3]);
    let tempers = chosen(&[Method::Tempering, Method::Integration]);
    let MeanField { start_from, starts, .. } = settings.mean_field;

    let has_data = settings.data_bound.data.is_some();
    if has_data && !methods.iter().any(|method| settings.reads_data(*method)) {
        console::note("--data has no effect without `--start-from data`, `--base data` or `--method data-bound`");
    }

    let default = Settings::default();
    let mut typed = settings.clone();
    typed.give_data(None);
    if typed.ais != default.ais && !anneals && !tempers {
        console::note("the options of ais have no effect without ais, reverse-ais, bar, tempering or ti");
    }
    if typed.reverse_ais != default.reverse_ais && !descends {
        console::note("--start and --burn-in have no effect without reverse-ais or bar");
    }
    if (Tempering { base: default.tempering.base, kernel: default.tempering.kernel, ..typed.tempering })
        != default.tempering
        && !tempers
    {
        console::note("--ladders, --temperatures, --sweeps and --records have no effect without tempering or ti");
    }
    if typed.bethe != default.bethe && !expands && !chosen(&[Method::Bethe]) {
        console::note("--damping, --tolerance and --max-iterations have no effect without mf, tap2, tap3 or bethe");
    }
    let search = |s: &MeanField| (s.starts, s.start_from, s.report, s.solver);
    if search(&typed.mean_field) != search(&default.mean_field) && !expands {
        console::note("--starts, --start-from, --report and --solver have no effect without mf, tap2 or tap3");
    } else if start_from != StartFrom::Random && starts == 1 {
        console::note(
            "--start-from has no effect on a single start, which is from free units; ask for more by --starts",
        );
    }
}
