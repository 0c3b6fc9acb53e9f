//! The landscape of a small RBM in training, made again, and what the committed tables say.

use crate::table::{check_figure, rows};

#[path = "../../analyses/funnel/main.rs"]
#[allow(dead_code)] // its `main`
mod analysis;

use analysis::{Bin, COORDINATES, Landscape, Plan, run};

/// F by MBAR is that of exact samples: the mean square of the differences in standard errors is 1 on
/// the average, over 20 to 90 bins for each landscape, and its spread from eight runs of tempering
/// below 0.4. Planted bugs: β = 1 weighed as β = 0.5 gives more than 100; all samples of the ladder
/// with the same weight instead of MBAR's, 40 along the overlap and 280 along the entropy of
/// a trained model at β = 0.5 (1.4 along the energy, which does not see it there); F = +ln p is below
/// its minimum.
#[test]
fn profiles_by_mbar_are_those_of_exact_samples() {
    let (landscapes, bins) = run(&Plan::new(true)).unwrap();
    for l in &landscapes {
        let chi_squares = [l.energy_chi_square, l.overlap_chi_square, l.entropy_chi_square];
        assert!(chi_squares.iter().all(|x| *x < 4.0), "{l:?}");
        assert!(l.compared > 40 && l.mbar_minus_exact_log_z.abs() < 0.2, "{l:?}");
        assert!(l.largest_weight <= 1.0 + 1e-9 && l.effective_valleys <= l.valleys as f64 + 1e-9, "{l:?}");
    }
    let of = |update: usize, beta: f64| landscapes.iter().find(|l| l.update == update && l.beta == beta).unwrap();
    let (before, after) = (of(0, 1.0), of(400, 1.0));
    assert!(before.relief < 0.1 && after.relief > 1.0, "{before:?} {after:?}");
    assert!(before.valleys == 1 && after.valleys > 1 && after.overlap > before.overlap);
    assert!(COORDINATES.iter().all(|c| bins.iter().any(|bin| bin.coordinate == *c && bin.free_energy == Some(0.0))));
    assert!(bins.iter().all(|bin| bin.free_energy.is_none_or(|f| f >= 0.0)), "F is above its minimum");
}

#[test]
fn the_committed_landscapes_are_checked_and_say_what_the_page_says() {
    let saved: Vec<Landscape> = rows("funnel/expected.csv");
    let plan = Plan::new(false);
    assert_eq!(saved.len(), plan.betas.len() * (plan.updates.len() * plan.seeds as usize + 1));
    let all: Vec<f64> =
        saved.iter().flat_map(|l| [l.energy_chi_square, l.overlap_chi_square, l.entropy_chi_square]).collect();
    let mean = all.iter().sum::<f64>() / all.len() as f64;
    // Student's t of ten runs squared has a mean of 9/7.
    assert!((0.7..1.8).contains(&mean), "{mean}");
    // Numbers of docs/conjecture.md and of the README.
    let trained = |beta: f64| {
        let end = saved.iter().filter(move |l| l.beta == beta && (l.update == 4000 || l.model == "built-in"));
        end.collect::<Vec<_>>()
    };
    let of =
        |l: &[&Landscape], x: fn(&Landscape) -> f64| l.iter().map(|l| (1e3 * x(l)).round() / 1e3).collect::<Vec<_>>();
    assert_eq!(of(&trained(1.0), |l| l.valleys as f64), [23.0, 16.0, 30.0]);
    assert_eq!(of(&trained(1.0), |l| (10.0 * l.effective_valleys).round() / 10.0), [9.6, 6.8, 10.7]);
    assert_eq!(of(&trained(0.5), |l| l.valleys as f64), [1.0; 3]);
    assert!(trained(1.5).iter().all(|l| l.valleys > 9 && l.largest_weight > 0.9));
    assert!(saved.iter().all(|l| l.update > 0 || l.model == "built-in" || l.valleys == 1), "none before");
    assert!(saved.iter().all(|l| l.energy_minima == 1), "the energy does not show them");
    let profiles: Vec<Bin> = rows("funnel/profiles.csv");
    assert_eq!(profiles.len(), plan.betas.len() * (plan.updates.len() + 1) * 3 * 30);
}

#[test]
fn the_committed_figures_are_of_the_committed_tables() {
    for (name, chart) in analysis::figures::charts(&rows::<Bin>("funnel/profiles.csv")) {
        check_figure(&format!("funnel/{name}"), chart);
    }
}
