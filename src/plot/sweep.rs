//! The figures of a sweep, from its store.

use std::collections::BTreeMap;

use super::{Chart, ChartPoint, FigureFile, HeatMap, Series};
use crate::{
    Error, Measured,
    io::Quantity,
    observe::{Observable, average},
    sweep::{BETA, Column, Store, Task},
};

/// The axis that is averaged over.
const DISORDER: &str = "seed";
/// From so many values on of both axes a map shows more than a family of curves.
const LEAST_OF_A_MAP: usize = 6;

/// The numbers of the figures of a sweep, by name: each observable over the axes that vary,
/// averaged over seeds.
///
/// Over one axis it is a curve for each method; over two a heat map for each method, or a family of
/// curves where one of the two has fewer than six values. A sweep over more axes, or over seeds
/// alone, has no figures: its table can be drawn in parts. With several seeds the error bar is that
/// of the mean over them, which contains what sampling adds; with one it is that of the number.
/// Jobs that are missing or failed leave gaps.
///
/// # Errors
/// Those of [`Store::record`].
pub fn sweep_figures(store: &mut Store) -> Result<Vec<(String, FigureFile)>, Error> {
    let table = Table::read(store)?;
    let columns = store.grid().observables.clone();
    let tasks: Vec<Task> = store.grid().methods.iter().map(|procedure| procedure.method).collect();
    let mut figures: Vec<(String, FigureFile)> = Vec::new();
    for column in columns {
        let filled: Vec<Task> = tasks.iter().copied().filter(|task| table.holds(*task, column)).collect();
        let named = |task: Task| format!("{column}-{task}");
        match &table.axes[..] {
            [_] if !filled.is_empty() => figures.push((column.name().into(), table.curves(column, &filled).into())),
            [x, y] if x.at.len().min(y.at.len()) < LEAST_OF_A_MAP => {
                figures.extend(filled.into_iter().map(|task| (named(task), table.family(column, task).into())));
            }
            [_, _] => figures.extend(filled.into_iter().map(|task| (named(task), table.map(column, task).into()))),
            _ => {}
        }
    }
    Ok(figures)
}

/// A column as a reader knows it.
fn quantity(column: Column) -> &'static str {
    match column {
        Column::Curve(Quantity::LogZ) => "ln Z, nats",
        Column::Curve(Quantity::Energy) => "U",
        Column::Curve(Quantity::Entropy) => "S, nats",
        Column::Curve(Quantity::HeatCapacity) => "C",
        Column::Replicas(Observable::Magnetisation) => "⟨m⟩",
        Column::Replicas(Observable::EdwardsAnderson) => "√⟨q²⟩",
        Column::Replicas(Observable::EdwardsAndersonVisible) => "√⟨q²⟩ of the visible units",
        Column::Replicas(Observable::EdwardsAndersonHidden) => "√⟨q²⟩ of the hidden units",
        Column::Replicas(Observable::StaggeredOverlap) => "√⟨(q_v − q_h)²⟩/2",
        Column::Replicas(Observable::SpinGlassSusceptibility) => "χ_SG = N⟨q²⟩",
    }
}

/// An axis that varies, ascending.
struct Direction {
    name: String,
    at: Vec<f64>,
}

impl Direction {
    /// As a reader knows it.
    fn symbol(&self) -> &str {
        match &self.name[..] {
            BETA => "β",
            "alpha" => "α",
            "weight_scale" => "weight scale",
            "temperature_scale" => "scale of all parameters",
            other => other,
        }
    }

    fn place(&self, value: f64) -> Option<usize> {
        self.at.iter().position(|at| *at == value)
    }
}

/// The numbers of all seeds, by task, column and place along the axes.
struct Table {
    title: String,
    model: String,
    seeds: usize,
    /// Curves that are there, and those that were planned.
    done: [usize; 2],
    axes: Vec<Direction>,
    numbers: BTreeMap<(&'static str, &'static str, Vec<usize>), Vec<Measured>>,
}

