//! The committed table of the open case.

use crate::table::{by_name, number};

/// The model is not part of the project, so what can be checked is that the committed table says
/// what its README says: the trusted estimates agree with each other within four standard errors,
/// are precise, and are several.
#[test]
fn the_open_case_is_settled_by_estimates_that_agree() {
    let rows = by_name(include_str!("../../analyses/open_case/expected.csv"));
    let trusted: Vec<(f64, f64)> = (rows.values().filter(|row| row["status"] == "trusted"))
        .map(|row| (number(row, "log_z").unwrap(), number(row, "std_error").unwrap()))
        .collect();
    assert!(trusted.len() >= 3, "{} trusted estimates", trusted.len());
    assert!(trusted.iter().any(|(_, error)| *error <= 0.1));
    for (a, a_error) in &trusted {
        for (b, b_error) in &trusted {
            assert!((a - b).abs() <= 4.0 * a_error.hypot(*b_error), "{a} ± {a_error} and {b} ± {b_error}");
        }
        for published in [459.589, 463.25] {
            assert!((a - published).abs() > 3.0 * a_error, "{a} ± {a_error} does not tell it from {published}");
        }
    }
}
