//! A share of the work of one run, for several machines.

use std::{fmt, ops::Range, str::FromStr};

use crate::Error;

/// The `number`-th of `of` equal shares of the batches of a run.
///
/// A share has consecutive batches, and no two have one in common: those of all shares together,
/// in their order, are the batches of the whole run.
///
/// # Examples
/// ```
/// use plefka::estimator::Share;
/// let second: Share = "2/3".parse()?;
/// assert_eq!(second.of(8), 2..5);
/// # Ok::<(), plefka::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    number: usize,
    shares: usize,
}

impl Share {
    /// All of it.
    pub const WHOLE: Self = Self { number: 1, shares: 1 };

    /// The `number`-th of `of`, counted from 1.
    ///
    /// # Errors
    /// [`Error::Config`] if there is no such share.
    pub fn new(number: usize, of: usize) -> Result<Self, Error> {
        if (1..=of).contains(&number) {
            Ok(Self { number, shares: of })
        } else {
            Err(refusal(&format!("{number}/{of}")))
        }
    }

    /// Which one it is, counted from 1.
    #[must_use]
    pub fn number(self) -> usize {
        self.number
    }

    /// How many there are.
    #[must_use]
    pub fn shares(self) -> usize {
        self.shares
    }

    /// Which of so many batches it has.
    #[must_use]
    pub fn of(self, batches: usize) -> Range<usize> {
        batches * (self.number - 1) / self.shares..batches * self.number / self.shares
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.shares)
    }
}

impl FromStr for Share {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let parts = text.split_once('/').and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
        let (number, of) = parts.ok_or_else(|| refusal(text))?;
        Self::new(number, of)
    }
}

fn refusal(given: &str) -> Error {
    Error::config("batches", given, "give which share of how many, such as `1/8`, counted from 1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_share_is_refused_by_what_it_should_be() {
        for text in ["0/3", "4/3", "1", "1/0", "a/b", "1/2/3", "-1/2"] {
            let error = text.parse::<Share>().unwrap_err().to_string();
            assert!(error.contains("`1/8`") && error.contains(text), "{error}");
        }
        assert_eq!("3/3".parse::<Share>().unwrap().of(8), 5..8);
        assert_eq!(Share::WHOLE.of(5), 0..5);
        let share = Share::new(2, 3).unwrap();
        assert_eq!((share.number(), share.shares(), share.to_string()), (2, 3, "2/3".into()));
    }
}
