//! Retrieval on a small model, and what the committed table says of a thousand spins.

use crate::table::rows;

#[path = "../../analyses/hopfield_phase_diagram/main.rs"]
#[allow(dead_code)] // its `main`
mod analysis;

use analysis::Point;

fn at(points: &[Point], alpha: f64, temperature: f64) -> &Point {
    points.iter().find(|p| p.alpha == alpha && p.temperature == temperature).expect("is in the plan")
}

/// m = 0.99888 by the saddle point at (α, T) = (0.05, 0.2), and no retrieval state at (0.2, 0.2).
#[test]
fn a_thousand_spins_remember_where_theory_says_so() {
    let saved: Vec<Point> = rows("hopfield_phase_diagram/expected.csv");
    let (kept, lost) = (at(&saved, 0.05, 0.2), at(&saved, 0.2, 0.2));
    assert_eq!((kept.spins, kept.patterns, lost.patterns), (1000, 50, 200));
    assert!((kept.m - 0.9989).abs() < 0.003 && kept.m_std_error < 0.001, "{kept:?}");
    assert!((kept.m_theory.unwrap() - 0.99887776).abs() < 1e-7, "{kept:?}");
    assert!(lost.m + 3.0 * lost.m_std_error < 0.7 && lost.m_theory.is_none(), "{lost:?}");
    // Above the line of the spin glass nothing is left.
    assert!(saved.iter().filter(|p| p.temperature > 1.25 && p.alpha < 0.05).all(|p| p.m.abs() < 0.1));
}

/// The quick run: the same two points, and fewer patterns in a state that has kept its own.
///
/// Planted bug that fails: chains that start at random.
#[test]
fn a_small_model_remembers_below_the_capacity_and_forgets_above() {
    let points = analysis::plan(true).run().unwrap();
    let (kept, lost, hot) = (at(&points, 0.05, 0.2), at(&points, 0.2, 0.2), at(&points, 0.05, 1.2));
    assert!((kept.m - 0.9989).abs() < 0.01, "{kept:?}");
    assert!(lost.m < 0.9 && hot.m < 0.4, "{lost:?} {hot:?}");
    assert!(kept.participation < 1.5 && hot.participation > kept.participation, "{kept:?} {hot:?}");
}
