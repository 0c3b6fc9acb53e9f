//! A plan: what is written in TOML, checked whole before any work.

use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

use serde::{Serialize, de::DeserializeOwned};

use super::{
    Axis, Grid, Job, Procedure,
    document::{Document, Entry, Section},
    source::{Source, relative},
};
use crate::{
    Betas, Curve, Error, Method, Run,
    dataset::Data,
    estimator::{Bar, MeanField, ReverseAis, Settings},
    io::{self, Quantity},
    model::Order,
};

/// More jobs than could be listed in memory with comfort, and than anybody has waited for.
const MAX_JOBS: usize = 10_000_000;

const TABLES: &str = "name, observables, data, [model], [axes], [methods]";

/// A grid together with what it takes to work it off: the model and the estimators.
pub struct Plan {
    grid: Grid,
    betas: Betas,
    source: Source,
    settings: Vec<Settings>,
}

impl Plan {
    /// Reads and checks a plan. A model file is looked for relative to the plan's folder.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be read; [`Error::Format`] with line, key and remedy if it is not TOML, holds a key that
    /// is not known, an axis that means nothing, or a method that could not start.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let text = fs::read_to_string(path).map_err(Error::io("read", path))?;
        Self::parse(&text, path)
    }

    /// The same of a text; `path` is where it lies, for messages and for relative paths in it.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn parse(text: &str, path: &Path) -> Result<Self, Error> {
        let mut root = Document::parse(text, path)?;
        let name = name(root.take("name"), path)?;
        let observables = observables(root.take("observables"))?;
        let data = data(root.take("data"), path)?;
        let model = root.section("model", "add it, with `source = \"builtin:mnist20\"` or the path of a model file")?;
        let axes = root.take("axes").map(Entry::into_section).transpose()?;
        let methods = root.section("methods", "add a table for each method, such as `[methods.exact]`")?;
        root.finish(TABLES)?;

        let names = axes.as_ref().map(Section::names).unwrap_or_default();
        let (source, model) = Source::read(model, path.parent().unwrap_or(Path::new("")), &names)?;
        let axes = axes.map_or(Ok(Vec::new()), |axes| read_axes(axes, &source))?;
        let mut methods = read_methods(methods)?;
        methods.iter_mut().for_each(|(.., settings)| settings.give_data(data.clone()));
        let procedures =
            methods.iter().map(|(_, method, settings)| procedure(*method, settings, data.as_deref())).collect();
        let grid = Grid { name, model, axes, methods: procedures, observables };
        if grid.jobs() > MAX_JOBS {
            let problem = format!("the grid has {} curves", grid.jobs());
            return Err(Error::format(path, problem, format!("plan at most {MAX_JOBS}: thin out an axis")));
        }
        let betas = grid.betas()?;
        let (entries, settings): (Vec<_>, Vec<_>) = methods.into_iter().map(|(e, _, settings)| (e, settings)).unzip();
        let plan = Self { grid, betas, source, settings };
        plan.check(&entries, path)?;
        Ok(plan)
    }

    /// The plan as plain data.
    #[must_use]
    pub fn grid(&self) -> &Grid {
        &self.grid
    }

    /// Computes the curve of a job. Its random numbers come from the seed of the job and not from that of `run`.
    ///
    /// # Errors
    /// Those of the model and of the estimator.
    pub fn curve(&self, job: &Job, run: &Run<'_>) -> Result<Curve, Error> {
        let model = self.source.instantiate(&job.cell)?;
        let method = self.grid.methods[job.method].method;
        self.settings[job.method].bind(&model, method)?.curve(&self.betas, &Run { seed: job.seed, ..*run })
    }

    /// Whether every method can start on a model of every size.
    fn check(&self, entries: &[Entry<'_>], path: &Path) -> Result<(), Error> {
        for (cell, _) in self.shapes() {
            let cell = self.grid.cell(cell);
            let place = || cell.iter().map(|(name, value)| format!("{name} = {value}")).collect::<Vec<_>>().join(", ");
            let model = self.source.instantiate(&cell).map_err(|e| {
                let problem = format!("there is no model at {}: {e}", place());
                Error::format(path, problem, "change [model] or [axes]")
            })?;
            for ((entry, procedure), settings) in entries.iter().zip(&self.grid.methods).zip(&self.settings) {
                let checked = settings.bind(&model, procedure.method).and_then(|bound| bound.check());
                checked.map_err(|e| {
                    let at = if cell.iter().next().is_some() { format!(" at {}", place()) } else { String::new() };
                    entry.refuse(format!("cannot start{at}: {e}"), "change the method or the model")
                })?;
            }
        }
        Ok(())
    }

    /// The first cell of each size of the model, as far as the axes vary it, and how many cells are of that size.
    pub(super) fn shapes(&self) -> Vec<(usize, usize)> {
        let mut shapes: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        for k in 0..self.grid.cells() {
            let cell = self.grid.cell(k);
            let sizes = Source::SHAPING.iter().filter_map(|axis| Some(cell.get(axis)?.to_string()));
            shapes.entry(sizes.collect::<Vec<_>>().join(" ")).or_insert((k, 0)).1 += 1;
        }
        shapes.into_values().collect()
    }

    /// The model of a cell and the β, for the forecast.
    pub(super) fn source(&self) -> (&Source, &Betas) {
        (&self.source, &self.betas)
    }
}

