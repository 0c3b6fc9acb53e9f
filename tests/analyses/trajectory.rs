//! Paths through checkpoints, on shorter runs.

#[path = "../../analyses/trajectory/main.rs"]
#[allow(dead_code)] // its `main`
mod analysis;

use analysis::{RECIPES, Scale, paths};

/// A tenth of the training of eight hidden units, two seeds: both runs are near equilibrium so early, and the path
/// through their checkpoints is as good as the best. An error of 0.3 is five standard deviations of
/// 100 chains there.
#[test]
fn checkpoints_lead_to_a_model_near_equilibrium() {
    let scale = Scale { hidden: 8, updates: 240, seeds: 2, seeds_both_ways: 2, rungs: 400 };
    let rows = paths(RECIPES[0], scale).unwrap();
    for row in &rows {
        println!("{row:?}");
    }
    let of = |path: &str| rows.iter().find(|row| row.path == path).unwrap();
    for path in ["8 checkpoints", "30 checkpoints", "those needed of 8", "those needed of 30"] {
        assert!(of(path).rms_error < 0.3 && of(path).rms_error_both_ways < 0.2, "{:?}", of(path));
        assert_eq!(of(path).flagged_both_ways, 0.0, "{:?}", of(path));
    }
    assert!(of("straight, uniform base").rms_error > of("8 checkpoints").rms_error);
}
