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
            Some((index, count)) if (1..=count).contains(&index) && count <= MAX_COUNT => Ok(Self { index, count }),
            _ => Err(Error::config("shard", typed, "write `i/n` with i from 1 to n, such as `1/3`")),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}
