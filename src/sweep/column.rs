//! What the table of a sweep shows.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{io::Quantity, observe::Observable};

/// A column: a quantity of curves, or an observable of replicas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Column {
    /// Of the rows of methods.
    Curve(Quantity),
    /// Of the rows of replicas.
    Replicas(Observable),
}

impl Column {
    /// All columns, in their order.
    pub fn all() -> impl Iterator<Item = Self> {
        let quantities = Quantity::ALL.into_iter().map(Self::Curve);
        quantities.chain(Observable::ALL.into_iter().map(Self::Replicas))
    }

    /// Its name at the head of the table, and in plans.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Curve(quantity) => quantity.name(),
            Self::Replicas(observable) => observable.name(),
        }
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
