//! Random streams: one seed, and for each purpose a stream of its own.
//!
//! Work is dealt out by stream, never by thread: that is what makes a result independent of the
//! number of threads. Every purpose is a variant of one enum, so that no two can share a stream.

use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;
use sha2::{Digest, Sha256};

/// Streams of one part of a run, one for each block of chains.
const STREAMS_A_PART: u64 = 1 << 16;

/// What random numbers are drawn for.
///
/// A method that does the same several times, as annealing does for each β, numbers its `run`s. A
/// `block` is a number of chains that advance together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Resampling, for all error bars of a run.
    Bootstrap,
    /// The random couplings of a model.
    Disorder,
    /// Exact draws from a model, which are the same at every β that asks for them.
    ExactDraws,
    /// Chains that are neither annealed nor exchanged.
    Chains {
        /// Which block of them.
        block: usize,
    },
    /// One stage of an annealing run.
    Annealing {
        /// Which run.
        run: usize,
        /// Which of its stages.
        stage: Annealing,
        /// Which block of chains.
        block: usize,
    },
    /// The units that data do not show, drawn given those that they do, for an annealing run.
    DataRows {
        /// Which run.
        run: usize,
    },
    /// The ladders of replica exchange.
    Exchange {
        /// The first of the three parts of the run that it has, by [`exchange_part`].
        part: usize,
        /// Which of its stages.
        stage: Exchange,
        /// Which ladder.
        ladder: usize,
    },
    /// Random states that mean-field searches start from.
    MeanFieldStarts {
        /// The part of the run that the search has: 0, or for a base that of
        /// [`annealing_base_part`] or [`exchange_base_part`].
        part: usize,
    },
    /// Short chains that mean-field searches start from.
    MeanFieldChains {
        /// The part of the run that the search has.
        part: usize,
        /// Which block of chains.
        block: usize,
    },
    /// Chains that find out which checkpoints a path needs.
    Checkpoints {
        /// The part of the run that a search for a base would have.
        part: usize,
    },
    /// Chains from one component of a mixture, which weigh it along the path.
    Balance {
        /// The part of the run that the search for the mixture has.
        part: usize,
        /// Which component.
        component: usize,
    },
    /// One draw of a training run. It depends on nothing that was drawn before: a run that goes on
    /// after an interruption draws the same numbers.
    Training {
        /// What is drawn.
        draw: Training,
        /// The update, the epoch or the sweep that it belongs to.
        time: u64,
        /// Which part of it, such as a block of units.
        part: u64,
    },
}

/// What a training run draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Training {
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
    /// The labels of an update's chains.
    Labels = 8,
    /// The seed of what a checkpoint is evaluated with.
    Evaluation = 9,
}

impl Training {
    /// The purpose of this draw at a point in time, and of a part.
    #[must_use]
    pub fn at(self, time: u64, part: u64) -> Purpose {
        Purpose::Training { draw: self, time, part }
    }
}

/// The stages of an annealing run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Annealing {
    /// From the base to the model.
    Forward,
    /// The short run that places the rungs.
    Pilot,
    /// States of the model to begin with.
    InitialStates,
    /// From the model to the base.
    Reverse,
}

/// The stages of replica exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Exchange {
    /// Moves of the chains.
    Moves,
    /// Exchanges of neighbours.
    Swaps,
    /// The short run that places the rungs.
    Pilot,
}

/// The first part of the `run`-th replica exchange, after so many annealing runs of the same
/// method.
#[must_use]
pub fn exchange_part(annealing_runs: usize, run: usize) -> usize {
    4 * annealing_runs + 3 * run
}

/// The part of a run in which a mean-field search looks for the base of the `run`-th annealing.
#[must_use]
pub fn annealing_base_part(run: usize) -> usize {
    4 * run + Annealing::Pilot as usize
}

/// The part of a run in which a mean-field search looks for the base of replica exchange.
#[must_use]
pub fn exchange_base_part(part: usize) -> usize {
    part + Exchange::Pilot as usize
}

/// A search that is the method itself has the first part; one for a base shares its part with a
/// pilot, which has a single block: it begins behind that.
const BEHIND_PILOT: usize = 1;

