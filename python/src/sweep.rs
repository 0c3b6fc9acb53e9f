//! Grids of curves.

use std::{env, path::PathBuf};

use plefka::{
    Error,
    io::Locking,
    sweep::{Access, Plan, RESULTS, Shard, Store, export, merge as join, run, scheduled, shares, shares_in},
};
use pyo3::prelude::*;
use serde_json::Value;

use crate::{
    ask::How,
    errors::{refuse, value_error},
};

/// How far a sweep has come, to Python: its folder, how many curves there are, how many are done,
/// how many have failed, and the path of the table if this is the whole.
type Found = (PathBuf, usize, usize, usize, Option<PathBuf>);

/// Works off a grid of curves in the folder `out`. `plan` is the path of a plan, or one as JSON;
/// `shard` is `i/n`, or `auto` for what the scheduler says.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "the keywords of the function in Python")]
pub fn sweep(
    py: Python<'_>,
    path: Option<PathBuf>,
    plan: Option<&str>,
    out: PathBuf,
    resume: bool,
    shard: Option<&str>,
    shards: Option<usize>,
    how: How,
) -> PyResult<Found> {
    let plan = match (path, plan) {
        (Some(path), _) => Plan::load(&path).map_err(|error| value_error(&error))?,
        (None, plan) => parsed(plan.unwrap_or("{}"))?,
    };
    let auto = shard == Some("auto");
    if shards.is_some() && !auto {
        return Err(refuse("shards belongs to shard=\"auto\": leave it out, or add that"));
    }
    let shard = match shard {
        Some("auto") => scheduled(|name| env::var(name).ok(), shards),
        Some(share) => share.parse(),
        None => Ok(Shard::WHOLE),
    };
    let shard: Shard = shard.map_err(|error| value_error(&error))?;
    let folder = if auto { out.join(shard.folder()) } else { out };
    // A scheduler may run a task again.
    let access = if resume || auto { Access::Resume } else { Access::New };
    let mut store =
        Store::open(&folder, plan.grid(), shard, access, Locking::Locked).map_err(|error| value_error(&error))?;
    how.split().0.run(py, |circumstances, _| {
        let state = run(&plan, &mut store, circumstances).map_err(|error| value_error(&error))?;
        let whole = shard == Shard::WHOLE && state.done == state.jobs;
        let table = whole.then(|| folder.join(RESULTS));
        table.iter().try_for_each(|table| export(&mut store, table)).map_err(|error| value_error(&error))?;
        Ok((folder, state.jobs, state.done, state.failed, table))
    })
}

/// Joins the folders of all shares to one, as `plefka merge` does.
#[pyfunction]
pub fn merge(folders: Vec<PathBuf>, out: Option<PathBuf>) -> PyResult<Found> {
    let words = |error: Error| value_error(&error);
    let (folders, out) = match (out, &folders[..]) {
        (Some(out), given) => {
            let found: Result<Vec<_>, _> = given.iter().map(|folder| shares(folder)).collect();
            (found.map_err(words)?.concat(), out)
        }
        (None, [holding]) => (shares_in(holding).map_err(words)?, holding.clone()),
        (None, _) => {
            return Err(refuse("out is missing: give a folder for the joined sweep, or one that holds all shares"));
        }
    };
    let state = join(&folders, &out).map_err(words)?.progressed();
    let table = out.join(RESULTS);
    Ok((out, state.jobs, state.done, state.failed, Some(table)))
}

/// A plan written as JSON.
fn parsed(plan: &str) -> PyResult<Plan> {
    let value: Value = serde_json::from_str(plan).map_err(|error| refuse(error.to_string()))?;
    let text = toml::to_string(&value).map_err(|error| refuse(error.to_string()))?;
    Plan::parse(&text, "plan".as_ref()).map_err(|error| value_error(&error))
}
