//! Exact sums beyond ln Z of an RBM: means of units, fully connected spins, lists of levels.

mod common;

use common::{assert_close, fixture_r, states, twelve_by_eight};
use nalgebra::{DMatrix, DVector};
use plefka::{
    Betas, Curve, Estimator, Exact, Rbm, Run, Units,
    model::{Enumerate, Ising, Levels},
    thermo,
};

fn exact<M: Enumerate>(model: &M, betas: &[f64]) -> Curve {
    Exact::default().curve(model, &Betas::new(betas).unwrap(), &Run::quiet(1)).unwrap()
}

/// Fixture K: SK with N = 10 and Jᵢⱼ = √(2/N) cos(1+2i+3j+0.5ij) for i < j.
fn fixture_k() -> Ising {
    let upper = DMatrix::from_fn(10, 10, |i, j| {
        let (x, y) = (i as f64, j as f64);
        if i < j { 0.2f64.sqrt() * (1.0 + 2.0 * x + 3.0 * y + 0.5 * x * y).cos() } else { 0.0 }
    });
    Ising::new(&upper + upper.transpose(), DVector::zeros(10)).unwrap()
}

/// β, ln Z, U, S, computed independently.
#[test]
fn fixture_k_has_its_reference_values() {
    let reference = [
        [0.5, 7.456420094939, -1.948565995812, 6.482137097033],
        [1.0, 8.728423242219, -3.026175069388, 5.702248172831],
        [2.0, 12.331504239276, -4.033029358184, 4.265445522908],
    ];
    let curve = exact(&fixture_k(), &reference.map(|row| row[0]));
    for (k, [_, log_z, energy, entropy]) in reference.into_iter().enumerate() {
        assert_close("ln Z", curve.values.log_z[k], log_z, 1e-11);
        assert_close("U", curve.values.energy[k].unwrap(), energy, 1e-11);
        assert_close("S", thermo::entropy(&curve)[k].unwrap().value, entropy, 1e-11);
    }
}

/// 17 spins are more than a block; with and without a field, which is what decides whether half the
/// states suffice.
#[test]
fn spins_and_their_list_of_levels_agree() {
    let wave = |k: usize| (1.9 * k as f64 + 0.3).sin();
    let upper = DMatrix::from_fn(17, 17, |i, j| if i < j { 0.4 * wave(17 * i + j) } else { 0.0 });
    for field in [DVector::zeros(17), DVector::from_fn(17, |i, _| wave(1000 + i))] {
        let spins = Ising::new(&upper + upper.transpose(), field).unwrap();
        let levels = Levels::new(states(17, Units::Spin).map(|s| spins.energy(&s)).collect()).unwrap();
        let (a, b) = (exact(&spins, &[0.0, 0.5, 2.0]), exact(&levels, &[0.0, 0.5, 2.0]));
        for k in 0..3 {
            assert_close("ln Z", a.values.log_z[k], b.values.log_z[k], 1e-11);
            assert_close("U", a.values.energy[k].unwrap(), b.values.energy[k].unwrap(), 1e-10);
            assert_close("Var E", a.values.energy_variance[k].unwrap(), b.values.energy_variance[k].unwrap(), 1e-9);
        }
    }
}

/// An RBM on spins is a fully connected model with couplings between the layers only.
#[test]
fn an_rbm_is_a_bipartite_ising_model() {
    let rbm = fixture_r().with_units(Units::Spin, Units::Spin);
    let mut couplings = DMatrix::zeros(10, 10);
    couplings.view_mut((0, 6), (6, 4)).copy_from(rbm.weights());
    couplings.view_mut((6, 0), (4, 6)).copy_from(&rbm.weights().transpose());
    let field = DVector::from_iterator(10, rbm.visible_bias().iter().chain(rbm.hidden_bias()).copied());
    let spins = Ising::new(couplings, field).unwrap();
    let (a, b) = (exact(&spins, &[1.3]), exact(&rbm, &[1.3]));
    assert_close("ln Z", a.values.log_z[0], b.values.log_z[0], 1e-12);
    assert_close("U", a.values.energy[0].unwrap(), b.values.energy[0].unwrap(), 1e-12);
}

/// The means are derivatives of ln Z by the parameters, and the energy is linear in the means.
#[test]
fn means_of_units_add_up_to_the_energy_and_agree_with_brute_force() {
    let wide = twelve_by_eight(0.9);
    let tall = Rbm::new(wide.weights().transpose(), wide.hidden_bias().clone(), wide.visible_bias().clone()).unwrap();
    for base in [fixture_r(), wide, tall] {
        for (visible, hidden) in [(Units::Bit, Units::Bit), (Units::Spin, Units::Bit), (Units::Spin, Units::Spin)] {
            let rbm = base.clone().with_units(visible, hidden);
            let means = rbm.unit_means(0.8, &Run::quiet(1)).unwrap();
            let energy = -rbm.visible_bias().dot(&means.visible)
                - rbm.hidden_bias().dot(&means.hidden)
                - rbm.weights().dot(&means.pairs);
            assert_close("U", exact(&rbm, &[0.8]).values.energy[0].unwrap(), energy, 1e-11);
        }
    }
    let rbm = fixture_r().with_units(Units::Bit, Units::Spin);
    let (mut z, mut v2, mut h1, mut v2h1) = (0.0, 0.0, 0.0, 0.0);
    for v in states(6, Units::Bit) {
        for h in states(4, Units::Spin) {
            let w = (-0.8 * rbm.energy(&v, &h)).exp();
            (z, v2, h1, v2h1) = (z + w, v2 + w * v[2], h1 + w * h[1], v2h1 + w * v[2] * h[1]);
        }
    }
    let means = rbm.unit_means(0.8, &Run::quiet(1)).unwrap();
    assert_close("⟨v₂⟩", means.visible[2], v2 / z, 1e-12);
    assert_close("⟨h₁⟩", means.hidden[1], h1 / z, 1e-12);
    assert_close("⟨v₂h₁⟩", means.pairs[(2, 1)], v2h1 / z, 1e-12);
}

#[test]
fn ln_z_alone_is_the_same_ln_z() {
    let only = Exact { log_z_only: true, ..Exact::default() };
    let betas = Betas::new([0.0, 0.7, 2.0]).unwrap();
    let (alone, whole) =
        (only.curve(&twelve_by_eight(1.0), &betas, &Run::quiet(1)).unwrap(), exact(&twelve_by_eight(1.0), &betas));
    for k in 0..3 {
        assert_close("ln Z", alone.values.log_z[k], whole.values.log_z[k], 1e-12);
    }
    assert!(thermo::points(&alone).iter().all(|p| p.energy.is_none() && p.entropy.is_none()));
}

#[test]
fn impossible_models_are_refused() {
    let asymmetric = DMatrix::from_row_slice(2, 2, &[0.0, 1.0, 0.0, 0.0]);
    assert!(Ising::new(asymmetric, DVector::zeros(2)).unwrap_err().to_string().contains("not symmetric"));
    assert!(Ising::new(DMatrix::zeros(2, 2), DVector::zeros(3)).unwrap_err().to_string().contains("field (3)"));
    assert!(Ising::new(DMatrix::identity(2, 2), DVector::zeros(2)).is_err());
    assert!(Levels::new(vec![0.0; 3]).unwrap_err().to_string().contains("3 levels"));
    assert!(Levels::new(vec![0.0, f64::NAN]).is_err());
}
