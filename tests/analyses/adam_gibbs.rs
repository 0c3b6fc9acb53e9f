//! Relaxation times and entropies of fewer models.

use std::collections::HashMap;

use crate::{
    common,
    table::{number, table},
};

#[path = "../../analyses/adam_gibbs/main.rs"]
#[allow(dead_code)] // its `main`
mod analysis;

/// R alone must give the numbers of the table. Of the random models only the first four of each
/// kind are made again: their average and that of the table must agree within five standard errors
/// (of four values: those of the table, 100 models, are a fifth).
#[test]
fn adam_gibbs_finds_the_same_again() {
    const COLUMNS: [&str; 3] = ["log_time", "entropy", "tap_phases"];
    let expected = table(include_str!("../../analyses/adam_gibbs/expected.csv"));
    let ensembles = analysis::ensembles(4, 20).unwrap();
    let again = table(&analysis::table(&ensembles).unwrap());
    assert_eq!(again.len(), 3 * analysis::BETAS.len());
    for (key, row) in &again {
        for column in COLUMNS {
            let [new, old] = [row, &expected[key]].map(|row| number(row, column).unwrap());
            let error = number(&expected[key], &format!("{column}_std_error"));
            // The spread from model to model is ten standard errors of the table.
            let tolerance = error.map_or(1e-7, |error| 5.0 * 10.0 * error / 2.0);
            assert_eq!(error.is_none(), key.0 == "R");
            assert!((new - old).abs() <= tolerance, "{key:?}: {column} = {new}, but {old} ± {tolerance} was expected");
        }
    }
    let mut laws = csv::Reader::from_reader(include_str!("../../analyses/adam_gibbs/laws.csv").as_bytes());
    let laws: Vec<HashMap<String, String>> = laws.deserialize().map(Result::unwrap).collect();
    for law in ensembles[0].predictions() {
        let row = laws.iter().find(|row| row["model"] == "R" && row["law"] == law.law).unwrap();
        for (column, new) in [("error_of_average", law.error_of_average), ("slope", law.slope), ("t0", law.t0)] {
            common::assert_close(column, new, number(row, column).unwrap(), 1e-5);
        }
    }
}