/// The name of a sweep, which may become that of a folder; without one, that of the file.
fn name(entry: Option<Entry<'_>>, path: &Path) -> Result<String, Error> {
    let Some(entry) = entry else {
        return Ok(path.file_stem().map_or_else(|| "sweep".into(), |stem| stem.to_string_lossy().into_owned()));
    };
    let remedy = "write a name of letters, digits, `-`, `_` and `.`";
    let name = entry.text(remedy)?;
    let allowed = |c: char| c.is_alphanumeric() || "-_.".contains(c);
    if name.is_empty() || name.starts_with('.') || !name.chars().all(allowed) {
        return Err(entry.refuse(format!("is `{name}`"), remedy));
    }
    Ok(name)
}

/// The data that methods may start from; a path is relative to the folder of the plan.
fn data(entry: Option<Entry<'_>>, plan: &Path) -> Result<Option<Arc<Data>>, Error> {
    let Some(entry) = entry else { return Ok(None) };
    let remedy = "give a data file (.npz), or a built-in such as `builtin:mnist10k`";
    let source = relative(&entry.text(remedy)?, plan.parent().unwrap_or(Path::new("")));
    let data = io::load_data(&source, None).map_err(|e| entry.refuse(format!("cannot be used: {e}"), remedy))?;
    Ok(Some(Arc::new(data)))
}

fn observables(entry: Option<Entry<'_>>) -> Result<Vec<Quantity>, Error> {
    let Some(entry) = entry else { return Ok(Quantity::ALL.to_vec()) };
    let remedy = format!("list some of {}", Quantity::ALL.map(Quantity::name).join(", "));
    let mut observables: Vec<Quantity> = entry.read(&remedy)?;
    observables.sort_by_key(|quantity| Quantity::ALL.iter().position(|q| q == quantity));
    if observables.is_empty() || observables.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(entry.refuse("is empty or lists something twice", remedy));
    }
    Ok(observables)
}

fn read_axes(mut section: Section<'_>, source: &Source) -> Result<Vec<Axis>, Error> {
    let mut axes: Vec<Axis> = Vec::new();
    for entry in section.rest() {
        if let Some((problem, remedy)) = source.objection(&entry.name) {
            return Err(entry.refuse(problem, remedy));
        }
        axes.push(Axis::read(&entry)?);
        if ["g", "weight_scale"].iter().all(|name| axes.iter().any(|axis| axis.name == *name)) {
            let problem =
                "does nothing together with the other of `g` and `weight_scale`: g sets the norm of the weights";
            return Err(entry.refuse(problem, "keep one of the two"));
        }
    }
    Ok(axes)
}