/// What weighs the components of a mixture begins behind the search for them, which has fewer blocks
/// of chains than this.
const BEHIND_SEARCH: usize = 1 << 15;

/// Blocks of a part before the chains that find out which checkpoints are needed.
const BEHIND_COMPONENTS: usize = BEHIND_SEARCH + (1 << 14);

impl Purpose {
    /// The number of the stream.
    ///
    /// # Panics
    /// If there are 65,534 blocks or more, and for [`Purpose::Training`], which has a
    /// [`generator`](Self::generator) without a number.
    #[must_use]
    pub fn number(self) -> u64 {
        match self {
            Self::Training { draw, .. } => unreachable!("{draw:?} of a training run has no numbered stream"),
            Self::Bootstrap => 0,
            Self::Disorder => in_part(1),
            Self::ExactDraws => in_part(2),
            Self::Chains { block } => in_block(0, block),
            Self::Annealing { run, stage, block } => in_block(4 * run + stage as usize, block),
            // Not the part of the initial states, whose first stream belongs to exact draws.
            Self::DataRows { run } => in_part(4 * run + Annealing::Reverse as usize),
            Self::Exchange { part, stage, ladder } => in_block(part + stage as usize, ladder),
            Self::MeanFieldStarts { part: 0 } => in_block(0, 0),
            Self::MeanFieldStarts { part } => in_block(part, BEHIND_PILOT),
            Self::MeanFieldChains { part: 0, block } => in_block(0, block + 1),
            Self::MeanFieldChains { part, block } => in_block(part, BEHIND_PILOT + 1 + block),
            Self::Balance { part, component } => in_block(part, BEHIND_SEARCH + component),
            Self::Checkpoints { part } => in_block(part, BEHIND_COMPONENTS),
        }
    }

    /// The generator.
    #[must_use]
    pub fn generator(self, seed: u64) -> Xoshiro256PlusPlus {
        match self {
            Self::Training { draw, time, part } => hashed([seed, draw as u64, time, part]),
            numbered => stream(seed, numbered.number()),
        }
    }
}

/// The generator whose state is the SHA-256 of some numbers: for as many times and parts as there
/// are, too many to jump to, and no arithmetic of seeds makes two alike.
fn hashed(numbers: [u64; 4]) -> Xoshiro256PlusPlus {
    let mut hasher = Sha256::new_with_prefix(b"plefka training");
    numbers.iter().for_each(|number| hasher.update(number.to_le_bytes()));
    Xoshiro256PlusPlus::from_seed(hasher.finalize().into())
}

fn in_part(part: usize) -> u64 {
    part as u64 * STREAMS_A_PART
}

fn in_block(part: usize, block: usize) -> u64 {
    assert!((block as u64) < STREAMS_A_PART - 1, "a part of a run has streams for 65,535 blocks");
    in_part(part) + block as u64 + 1
}

