//! Random and trained RBMs over the norm of their weights: smaller ones, and what the committed
//! tables say.

use crate::table::rows;

#[path = "../../analyses/weight_norm_phase_diagram/main.rs"]
#[allow(dead_code)] // its `main`
mod analysis;

use analysis::{random, trained};

/// ln Z(β, λ·all) = ln Z(βλ, 1) to 10⁻¹² of it on the whole grid, and with W alone scaled by
/// something else than 1 nowhere to 10⁻⁶.
fn check_collapse(points: &[trained::Point]) {
    for p in points {
        match p.scaling.as_str() {
            "temperature" => assert!(p.departure() <= 1e-12, "{p:?}"),
            "weights" => assert_eq!(p.departure() > 1e-6, p.scale != 1.0, "{p:?}"),
            other => panic!("{other}"),
        }
    }
}

/// Planted bug that fails: W alone scaled under the name of all.
#[test]
fn scaling_everything_is_a_temperature_and_scaling_the_weights_is_not() {
    let plan = analysis::plan(true).unwrap();
    let model = trained::builtin(plan.hidden).unwrap();
    let points = trained::grid(&model, &plan.betas, &plan.scales).unwrap();
    assert_eq!(points.len(), 2 * plan.betas.len() * plan.scales.len());
    check_collapse(&points);
    let saved: Vec<trained::Point> = rows("weight_norm_phase_diagram/trained.csv");
    assert!(saved.len() >= 200);
    check_collapse(&saved);
}

/// Below the transition ⟨q_v q_h⟩ is that of the paramagnet of this size; in the limit N → ∞ it is
/// 0 up to g = 1 and that of the replica-symmetric theory beyond; and chains are in equilibrium.
/// `bound` is in standard errors.
fn check_onset(points: &[random::Point], largest: usize, bound: f64) {
    let near = |p: &random::Point, what: &str, z: f64| assert!(z.abs() < bound, "{what}, z = {z}: {p:?}");
    for p in points.iter().filter(|p| p.g > 0.0) {
        near(p, "equilibrium", p.disequilibrium / p.disequilibrium_std_error);
        if let Some(paramagnet) = p.q_squared_paramagnet.filter(|_| p.g <= 0.6) {
            near(p, "paramagnet", (p.q_squared - paramagnet) / p.q_squared_std_error);
        }
    }
    let limits = random::limits(points);
    assert!(limits.len() >= 6 && limits[0].g == 1.0 && limits[limits.len() - 1].g == 2.0);
    for limit in &limits {
        assert!(limit.z.abs() < bound, "{limit:?}");
    }
    let frozen = points.iter().find(|p| p.n_visible == largest && p.g == 2.0).unwrap();
    assert!(frozen.q_squared > 5.0 * frozen.q_squared_std_error, "{frozen:?}");
}

/// Twelve samples of the largest model: 5.5 standard errors of Student's t with 11 degrees of
/// freedom have a chance failure of 2·10⁻⁴, of some sixty numbers 10⁻²; the seeds are fixed.
///
/// Planted bug that fails: weights a tenth too strong for their g.
#[test]
fn the_spin_glass_begins_at_g_1_on_small_models() {
    let plan = analysis::plan(true).unwrap();
    let [map, onset] = plan.random().unwrap();
    check_onset(&onset, 64, 5.5);
    // At g = 0 all states are alike: N ln 2; and the entropy falls.
    for line in map.chunk_by(|a, b| a.shape() == b.shape()) {
        assert!((line[0].entropy - 2f64.ln()).abs() < 1e-12);
        assert!(line.windows(2).all(|pair| pair[1].entropy < pair[0].entropy), "{line:?}");
    }
}

/// The committed table: layers of up to 256 + 256 units.
#[test]
fn the_committed_onset_agrees_with_the_theory_up_to_g_2() {
    let saved: Vec<random::Point> = rows("weight_norm_phase_diagram/onset.csv");
    assert!(saved.iter().filter(|p| p.n_visible + p.n_hidden >= 200).count() >= 40);
    check_onset(&saved, 256, 4.5);
    let limits: Vec<random::Limit> = rows("weight_norm_phase_diagram/limits.csv");
    assert_eq!(limits.len(), random::limits(&saved).len());
}
