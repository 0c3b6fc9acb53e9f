//! Bounds beside samplers: a quick run, and what the committed table says.

use crate::table::rows;

#[path = "../../analyses/emf_judges_ais/main.rs"]
#[allow(dead_code)] // its `main`
mod analysis;

use analysis::Row;

/// Bounds are below the truth and in the order that they must have; what is refuted is too low.
fn check(table: &[Row]) {
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
    // Few modes: the bound is close.
    assert!(table.iter().filter(|r| r.what == "bound").all(|r| r.error > -1.0), "{table:?}");
    assert_eq!(analysis::chart(&table).series.len(), 6);
}

#[test]
fn the_committed_table_keeps_it_too() {
    let table = rows::<Row>("emf_judges_ais/expected.csv");
    check(&table);
    assert!(table.iter().any(|r| r.refuted), "no sampler is refuted");
}
