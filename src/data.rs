//! A table of binary samples.

use sha2::{Digest, Sha256};

use crate::{Error, checksum::hexadecimal};

/// Samples of 0 and 1, one a row, with optional labels.
///
/// There is at least one row, every value is 0 or 1, and there are as many labels as rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Data {
    n_features: usize,
    values: Vec<u8>,
    labels: Option<Vec<i64>>,
}

impl Data {
    /// Data from its values row by row, one byte each.
    ///
    /// # Errors
    /// [`Error::Config`] if the values do not fill one or more rows of `n_features`, a value is
    /// neither 0 nor 1, or the number of labels is not the number of rows.
    pub fn new(n_features: usize, values: Vec<u8>, labels: Option<Vec<i64>>) -> Result<Self, Error> {
        if values.is_empty() || n_features == 0 || !values.len().is_multiple_of(n_features) {
            let given = format!("{} values in rows of {n_features}", values.len());
            return Err(Error::config("X", given, "give one or more complete rows"));
        }
        if let Some(bad) = values.iter().find(|&&x| x > 1) {
            return Err(Error::config("X", bad, "every value must be 0 or 1"));
        }
        let n_samples = values.len() / n_features;
        if let Some(labels) = labels.as_ref().filter(|labels| labels.len() != n_samples) {
            let given = format!("{} labels", labels.len());
            return Err(Error::config("labels", given, format!("give one label for each of the {n_samples} rows")));
        }
        Ok(Self { n_features, values, labels })
    }

    /// The number of rows.
    #[must_use]
    pub fn n_samples(&self) -> usize {
        self.values.len() / self.n_features
    }

    /// The number of columns: n_visible of a model of these data.
    #[must_use]
    pub fn n_features(&self) -> usize {
        self.n_features
    }

    /// Refuses data that are not of `n_visible` units.
    ///
    /// # Errors
    /// [`Error::Config`] with both numbers.
    pub fn check_columns(&self, n_visible: usize) -> Result<(), Error> {
        if self.n_features == n_visible {
            return Ok(());
        }
        let remedy = format!("the model has {n_visible} visible units; give data of as many columns");
        Err(Error::config("data", format!("{} columns", self.n_features), remedy))
    }

    /// Sample `i`.
    ///
    /// # Panics
    /// If there is no row `i`.
    #[must_use]
    pub fn row(&self, i: usize) -> &[u8] {
        &self.values[i * self.n_features..][..self.n_features]
    }

    /// The samples in order.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.values.chunks_exact(self.n_features)
    }

    /// All values, row by row.
    #[must_use]
    pub fn values(&self) -> &[u8] {
        &self.values
    }

    /// SHA-256 of the shape and the values, in hexadecimal: two tables with the same one are the
    /// same.
    #[must_use]
    pub fn sha256(&self) -> String {
        let hasher = Sha256::new().chain_update((self.n_features as u64).to_le_bytes()).chain_update(&self.values);
        hexadecimal(&hasher.finalize())
    }

    /// The label of each row, if the data have labels.
    #[must_use]
    pub fn labels(&self) -> Option<&[i64]> {
        self.labels.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_slices_of_the_values() {
        let data = Data::new(3, vec![0, 1, 1, 1, 0, 0], Some(vec![7, -1])).unwrap();
        assert_eq!((data.n_samples(), data.n_features()), (2, 3));
        assert_eq!(data.row(1), [1, 0, 0]);
        let flat = Data::new(6, data.values().to_vec(), None).unwrap();
        assert_ne!(data.sha256(), flat.sha256());
        assert_eq!(data.rows().collect::<Vec<_>>(), [[0, 1, 1], [1, 0, 0]]);
        assert_eq!(data.labels(), Some(&[7, -1][..]));
    }

    #[test]
    fn incomplete_tables_are_refused() {
        for (n_features, values, labels) in [
            (3, vec![0, 1], None),
            (3, vec![], None),
            (0, vec![1], None),
            (1, vec![2], None),
            (1, vec![1], Some(vec![])),
        ] {
            assert!(Data::new(n_features, values, labels).is_err());
        }
    }
}
