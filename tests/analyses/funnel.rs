//! The landscape of a small RBM in training, made again, and what the committed tables say.

use crate::table::rows;

#[path = "../../analyses/funnel/main.rs"]
#[allow(dead_code)] // its `main`
mod analysis;

use analysis::{Bin, COORDINATES, Landscape, Plan, run};

/// F by MBAR is that of exact samples: the mean square of the differences in standard errors is 1 on
/// the average, over 20 to 90 bins for each landscape, and its spread from eight runs of tempering
/// below 0.4. The planted bug, β = 1 weighed as β = 0.5, gives more than 100.
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
    let profiles: Vec<Bin> = rows("funnel/profiles.csv");
    assert_eq!(profiles.len(), plan.betas.len() * (plan.updates.len() + 1) * 3 * 30);
}
