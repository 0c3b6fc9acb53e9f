//! The entropy crisis from fewer samples.

use crate::common;

#[path = "../../analyses/rem_entropy_crisis/main.rs"]
#[allow(dead_code)] // its `main`
mod analysis;

/// Fewer samples of the disorder than in the study: the exact means give the known estimates, and
/// the samples agree with them within five standard errors (fixed seeds), except at the largest
/// size, where a few samples say nothing.
#[test]
fn rem_entropy_crisis_agrees_with_the_exact_means() {
    let (rows, points) = analysis::study(&[(8, 400), (12, 200), (16, 100), (20, 20)]).unwrap();
    assert_eq!(points.len(), 4 * 15);
    for (estimate, size, known) in
        [("annealed", "12", 1.6695), ("annealed", "16", 1.6658), ("crossing", "8,16", 1.8777)]
    {
        let row = rows.iter().find(|row| row.estimate == estimate && row.size == size).unwrap();
        common::assert_close(&format!("{row:?}"), row.exact, known, 1e-4);
        common::assert_close(&format!("{row:?}"), row.value, known, 5.0 * row.std_error);
    }
}