/// Each method with the entry that names it.
fn read_methods<'t>(mut section: Section<'t>) -> Result<Vec<(Entry<'t>, Method, Settings)>, Error> {
    let read = |entry: Entry<'t>| {
        let known = || format!("the methods are {}", Method::ALL.map(Method::name).join(", "));
        let method: Method = entry.name.parse().map_err(|_| entry.refuse("is no method", known()))?;
        let settings = settings(&entry, method)?;
        Ok((entry, method, settings))
    };
    match section.rest() {
        entries if entries.is_empty() => Err(section.refuse("is empty", "name a method, such as `[methods.exact]`")),
        entries => entries.into_iter().map(read).collect(),
    }
}

/// The settings of a method: the fields of its estimator.
fn settings(entry: &Entry<'_>, method: Method) -> Result<Settings, Error> {
    let ordered = |order| {
        if entry.holds("order") {
            return Err(entry.refuse("holds `order`, which its name says already", "leave `order` out"));
        }
        Ok(Settings { mean_field: MeanField { order, ..fields(entry)? }, ..Settings::default() })
    };
    match method {
        Method::Exact => Ok(Settings { exact: fields(entry)?, ..Settings::default() }),
        Method::Ais => Ok(Settings { ais: fields(entry)?, ..Settings::default() }),
        // Their annealing is that of `ais`.
        Method::ReverseAis => {
            let reverse_ais: ReverseAis = fields(entry)?;
            Ok(Settings { ais: reverse_ais.annealing.clone(), reverse_ais, ..Settings::default() })
        }
        Method::Bar => {
            let bar: Bar = fields(entry)?;
            Ok(Settings { ais: bar.annealing.clone(), bar, ..Settings::default() })
        }
        Method::Tempering | Method::Integration => Ok(Settings { tempering: fields(entry)?, ..Settings::default() }),
        Method::DataBound => Ok(Settings { data_bound: fields(entry)?, ..Settings::default() }),
        Method::Bethe => Ok(Settings { bethe: fields(entry)?, ..Settings::default() }),
        Method::MeanField => ordered(Order::First),
        Method::Tap2 => ordered(Order::Second),
        Method::Tap3 => ordered(Order::Third),
    }
}

fn fields<T: DeserializeOwned + Default + Serialize>(entry: &Entry<'_>) -> Result<T, Error> {
    let defaults = serde_json::to_value(T::default()).unwrap_or_default();
    let known = defaults.as_object().map(|map| map.keys().cloned().collect::<Vec<_>>().join(", "));
    entry.read(&format!("the settings of a method are fields of its estimator: {}", known.unwrap_or_default()))
}

/// A method and all its settings as plain data, with the hash of the data that it reads.
fn procedure(method: Method, settings: &Settings, data: Option<&Data>) -> Procedure {
    let fields = match method {
        Method::Exact => serde_json::to_value(&settings.exact),
        Method::Ais => serde_json::to_value(&settings.ais),
        Method::ReverseAis => serde_json::to_value(&settings.reverse_ais),
        Method::Bar => serde_json::to_value(&settings.bar),
        Method::Tempering | Method::Integration => serde_json::to_value(&settings.tempering),
        Method::DataBound => serde_json::to_value(&settings.data_bound),
        Method::Bethe => serde_json::to_value(&settings.bethe),
        Method::MeanField | Method::Tap2 | Method::Tap3 => serde_json::to_value(&settings.mean_field),
    };
    let reads = data.filter(|_| settings.reads_data(method));
    let mut settings: BTreeMap<_, _> = match fields {
        Ok(serde_json::Value::Object(fields)) => fields.into_iter().collect(),
        _ => BTreeMap::new(),
    };
    settings.extend(reads.map(|data| ("data".into(), data.sha256().into())));
    Procedure { method, settings }
}
