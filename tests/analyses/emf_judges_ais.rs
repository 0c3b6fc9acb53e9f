//! Bounds beside samplers: a quick run, and what the committed table says.

use crate::table::rows;

#[path = "../../analyses/emf_judges_ais/main.rs"]
#[allow(dead_code)] // its `main`
mod analysis;

use analysis::Row;

/// The models that were enumerated: bounds are below the truth and in the order that they must have; what is refuted is too low.
fn check(table: &[Row]) {
    let table: Vec<&Row> = table.iter().filter(|r| r.exact_error.is_none()).collect();
    let mut models: Vec<&str> = table.iter().map(|r| r.model.as_str()).collect();
    models.dedup();
    for model in &models {
        let of = |what: &str| table.iter().find(|r| r.model == *model && r.what == what).unwrap().error;
        let [bound, single, best, sum] =
            ["bound", "mf, one start", "best solution", "sum of solutions (no bound)"].map(of);
        assert!(bound <= 1e-9 && of("bound, with data") <= 1e-9, "{model}: {bound}");
        assert!(best <= bound + 1e-9 && bound <= sum + 1e-9, "{model}: {best} {bound} {sum}");
        assert!(single <= bound + 1e-3, "{model}: {single} {bound}");
    }
    for r in table.iter().filter(|r| r.refuted) {
        assert!(r.error < -3.0 * r.std_error.unwrap(), "{r:?}");
    }
}

/// The model that was not: its number is checked, no bound is above it beyond its error, and more
/// starts find no less.
fn check_wide(table: &[Row]) {
    let table: Vec<&Row> = table.iter().filter(|r| r.exact_error.is_some()).collect();
    let [auto, bounds @ .., ais] = table.as_slice() else { panic!("{table:?}") };
    assert_eq!((auto.what.as_str(), auto.verdict.as_str(), ais.what.as_str()), ("auto", "checked", "ais, mixture"));
    assert_eq!(bounds.len(), 6);
    assert!(bounds.iter().all(|r| r.error < 3.0 * r.exact_error.unwrap()), "{bounds:?}");
    for (fewer, more) in bounds.iter().zip(&bounds[2..]) {
        assert!(more.error > fewer.error - 0.5, "{more:?} {fewer:?}");
    }
}

#[test]
fn the_quick_run_keeps_its_order() {
    let plan = analysis::plan(true);
    let table: Vec<Row> = plan
        .models()
        .unwrap()
        .iter()
        .chain([&plan.union().unwrap()])
        .flat_map(|(known, data)| plan.run(known, data).unwrap())
        .collect();
    check(&table);
    check_wide(&plan.wide().unwrap());
    // Few modes: the bound is close.
    assert!(table.iter().filter(|r| r.what == "bound").all(|r| r.error > -1.0), "{table:?}");
    assert_eq!(analysis::chart(&table).series.len(), 6);
}

#[test]
fn the_committed_table_keeps_it_too() {
    let table = rows::<Row>("emf_judges_ais/expected.csv");
    check(&table);
    check_wide(&table);
    assert!(table.iter().any(|r| r.refuted), "no sampler is refuted");
}
