//! Inputs, orders and accidents that once broke the program: each line of docs/reliability.md has
//! its test here.
#![cfg(feature = "cli")]

mod edges;
mod extremes;
mod folders;
mod limits;
mod panics;
mod power;
mod properties;
mod reported;
mod rounding;
mod scene;
mod signals;
mod stdout;
