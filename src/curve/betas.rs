//! The grid of inverse temperatures a curve is asked for.

use std::{ops::Deref, str::FromStr};

use crate::{Error, error::number};

/// Grids are held in memory, and every method stores several numbers for each point.
const MAX_COUNT: usize = 1_000_000;

/// Inverse temperatures β: at least one, all finite, none negative, strictly increasing.
///
/// Whatever ladder a method has in between, it steps on each of these exactly, and
/// the results keep these values to the last bit.
///
/// ```
/// use plefka::Betas;
/// let grid: Betas = "0:2:5".parse()?;
/// assert_eq!(&grid[..], &[0.0, 0.5, 1.0, 1.5, 2.0]);
/// assert!("2:0:5".parse::<Betas>().is_err());
/// # Ok::<(), plefka::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Betas(Vec<f64>);

impl Betas {
    /// Checks and takes a list of inverse temperatures.
    ///
    /// # Errors
    /// [`Error::Betas`] if the list is empty, not strictly increasing, or holds a negative or
    /// non-finite value.
    pub fn new(betas: impl Into<Vec<f64>>) -> Result<Self, Error> {
        let betas = betas.into();
        let as_given = || shown(&betas);
        check(&betas).map_err(|(problem, remedy)| Error::Betas { grid: as_given(), problem, remedy })?;
        Ok(Self(betas))
    }

    /// A single inverse temperature.
    ///
    /// # Errors
    /// As [`Betas::new`].
    pub fn one(beta: f64) -> Result<Self, Error> {
        Self::new([beta])
    }

    /// `count` evenly spaced values from `start` to `stop`, both included.
    ///
    /// # Errors
    /// As [`Betas::new`]; a single point needs `start == stop`.
    pub fn linear(start: f64, stop: f64, count: usize) -> Result<Self, Error> {
        let grid = || format!("{start}:{stop}:{count}");
        let refuse = |problem: &str, remedy: &str| {
            Err(Error::Betas { grid: grid(), problem: problem.into(), remedy: remedy.into() })
        };
        match count {
            0 => return refuse("it has no points", "ask for a count of at least 1"),
            1 if start != stop => return refuse("one point cannot span an interval", "ask for a count of at least 2"),
            1 => return Self::new([start]),
            MAX_COUNT.. => return refuse("no curve needs so many points", &format!("ask for fewer than {MAX_COUNT}")),
            _ => {}
        }
        // Computed as (a·(n−k) + b·k)/n, so that round values of an even grid come out as the f64
        // nearest to them.
        let last = count - 1;
        let point = |k: usize| (start * (last - k) as f64 + stop * k as f64) / last as f64;
        let betas: Vec<f64> = (0..count).map(point).collect();
        check(&betas).map_err(|(problem, remedy)| Error::Betas { grid: grid(), problem, remedy })?;
        Ok(Self(betas))
    }

    /// The largest β of the grid.
    #[must_use]
    pub fn max(&self) -> f64 {
        self.0[self.0.len() - 1]
    }
}

/// A grid for a message: its first values, if they are many.
fn shown(betas: &[f64]) -> String {
    let more = if betas.len() > 8 { format!(",… ({} in all)", betas.len()) } else { String::new() };
    betas.iter().take(8).map(|beta| number(*beta)).collect::<Vec<_>>().join(",") + &more
}

/// Says what is wrong with a list, and the remedy.
fn check(betas: &[f64]) -> Result<(), (String, String)> {
    if betas.is_empty() {
        return Err(("it has no points".into(), "give at least one β".into()));
    }
    if let Some(bad) = betas.iter().find(|b| !b.is_finite()) {
        return Err((format!("{bad} is not a finite number"), "every β must be finite".into()));
    }
    if let Some(bad) = betas.iter().find(|b| **b < 0.0) {
        return Err((format!("{} is negative", number(*bad)), "every β must be at least 0".into()));
    }
    if let Some(pair) = betas.windows(2).find(|p| p[0] >= p[1]) {
        return Err((
            format!("{} comes before {}", number(pair[0]), number(pair[1])),
            "list β in strictly increasing order".into(),
        ));
    }
    Ok(())
}

impl Deref for Betas {
    type Target = [f64];

    fn deref(&self) -> &[f64] {
        &self.0
    }
}

/// `0.5,1,2` (a list) or `start:stop:count` (evenly spaced, both ends included).
impl FromStr for Betas {
    type Err = Error;

    fn from_str(spec: &str) -> Result<Self, Error> {
        let refuse = |problem: String| Error::Betas {
            grid: spec.into(),
            problem,
            remedy: "write a list such as `0.5,1,2` or `start:stop:count` such as `0:2:41`".into(),
        };
        let number = |s: &str| s.trim().parse::<f64>().map_err(|_| refuse(format!("`{}` is not a number", s.trim())));
        if spec.contains(':') {
            let parts: Vec<&str> = spec.split(':').collect();
            let [start, stop, count] = parts[..] else {
                return Err(refuse(format!("a range has three parts, this has {}", parts.len())));
            };
            let points = count
                .trim()
                .parse()
                .map_err(|_| refuse(format!("the count `{}` is not a whole number", count.trim())))?;
            Self::linear(number(start)?, number(stop)?, points)
        } else if spec.trim().is_empty() {
            Err(refuse("it has no points".into()))
        } else {
            Self::new(spec.split(',').map(number).collect::<Result<Vec<_>, _>>()?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_even_grid_hits_round_values_exactly() {
        let grid = Betas::linear(0.0, 2.0, 41).unwrap();
        assert_eq!((grid.len(), grid[0], grid[20], grid[26], grid[40]), (41, 0.0, 1.0, 1.3, 2.0));
    }

    #[test]
    fn every_malformed_grid_is_refused_by_name() {
        for (spec, says) in [
            ("", "no points"),
            ("1,x", "`x` is not a number"),
            ("NaN", "not a finite"),
            ("inf", "not a finite"),
            ("-1", "negative"),
            ("2:0:5", "comes before"),
            ("1,1", "comes before"),
            ("0:2", "three parts"),
            ("0:2:x", "whole number"),
            ("0:2:0", "no points"),
            ("0:2:1", "cannot span"),
            ("0:2:99999999999999", "so many points"),
        ] {
            let message = spec.parse::<Betas>().expect_err(spec).to_string();
            assert!(message.contains(says), "{spec}: {message}");
        }
        assert_eq!(&"1:1:1".parse::<Betas>().unwrap()[..], &[1.0]);
    }
}
