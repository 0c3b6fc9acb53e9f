//! Which share a process is to run, from the variables that its launcher sets.
//!
//! Two kinds of launchers share out work. A *job array* starts a script many times, each with an
//! index of its own; a *parallel launcher* starts one program as many ranks. Sources: sbatch(1) and
//! srun(1) of Slurm, submit(1) of Grid Engine, the user's guide of PBS Professional, mpirun(1) of
//! Open MPI, the PMI of MPICH.

use super::Shard;
use crate::Error;

/// A job array, and how it says which of its tasks this is.
struct Array {
    name: &'static str,
    index: &'static str,
    /// The first index, the last, and the distance of two, where the scheduler tells.
    range: Option<[&'static str; 3]>,
    /// How many tasks there are, where the scheduler tells.
    count: Option<&'static str>,
}

const ARRAYS: [Array; 4] = [
    Array {
        name: "Slurm's array",
        index: "SLURM_ARRAY_TASK_ID",
        range: Some(["SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_MAX", "SLURM_ARRAY_TASK_STEP"]),
        count: Some("SLURM_ARRAY_TASK_COUNT"),
    },
    Array {
        name: "Grid Engine's array",
        index: "SGE_TASK_ID",
        range: Some(["SGE_TASK_FIRST", "SGE_TASK_LAST", "SGE_TASK_STEPSIZE"]),
        count: None,
    },
    Array { name: "the array of PBS", index: "PBS_ARRAY_INDEX", range: None, count: None },
    Array { name: "the array of Torque", index: "PBS_ARRAYID", range: None, count: None },
];

/// Ranks: their name, the variable of the rank from 0, and that of their number. What is further up
/// may have been started by what is further down, and then inherits its variables.
const RANKS: [[&str; 3]; 3] = [
    ["Open MPI", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"],
    ["PMI", "PMI_RANK", "PMI_SIZE"],
    // A batch script has a SLURM_PROCID without being a step of srun.
    ["srun", "SLURM_PROCID", "SLURM_STEP_NUM_TASKS"],
];

const BY_HAND: &str = "give the share by hand, `--shard i/n`";

/// The environment, as a function from the name of a variable to its value.
struct Environment<F>(F);

impl<F: Fn(&str) -> Option<String>> Environment<F> {
    /// A variable, unless it is not there, empty, or `undefined` (Grid Engine outside of arrays).
    fn text(&self, name: &str) -> Option<String> {
        (self.0)(name).filter(|value| !value.is_empty() && value != "undefined")
    }

    /// A whole number, if the variable is there.
    fn number(&self, name: &'static str) -> Result<Option<usize>, Error> {
        let refuse = |value: String| Error::config(name, value, format!("it must be a whole number; {BY_HAND}"));
        self.text(name).map(|value| value.parse().map_err(|_| refuse(value))).transpose()
    }

    /// A whole number that must be there, since `because` is.
    fn required(&self, name: &'static str, because: &str) -> Result<usize, Error> {
        let refuse = || Error::config(name, "nothing", format!("it must be set where {because} is; {BY_HAND}"));
        self.number(name)?.ok_or_else(refuse)
    }

    /// What an array says.
    fn task(&self, array: &Array, shards: Option<usize>) -> Result<Option<Shard>, Error> {
        let Some(index) = self.number(array.index)? else { return Ok(None) };
        let refuse = |remedy: String| Err(Error::config(array.index, index, remedy));
        let range = match array.range {
            // A range is complete or not there.
            Some([first, last, step]) if shards.is_none() || self.text(first).is_some() => {
                let required = |name| self.required(name, array.index);
                Some((required(first)?, required(last)?, required(step)?))
            }
            _ => None,
        };
        if let Some(count) = shards {
            // Any of the tasks 1 to N, so that a few of them can be submitted again.
            let (first, last) = range.map_or((index, index), |(first, last, _)| (first.min(index), last.max(index)));
            if first == 0 || last > count {
                return refuse(format!("with `--shards {count}` number the tasks of {} from 1 to {count}", array.name));
            }
            return Shard::new(index, count).map(Some);
        }
        let Some((first, last, step)) = range else {
            return refuse(format!("{} does not say how many tasks it has: add `--shards N`", array.name));
        };
        if step == 0 || !(first..=last).contains(&index) || !(index - first).is_multiple_of(step) {
            return refuse(format!("it is not one of {first} to {last} in steps of {step}; {BY_HAND}"));
        }
        let count = (last - first) / step + 1;
        if let Some(name) = array.count
            && let Some(told) = self.number(name)?
            && told != count
        {
            let remedy = format!(
                "{first} to {last} in steps of {step} are {count} tasks: an array that is a list of indices needs `--shards N`, N as \
                 in the first run, where the index is the share"
            );
            return Err(Error::config(name, told, remedy));
        }
        Shard::new((index - first) / step + 1, count).map(Some)
    }

    /// What the innermost launcher of ranks says. One of a single rank says nothing where another
    /// launcher speaks.
    fn rank(&self) -> Result<Option<(&'static str, Shard)>, Error> {
        let mut found: Option<(&'static str, Shard)> = None;
        for [name, rank, size] in RANKS {
            // Each alone occurs: a batch script of Slurm has a rank and no step.
            if self.text(size).is_none() && name == "srun" {
                continue;
            }
            let Some(k) = self.number(rank)? else { continue };
            let count = self.required(size, rank)?;
            if k >= count {
                return Err(Error::config(rank, k, format!("it must be below {size} = {count}; {BY_HAND}")));
            }
            let share = Shard::new(k + 1, count)?;
            match found {
                None => found = Some((name, share)),
                Some((_, inner)) if inner.count() == 1 => found = Some((name, share)),
                // The daemons of an MPI that runs under Slurm are a step of srun themselves.
                Some(_) if name == "srun" => {}
                Some((other, inner)) if share.count() > 1 && share != inner => {
                    return Err(both(other, inner, name, share));
                }
                Some(_) => {}
            }
        }
        Ok(found)
    }
}

/// Two launchers that contradict each other.
fn both(one: &str, a: Shard, other: &str, b: Shard) -> Error {
    Error::config("shard", "auto", format!("{one} says {a} and {other} says {b}: {BY_HAND}"))
}

/// The share of this process, as its scheduler or launcher says.
///
/// `lookup` is the environment. Known are job arrays of Slurm, Grid Engine, PBS and Torque, and the
/// ranks of Open MPI, of PMI (MPICH, Intel MPI) and of `srun`. Without `shards`, the tasks of an
/// array are counted from its first index; with it the index is the share, so that a few tasks can
/// be submitted again, and PBS, which does not say how many tasks there are, needs it.
///
/// ```
/// use plefka::sweep::{Shard, scheduled};
/// let lookup = |name: &str| match name {
///     "OMPI_COMM_WORLD_RANK" => Some("0".to_owned()),
///     "OMPI_COMM_WORLD_SIZE" => Some("4".to_owned()),
///     _ => None,
/// };
/// assert_eq!(scheduled(lookup, None)?, "1/4".parse()?);
/// # Ok::<(), plefka::Error>(())
/// ```
///
/// # Errors
/// [`Error::Config`], naming the variable, if there is none, one is missing, or two contradict each
/// other.
pub fn scheduled(lookup: impl Fn(&str) -> Option<String>, shards: Option<usize>) -> Result<Shard, Error> {
    let environment = Environment(lookup);
    let mut task: Option<(&str, Shard)> = None;
    for array in &ARRAYS {
        if let Some(share) = environment.task(array, shards)? {
            match task {
                Some((other, before)) if before != share => return Err(both(other, before, array.name, share)),
                _ => task = Some((array.name, share)),
            }
        }
    }
    let rank = environment.rank()?;
    match (task, rank) {
        (Some((_, share)), None) => Ok(share),
        (Some((_, share)), Some((_, rank))) if rank.count() == 1 => Ok(share),
        (None | Some((_, Shard::WHOLE)), Some((name, share))) => match shards {
            Some(count) if count != share.count() => {
                let remedy = format!("{name} has {} ranks: leave `--shards` out", share.count());
                Err(Error::config("shards", count, remedy))
            }
            _ => Ok(share),
        },
        (Some((one, a)), Some((other, b))) => Err(both(one, a, other, b)),
        (None, None) => {
            let known: Vec<_> = ARRAYS.iter().map(|array| array.index).chain(RANKS.map(|[.., size]| size)).collect();
            let is_script = environment.text("SLURM_PROCID").is_some();
            let srun = if is_script { "start it by `srun`, or " } else { "" };
            let remedy =
                format!("no scheduler has started this (none of {} is set): {srun}{BY_HAND}", known.join(", "));
            Err(Error::config("shard", "auto", remedy))
        }
    }
}
