//! Inputs, orders and accidents that once broke the program: each line of docs/reliability.md has
//! its test here.
#![cfg(feature = "cli")]

mod extremes;
mod panics;
mod rounding;
mod scene;
mod signals;
