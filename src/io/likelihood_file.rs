//! The result of `likelihood`, as JSON and CSV.

use serde::{Deserialize, Serialize};

use super::{ModelInfo, Provenance, claim_name, json, results::SCHEMA};
use crate::{
    Error, Measured, Method, Verdict,
    likelihood::{Likelihood, PSEUDO_NOTE},
};

/// The likelihood of data under a model, and how it came to be.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LikelihoodFile {
    /// The version of the format.
    pub schema: u32,
    /// The model.
    pub model: ModelInfo,
    /// The path or the name of the data.
    pub data: String,
    /// The number of rows.
    pub n_samples: usize,
    /// The inverse temperature.
    pub beta: f64,
    /// The mean of ln p(v) over the rows.
    pub log_likelihood: LogLikelihood,
    /// ln Z, and whether it may be believed.
    pub log_z: LogZ,
    /// The mean of ln p(v) divided by the number of units that a row shows.
    pub per_unit: f64,
    /// The mean of Σᵢ ln p(vᵢ | the others).
    pub pseudo_log_likelihood: Pseudo,
    /// What a reader must keep in mind.
    pub warnings: Vec<String>,
    /// How to make it again.
    pub provenance: Provenance,
    /// ln p(v) of each row; in a file of its own.
    #[serde(skip)]
    pub rows: Vec<f64>,
}

/// The mean of ln p(v), nats, with its two errors apart.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LogLikelihood {
    /// The mean.
    pub value: f64,
    /// Of the mean over rows.
    pub std_error_data: Option<f64>,
    /// Of ln Z.
    pub std_error_log_z: Option<f64>,
}

/// ln Z with its method and its verdict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LogZ {
    /// The number and its claim.
    #[serde(flatten)]
    pub number: Measured,
    /// The method that it is from.
    pub method: Method,
    /// Whether it may be believed.
    pub verdict: Verdict,
    /// What speaks against it.
    pub objections: Vec<String>,
}

/// A number that is often taken for a likelihood.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Pseudo {
    /// The mean over rows, nats.
    pub value: f64,
    /// What it is not.
    pub note: &'static str,
}

impl LikelihoodFile {
    /// A file in the current format.
    #[must_use]
    pub fn new(
        model: ModelInfo,
        data: String,
        beta: f64,
        likelihood: Likelihood,
        log_z: LogZ,
        provenance: Provenance,
    ) -> Self {
        let warnings = likelihood.warnings();
        let Likelihood { rows, mean, std_error_data, std_error_log_z, per_unit, pseudo, .. } = likelihood;
        Self {
            schema: SCHEMA,
            model,
            data,
            n_samples: rows.len(),
            beta,
            log_likelihood: LogLikelihood { value: mean, std_error_data, std_error_log_z },
            log_z,
            per_unit,
            pseudo_log_likelihood: Pseudo { value: pseudo, note: PSEUDO_NOTE },
            warnings,
            provenance,
            rows,
        }
    }

    /// The file as JSON.
    ///
    /// # Errors
    /// [`Error::Format`] if it cannot be encoded.
    pub fn to_json(&self) -> Result<String, Error> {
        json::sealed(self).map_err(|e| failed("likelihood.json", &e.to_string()))
    }

    /// One row of all numbers; an empty cell is a value that does not exist.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let cell = |x: Option<f64>| x.map(|x| format!("{x:?}")).unwrap_or_default();
        let LogLikelihood { value, std_error_data, std_error_log_z } = self.log_likelihood;
        let LogZ { number, method, verdict, .. } = &self.log_z;
        format!(
            "n_samples,beta,log_likelihood,std_error_data,std_error_log_z,per_unit,pseudo_log_likelihood,log_z,\
             log_z_std_error,log_z_claim,method,verdict\n\
             {},{:?},{value:?},{},{},{:?},{:?},{:?},{},{},{method},{verdict}\n",
            self.n_samples,
            self.beta,
            cell(std_error_data),
            cell(std_error_log_z),
            self.per_unit,
            self.pseudo_log_likelihood.value,
            number.value,
            cell(number.claim.std_error()),
            claim_name(number.claim),
        )
    }

    /// ln p(v) of each row, numbered from 0 as in the data.
    #[must_use]
    pub fn rows_to_csv(&self) -> String {
        let rows = self.rows.iter().enumerate().map(|(k, p)| format!("{k},{p:?}\n"));
        std::iter::once("row,log_likelihood\n".into()).chain(rows).collect()
    }
}

fn failed(name: &str, why: &str) -> Error {
    Error::format(name, why, "please report this as a bug")
}
