//! Entropy and generalisation of RBMs of four hidden units, and the identity between them.

use crate::{
    common,
    table::{check_figure, rows},
};

#[path = "../../analyses/residual_entropy/main.rs"]
#[allow(dead_code)] // its `main`
mod analysis;

use analysis::{Moment, Plan, predictors};

/// S(1) = −⟨ln p(v)⟩ + ⟨H(h|v)⟩ + U − Ē, whatever the model.
fn check_identity(moments: &[Moment]) {
    for m in moments {
        let sum = -m.train + m.hidden_entropy + m.excess_energy;
        common::assert_close("S(1)", m.entropy, sum, 1e-8 * m.entropy.abs());
    }
}

/// Of models that differ in their decay alone, the one that is held back has the lower training
/// likelihood and the higher β̂.
#[test]
fn decay_holds_back_the_likelihood_and_cools_the_digits() {
    let moments = Plan::new(true).run().unwrap();
    check_identity(&moments);
    let last = |decay: f64| moments.iter().find(|m| m.decay == decay && m.update == 60 && m.seed == 1).unwrap();
    let (free, held) = (last(0.0), last(0.03));
    assert!(held.train < free.train && held.beta_train > free.beta_train, "{free:?} {held:?}");
}

#[test]
fn the_committed_tables_agree_with_each_other() {
    let moments: Vec<Moment> = rows("residual_entropy/expected.csv");
    check_identity(&moments);
    let saved: Vec<analysis::Predictor> = rows("residual_entropy/predictors.csv");
    for (again, saved) in predictors(&moments).iter().zip(&saved) {
        assert_eq!((again.training, again.models), (saved.training, saved.models));
        common::assert_close("partial correlation", again.partial_correlation, saved.partial_correlation, 1.5e-6);
        common::assert_close("gain", again.gain_entropy, saved.gain_entropy, 1.5e-6);
        common::assert_close("error", again.error_train_entropy, saved.error_train_entropy, 1.5e-6);
    }
}

#[test]
fn the_committed_figures_are_of_the_committed_tables() {
    for (name, chart) in analysis::charts(&rows::<Moment>("residual_entropy/expected.csv")) {
        check_figure(&format!("residual_entropy/{name}"), chart);
    }
}
