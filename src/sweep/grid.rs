//! The sweep as plain data: which jobs there are, and who each of them is.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    Column, Task,
    axis::{Axis, BETA, Number},
};
use crate::{Betas, Error, checksum::sha256};

/// Which model, or family of models, a sweep is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelId {
    /// Its name in the plan: a path, a built-in or a generator. Where a file lies changes no
    /// result.
    pub source: String,
    /// What fixes it: the hash of the file, or the parameters of the generator.
    pub identity: BTreeMap<String, serde_json::Value>,
}

/// A task and its settings, with all defaults filled in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Procedure {
    /// The method, or `replicas`.
    pub method: Task,
    /// The fields of its estimator, or of [`Sampling`](crate::observe::Sampling).
    pub settings: BTreeMap<String, serde_json::Value>,
}

/// Everything that fixes the numbers of a sweep, and nothing else: the head of its store.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Grid {
    /// The name of the sweep.
    pub name: String,
    /// The model.
    pub model: ModelId,
    /// The axes in the order of the plan, `beta` among them.
    pub axes: Vec<Axis>,
    /// The methods in the order of the plan.
    pub methods: Vec<Procedure>,
    /// The columns of the table.
    pub observables: Vec<Column>,
}

/// One point of the grid but for β: the values of the other axes, by name.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell(Vec<(String, Number)>);

impl Cell {
    /// The value of an axis, if the plan has it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Number> {
        self.0.iter().find(|(axis, _)| axis == name).map(|(_, value)| *value)
    }

    /// All names and values, in the order of the plan.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Number)> {
        self.0.iter().map(|(name, value)| (name.as_str(), *value))
    }
}

/// One curve to be computed: a method on a cell, over all β.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Its number in the order of the grid: cells, then methods.
    pub number: usize,
    /// The values of the axes.
    pub cell: Cell,
    /// Which of the methods.
    pub method: usize,
    /// A hash of everything that fixes its numbers.
    pub id: u128,
    /// The seed of its random numbers, from the same hash.
    pub seed: u64,
}

impl Grid {
    /// The inverse temperatures.
    ///
    /// # Errors
    /// Those of [`Betas::new`], for a grid that no plan would have let through.
    pub fn betas(&self) -> Result<Betas, Error> {
        self.axes.iter().find(|axis| axis.name == BETA).map_or_else(|| Betas::one(1.0), Axis::betas)
    }

    /// The axes other than β: those that a cell has a value of.
    fn outer(&self) -> impl DoubleEndedIterator<Item = &Axis> {
        self.axes.iter().filter(|axis| axis.name != BETA)
    }

    /// The number of cells.
    #[must_use]
    pub fn cells(&self) -> usize {
        self.outer().fold(1, |cells, axis| cells.saturating_mul(axis.values.len()))
    }

    /// The number of jobs.
    #[must_use]
    pub fn jobs(&self) -> usize {
        self.cells().saturating_mul(self.methods.len())
    }

    /// The number of rows of the table: jobs × β.
    #[must_use]
    pub fn rows(&self) -> usize {
        let betas = self.axes.iter().find(|axis| axis.name == BETA).map_or(1, |axis| axis.values.len());
        self.jobs().saturating_mul(betas)
    }

    /// The `k`-th cell: the last axis varies fastest.
    #[must_use]
    pub fn cell(&self, mut k: usize) -> Cell {
        let mut cell: Vec<_> = (self.outer().rev())
            .map(|axis| {
                let value = axis.values[k % axis.values.len()];
                k /= axis.values.len();
                (axis.name.clone(), value)
            })
            .collect();
        cell.reverse();
        Cell(cell)
    }

    /// The `k`-th job.
    #[must_use]
    pub fn job(&self, k: usize) -> Job {
        let (cell, method) = (self.cell(k / self.methods.len()), k % self.methods.len());
        let digest = Sha256::digest(self.identity(&cell, method));
        let (id, seed) = digest.split_at(16);
        let id = u128::from_be_bytes(id.try_into().unwrap_or_default());
        let seed = u64::from_be_bytes(seed[..8].try_into().unwrap_or_default());
        Job { number: k, cell, method, id, seed }
    }

    /// Everything that fixes the numbers of a job, in words. Its place in the grid is not part of
    /// it, and neither are the order of the axes and the path of the model: what does not change a
    /// result must not change its seed.
    fn identity(&self, cell: &Cell, method: usize) -> String {
        let Procedure { method, settings } = &self.methods[method];
        let betas = self.axes.iter().find(|axis| axis.name == BETA).map_or(&[][..], |axis| &axis.values);
        let mut axes: Vec<_> = cell.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        axes.sort_unstable();
        let json = |map: &BTreeMap<String, serde_json::Value>| {
            map.iter().map(|(key, value)| format!("{key} = {value}")).collect::<Vec<_>>().join("\n")
        };
        let betas: Vec<_> = betas.iter().map(Number::to_string).collect();
        [
            "plefka job 1".into(),
            json(&self.model.identity),
            format!("beta = {}", betas.join(",")),
            axes.join("\n"),
            format!("method = {method}"),
            json(settings),
        ]
        .join("\n\n")
    }

    /// A hash of the whole grid, in hexadecimal.
    #[must_use]
    pub fn sha256(&self) -> String {
        let text = serde_json::to_string(self).unwrap_or_default();
        sha256(text)
    }
}
