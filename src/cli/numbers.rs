//! Numbers as they are typed.

use std::{
    fmt::{self, Display},
    str::FromStr,
};

/// A real number; small ones are written as `1e-10`.
#[derive(Debug, Clone, Copy)]
pub struct Real(pub f64);

impl FromStr for Real {
    type Err = &'static str;

    fn from_str(typed: &str) -> Result<Self, Self::Err> {
        typed.parse().map(Self).map_err(|_| "it must be a number")
    }
}

impl Display for Real {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.abs() < 1e-3 { write!(f, "{:e}", self.0) } else { write!(f, "{}", self.0) }
    }
}

/// A whole number that fits in `T`.
pub fn whole<T: FromStr>(typed: &str) -> Result<T, String> {
    typed.parse().map_err(|_| format!("it must be a whole number from 0 to 2^{} − 1", 8 * size_of::<T>()))
}
