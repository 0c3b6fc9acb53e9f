//! A plan: what is written in TOML, checked whole before any work.

use std::{borrow::Cow, collections::BTreeMap, path::Path, sync::Arc};

use super::{
    Axis, Column, Grid, Job, Outcome, Procedure, Task,
    document::{Document, Entry, Section},
    source::{Source, relative},
    task::ConfiguredTask,
};
use crate::{Betas, Error, Run, data::Data, io, model::AnyModel};

/// More jobs than could be listed in memory with comfort, and than anybody has waited for.
const MAX_JOBS: usize = 10_000_000;

const TABLES: &str = "name, observables, data, [model], [axes], [methods]";

/// A grid together with what it takes to work it off: the model and the estimators.
pub struct Plan {
    grid: Grid,
    betas: Betas,
    source: Source,
    works: Vec<ConfiguredTask>,
}

impl Plan {
    /// Reads and checks a plan. A model file is looked for relative to the plan's folder.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be read; [`Error::Format`] with line, key and remedy if it is not
    /// TOML, holds a key that is not known, an axis that means nothing, or a method that could not
    /// start.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let text = io::read_text(path)?;
        Self::parse(&text, path)
    }

    /// The same of a text; `path` is where it lies, for messages and for relative paths in it.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn parse(text: &str, path: &Path) -> Result<Self, Error> {
        let mut root = Document::parse(text, path)?;
        let name = name(root.take("name"), path)?;
        let observables = root.take("observables");
        let data = data(root.take("data"), path)?;
        let model = root.section("model", "add it, with `source = \"builtin:mnist20\"` or the path of a model file")?;
        let axes = root.take("axes").map(Entry::into_section).transpose()?;
        let methods = root.section("methods", "add a table for each method, such as `[methods.exact]`")?;
        root.finish(TABLES)?;

        let names = axes.as_ref().map(Section::names).unwrap_or_default();
        let (source, model) = Source::read(model, path.parent().unwrap_or(Path::new("")), &names)?;
        let axes = axes.map_or(Ok(Vec::new()), |axes| read_axes(axes, &source))?;
        let mut methods = read_methods(methods)?;
        if let Some(data) = &data {
            methods.iter_mut().for_each(|(_, work)| work.give_data(data));
        }
        let procedures: Vec<_> = methods.iter().map(|(_, work)| work.procedure(data.as_deref())).collect();
        let observables = columns(observables, &procedures)?;
        let grid = Grid { name, model, axes, methods: procedures, observables };
        if grid.jobs() > MAX_JOBS {
            let problem = format!("the grid has {} curves", grid.jobs());
            return Err(Error::format(path, problem, format!("plan at most {MAX_JOBS}: thin out an axis")));
        }
        let betas = grid.betas()?;
        let (entries, works): (Vec<_>, Vec<_>) = methods.into_iter().unzip();
        let plan = Self { grid, betas, source, works };
        plan.check(&entries, path)?;
        Ok(plan)
    }

    /// The plan as plain data.
    #[must_use]
    pub fn grid(&self) -> &Grid {
        &self.grid
    }

    /// Does a job. Its random numbers come from the seed of the job and not from that of `run`.
    /// `None` if the run was cancelled.
    ///
    /// # Errors
    /// Those of the model and of the estimator.
    pub fn outcome(&self, job: &Job, run: &Run<'_>) -> Result<Option<Outcome>, Error> {
        let model = self.source.instantiate(&job.cell)?;
        self.works[job.method].outcome(&model, &self.betas, &Run { seed: job.seed, ..*run })
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
            for (entry, work) in entries.iter().zip(&self.works) {
                work.check(&model, &self.betas).map_err(|e| {
                    let at = if cell.iter().next().is_some() { format!(" at {}", place()) } else { String::new() };
                    entry.refuse(format!("cannot start{at}: {e}"), "change the method or the model")
                })?;
            }
        }
        Ok(())
    }

    /// The first cell of each size of the model, as far as the axes vary it, and how many cells are
    /// of that size.
    pub(super) fn shapes(&self) -> Vec<(usize, usize)> {
        let mut shapes: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        for k in 0..self.grid.cells() {
            let cell = self.grid.cell(k);
            let sizes = Source::SHAPING.iter().filter_map(|axis| Some(cell.get(axis)?.to_string()));
            shapes.entry(sizes.collect::<Vec<_>>().join(" ")).or_insert((k, 0)).1 += 1;
        }
        shapes.into_values().collect()
    }

    /// About how many bytes the largest job on the model of a cell takes.
    pub(super) fn memory(&self, model: &AnyModel) -> f64 {
        self.works.iter().map(|work| work.memory(model, self.betas.len())).fold(0.0, f64::max)
    }

    /// The model of a cell, for the forecast.
    pub(super) fn model(&self, cell: usize) -> Result<Cow<'_, AnyModel>, Error> {
        self.source.instantiate(&self.grid.cell(cell))
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

/// The columns of the table; without a list, all that the tasks fill.
fn columns(entry: Option<Entry<'_>>, tasks: &[Procedure]) -> Result<Vec<Column>, Error> {
    let replicas = tasks.iter().any(|procedure| procedure.method == Task::Replicas);
    let curves = tasks.iter().any(|procedure| procedure.method != Task::Replicas);
    let filled = |column: &Column| match column {
        Column::Curve(_) => curves,
        Column::Replicas(_) => replicas,
    };
    let Some(entry) = entry else { return Ok(Column::all().filter(filled).collect()) };
    let names: Vec<_> = Column::all().map(Column::name).collect();
    let remedy = format!("list some of {}", names.join(", "));
    let mut columns: Vec<Column> = entry.read(&remedy)?;
    columns.sort_by_key(|column| Column::all().position(|other| other == *column));
    if columns.is_empty() || columns.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(entry.refuse("is empty or lists something twice", remedy));
    }
    match columns.iter().find(|column| !filled(column)) {
        Some(empty @ Column::Replicas(_)) => {
            Err(entry
                .refuse(format!("lists `{empty}`, which needs replicas"), "add `[methods.replicas]`, or take it out"))
        }
        Some(empty @ Column::Curve(_)) => {
            let remedy = "add one, such as `[methods.ais]`, or take it out";
            Err(entry.refuse(format!("lists `{empty}`, which needs a method"), remedy))
        }
        None => Ok(columns),
    }
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

/// Each task with the entry that names it.
fn read_methods<'t>(mut section: Section<'t>) -> Result<Vec<(Entry<'t>, ConfiguredTask)>, Error> {
    match section.rest() {
        entries if entries.is_empty() => Err(section.refuse("is empty", "name a method, such as `[methods.exact]`")),
        entries => entries.into_iter().map(|entry| ConfiguredTask::read(&entry).map(|work| (entry, work))).collect(),
    }
}
