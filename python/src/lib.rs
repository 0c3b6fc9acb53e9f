//! `plefka._plefka`: the library as Python sees it.
//!
//! Thin on purpose. Requests come in as plain values and arrays, results go out as the JSON that
//! the program prints and as arrays; what a user touches is written in Python, in `plefka/`.

mod arrays;
mod ask;
mod errors;
mod evidence;
mod history;
mod model;
mod options;
mod run;
mod sweep;
mod train;

/// The extension module.
#[pyo3::pymodule]
mod _plefka {
    #[pymodule_export]
    use crate::{
        ask::{compare_methods, curves, figure, in_words, likelihood, sample, save_results, temperature},
        errors::in_keywords,
        evidence::{log_weights, multistate, works},
        history::{history_figures, of_run, save_history},
        model::{Ising, Levels, Model, Rbm, load, read},
        options::{methods, settings},
        sweep::{merge, sweep},
        train::{train, train_model},
    };

    #[pymodule_export]
    #[expect(non_upper_case_globals, reason = "its name in Python")]
    const __version__: &str = env!("CARGO_PKG_VERSION");
}
