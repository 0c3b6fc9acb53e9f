//! The figures of a training run's history: ln p(v) and ln Z over the updates.

use super::{Chart, Series};
use crate::{
    Verdict,
    io::{HistoryFile, HistoryRow, LogLikelihood},
};

/// A number of a checkpoint and its standard error.
type Column<'a> = &'a dyn Fn(&HistoryRow) -> Option<(f64, Option<f64>)>;

/// The charts by name: `history_log_z` and, where there are data, `history_likelihood`.
///
/// Numbers that cannot be trusted are a curve of their own.
#[must_use]
pub fn history_charts(file: &HistoryFile) -> Vec<(&'static str, Chart)> {
    let trusted = |row: &HistoryRow| !matches!(row.log_z.verdict, Verdict::Untrustworthy | Verdict::NotConverged);
    let series = |name: &str, look: usize, good: bool, y: Column<'_>| {
        let point = |row: &HistoryRow| {
            let found = y(row).filter(|_| trusted(row) == good);
            (row.update as f64, found.map(|y| y.0), found.and_then(|y| y.1))
        };
        Series::measured(name, look, file.rows.iter().map(point))
    };
    let both = |name: &str, look: usize, y: Column<'_>| {
        [series(name, look, true, y), series(&format!("{name}, untrustworthy"), look + 3, false, y)]
    };
    let error = |of: &LogLikelihood| of.std_error_log_z;
    let likelihoods = [
        both("training rows", 1, &|row| row.log_likelihood_train.as_ref().map(|of| (of.value, error(of)))),
        both("held-out rows", 2, &|row| row.log_likelihood_test.as_ref().map(|of| (of.value, error(of)))),
    ];
    let log_z = both("ln Z", 1, &|row| Some((row.log_z.number.value, row.log_z.number.claim.std_error())));
    let chart = |title: &str, label: &str, series: Vec<Series>| Chart {
        title: title.into(),
        subtitle: format!("{}: {} {} units", file.model.source, file.model.shape, file.model.units),
        caption: "The band is the standard error of ln Z.".into(),
        labels: ["update".into(), label.into()],
        series: series.into_iter().filter(|series| series.points.iter().any(|p| p.1.is_some())).collect(),
        vertical: Vec::new(),
        horizontal: Vec::new(),
    };
    let mut charts = vec![
        ("history_likelihood", chart("Likelihood along training", "ln p(v) / nats", likelihoods.concat())),
        ("history_log_z", chart("ln Z along training", "ln Z / nats", log_z.to_vec())),
    ];
    charts.retain(|(_, chart)| !chart.series.is_empty());
    charts
}
