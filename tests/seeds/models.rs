//! The models, data and checkpoints of the runs, each by its name.

use std::sync::Arc;

use nalgebra::{DMatrix, DVector};
use plefka::{
    Data, Rbm, Units,
    model::{AnyModel, Levels, SparseIsing},
    path::{Checkpoint, Trajectory},
};

use super::common::{as_ising, fixture_r, on_spins, twelve_by_eight};

/// The model of this name.
pub fn model(name: &str) -> AnyModel {
    match name {
        "bits" => fixture_r().into(),
        "coupled" => twelve_by_eight(1.2).into(),
        "spins" => on_spins(&twelve_by_eight(1.0)).0.into(),
        "mixed" => twelve_by_eight(0.7).with_units(Units::Spin, Units::Bit).into(),
        "modes" => blocks(4, [10, 7], 1.2, -7.5).into(),
        "wide" => blocks(5, [16, 14], 0.5, -4.6).into(),
        "ising" => as_ising(&on_spins(&fixture_r()).0).into(),
        "ring" => ring().into(),
        "phases" => phases().into(),
        "golf" => with_a_hole(1 << 10, -14.0).into(),
        "hole" => with_a_hole(1 << 16, -25.0).into(),
        "strong" => on_spins(&twelve_by_eight(4.0)).0.into(),
        "glass" => as_ising(&on_spins(&twelve_by_eight(5.0)).0).into(),
        "free" => free().into(),
        "levels" => Levels::new((0..16u32).map(|k| f64::from(k * k % 11) / 4.0).collect()).unwrap().into(),
        _ => panic!("no model `{name}`"),
    }
}

/// Bits with a mode for each group of hidden units, which holds up one block of the visible units
/// and pushes the others down, and one more in which all are quiet. `w` is the coupling of a unit
/// to its group, `threshold` the bias of a hidden unit.
fn blocks(groups: usize, [visible, hidden]: [usize; 2], w: f64, threshold: f64) -> Rbm {
    let weights = DMatrix::from_fn(groups * visible, groups * hidden, |i, j| {
        let own = if i / visible == j / hidden { w } else { -0.4 * w };
        own + 0.15 * w * ((31 * i + 17 * j) as f64).sin()
    });
    let hidden_bias = DVector::from_fn(groups * hidden, |j, _| threshold + 0.05 * (j / hidden) as f64);
    Rbm::new(weights, DVector::from_fn(groups * visible, |i, _| -1.0 + 0.3 * (i as f64).cos()), hidden_bias).unwrap()
}

/// Bits with two phases of equal weight at β = 1, few and most of the hidden units on, between which
/// no chain finds its way.
fn phases() -> Rbm {
    let weights = DMatrix::from_element(60, 15, 0.35);
    Rbm::new(weights, DVector::from_element(60, -1.8), DVector::from_element(15, -12.3)).unwrap()
}

/// Bits without couplings: from their biases there is no way to go, and nothing varies.
fn free() -> Rbm {
    let biases = |n: usize| DVector::from_fn(n, |i, _| (0.7 * i as f64).sin());
    Rbm::new(DMatrix::zeros(9, 6), biases(9), biases(6)).unwrap()
}

/// States of no energy, and one of a low one that few walks find: where they do, the numbers of
/// different methods contradict each other.
fn with_a_hole(states: usize, energy: f64) -> Levels {
    Levels::new((0..states).map(|k| if k == 5 * states / 7 { energy } else { 0.0 }).collect()).unwrap()
}

/// Twelve spins in a ring with chords, in a field.
fn ring() -> SparseIsing {
    let bonds = (0..12).flat_map(|i| {
        let chord = (i % 3 == 0).then_some((i, (i + 5) % 12, -0.6));
        [Some((i, (i + 1) % 12, 0.4 + 0.05 * i as f64)), chord]
    });
    SparseIsing::new(&bonds.flatten().collect::<Vec<_>>(), DVector::from_fn(12, |i, _| 0.1 * (i as f64).sin())).unwrap()
}

/// Forty rows for the visible units of a model, near two patterns.
pub fn data(model: &AnyModel) -> Option<Arc<Data>> {
    let AnyModel::Rbm(rbm) = model else { return None };
    let n = rbm.weights().nrows();
    let value = |k: usize| u8::from((k % n + k / n % 2).is_multiple_of(3)) ^ u8::from(k * k % 7 == 1);
    Some(Arc::new(Data::new(n, (0..40 * n).map(value).collect(), None).unwrap()))
}

/// Three checkpoints that lead to a model: its parameters grow.
pub fn trajectory(model: &AnyModel) -> Option<Arc<Trajectory>> {
    let AnyModel::Rbm(rbm) = model else { return None };
    let checkpoint = |k: u64| {
        let t = k as f64 / 3.0;
        let grown = Rbm::new(rbm.weights() * t, rbm.visible_bias().clone(), rbm.hidden_bias() * t.sqrt()).unwrap();
        let (visible, hidden) = (rbm.visible_units(), rbm.hidden_units());
        Checkpoint { update: 10 * k, rbm: grown.with_units(visible, hidden) }
    };
    Some(Arc::new(Trajectory::new((1..=3).map(checkpoint).collect()).unwrap()))
}
