//! Sweeps: a grid over β, weight norm, seed and the like as plain data, run to a store that
//! survives a kill.
//!
//! A [`Plan`] is read from TOML and checked whole. Its [`Grid`] is the plain data that everything
//! else rests on: what the jobs are, which identity and seed each has, whether a store belongs to
//! it. A *job* is one curve: one method on one model over all β; or the averages over replicas of
//! that model. [`run`] works the jobs off into a [`Store`], one line a job, and [`export`] makes
//! the table from it.
//!
//! ```
//! use plefka::{Run, sweep::{self, Access, Plan, Shard, Store}};
//! let plan = Plan::parse("
//!     [model]
//!     source = 'builtin:mnist20'
//!     [axes]
//!     beta = '0:1:3'
//!     weight_scale = [0.5, 1.0]
//!     [methods.mf]
//! ", "example.toml".as_ref())?;
//! assert_eq!((plan.grid().jobs(), plan.grid().rows()), (2, 6));
//!
//! # let folder = tempfile::tempdir().unwrap();
//! # let folder = folder.path();
//! let mut store = Store::open(folder, plan.grid(), Shard::WHOLE, Access::New)?;
//! sweep::run(&plan, &mut store, &Run::quiet(0))?;
//! sweep::export(&mut store, &folder.join("results.csv"))?;
//! # Ok::<(), plefka::Error>(())
//! ```

mod axis;
mod column;
mod difference;
mod document;
mod export;
mod forecast;
mod generator;
mod grid;
mod line;
mod merge;
mod plan;
mod runner;
mod shard;
mod source;
mod store;
mod task;

pub(crate) use axis::BETA;
pub use axis::{Axis, Number};
pub use column::Column;
pub use export::{export, table};
pub use forecast::{Forecast, forecast, memory};
pub use grid::{Cell, Grid, Job, ModelId, Procedure};
pub use merge::merge;
pub use plan::Plan;
pub use runner::{Progressed, run};
pub use shard::Shard;
pub use store::{Access, Outcome, RESULTS, Record, ReplicaAverages, STORE, Store};
pub use task::Task;
