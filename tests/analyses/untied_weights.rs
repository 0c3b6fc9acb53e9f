//! Tied and untied autoencoders of a few hidden units.

use crate::table::{check_figure, rows};

#[path = "../../analyses/untied_weights/main.rs"]
#[allow(dead_code)] // its `main`
mod analysis;

use analysis::{Moment, Plan, QUANTITIES};

fn get(rows: &[Moment], steps: usize, tied: bool, epoch: usize, quantity: &str) -> f64 {
    let fits = |r: &&Moment| (r.steps, r.tied, r.epoch) == (steps, tied, epoch) && r.quantity == quantity;
    rows.iter().find(fits).unwrap().value
}

/// What must hold whatever is trained: nothing differs while nothing is untied, KL is never
/// negative, and −ln p + KL is what is called the Helmholtz free energy.
fn check(rows: &[Moment], steps: usize, epochs: &[usize]) {
    for &epoch in epochs {
        for tied in [true, false] {
            let get = |quantity| get(rows, steps, tied, epoch, quantity);
            if tied || epoch == 0 {
                assert!(get("KL") == 0.0 && get("asymmetry") == 0.0 && get("share of steps that raise F") == 0.0);
                assert!((get("LL of W1") - get("LL of W2")).abs() < 1e-9);
            } else {
                assert!(get("KL") > 0.0 && get("asymmetry") > 0.0);
            }
            assert!((get("Helmholtz free energy + ln Z") + get("LL of W2") - get("KL")).abs() < 1e-9);
        }
    }
}

#[test]
fn untying_opens_a_gap_that_tied_weights_do_not_have() {
    let plan = Plan { before: 1, held_out: 50, ..Plan::new(true) };
    let rows = plan.run().unwrap();
    assert_eq!(rows.len(), 2 * 2 * QUANTITIES.len());
    check(&rows, 1, &[0, 1]);
}

#[test]
fn the_committed_table_says_what_the_finding_says() {
    let saved: Vec<Moment> = rows("untied_weights/expected.csv");
    for steps in [1, 3] {
        check(&saved, steps, &[0, 1, 2, 5, 10]);
        let last = |tied, quantity| get(&saved, steps, tied, 10, quantity);
        assert!(last(false, "cross-entropy") < last(true, "cross-entropy"));
        assert!(last(false, "LL of W2") < get(&saved, steps, false, 0, "LL of W2"));
    }
}

#[test]
fn the_committed_figures_are_of_the_committed_tables() {
    for (name, chart) in analysis::charts(&rows::<Moment>("untied_weights/expected.csv")) {
        check_figure(&format!("untied_weights/{name}"), chart);
    }
}
