//! Local entropies against direct sums and closed forms, and what the committed tables say.

use crate::{
    common,
    table::{check_figure, rows},
};

#[path = "../../analyses/local_entropy/main.rs"]
#[allow(dead_code)] // its `main`
mod analysis;

use analysis::{
    langevin::{Check, Quadratic},
    network::Network,
    perceptron::{Descent, Flatness, Perceptron},
};
use nalgebra::DVector;

/// The product of 2×2 matrices against the sum over all pairs; and ∂F/∂β = ⟨E⟩, ∂F/∂γ = ½⟨|w −
/// w′|²⟩ by central differences.
#[test]
fn the_local_entropy_of_binary_weights_is_the_sum_over_all_neighbours() {
    let perceptron = Perceptron::learning(7, 6, 3);
    let (beta, gamma) = (1.3, 0.4);
    let f = |beta: f64, gamma: f64| perceptron.local_entropy(|e| (-beta * f64::from(e)).exp(), gamma);
    let (all, h) = (f(beta, gamma), 1e-4);
    let by_beta = [f(beta - h, gamma), f(beta + h, gamma)];
    let by_gamma = [f(beta, gamma - h), f(beta, gamma + h)];
    for w in 0..1usize << 7 {
        let (mut sum, mut energy, mut distance) = (0.0, 0.0, 0.0);
        for other in 0..1usize << 7 {
            let squared = 4.0 * f64::from((w ^ other).count_ones());
            let weight = (-beta * f64::from(perceptron.errors[other]) - 0.5 * gamma * squared).exp();
            sum += weight;
            energy += weight * f64::from(perceptron.errors[other]);
            distance += weight * 0.5 * squared;
        }
        common::assert_close("−F", all[w], f64::ln(sum), 1e-12);
        common::assert_close("∂F/∂β", (by_beta[0][w] - by_beta[1][w]) / (2.0 * h), energy / sum, 1e-6);
        common::assert_close("∂F/∂γ", (by_gamma[0][w] - by_gamma[1][w]) / (2.0 * h), distance / sum, 1e-6);
    }
    assert_eq!(perceptron.errors[127], 0, "the teacher makes no errors");
}

/// At β = 0 there is only the neighbourhood: F = −(d/2) ln 2π/γ. And sampling agrees with the
/// closed form within four standard errors in each of four numbers at a fixed seed (a false alarm
/// of 0.03 % for a new seed, if the errors are right).
#[test]
fn langevin_sampling_finds_the_closed_form_of_a_quadratic_loss() {
    let quadratic = Quadratic::random(4, 2);
    let x = DVector::from_vec(vec![1.0, -0.5, 2.0, 0.3]);
    let free = -2.0 * (std::f64::consts::TAU / 0.7).ln();
    common::assert_close("β = 0", quadratic.local_entropy(&x, 0.0, 0.7), free, 1e-13);
    for check in quadratic.checks(&x, 0.7, 20_000) {
        let z = (check.estimate - check.exact) / check.std_error;
        assert!(z.abs() < 4.0 && check.std_error < 0.2, "{check:?}");
    }
}

/// The committed chains are calibrated as far as twelve of them tell, and the finding has the sign
/// it claims.
#[test]
fn the_committed_tables_say_what_the_finding_says() {
    let checks: Vec<Check> = rows("local_entropy/langevin.csv");
    assert!(checks.iter().all(|c| (c.estimate - c.exact).abs() < 4.0 * c.std_error));
    let flat: Vec<Flatness> = rows("local_entropy/expected.csv");
    assert!(flat.iter().all(|r| r.correlation + 3.0 * r.correlation_std_error < 0.0));
    let falls: Vec<Descent> = rows("local_entropy/descent.csv");
    for wide in falls.iter().filter(|r| r.gamma == Some(0.2)) {
        let errors = falls.iter().find(|r| r.load == wide.load && r.gamma.is_none()).unwrap();
        assert!(wide.solved > 0.85 && wide.solved > errors.solved + 5.0 * wide.solved_std_error, "{wide:?} {errors:?}");
    }
    assert_eq!(falls.len(), 3 * 8);
    let networks: Vec<Network> = rows("local_entropy/networks.csv");
    assert!(networks.iter().all(|n| n.sharpness > 3.0 * n.std_error));
}

#[test]
fn the_committed_figures_are_of_the_committed_tables() {
    check_figure("local_entropy/flatness", analysis::flatness_chart(&rows::<Flatness>("local_entropy/expected.csv")));
    check_figure("local_entropy/descent", analysis::descent_chart(&rows::<Descent>("local_entropy/descent.csv")));
}
