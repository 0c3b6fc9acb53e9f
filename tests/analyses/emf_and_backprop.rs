//! Identities of mean field and backpropagation on R, and the directions of gradients on small
//! models.

use crate::{
    common,
    table::{check_figure, rows},
};

#[path = "../../analyses/emf_and_backprop/main.rs"]
#[allow(dead_code)] // its `main`
mod analysis;

use analysis::{
    directions::{Direction, PAIRS, Plan},
    envelope::{Convergence, envelope, equilibrium_propagation, fixture_r, slope},
};

/// To first and to second order, the last five points above rounding.
#[test]
fn the_explicit_gradient_errs_as_epsilon_and_backprop_as_n_epsilon_squared() {
    let r = fixture_r(1.0);
    assert_eq!(r, common::fixture_r());
    let found = envelope(&r).unwrap();
    for order in [1, 2] {
        common::assert_close("slope of the explicit gradient", slope(&found, "explicit", order), 1.0, 0.05);
        common::assert_close("slope of backprop", slope(&found, "backprop", order), 2.0, 0.05);
    }
}

/// Error ∝ ε² against implicit differentiation, to which backpropagation through many steps is
/// equal.
#[test]
fn equilibrium_propagation_is_implicit_differentiation() {
    let found = equilibrium_propagation(&fixture_r(1.0)).unwrap();
    for order in [1, 2] {
        let error = |n: usize| found.iter().find(|r| r.order == order && r.n == n).unwrap().error;
        common::assert_close("order of the error", (error(2) / error(3)).log10(), 2.0, 0.05);
        assert!(error(2000) < 1e-12);
    }
}

fn get<'a>(rows: &'a [Direction], epoch: usize, gradient: &str, versus: &str) -> &'a Direction {
    let fits = |r: &&Direction| r.epoch == epoch && r.gradient == gradient && r.versus == versus;
    rows.iter().find(fits).unwrap()
}

/// What the finding says of weak couplings holds for eight hidden units after an epoch: within five
/// standard errors of two seeds nothing could be said, so that the bounds are those of the finding
/// itself, with room.
#[test]
fn early_in_training_mean_field_and_an_autoencoder_point_the_same_way() {
    let plan = Plan { batches: 1, ..Plan::new(true) };
    let found = plan.run().unwrap();
    assert_eq!(found.len(), 2 * PAIRS.len());
    assert!(found.iter().all(|r| r.cosine.abs() <= 1.0 && r.std_error.is_finite()));
    assert!(get(&found, 1, "EMF-2 from the batch", "autoencoder, n = 1").cosine > 0.9);
    assert!(get(&found, 1, "EMF-1 weighted mixture", "likelihood").cosine > 0.9);
    assert!(get(&found, 1, "classifier, n = 1", "likelihood").cosine.abs() < 0.3);
}

#[test]
fn the_committed_tables_say_what_the_finding_says() {
    let saved: Vec<Direction> = rows("emf_and_backprop/expected.csv");
    let of = |gradient, versus| {
        let pcd: Vec<Direction> = saved.iter().filter(|r| r.training.starts_with("PCD-1,")).cloned().collect();
        [1, 30].map(|epoch| get(&pcd, epoch, gradient, versus).cosine)
    };
    let [early, late] = of("EMF-2 from the batch", "autoencoder, n = 1");
    assert!(early > 0.9 && (0.3..0.6).contains(&late), "{early}, {late}");
    let [early, late] = of("EMF-2 from the batch", "likelihood");
    assert!(early > 0.6 && late < 0.6, "{early}, {late}");
    let [early, late] = of("EMF-1 weighted mixture", "likelihood");
    assert!(early > 0.9 && late > 0.7, "{early}, {late}");
    let convergence: Vec<Convergence> = rows("emf_and_backprop/envelope.csv");
    common::assert_close("slope", slope(&convergence, "backprop", 1), 2.0, 0.05);
}

#[test]
fn the_committed_figures_are_of_the_committed_tables() {
    let identities: Vec<Convergence> = rows("emf_and_backprop/envelope.csv");
    check_figure("emf_and_backprop/envelope", analysis::convergence_chart(&identities));
    let directions: Vec<Direction> = rows("emf_and_backprop/expected.csv");
    for (k, training) in Plan::new(false).trainings.iter().enumerate() {
        check_figure(&format!("emf_and_backprop/cosines_{}", k + 1), analysis::chart(&directions, training.name));
    }
}
