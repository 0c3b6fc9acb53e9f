//! The result of `history`, as JSON and CSV.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{
    LogLikelihood, LogZ, ModelInfo, Provenance, claim_name, json,
    results::{SCHEMA, read_versioned},
};
use crate::Error;

const FILE_NAME: &str = "history.json";

/// ln Z and ln p(v) along a training run, and how they came to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HistoryFile {
    /// The version of the format.
    pub schema: u32,
    /// The last model.
    pub model: ModelInfo,
    /// The path or the name of the data, if there are any.
    pub data: Option<String>,
    /// Rows of the data that count as training rows and as held out.
    pub n_samples: [usize; 2],
    /// One for each checkpoint.
    pub rows: Vec<HistoryRow>,
    /// How to make it again.
    pub provenance: Provenance,
}

/// What is known of one checkpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HistoryRow {
    /// Updates made.
    pub update: u64,
    /// ln Z, and whether it may be believed.
    pub log_z: LogZ,
    /// The mean of ln p(v) over the training rows.
    pub log_likelihood_train: Option<LogLikelihood>,
    /// The mean of ln p(v) over the held-out rows.
    pub log_likelihood_test: Option<LogLikelihood>,
    /// ln Z by every method, the first of which is the number above.
    pub estimates: Vec<HistoryEstimate>,
}

/// ln Z of a checkpoint by one method, with its evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HistoryEstimate {
    /// The number and its verdict.
    #[serde(flatten)]
    pub log_z: LogZ,
    /// Journeys of replicas between the base and this checkpoint.
    pub round_trips: Option<f64>,
    /// The effective number of chains or samples.
    pub ess: Option<f64>,
}

impl HistoryFile {
    /// A file in the current format.
    #[must_use]
    pub fn new(
        model: ModelInfo,
        data: Option<String>,
        n_samples: [usize; 2],
        rows: Vec<HistoryRow>,
        provenance: Provenance,
    ) -> Self {
        Self { schema: SCHEMA, model, data, n_samples, rows, provenance }
    }

    /// Reads the `history.json` of a folder; `None` if the folder has none.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be read; [`Error::Format`], naming the file and the remedy, if it
    /// is not JSON, is of another version of the format, or lacks a field.
    pub fn read(folder: impl AsRef<Path>) -> Result<Option<Self>, Error> {
        let path = folder.as_ref().join(FILE_NAME);
        let remedy = "make one with `plefka history RUN --out DIR`";
        path.is_file().then(|| read_versioned(&path, remedy)).transpose()
    }

    /// The file as JSON, with a checksum.
    ///
    /// # Errors
    /// [`Error::Format`] if it cannot be encoded.
    pub fn to_json(&self) -> Result<String, Error> {
        let failed = |e: serde_json::Error| Error::format(FILE_NAME, e.to_string(), "please report this as a bug");
        json::sealed(self).map_err(failed)
    }

    /// A line for each checkpoint; an empty cell is a value that does not exist.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let cell = |x: Option<f64>| x.map(|x| format!("{x:?}")).unwrap_or_default();
        let likelihood = |of: Option<LogLikelihood>| {
            format!("{},{}", cell(of.map(|of| of.value)), cell(of.and_then(|of| of.std_error_data)))
        };
        let mut text = String::from(
            "update,log_z,log_z_std_error,log_z_claim,method,verdict,log_likelihood_train,log_likelihood_train_std_error_data,\
             log_likelihood_test,log_likelihood_test_std_error_data\n",
        );
        for HistoryRow { update, log_z, log_likelihood_train, log_likelihood_test, .. } in &self.rows {
            let LogZ { number, method, verdict, .. } = log_z;
            let (error, claim) = (cell(number.claim.std_error()), claim_name(number.claim));
            let (train, test) = (likelihood(*log_likelihood_train), likelihood(*log_likelihood_test));
            text += &format!("{update},{:?},{error},{claim},{method},{verdict},{train},{test}\n", number.value);
        }
        text
    }
}
