//! The log of a run: a row for each checkpoint.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::labels;
use crate::{
    Error, Rbm, Verdict,
    data::Data,
    io::{CHECKSUM_COLUMN, Seal, read_text, sealed_table, table_seal, write_atomically},
};

/// What is known about the model of one checkpoint. `None`, an empty cell, was not computed.
///
/// Log-likelihoods are means over rows in nats, of the rows trained on and of those held out, never
/// mixed; their standard error is that of ln Z alone, and none where ln Z is exact.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogRow {
    /// Updates made.
    pub update: usize,
    /// Passes over the training data.
    pub epoch: f64,
    /// Seconds of training alone, without the evaluations.
    pub seconds: f64,
    /// ln Z, nats.
    pub log_z: Option<f64>,
    /// Its standard error; none where it is exact.
    pub log_z_std_error: Option<f64>,
    /// Mean ln p(v) of the training rows.
    pub log_likelihood_train: Option<f64>,
    /// Its standard error.
    pub log_likelihood_train_std_error: Option<f64>,
    /// Mean ln p(v) of the held-out rows.
    pub log_likelihood_test: Option<f64>,
    /// Its standard error.
    pub log_likelihood_test_std_error: Option<f64>,
    /// What ln Z is worth, by the one [judgement](crate::findings) on every number.
    pub verdict: Option<Verdict>,
    /// S(β = 1), nats.
    pub entropy: Option<f64>,
    /// The β of maximum likelihood of the training rows.
    pub beta_hat_train: Option<f64>,
    /// The β of maximum likelihood of the held-out rows.
    pub beta_hat_test: Option<f64>,
    /// ‖W‖_F.
    pub frobenius: f64,
    /// Σ|W|.
    pub l1: f64,
    /// The largest singular value of W.
    pub spectral: f64,
    /// Σᵢ ln p(vᵢ | the other visible units), the mean over some training rows: not a likelihood.
    pub pseudo_log_likelihood: Option<f64>,
    /// The mean of (v − ⟨v|⟨h|v⟩⟩)² over the units of the same rows: not a likelihood.
    pub reconstruction_error: Option<f64>,
    /// The share of the training rows whose most probable class is their own (labels).
    pub accuracy_train: Option<f64>,
    /// The same of the held-out rows (labels).
    pub accuracy_test: Option<f64>,
    /// Mean ln p(y|x) of the training rows, nats (labels).
    pub label_log_likelihood_train: Option<f64>,
    /// The same of the held-out rows (labels).
    pub label_log_likelihood_test: Option<f64>,
    /// What speaks against ln Z, in short sentences.
    pub objections: Option<String>,
    /// The work of all estimates of ln Z so far, as a share of that of training.
    pub log_z_share: Option<f64>,
    /// The standard error of S(1).
    pub entropy_std_error: Option<f64>,
    /// The standard error of the β̂ of the training rows: of the rows, and of U.
    pub beta_hat_train_std_error: Option<f64>,
    /// The same of the held-out rows.
    pub beta_hat_test_std_error: Option<f64>,
    /// Distinct mean-field solutions (emf).
    pub solutions: Option<f64>,
    /// ln Σ e^L over them: at order 1 close to a lower bound of ln Z (emf).
    pub log_z_solutions: Option<f64>,
    /// By how much another iteration would move their hidden means at most (emf).
    pub solutions_residual: Option<f64>,
    /// ln Z by Bennett's acceptance ratio along the frozen models of the run (ptt).
    pub log_z_path: Option<f64>,
    /// Its standard error (ptt).
    pub log_z_path_std_error: Option<f64>,
    /// The running mean of the probability that a chain exchanges its state with the frozen model
    /// (ptt).
    pub acceptance: Option<f64>,
    /// How often the model has been frozen so far (ptt).
    pub frozen: Option<f64>,
    /// How often it went back to the frozen one, at half the rate (ptt).
    pub restored: Option<f64>,
}

impl LogRow {
    /// Fills in how well labels are told, if there are any.
    pub(super) fn score_labels(
        &mut self,
        rbm: &Rbm,
        train: &Data,
        test: Option<&Data>,
        classes: usize,
    ) -> Result<(), Error> {
        if classes == 0 {
            return Ok(());
        }
        let score = labels::score(rbm, train, classes)?;
        (self.accuracy_train, self.label_log_likelihood_train) = (Some(score.accuracy), Some(score.log_likelihood));
        if let Some(test) = test {
            let score = labels::score(rbm, test, classes)?;
            (self.accuracy_test, self.label_log_likelihood_test) = (Some(score.accuracy), Some(score.log_likelihood));
        }
        Ok(())
    }

