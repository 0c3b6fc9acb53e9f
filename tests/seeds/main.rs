//! The number of a seed is a promise: nobody's figure moves because plefka was updated, unless the
//! CHANGELOG says so and why.
//!
//! Every estimator runs with its settings one by one away from their defaults, on models of every
//! kind, and all that it reports (values, error bars, diagnostics, warnings) is held against what
//! it reported before, `tests/data/seeds/METHOD.json`. These numbers are not known to be right:
//! the other tests are for that. Where one of them moves on purpose, write it into the CHANGELOG,
//! and write the file anew:
//!
//! ```sh
//! PLEFKA_NEW_SEEDS=1 cargo test --release --test seeds
//! ```

#[path = "../common/mod.rs"]
mod common;

mod auto;
mod beside;
mod models;
mod not_sampled;
mod records;
mod runs;
mod sampled;