impl Table {
    fn read(store: &mut Store) -> Result<Self, Error> {
        let grid = store.grid().clone();
        let betas = grid.betas()?;
        let mut axes: Vec<Direction> = Vec::new();
        for axis in grid.axes.iter().filter(|axis| axis.name != DISORDER && axis.values.len() > 1) {
            let mut at: Vec<f64> = axis.values.iter().map(|value| value.real()).collect();
            at.sort_by(f64::total_cmp);
            axes.push(Direction { name: axis.name.clone(), at });
        }
        let seeds = grid.axes.iter().find(|axis| axis.name == DISORDER).map_or(1, |axis| axis.values.len());
        let done = [(0..grid.jobs()).filter(|job| store.holds(*job)).count(), grid.jobs()];
        let (title, model) = (grid.name.clone(), grid.model.source.clone());
        let mut table = Self { title, model, seeds, done, axes, numbers: BTreeMap::new() };
        for job in 0..grid.jobs() {
            let Some(record) = store.record(job)? else { continue };
            for (k, beta) in betas.iter().enumerate() {
                let value = |axis: &Direction| match &axis.name[..] {
                    BETA => Some(*beta),
                    name => record.axes.get(name).map(|value| value.real()),
                };
                let place: Option<Vec<usize>> = table.axes.iter().map(|axis| axis.place(value(axis)?)).collect();
                let Some(place) = place else { continue };
                for column in &grid.observables {
                    let key = (record.method.name(), column.name(), place.clone());
                    table.numbers.entry(key).or_default().extend(record.outcome.measured(*column, k));
                }
            }
        }
        Ok(table)
    }

    fn holds(&self, task: Task, column: Column) -> bool {
        self.numbers.iter().any(|((t, c, _), numbers)| (*t, *c) == (task.name(), column.name()) && !numbers.is_empty())
    }

    /// The mean over seeds, with its standard error if there is one.
    fn at(&self, task: Task, column: Column, place: Vec<usize>) -> (Option<f64>, Option<f64>) {
        let numbers = self.numbers.get(&(task.name(), column.name(), place)).map_or(&[][..], Vec::as_slice);
        let mean = match numbers {
            [] => return (None, None),
            [one] => *one,
            several => average(&several.iter().map(|m| m.value).collect::<Vec<_>>()),
        };
        (Some(mean.value), mean.claim.std_error())
    }

    fn subtitle(&self, task: Option<Task>) -> String {
        let of = task.map_or(self.model.clone(), |task| format!("{}, {task}", self.model));
        let of = if self.seeds > 1 { format!("{of}, mean of {} seeds ± 1σ", self.seeds) } else { of };
        let [done, planned] = self.done;
        if done < planned { format!("{of}; unfinished: {done} of {planned} curves") } else { of }
    }

    fn chart(&self, column: Column, x: &Direction, task: Option<Task>, series: Vec<Series>) -> Chart {
        Chart {
            title: format!("{}: {}", self.title, quantity(column)),
            subtitle: self.subtitle(task),
            caption: format!("{} against {}.", quantity(column), x.symbol()),
            labels: [x.symbol().into(), quantity(column).into()],
            series,
            vertical: Vec::new(),
            horizontal: Vec::new(),
        }
    }

    /// Over the only axis, a curve for each task.
    fn curves(&self, column: Column, tasks: &[Task]) -> Chart {
        let x = &self.axes[0];
        let series = |(look, task): (usize, &Task)| {
            let point = |(k, x): (usize, &f64)| -> ChartPoint {
                let (y, error) = self.at(*task, column, vec![k]);
                (*x, y, error)
            };
            Series::measured(task.name(), look, x.at.iter().enumerate().map(point))
        };
        self.chart(column, x, None, tasks.iter().enumerate().map(series).collect())
    }

    /// Over the longer of two axes, a curve for each value of the other.
    fn family(&self, column: Column, task: Task) -> Chart {
        let [long, short] = if self.axes[0].at.len() >= self.axes[1].at.len() { [0, 1] } else { [1, 0] };
        let (x, other) = (&self.axes[long], &self.axes[short]);
        let series = |(of, value): (usize, &f64)| {
            let point = |(k, x): (usize, &f64)| -> ChartPoint {
                let place = if long == 0 { vec![k, of] } else { vec![of, k] };
                let (y, error) = self.at(task, column, place);
                (*x, y, error)
            };
            Series::measured(format!("{} = {value}", other.symbol()), of, x.at.iter().enumerate().map(point))
        };
        self.chart(column, x, Some(task), other.at.iter().enumerate().map(series).collect())
    }

    /// Over both axes, as colours.
    fn map(&self, column: Column, task: Task) -> HeatMap {
        let [x, y] = [&self.axes[0], &self.axes[1]];
        let values = (0..y.at.len()).flat_map(|j| (0..x.at.len()).map(move |i| self.at(task, column, vec![i, j]).0));
        HeatMap {
            title: format!("{}: {}", self.title, quantity(column)),
            subtitle: self.subtitle(Some(task)),
            labels: [x.symbol().into(), y.symbol().into(), quantity(column).into()],
            x: x.at.clone(),
            y: y.at.clone(),
            log_y: false,
            values: values.collect(),
            contours: Vec::new(),
            overlays: Vec::new(),
        }
    }
}
