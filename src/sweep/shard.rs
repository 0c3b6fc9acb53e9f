//! A share of the jobs, for one of several machines.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::Grid;
use crate::Error;

/// The `index`-th of `count` equal shares, counted from 1. Written `1/3`.
///
/// The jobs are dealt out like cards, in the order of their identities. That mixes cheap jobs and
/// dear ones evenly, where every third job of the grid might be the same method or the same size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shard {
    index: usize,
    count: usize,
}

/// More shares than any cluster has slots.
const MAX_COUNT: usize = 1_000_000;

impl Shard {
    /// All jobs.
    pub const WHOLE: Self = Self { index: 1, count: 1 };

    /// The `index`-th of `count`.
    ///
    /// # Errors
    /// [`Error::Config`] unless 1 ≤ index ≤ count ≤ 1,000,000.
    pub fn new(index: usize, count: usize) -> Result<Self, Error> {
        if (1..=count).contains(&index) && count <= MAX_COUNT {
            return Ok(Self { index, count });
        }
        let remedy = format!("write `i/n` with i from 1 to n, such as `1/3`, and n at most {MAX_COUNT}");
        Err(Error::config("shard", format!("{index}/{count}"), remedy))
    }

    /// Which of them it is, from 1.
    #[must_use]
    pub fn index(self) -> usize {
        self.index
    }

    /// How many shares there are.
    #[must_use]
    pub fn count(self) -> usize {
        self.count
    }

    /// The name of the folder of this share in that of the sweep: `share-1-of-3`.
    #[must_use]
    pub fn folder(self) -> String {
        format!("share-{}-of-{}", self.index, self.count)
    }

    /// The share whose folder has this name.
    pub(super) fn of_folder(name: &str) -> Option<Self> {
        let (index, count) = name.strip_prefix("share-")?.split_once("-of-")?;
        let share = Self::new(index.parse().ok()?, count.parse().ok()?).ok()?;
        (share.folder() == name).then_some(share)
    }

    /// The jobs of this share, in the order in which they are to be run: that of their identities.
    #[must_use]
    pub fn jobs(self, grid: &Grid) -> Vec<usize> {
        let mut jobs: Vec<(u128, usize)> = (0..grid.jobs()).map(|k| (grid.job(k).id, k)).collect();
        jobs.sort_unstable();
        jobs.into_iter().skip(self.index - 1).step_by(self.count).map(|(_, k)| k).collect()
    }
}

impl FromStr for Shard {
    type Err = Error;

    fn from_str(typed: &str) -> Result<Self, Error> {
        let parts = typed.split_once('/').and_then(|(i, n)| Some((i.trim().parse().ok()?, n.trim().parse().ok()?)));
        match parts {
            Some((index, count)) => Self::new(index, count),
            None => Err(Error::config("shard", typed, "write `i/n` with i from 1 to n, such as `1/3`")),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}
