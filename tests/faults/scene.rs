//! A folder of its own for a test, and the program in it.

use std::{
    path::PathBuf,
    process::{Command, Output, Stdio},
};

use nalgebra::{DMatrix, DVector};
use plefka::{Rbm, io, model::Units};

/// A temporary folder in which the program runs.
pub struct Scene(tempfile::TempDir);

impl Scene {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The program with these arguments, split at spaces.
    pub fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_plefka"));
        command.args(arguments.split_whitespace()).current_dir(self.0.path()).stdin(Stdio::null());
        command
    }

    /// Exit status, stdout and stderr of the program.
    pub fn run(&self, arguments: &str) -> (Option<i32>, String, String) {
        read(self.command(arguments).output().unwrap())
    }

    /// Saves an RBM without couplings: biases alone.
    pub fn save_free(&self, name: &str, visible: &[f64], hidden: &[f64], units: Units) {
        let weights = DMatrix::zeros(visible.len(), hidden.len());
        let biases = [visible, hidden].map(DVector::from_column_slice);
        let [a, b] = biases;
        let rbm = Rbm::new(weights, a, b).unwrap().with_units(units, units);
        io::save_model(&rbm, &self.path(name)).unwrap();
    }
}

pub fn read(output: Output) -> (Option<i32>, String, String) {
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (output.status.code(), text(output.stdout), text(output.stderr))
}
