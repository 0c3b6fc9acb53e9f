//! Results as a table: one row for each method and β.

use std::path::Path;

use super::{Quantity, ResultFile, claim_name, status_name, write_atomically};
use crate::{
    Error,
    curve::{Measured, Verdict},
    thermo::Point,
};

/// The columns, in their order.
const COLUMNS: [&str; 14] = [
    "method",
    "beta",
    "status",
    "log_z",
    "log_z_std_error",
    "log_z_claim",
    "log_z_error_vs_exact",
    "energy",
    "energy_std_error",
    "entropy",
    "entropy_std_error",
    "heat_capacity",
    "heat_capacity_std_error",
    "verdict",
];

/// The results as comma-separated values with a header. An empty cell is a value that does not
/// exist; every number is the shortest that parses back to the same f64.
///
/// # Errors
/// [`Error::Format`] if the table cannot be encoded.
pub fn to_csv(results: &ResultFile) -> Result<String, Error> {
    let failed = |e: String| Error::format("results.csv", e, "please report this as a bug");
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS).map_err(|e| failed(e.to_string()))?;
    for curve in &results.curves {
        for point in &curve.points {
            let exact = results.exact(Quantity::LogZ, point.beta);
            writer.write_record(row(curve.method.name(), point, exact)).map_err(|e| failed(e.to_string()))?;
        }
    }
    let bytes = writer.into_inner().map_err(|e| failed(e.to_string()))?;
    String::from_utf8(bytes).map_err(|e| failed(e.to_string()))
}

/// Writes [`to_csv`] to `path`, whole or not at all.
///
/// # Errors
/// [`Error::Io`], and those of [`to_csv`].
pub fn write_csv(results: &ResultFile, path: &Path) -> Result<(), Error> {
    write_atomically(path, to_csv(results)?.as_bytes())
}

fn row(method: &str, point: &Point, exact: Option<f64>) -> [String; COLUMNS.len()] {
    let value = |m: Option<Measured>| number(m.map(|m| m.value));
    let bar = |m: Option<Measured>| number(m.and_then(|m| m.claim.std_error()));
    let error = point.log_z.zip(exact).map(|(m, exact)| m.value - exact);
    [
        method.into(),
        number(Some(point.beta)),
        status_name(point.status).into(),
        value(point.log_z),
        bar(point.log_z),
        point.log_z.map(|m| claim_name(m.claim)).unwrap_or_default().into(),
        number(error),
        value(point.energy),
        bar(point.energy),
        value(point.entropy),
        bar(point.entropy),
        value(point.heat_capacity),
        bar(point.heat_capacity),
        point.verdict.map(Verdict::name).unwrap_or_default().into(),
    ]
}

/// `{:?}` of an f64 is the shortest form that round-trips, with an exponent where that is shorter.
fn number(x: Option<f64>) -> String {
    x.filter(|x| x.is_finite()).map(|x| format!("{x:?}")).unwrap_or_default()
}
