//! A validated sample of work.

use crate::Error;

/// Values of dimensionless work, each of which occurs a number of times.
#[derive(Debug, Clone, Copy)]
pub struct Work<'a> {
    values: &'a [f64],
    counts: Option<&'a [u32]>,
}

impl<'a> Work<'a> {
    /// Each value once.
    ///
    /// # Errors
    /// [`Error::Samples`] if there are fewer than two values, or one that is not finite.
    pub fn new(values: &'a [f64]) -> Result<Self, Error> {
        Self { values, counts: None }.checked()
    }

    /// Value i `counts[i]` times: one bootstrap resample.
    ///
    /// # Errors
    /// As [`Work::new`], and if the lengths differ.
    pub fn with_counts(values: &'a [f64], counts: &'a [u32]) -> Result<Self, Error> {
        if values.len() != counts.len() {
            let problem = format!("{} values of work and {} counts", values.len(), counts.len());
            return Err(Error::samples(problem, "give one count for each value"));
        }
        Self { values, counts: Some(counts) }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        if let Some(i) = self.values.iter().position(|w| !w.is_finite()) {
            let problem = format!("work number {i} is {}", self.values[i]);
            return Err(Error::samples(problem, "every work must be a finite number"));
        }
        if self.total() < 2.0 {
            let problem = format!("{} values of work", self.total());
            return Err(Error::samples(problem, "give at least two: one has no spread"));
        }
        Ok(self)
    }

    /// The number of values, repeated ones counted as often as they occur.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.counts.map_or(self.values.len() as f64, |c| c.iter().map(|c| f64::from(*c)).sum())
    }

    /// The arithmetic mean.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.counted().map(|(c, w)| c * w).sum::<f64>() / self.total()
    }

    /// (count, work) of every value that occurs.
    pub(super) fn counted(self) -> impl Iterator<Item = (f64, f64)> + Clone {
        let count = move |i: usize| self.counts.map_or(1.0, |c| f64::from(c[i]));
        self.values.iter().enumerate().map(move |(i, w)| (count(i), *w)).filter(|(c, _)| *c > 0.0)
    }

    /// (least, greatest) value that occurs.
    pub(super) fn range(self) -> (f64, f64) {
        self.counted().fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), (_, w)| (lo.min(w), hi.max(w)))
    }
}
