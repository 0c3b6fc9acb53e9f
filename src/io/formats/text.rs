//! What lists of couplings have in common: lines of numbers, and a model of spins built pair by
//! pair.

use nalgebra::DVector;

use super::{super::rbm_parts::about, Error, Source};
use crate::model::{AnyModel, Model, SparseIsing};

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
    bonds: Vec<(usize, usize, f64)>,
    field: DVector<f64>,
    constant: f64,
}

impl<'a> SpinsBuilder<'a> {
    /// `n` spins without any coupling.
    pub fn new(source: &'a Source<'a>, n: usize) -> Result<Self, Error> {
        Self::check(source, n)?;
        Ok(Self { source, bonds: Vec::new(), field: DVector::zeros(n), constant: 0.0 })
    }

    /// Refuses a number of spins that cannot be, before memory is asked for.
    pub fn check(source: &Source<'_>, n: usize) -> Result<(), Error> {
        if n == 0 {
            return Err(source.refuse("it holds no spins", "give at least one"));
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
        self.bonds.push((i, j, value));
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

    /// The constant energy so far.
    pub fn constant(&self) -> f64 {
        self.constant
    }

    /// The model, in the form that is better for it, and what it is in words.
    pub fn finish(self) -> Result<(AnyModel, String), Error> {
        let Self { source, bonds, field, constant } = self;
        let spins = SparseIsing::new(&bonds, field).and_then(|spins| spins.with_constant(constant));
        let spins = spins.map_err(|error| about(source.path, error))?;
        let told = format!("J and field of {} spins, {} bonds", spins.n_units(), spins.n_bonds());
        Ok((spins.in_better_form(), told))
    }
}
