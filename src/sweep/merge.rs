//! The shares of a sweep put together.

use std::path::Path;

use super::{
    Grid, Shard, Store,
    difference::differences,
    export::export,
    store::{RESULTS, STORE, head_line},
};
use crate::{
    Error,
    io::{is_unused, make_folder, write_atomically_with},
};

/// How many shares a message lists.
const LISTED: usize = 8;

/// The merged store that a killed merge has left without its table, with the table. Where the
/// shares lie in the same folder, that of a finished one, too: a scheduler may run a merge again.
fn begun(out: &Path, grid: &Grid, in_place: bool) -> Result<Option<Store>, Error> {
    if !out.join(STORE).exists() || (out.join(RESULTS).exists() && !in_place) {
        return Ok(None);
    }
    let mut merged = Store::read(out)?;
    let whole = merged.shard() == Shard::WHOLE && merged.missing().is_empty();
    if !whole || !differences(merged.grid(), grid).is_empty() {
        return Ok(None);
    }
    export(&mut merged, &out.join(RESULTS))?;
    Ok(Some(merged))
}

/// Which shares there are, and which of them are not finished; a few of each by name.
fn given(stores: &[Store]) -> String {
    let listed = |mut names: Vec<String>| {
        let more = names.len().saturating_sub(LISTED);
        names.truncate(LISTED);
        names.join(", ") + &if more > 0 { format!(" and {more} more") } else { String::new() }
    };
    let all = stores.iter().map(|store| store.shard().to_string()).collect();
    let unfinished: Vec<_> = stores.iter().filter(|store| !store.missing().is_empty()).collect();
    let unfinished = unfinished.iter().map(|store| format!("{} ({} to go)", store.shard(), store.missing().len()));
    let unfinished: Vec<_> = unfinished.collect();
    let rest = if unfinished.is_empty() { String::new() } else { format!("; not finished: {}", listed(unfinished)) };
    format!("the shares given are {}{rest}", listed(all))
}

/// Joins the stores in `folders` to one in `out`, with its table.
///
/// The records are copied as they are, in the order of the grid. `out` must be empty, or not there
/// yet, or the folder in which all of `folders` lie.
///
/// # Errors
/// [`Error::Format`] if the stores are of different plans or versions, if a job is in none of them,
/// or in two.
pub fn merge(folders: &[impl AsRef<Path>], out: &Path) -> Result<Store, Error> {
    let mut stores = folders.iter().map(|folder| Store::read(folder.as_ref())).collect::<Result<Vec<_>, _>>()?;
    let Some(grid) = stores.first().map(|store| store.grid().clone()) else {
        return Err(Error::config("DIR", "none", "give the folder of every share of a sweep"));
    };
    for store in &stores[1..] {
        let differences = differences(store.grid(), &grid);
        if !differences.is_empty() {
            let (here, problem) = (stores[0].path().display(), differences.join("; "));
            let problem = format!("it is of another plan than `{here}`: {problem}");
            return Err(Error::format(store.path(), problem, "merge shares of one plan"));
        }
    }
    // Which store has which job.
    let mut owners = Vec::with_capacity(grid.jobs());
    let (mut missing, mut first_missing) = (0, None);
    for job in 0..grid.jobs() {
        let mut holding = (0..stores.len()).filter(|k| stores[*k].holds(job));
        let (owner, second) = (holding.next(), holding.next());
        if let Some((a, b)) = owner.zip(second) {
            let problem = format!("it holds job {job}, and so does `{}`", stores[a].path().display());
            return Err(Error::format(stores[b].path(), problem, "give each share once"));
        }
        if owner.is_none() {
            missing += 1;
            first_missing = first_missing.or(Some(job));
        }
        owners.push(owner.unwrap_or(0));
    }
    if let Some(first) = first_missing {
        let problem = format!(
            "{missing} of {} jobs are in none of the folders, the first of them job {first}; {}",
            grid.jobs(),
            given(&stores)
        );
        return Err(Error::format(out, problem, "give the folders of all shares, and finish each with `--resume`"));
    }
    make_folder(out)?;
    let in_place = folders.iter().all(|folder| folder.as_ref().parent() == Some(out));
    if let Some(merged) = begun(out, &grid, in_place)? {
        return Ok(merged);
    }
    if in_place && out.join(STORE).exists() {
        return Err(Error::format(
            out,
            format!("it holds another sweep, `{STORE}`"),
            "merge into another folder, `--out`",
        ));
    }
    if !in_place && !is_unused(out)? {
        return Err(Error::format(out, "it is not empty", "choose an empty folder for the merged sweep"));
    }
    let head = head_line(&grid, Shard::WHOLE)?;
    let mut failure = None;
    let written = write_atomically_with(&out.join(STORE), |file| {
        file.write_all(head.as_bytes())?;
        for (job, owner) in owners.iter().enumerate() {
            match stores[*owner].line(job) {
                Ok(line) => file.write_all(line.unwrap_or_default().as_bytes())?,
                Err(error) => {
                    failure = Some(error);
                    return Err(std::io::Error::other("a record cannot be read"));
                }
            }
        }
        Ok(())
    });
    if let Some(error) = failure {
        return Err(error);
    }
    written?;
    let mut merged = Store::read(out)?;
    export(&mut merged, &out.join(RESULTS))?;
    Ok(merged)
}
