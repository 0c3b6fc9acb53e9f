//! Models of known ln Z: the constructions against enumeration, the quick run, and what the
//! committed table says.

use plefka::{Betas, Estimator, Exact, Run};

use crate::table::rows;

#[path = "../../analyses/gauntlet/main.rs"]
#[allow(dead_code)] // its `main`
mod analysis;

use analysis::{
    Row,
    known_models::{self, Known},
};

fn check(known: &Known) {
    let exact = Exact::default().curve(&known.rbm, &Betas::one(1.0).unwrap(), &Run::quiet(0)).unwrap().values.log_z[0];
    assert!((known.log_z - exact).abs() < 1e-9 * exact.abs(), "{}: {} against {exact}", known.name, known.log_z);
}

/// Each construction, small enough to be enumerated.
#[test]
fn the_constructions_have_the_stated_partition_function() {
    check(&known_models::uniform("uniform", 12, 7, 0.4, -1.1, -1.3).unwrap());
    check(&known_models::decorated_torus(2, 3, 0.5).unwrap());
    check(&known_models::decorated_torus(3, 4, 0.44).unwrap());
    let part = |seed| known_models::planted(9, 4, 0.3, seed).unwrap();
    check(&known_models::union("union", &[part(1), part(2), part(3)], 5).unwrap());
    let b = known_models::balanced_bias(300, 60, 0.1, -1.8);
    let both = known_models::uniform("", 300, 60, 0.1, -1.8, b).unwrap().log_z;
    let off = 300.0 * plefka::stats::softplus(-1.8);
    // The phase of few hidden units on is its first term, up to e^−19 for each.
    assert!((both - off - 2f64.ln()).abs() < 1e-3, "{both} against {off}");
}

/// No lower bound is above the truth, and every model has its row of every method.
fn bounds_hold(table: &[Row]) {
    for r in table.iter().filter(|r| r.claim == "lower_bound" && r.std_error.is_none()) {
        assert!(r.error <= 1e-9 * r.exact.abs().max(1.0), "{r:?}");
    }
    assert!(table.iter().any(|r| r.below_bound), "nothing is refuted by a bound");
    assert!(table.iter().all(|r| !(r.below_bound && r.unopposed)));
}

#[test]
fn the_quick_run_refutes_by_bounds_alone() {
    let plan = analysis::plan(true);
    let models = plan.models().unwrap();
    let table: Vec<Row> = models[..2].iter().flat_map(|known| plan.run(known).unwrap()).collect();
    bounds_hold(&table);
    // Annealing on temperature misses the phase that carries all the weight, and the mixture says
    // so.
    let ais = table.iter().find(|r| r.method == "ais, uniform").unwrap();
    assert!(ais.error < -1.0 && ais.below_bound, "{ais:?}");
    assert!(!analysis::chart(&table).series.is_empty());
}

#[test]
fn the_committed_table_holds_its_bounds() {
    bounds_hold(&rows::<Row>("gauntlet/expected.csv"));
}

/// What the committed table says of `auto`, over twenty seeds a model: no number that it calls
/// checked is off by more than 4σ, the intervals of 95 % cover 92 to 98 %, and it calls nine in ten
/// checked with a standard error of 0.05.
#[test]
fn checked_numbers_of_the_committed_table_are_right() {
    let table = rows::<Row>("gauntlet/expected.csv");
    let auto: Vec<&Row> = table.iter().filter(|r| r.method == analysis::AUTO).collect();
    let sigmas = |r: &Row| r.error.abs() / r.std_error.unwrap();
    let checked: Vec<&&Row> = auto.iter().filter(|r| r.verdict.starts_with("checked")).collect();
    assert!(auto.len() >= 20 * 12 && checked.iter().all(|r| sigmas(r) < 4.0));
    let covered = checked.iter().filter(|r| sigmas(r) < 1.96).count() as f64 / checked.len() as f64;
    assert!((0.92..=0.98).contains(&covered), "{covered}");
    let precise = checked.iter().filter(|r| r.std_error.unwrap() <= 0.05).count() as f64 / auto.len() as f64;
    assert!(precise >= 0.9, "{precise}");
}
