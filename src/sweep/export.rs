//! The table of a finished sweep.

use std::{io, path::Path};

use super::{BETA, Column, Outcome, Record, Store};
use crate::{
    Error,
    curve::{Reliability, Status, Verdict},
    findings::judge_together,
    io::{CurveRecord, Quantity, claim_name, status_name, write_atomically_with},
};

/// Writes the records as comma-separated values with a header: one row for each point and method,
/// whole or not at all.
///
/// The rows follow the grid: the axes in the order of the plan, the last varying fastest; then β,
/// wherever it stands in the plan; then the methods. The columns are every axis by its name, then
/// `method`, `status`, the observables each with its standard error (`heat_capacity_std_error`,
/// like the rest, after the observables), `log_z_claim`, `ess`, `largest_share` and `verdict` (of
/// each method beside the others of its cell). An empty cell is a value that does not exist; every
/// number is the shortest that parses back to the same f64. A job that failed has rows with the
/// status `failed`. A row of replicas has no quantities of curves, and a row of a method no
/// observables of replicas.
///
/// Nothing in the table depends on when, where or in what order the jobs ran.
///
/// # Errors
/// [`Error::Format`] if jobs are missing; [`Error::Io`] if a file cannot be read or written.
pub fn export(store: &mut Store, path: &Path) -> Result<(), Error> {
    let mut failure = None;
    let written = write_atomically_with(path, |file| write(store, file, &mut failure));
    failure.map_or(written, Err)
}

/// The same table as text, to be compared with a file.
///
/// # Errors
/// As [`export`].
pub fn table(store: &mut Store) -> Result<String, Error> {
    let (mut bytes, mut failure) = (Vec::new(), None);
    let written = write(store, &mut bytes, &mut failure).map_err(Error::io("read", store.path()));
    failure.map_or(written, Err)?;
    String::from_utf8(bytes).map_err(|error| Error::io("read", store.path())(io::Error::other(error)))
}

/// Writes the rows; what stops that and is no matter of `file` goes to `failure`.
fn write(store: &mut Store, file: &mut dyn io::Write, failure: &mut Option<Error>) -> io::Result<()> {
    let mut stop = |error| {
        *failure = Some(error);
        io::Error::other("a record cannot be read")
    };
    let (cells, methods) = (store.grid().cells(), store.grid().methods.len());
    let missing = (0..cells * methods).filter(|job| !store.holds(*job)).count();
    if missing > 0 {
        let problem = format!("{missing} of {} jobs are missing", cells * methods);
        let remedy = "resume the sweep, or merge all of its shares";
        return Err(stop(Error::format(store.path(), problem, remedy)));
    }
    let betas = store.grid().betas().map_err(&mut stop)?;
    let columns = Columns::new(store);
    let mut table = csv::Writer::from_writer(file);
    table.write_record(columns.header())?;
    for cell in 0..cells {
        let records: Result<Vec<_>, Error> =
            (0..methods).map(|method| store.record(cell * methods + method).map(|record| record.into_iter())).collect();
        let records: Vec<Record> = judged(records.map_err(&mut stop)?.into_iter().flatten().collect());
        for (k, beta) in betas.iter().enumerate() {
            for record in &records {
                table.write_record(columns.row(record, k, *beta))?;
            }
        }
    }
    table.flush()
}

/// The records of one cell with the verdicts of their curves, which are judged beside each other.
fn judged(mut records: Vec<Record>) -> Vec<Record> {
    let places: Vec<bool> = records.iter().map(|record| matches!(record.outcome, Outcome::Curve(_))).collect();
    let is_curve = |record: &&mut Record| matches!(record.outcome, Outcome::Curve(_));
    // Taken out and put back: a copy of every curve would cost more than the verdicts.
    let take = |record: &mut Record| std::mem::replace(&mut record.outcome, Outcome::Replicas(Vec::new()));
    let taken = records.iter_mut().filter(is_curve).map(take);
    let mut curves: Vec<CurveRecord> = taken
        .filter_map(|outcome| match outcome {
            Outcome::Curve(curve) => Some(curve),
            Outcome::Replicas(_) | Outcome::Failed(_) => None,
        })
        .collect();
    judge_together(&mut curves);
    let mut curves = curves.into_iter();
    for (record, was_curve) in records.iter_mut().zip(places) {
        if let Some(curve) = was_curve.then(|| curves.next()).flatten() {
            record.outcome = Outcome::Curve(curve);
        }
    }
    records
}

/// The column whose error stands after all observables: scripts rely on the order.
const LATE: Column = Column::Curve(Quantity::HeatCapacity);

/// What the table shows.
struct Columns {
    axes: Vec<String>,
    observables: Vec<Column>,
}

impl Columns {
    fn new(store: &Store) -> Self {
        let mut axes: Vec<String> = store.grid().axes.iter().map(|axis| axis.name.clone()).collect();
        // Without an axis `beta` there is one β, which a reader wants to see.
        if !axes.iter().any(|axis| axis == BETA) {
            axes.insert(0, BETA.into());
        }
        Self { axes, observables: store.grid().observables.clone() }
    }

    fn header(&self) -> Vec<String> {
        let mut header = self.axes.clone();
        header.extend(["method".into(), "status".into()]);
        let mut last = Vec::new();
        for quantity in &self.observables {
            header.push(quantity.name().into());
            let error = format!("{}_std_error", quantity.name());
            if *quantity == LATE { last.push(error) } else { header.push(error) }
        }
        header.extend(last);
        header.extend(["log_z_claim", "ess", "largest_share", "verdict"].map(String::from));
        header
    }

    /// The row of the `k`-th β.
    fn row(&self, record: &Record, k: usize, beta: f64) -> Vec<String> {
        let mut row: Vec<String> = (self.axes.iter())
            .map(|axis| match record.axes.get(axis) {
                Some(value) => value.to_string(),
                None => number(Some(beta)),
            })
            .collect();
        row.push(record.method.to_string());
        let verdict = match &record.outcome {
            Outcome::Curve(curve) => curve.points.get(k).and_then(|point| point.verdict),
            Outcome::Replicas(_) | Outcome::Failed(_) => None,
        };
        let (status, evidence) = match &record.outcome {
            Outcome::Curve(curve) => {
                (curve.points.get(k).map(|point| point.status), Reliability::at(&curve.diagnostics, k))
            }
            Outcome::Replicas(_) => (Some(Status::Converged), Reliability::default()),
            Outcome::Failed(_) => (None, Reliability::default()),
        };
        row.push(status.map_or("failed", status_name).into());
        let measured = |column: Column| record.outcome.measured(column, k);
        let mut last = Vec::new();
        for quantity in &self.observables {
            let measured = measured(*quantity);
            row.push(number(measured.map(|m| m.value)));
            let error = number(measured.and_then(|m| m.claim.std_error()));
            if *quantity == LATE { last.push(error) } else { row.push(error) }
        }
        row.extend(last);
        let log_z = measured(Column::Curve(Quantity::LogZ));
        row.push(log_z.map(|m| claim_name(m.claim)).unwrap_or_default().into());
        row.push(number(evidence.ess));
        row.push(number(evidence.largest_share));
        row.push(verdict.map(Verdict::name).unwrap_or_default().into());
        row
    }
}

/// `{:?}` of an f64 is the shortest form that round-trips.
fn number(x: Option<f64>) -> String {
    x.filter(|x| x.is_finite()).map(|x| format!("{x:?}")).unwrap_or_default()
}
