//! The random numbers of a training run.

use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;
use sha2::{Digest, Sha256};

/// What random numbers are drawn for: no two purposes share a generator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// The weights before the first update.
    Weights = 1,
    /// The order of the rows in an epoch.
    Order = 2,
    /// The hidden units of an update's chains.
    Hidden = 3,
    /// The visible units of an update's chains.
    Visible = 4,
    /// Where persistent chains and solutions start.
    Start = 5,
    /// The rows that replace solutions.
    Refresh = 6,
    /// Exchanges of states with an earlier model.
    Exchange = 7,
}

/// The generator for a purpose, a point in time (an update, an epoch) and a part (a block of
/// units).
///
/// It depends on nothing that happened before: a run that goes on after an interruption draws the
/// same numbers. The state is the SHA-256 of the four numbers, so that no arithmetic of seeds makes
/// two alike.
pub(super) fn generator(seed: u64, purpose: Purpose, time: u64, part: u64) -> Xoshiro256PlusPlus {
    let mut hasher = Sha256::new_with_prefix(b"plefka training");
    for number in [seed, purpose as u64, time, part] {
        hasher.update(number.to_le_bytes());
    }
    Xoshiro256PlusPlus::from_seed(hasher.finalize().into())
}
