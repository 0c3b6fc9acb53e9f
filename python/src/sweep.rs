//! Grids of curves.

use std::path::PathBuf;

use plefka::{
    io::Locking,
    sweep::{Access, Plan, RESULTS, Shard, Store, export, run},
};
use pyo3::prelude::*;
use serde_json::Value;

use crate::{
    ask::How,
    errors::{refuse, value_error},
};

/// Works off a grid of curves in the folder `out`: how many there are, how many are done, how many
/// have failed, and the path of the table if this is the whole. `plan` is the path of a plan, or one
/// as JSON.
#[pyfunction]
pub fn sweep(
    py: Python<'_>,
    path: Option<PathBuf>,
    plan: Option<&str>,
    out: PathBuf,
    resume: bool,
    shard: Option<&str>,
    how: How,
) -> PyResult<(usize, usize, usize, Option<PathBuf>)> {
    let plan = match (path, plan) {
        (Some(path), _) => Plan::load(&path).map_err(|error| value_error(&error))?,
        (None, plan) => parsed(plan.unwrap_or("{}"))?,
    };
    let shard: Shard = shard.map_or(Ok(Shard::WHOLE), str::parse).map_err(|error| value_error(&error))?;
    let access = if resume { Access::Resume } else { Access::New };
    let mut store =
        Store::open(&out, plan.grid(), shard, access, Locking::Locked).map_err(|error| value_error(&error))?;
    how.split().0.run(py, |circumstances, _| {
        let state = run(&plan, &mut store, circumstances).map_err(|error| value_error(&error))?;
        let whole = shard == Shard::WHOLE && state.done == state.jobs;
        let table = whole.then(|| out.join(RESULTS));
        table.iter().try_for_each(|table| export(&mut store, table)).map_err(|error| value_error(&error))?;
        Ok((state.jobs, state.done, state.failed, table))
    })
}

/// A plan written as JSON.
fn parsed(plan: &str) -> PyResult<Plan> {
    let value: Value = serde_json::from_str(plan).map_err(|error| refuse(error.to_string()))?;
    let text = toml::to_string(&value).map_err(|error| refuse(error.to_string()))?;
    Plan::parse(&text, "plan".as_ref()).map_err(|error| value_error(&error))
}
