//! Limits and decay in training: a small run, and what the committed table says.

use crate::table::rows;

#[path = "../../analyses/norm_control_in_training/main.rs"]
#[allow(dead_code)] // its `main`
mod analysis;

use analysis::{Row, plan};

/// S = −L + ⟨H(h|v)⟩ + (U − Ē), to rounding, for each run.
fn check_identity(table: &[Row]) {
    for r in table {
        let sum = -r.log_likelihood_train + r.hidden_entropy + r.virial;
        assert!((r.entropy - sum).abs() < 1e-6, "{r:?}");
    }
}

fn find<'a>(table: &'a [Row], value: &str, gauge: &str) -> &'a Row {
    table.iter().find(|r| r.value == value && r.gauge == gauge).unwrap()
}

/// Planted bug that fails: a centred reset that leaves the biases behind.
#[test]
fn a_centred_limit_costs_less_than_one_that_leaves_the_biases_behind() {
    let table = plan(true).run().unwrap();
    check_identity(&table);
    let [alone, centred] = ["weights", "centred"].map(|gauge| find(&table, "frobenius=12", gauge));
    assert!((alone.frobenius - 12.0).abs() < 1e-9 && (centred.frobenius - 12.0).abs() < 1e-9);
    assert!(centred.log_likelihood_test > alone.log_likelihood_test + 2.0, "{centred:?} {alone:?}");
}

#[test]
fn the_committed_table_says_what_the_readme_says() {
    let table = rows::<Row>("norm_control_in_training/expected.csv");
    check_identity(&table);
    for limit in ["frobenius=40", "frobenius=20", "l1=3000"] {
        let [alone, centred] = ["weights", "centred"].map(|gauge| find(&table, limit, gauge));
        assert!(centred.log_likelihood_test > alone.log_likelihood_test + 8.0, "{limit}");
        assert!(centred.beta_hat_test < alone.beta_hat_test || alone.beta_hat_test.is_none(), "{limit}");
    }
    // Decay makes the data colder than the model.
    let betas: Vec<f64> = table.iter().filter(|r| r.control == "decay").map(|r| r.beta_hat_test.unwrap()).collect();
    assert!(betas.len() == 5 && betas[4] > betas[0] + 0.05, "{betas:?}");
}
