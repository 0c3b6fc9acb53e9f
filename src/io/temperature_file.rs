//! The result of `temperature`, as JSON and CSV.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{
    ModelInfo, Provenance, claim_name, json,
    results::{SCHEMA, read_versioned},
};
use crate::{
    Error,
    temperature::{Comparison, Estimate, Survey},
};

/// The name of the file in its folder.
const FILE_NAME: &str = "temperature.json";

/// The columns of the table, in their order.
const COLUMNS: [&str; 7] = ["estimator", "variant", "scope", "beta", "beta_std_error", "beta_claim", "n_eff"];

/// Temperatures of one set of data under one model, and how they came to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TemperatureFile {
    /// The version of the format.
    pub schema: u32,
    /// The model.
    pub model: ModelInfo,
    /// The path or the name of the data.
    pub data: String,
    /// The number of rows.
    pub n_samples: usize,
    /// How many independent ones they are worth, by their energy.
    pub n_eff: f64,
    /// The estimates.
    pub estimates: Vec<Estimate>,
    /// Local beside global estimates.
    #[serde(default)]
    pub comparisons: Vec<Comparison>,
    /// The comparisons in words.
    #[serde(default)]
    pub findings: Vec<String>,
    /// What could not be estimated and why, and what a reader must keep in mind.
    pub warnings: Vec<String>,
    /// How to make them again.
    pub provenance: Provenance,
}

impl TemperatureFile {
    /// A file in the current format.
    #[must_use]
    pub fn new(model: ModelInfo, data: String, survey: Survey, provenance: Provenance) -> Self {
        let findings = survey.findings();
        let Survey { n_samples, n_eff, estimates, comparisons, warnings } = survey;
        Self { schema: SCHEMA, model, data, n_samples, n_eff, estimates, comparisons, findings, warnings, provenance }
    }

    /// The file as JSON.
    ///
    /// # Errors
    /// [`Error::Format`] if it cannot be encoded.
    pub fn to_json(&self) -> Result<String, Error> {
        json::sealed(self).map_err(|e| failed(FILE_NAME, &e.to_string()))
    }

    /// Reads the `temperature.json` of a folder; `None` if the folder has none.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be read; [`Error::Format`], naming the file and the remedy, if it
    /// is not JSON, is of another version of the format, or lacks a field.
    pub fn read(folder: impl AsRef<Path>) -> Result<Option<Self>, Error> {
        let path = folder.as_ref().join(FILE_NAME);
        let remedy = "make one with `plefka temperature MODEL --data DATA --out DIR`";
        path.is_file().then(|| read_versioned(&path, remedy)).transpose()
    }

    /// One row for each estimate; an empty cell is a value that does not exist.
    ///
    /// # Errors
    /// [`Error::Format`] if it cannot be encoded.
    pub fn to_csv(&self) -> Result<String, Error> {
        let failed = |e: String| failed("temperature.csv", &e);
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(COLUMNS).map_err(|e| failed(e.to_string()))?;
        for estimate in &self.estimates {
            let n_eff = match estimate.details.get("n_eff") {
                Some(crate::curve::Diagnostic::Number(n)) => format!("{n:?}"),
                _ => String::new(),
            };
            let std_error = estimate.beta.claim.std_error().map(|s| format!("{s:?}")).unwrap_or_default();
            let row = [
                estimate.estimator.name().to_owned(),
                estimate.variant.clone().unwrap_or_default(),
                estimate.scope.name().to_owned(),
                format!("{:?}", estimate.beta.value),
                std_error,
                claim_name(estimate.beta.claim).to_owned(),
                n_eff,
            ];
            writer.write_record(row).map_err(|e| failed(e.to_string()))?;
        }
        let bytes = writer.into_inner().map_err(|e| failed(e.to_string()))?;
        String::from_utf8(bytes).map_err(|e| failed(e.to_string()))
    }
}

fn failed(name: &str, why: &str) -> Error {
    Error::format(name, why, "please report this as a bug")
}
