//! Every method beside enumeration, on a smaller grid.

use plefka::{Ais, Betas, io};

use crate::table::{number, table};

#[path = "../../analyses/tap_vs_ais/main.rs"]
#[allow(dead_code)] // its `main`
mod analysis;

/// Deterministic methods must give the numbers of the table, and at the same points; an iteration
/// that has not converged may stop anywhere. Here AIS is much shorter than in the table and has an
/// error bar of its own: the two must agree within five standard errors of their difference
/// (false-alarm rate 6e−7 for each of twelve numbers, and the seed is fixed).
///
/// Planted bugs that fail: a heat capacity off by a factor β; an AIS ladder that leaves out its
/// last step.
#[test]
fn tap_vs_ais_finds_the_same_again() {
    let expected = table(include_str!("../../analyses/tap_vs_ais/expected.csv"));
    let ais = Ais { chains: 200, rungs: 200, ..Ais::default() };
    let betas: Betas = "0.25,0.5,0.75".parse().unwrap();
    let again = table(&io::to_csv(&analysis::compare(&betas, &ais).unwrap()).unwrap());
    assert_eq!(again.len(), 15, "five methods at three β");

    let mut compared = 0;
    for (key, row) in &again {
        let Some(expected) = expected.get(key) else { panic!("{key:?} is not in expected.csv") };
        assert_eq!(row["status"], expected["status"], "{key:?}");
        assert_eq!(row["log_z_claim"], expected["log_z_claim"], "{key:?}");
        if row["status"] != "converged" {
            continue;
        }
        for column in ["log_z", "energy", "entropy", "heat_capacity"] {
            let [Some(new), Some(old)] = [row, expected].map(|row| number(row, column)) else {
                panic!("{key:?} has no {column}");
            };
            let bars = [row, expected].map(|row| number(row, &format!("{column}_std_error")));
            let tolerance = match bars {
                [None, None] => 1e-9 * old.abs().max(1.0),
                [Some(a), Some(b)] => 5.0 * a.hypot(b),
                _ => panic!("{key:?}: only one {column} has an error bar"),
            };
            // A huge error bar would agree with anything.
            assert!(tolerance < 0.1 * old.abs().max(50.0), "{key:?}: {column} = {new} is known to ± {tolerance} only");
            assert!((new - old).abs() <= tolerance, "{key:?}: {column} = {new}, but {old} ± {tolerance} was expected");
            compared += 1;
        }
    }
    assert!(compared >= 40, "only {compared} numbers were compared");
}
