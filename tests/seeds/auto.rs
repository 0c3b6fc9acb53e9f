//! `auto`, each kind of case in a file of its own, so that they run side by side.

use plefka::Method;

use super::runs::{holds, holds_in};

#[test]
fn auto() {
    let cases = ["levels", "bits betas=0,2", "spins exact_factors=1 time=4", "ring exact_factors=1 time=2"];
    holds(Method::Auto, &cases);
}

#[test]
fn auto_on_modes() {
    let cases = ["modes exact_factors=1 error=0.02", "phases exact_factors=1 time=8 betas=0.97"];
    holds_in("auto-modes", Method::Auto, &cases);
}

#[test]
fn auto_on_a_wide_model() {
    holds_in("auto-wide", Method::Auto, &["wide exact_factors=1 time=6"]);
}

/// Several waves, where the first leaves the error bar too large.
#[test]
fn auto_in_waves() {
    let cases =
        ["bits exact_factors=1 error=0.001 time=3 betas=1", "strong exact_factors=1 error=0.005 time=4 betas=0.6"];
    holds_in("auto-waves", Method::Auto, &cases);
}

/// Numbers that contradict each other, work that is not enough, and long paths.
#[test]
fn auto_in_doubt() {
    let cases = [
        "free exact_factors=1 time=1 betas=1",
        "hole exact_factors=1 time=1 betas=1",
        "hole exact_factors=1 time=1 betas=0.55",
        "hole exact_factors=1 time=4 error=0.3 betas=1.1",
        "golf exact_factors=1 time=1 betas=1",
        "glass exact_factors=1 time=1 error=0.001 betas=1",
        "glass exact_factors=1 time=2 betas=5",
    ];
    holds_in("auto-doubt", Method::Auto, &cases);
}
