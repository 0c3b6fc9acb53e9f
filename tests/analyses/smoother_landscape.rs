//! Minima of the mean-field free energy of small models, and what the committed tables say.

use crate::table::{check_figure, rows};

#[path = "../../analyses/smoother_landscape/main.rs"]
#[allow(dead_code)] // its `main`
mod analysis;

use analysis::{Point, Search, ensembles, run};

/// R has 6 one-flip minima, and 5, 4, 2 and 1 of the free energy as T rises: counted with NumPy,
/// for every start. The random models are the first twenty of the committed sixty, whose means they
/// meet within five standard errors of their difference.
#[test]
fn minima_vanish_one_by_one_as_the_temperature_rises() {
    let (points, searches) = run(&ensembles(true).unwrap()).unwrap();
    let of_r: Vec<(f64, f64)> = points.iter().filter(|p| p.model == "R").map(|p| (p.temperature, p.minima)).collect();
    assert!(points.iter().filter(|p| p.model == "R").all(|p| p.one_flip == 6.0));
    for (temperature, minima) in [(0.02, 5.0), (0.05, 4.0), (0.1, 4.0), (0.2, 2.0), (0.3, 2.0), (0.4, 1.0), (2.0, 1.0)]
    {
        assert!(of_r.contains(&(temperature, minima)), "{temperature}: {of_r:?}");
    }
    let saved: Vec<Point> = rows("smoother_landscape/expected.csv");
    for p in points.iter().filter(|p| p.model == "SK") {
        let known = saved.iter().find(|q| q.model == "SK" && q.n_units == 8 && q.temperature == p.temperature).unwrap();
        let bar = 5.0 * p.minima_std_error.max(known.minima_std_error * 3f64.sqrt());
        assert!((p.minima - known.minima).abs() <= bar + 1e-9, "{p:?} {known:?}");
    }
    let ground = |method: &str| searches.iter().find(|s| s.model == "SK" && s.method == method).unwrap().ground;
    assert!(ground("quench") + 0.1 < ground("annealed mean field") && ground("annealed mean field") < 1.0 + 1e-9);
}

#[test]
fn the_committed_search_has_every_method_at_its_cost() {
    let saved: Vec<Search> = rows("smoother_landscape/search.csv");
    let of = |n: usize, method: &str| {
        saved
            .iter()
            .find(|s| s.model == "SK" && s.n_units == n && s.method == method)
            .unwrap_or_else(|| panic!("{method}"))
    };
    for n in [8, 10, 12, 14, 16, 20] {
        let annealed = of(n, "annealed mean field");
        assert_eq!(annealed.sweeps, of(n, "simulated annealing, equal cost").sweeps);
        assert!(of(n, "quenches, equal cost").sweeps < annealed.sweeps + 5.0);
        assert!(of(n, "quenches, equal cost").ground > annealed.ground - 1e-9, "{n}");
    }
}

#[test]
fn the_committed_figures_are_of_the_committed_tables() {
    check_figure(
        "smoother_landscape/minima",
        analysis::minima_chart(&rows::<Point>("smoother_landscape/expected.csv")),
    );
    check_figure("smoother_landscape/search", analysis::search_chart(&rows::<Search>("smoother_landscape/search.csv")));
}