/// Stream number `number` of `seed`: the generator, so many long jumps of 2¹⁹² draws (for the
/// block) and jumps of 2¹²⁸ draws (for the part) ahead, so that no two overlap.
#[must_use]
pub fn stream(seed: u64, number: u64) -> Xoshiro256PlusPlus {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    (0..number % STREAMS_A_PART).for_each(|_| rng.long_jump());
    (0..number / STREAMS_A_PART).for_each(|_| rng.jump());
    rng
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    /// What a method draws for, over so many β and blocks of chains.
    fn purposes(annealing: usize, exchanges: usize, blocks: usize) -> Vec<Purpose> {
        let mut all = vec![Purpose::Bootstrap, Purpose::Disorder, Purpose::ExactDraws];
        let stages = [Annealing::Forward, Annealing::Pilot, Annealing::InitialStates, Annealing::Reverse];
        for run in 0..annealing {
            all.push(Purpose::DataRows { run });
            for stage in stages {
                // A pilot has one block.
                let blocks = if stage == Annealing::Pilot { 1 } else { blocks };
                all.extend((0..blocks).map(|block| Purpose::Annealing { run, stage, block }));
            }
            let part = annealing_base_part(run);
            all.push(Purpose::MeanFieldStarts { part });
            all.extend((0..blocks).map(|block| Purpose::MeanFieldChains { part, block }));
            all.extend((0..blocks).map(|component| Purpose::Balance { part, component }));
            all.push(Purpose::Checkpoints { part });
        }
        for run in 0..exchanges {
            let part = exchange_part(annealing, run);
            for stage in [Exchange::Moves, Exchange::Swaps, Exchange::Pilot] {
                let ladders = if stage == Exchange::Pilot { 1 } else { blocks };
                all.extend((0..ladders).map(|ladder| Purpose::Exchange { part, stage, ladder }));
            }
            let part = exchange_base_part(part);
            all.push(Purpose::MeanFieldStarts { part });
            all.extend((0..blocks).map(|block| Purpose::MeanFieldChains { part, block }));
            all.extend((0..blocks).map(|component| Purpose::Balance { part, component }));
            all.push(Purpose::Checkpoints { part });
        }
        all
    }

    /// Planted bugs that fail: data rows on the first stream of the part of the initial states,
    /// which at the first β is that of the exact draws; a search for a base that starts on a part's
    /// first block, as the pilot does.
    #[test]
    fn no_two_purposes_of_a_method_share_a_stream() {
        // ais, reverse-ais and bar with and without tempering at each β; tempering and ti alone.
        let methods = [(1, 0), (5, 0), (5, 5), (0, 1), (0, 5)];
        for (annealing, exchanges) in methods {
            let mut owner = HashMap::new();
            for purpose in purposes(annealing, exchanges, 20) {
                if let Some(other) = owner.insert(purpose.number(), purpose) {
                    panic!("{purpose:?} and {other:?} share a stream");
                }
            }
        }
        let search = (0..20).map(|block| Purpose::MeanFieldChains { part: 0, block });
        let mut owner = HashMap::new();
        for purpose in search.chain([Purpose::Bootstrap, Purpose::MeanFieldStarts { part: 0 }]) {
            assert_eq!(owner.insert(purpose.number(), purpose), None);
        }
    }

    /// No draw of a training run has the generator of another one, or that of a numbered stream of
    /// the same seed; and the numbers of a seed are what they have always been.
    ///
    /// Planted bugs that fail: two draws of one number; a hash without the part.
    #[test]
    fn no_two_draws_of_a_training_run_share_a_generator() {
        use Training::{Evaluation, Exchange, Hidden, Labels, Order, Refresh, Start, Visible, Weights};
        let draws = [Weights, Order, Hidden, Visible, Start, Refresh, Exchange, Labels, Evaluation];
        let numbers = [0, 1, 2, 1 << 20, u64::MAX - 1, u64::MAX];
        let of_training = draws
            .into_iter()
            .flat_map(|draw| numbers.map(|time| (draw, time)))
            .flat_map(|(draw, time)| [0, 1, 2, 3].map(|part| draw.at(time, part)));
        let mut owner = HashMap::new();
        for purpose in of_training.chain(purposes(5, 5, 20)) {
            let state = format!("{:?}", purpose.generator(7));
            assert_eq!(owner.insert(state, purpose), None, "{purpose:?}");
        }
        use rand::RngExt;
        let first = |draw: Training| draw.at(2, 3).generator(1).random::<u64>();
        assert_eq!([first(Order), first(Visible)], [0x3223_a472_1468_260b, 0xa2b6_3c3b_b18a_89ce]);
    }

    #[test]
    fn streams_differ_and_a_seed_gives_the_same_again() {
        use rand::RngExt;
        let first = |seed, number| stream(seed, number).random::<u64>();
        let numbers = [0, 1, 2, STREAMS_A_PART, STREAMS_A_PART + 1, 2 * STREAMS_A_PART];
        let mut seen: Vec<u64> = numbers.iter().map(|number| first(1, *number)).collect();
        seen.push(first(2, 0));
        let distinct: std::collections::BTreeSet<_> = seen.iter().collect();
        assert_eq!(distinct.len(), seen.len());
        assert_eq!(first(1, 7), first(1, 7));
    }
}
