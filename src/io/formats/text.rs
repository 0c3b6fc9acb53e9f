//! What lists of couplings have in common: lines of numbers, and a model of spins built pair by
//! pair.

use std::collections::HashSet;

use nalgebra::{DMatrix, DVector};

use super::{super::rbm_parts::about, Error, Source};
use crate::model::Ising;

/// The couplings of a model are held as a matrix of N² numbers: 2 GiB at this many spins.
const MAX_SPINS: usize = 16_384;

/// The words of each line that holds any, with the number of the line; what follows a `#` is a
/// comment.
pub fn lines(text: &str) -> impl Iterator<Item = (usize, Vec<&str>)> {
    let numbered = text.lines().enumerate().map(|(k, line)| (k + 1, line.split('#').next().unwrap_or("")));
    numbered
        .map(|(k, line)| (k, line.split_whitespace().collect()))
        .filter(|(_, words): &(_, Vec<_>)| !words.is_empty())
}

/// The file as text.
pub fn text<'a>(source: &Source<'a>) -> Result<&'a str, Error> {
    std::str::from_utf8(source.bytes).map_err(|_| source.refuse("it is not text", "save it again"))
}

/// A word as T, or an error with the line.
pub fn parse<T: std::str::FromStr>(source: &Source<'_>, line: usize, word: &str) -> Result<T, Error> {
    let shown: String = word.chars().take(40).collect();
    word.parse().map_err(|_| {
        source.refuse(
            format!("line {line} holds `{shown}` where a number should be"),
            "correct the line, or save it again",
        )
    })
}

/// Spins with couplings that arrive one pair at a time.
pub struct SpinsBuilder<'a> {
    source: &'a Source<'a>,
    couplings: DMatrix<f64>,
    field: DVector<f64>,
    constant: f64,
    seen: HashSet<(usize, usize)>,
}

impl<'a> SpinsBuilder<'a> {
    /// `n` spins without any coupling.
    pub fn new(source: &'a Source<'a>, n: usize) -> Result<Self, Error> {
        Self::check(source, n)?;
        let (couplings, field) = (DMatrix::zeros(n, n), DVector::zeros(n));
        Ok(Self { source, couplings, field, constant: 0.0, seen: HashSet::new() })
    }

    /// Refuses a number of spins that cannot be, before memory is asked for.
    pub fn check(source: &Source<'_>, n: usize) -> Result<(), Error> {
        if n == 0 {
            return Err(source.refuse("it holds no spins", "give at least one"));
        }
        if n > MAX_SPINS {
            return Err(source.refuse(
                format!("it has {n} spins; their couplings are held as a matrix of N² numbers, up to N = {MAX_SPINS}"),
                "use a smaller model",
            ));
        }
        // A spin that is named takes a few bytes at least: what is shorter than that is damaged.
        if n > 1000 && n > source.bytes.len() {
            return Err(source.refuse(format!("it declares {n} spins, more than it can hold"), "save it again"));
        }
        Ok(())
    }

    /// Jᵢⱼ of a pair, which may stand there once.
    pub fn couple(&mut self, i: usize, j: usize, value: f64) -> Result<(), Error> {
        let n = self.field.len();
        if i >= n || j >= n {
            let problem = format!("the pair ({i}, {j}) is not one of {n} spins, counted from 0");
            return Err(self.source.refuse(problem, "correct the indices, or the number of spins"));
        }
        if i == j {
            let problem =
                format!("spin {i} (counted from 0) is coupled to itself, which is a constant energy and no coupling");
            return Err(self.source.refuse(problem, "leave the line out"));
        }
        if !self.seen.insert((i.min(j), i.max(j))) {
            let problem = format!("the pair ({i}, {j}), counted from 0, stands there twice");
            return Err(self.source.refuse(problem, "give each pair once: a pair counts once in the energy"));
        }
        self.couplings[(i, j)] = value;
        self.couplings[(j, i)] = value;
        Ok(())
    }

    /// Adds to the field of a spin.
    pub fn add_field(&mut self, i: usize, value: f64) -> Result<(), Error> {
        let n = self.field.len();
        let remedy = "correct the index, or the number of spins";
        let refused = || self.source.refuse(format!("{i} is not one of {n} spins, counted from 0"), remedy);
        *self.field.get_mut(i).ok_or_else(refused)? += value;
        Ok(())
    }

    /// Adds to the constant energy.
    pub fn add_constant(&mut self, value: f64) {
        self.constant += value;
    }

    /// The model.
    pub fn finish(self) -> Result<Ising, Error> {
        let Self { source, couplings, field, constant, .. } = self;
        let ising = Ising::new(couplings, field).and_then(|ising| ising.with_constant(constant));
        ising.map_err(|error| about(source.path, error))
    }
}

/// The number of bonds of a model, in words.
pub fn bonds(ising: &Ising) -> String {
    let count = ising.couplings().iter().filter(|j| **j != 0.0).count() / 2;
    format!("J and field of {} spins, {count} bonds", ising.field().len())
}