    /// Fills in what the negative phase knows, by the name of its column.
    pub(super) fn fill(&mut self, evidence: Vec<(&'static str, f64)>) {
        for (column, value) in evidence {
            let cell = match column {
                "solutions" => &mut self.solutions,
                "log_z_solutions" => &mut self.log_z_solutions,
                "solutions_residual" => &mut self.solutions_residual,
                "log_z_path" => &mut self.log_z_path,
                "log_z_path_std_error" => &mut self.log_z_path_std_error,
                "acceptance" => &mut self.acceptance,
                "frozen" => &mut self.frozen,
                "restored" => &mut self.restored,
                _ => continue,
            };
            *cell = Some(value);
        }
    }
}

/// Writes all rows to a file, whole or not at all.
pub(super) fn write(rows: &[LogRow], path: &Path) -> Result<(), Error> {
    let failed = |error: csv::Error| Error::io("write", path)(std::io::Error::other(error));
    let mut header = String::new();
    let mut lines = Vec::new();
    for row in rows {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.serialize(row).map_err(failed)?;
        let bytes = writer.into_inner().map_err(|error| Error::io("write", path)(error.into_error()))?;
        let text = String::from_utf8_lossy(&bytes);
        // The names of columns hold no line break, as a cell may.
        let (names, line) = text.split_once('\n').unwrap_or_default();
        header = names.to_owned();
        lines.push(line.to_owned());
    }
    write_atomically(path, sealed_table(&header, &lines).as_bytes())
}

/// Reads the rows of a file; none if there is no file.
pub(super) fn read(path: &Path) -> Result<Vec<LogRow>, Error> {
    if !path.exists() {
        return Ok(Vec::new());
    }
    let again = "remove the file, and what follows is logged again";
    let text = read_text(path)?;
    if table_seal(&text) == Seal::Broken {
        let problem = "its checksum does not fit: it was damaged, or changed after it was written";
        return Err(Error::format(path, problem, format!("restore it, or {again}")));
    }
    let damaged = |error: csv::Error| Error::format(path, error.to_string(), again);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let names = reader.headers().map_err(damaged)?.clone();
    let columns = names.iter().filter(|name| *name != CHECKSUM_COLUMN).count();
    let row = |record: Result<csv::StringRecord, csv::Error>| {
        let mut record = record?;
        record.truncate(columns);
        record.deserialize(Some(&names.iter().take(columns).collect()))
    };
    reader.records().map(row).collect::<Result<_, _>>().map_err(damaged)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Planted bugs: a checksum of each row alone, under which rows change places or go; a checksum
    /// that is not looked at.
    #[test]
    fn a_damaged_log_is_refused_and_one_of_an_older_version_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log.csv");
        let row = |update: usize| LogRow {
            update,
            log_z: Some(0.1 + update as f64),
            objections: Some("one, and\n\"two\"".into()),
            ..LogRow::default()
        };
        let rows = [row(0), row(7), row(20)];
        write(&rows, &path).unwrap();
        assert_eq!(read(&path).unwrap(), rows);
        let text = std::fs::read_to_string(&path).unwrap();
        for bit in 0..8 * text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            std::fs::write(&path, bytes).unwrap();
            assert!(read(&path).is_err(), "bit {bit}");
        }
        let record = |row: &LogRow| {
            let mut alone = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
            alone.serialize(row).unwrap();
            String::from_utf8(alone.into_inner().unwrap()).unwrap().trim_end().to_owned()
        };
        let begins = |row: &LogRow| text.find(&record(row)).unwrap();
        let [first, second, third] = [0, 1, 2].map(|k| begins(&rows[k]));
        let (head, [a, b, c]) = (&text[..first], [&text[first..second], &text[second..third], &text[third..]]);
        for disordered in [format!("{head}{b}{a}{c}"), format!("{head}{a}{c}")] {
            std::fs::write(&path, disordered).unwrap();
            assert!(read(&path).is_err());
        }
        let mut writer = csv::Writer::from_path(&path).unwrap();
        rows.iter().for_each(|row| writer.serialize(row).unwrap());
        writer.flush().unwrap();
        assert_eq!(read(&path).unwrap(), rows);
    }
}
