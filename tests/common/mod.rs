//! Models that any language can rebuild from a formula, shared by the tests.
#![allow(dead_code)] // each test program uses some of them

use nalgebra::{DMatrix, DVector};
use plefka::{Betas, Curve, Estimator, Rbm, Run, Units, model::Model};

/// Fixture R: 6×4 bits, Wᵢⱼ = cos(1+2i+3j+0.5ij), aᵢ = 0.3 sin(i+1), bⱼ = −0.2 cos(j+1).
pub fn fixture_r() -> Rbm {
    Rbm::new(
        DMatrix::from_fn(6, 4, |i, j| {
            let (i, j) = (i as f64, j as f64);
            (1.0 + 2.0 * i + 3.0 * j + 0.5 * i * j).cos()
        }),
        DVector::from_fn(6, |i, _| 0.3 * (i as f64 + 1.0).sin()),
        DVector::from_fn(4, |j, _| -0.2 * (j as f64 + 1.0).cos()),
    )
    .unwrap()
}

/// A 12×8 model with parameters spread like a random one, of standard deviation near `scale` for W.
pub fn twelve_by_eight(scale: f64) -> Rbm {
    let wave = |k: usize| (12.9898 * (k as f64 + 1.0)).sin() * std::f64::consts::SQRT_2;
    Rbm::new(
        DMatrix::from_fn(12, 8, |i, j| scale * wave(8 * i + j)),
        DVector::from_fn(12, |i, _| 0.3 * wave(100 + i)),
        DVector::from_fn(8, |j, _| 0.3 * wave(200 + j)),
    )
    .unwrap()
}

/// The same distribution on ±1 units, x = (1+s)/2: returns the model and the constant c in E_bit = E_spin − c.
pub fn on_spins(bits: &Rbm) -> (Rbm, f64) {
    let w = bits.weights() / 4.0;
    let (row_sums, column_sums) = (w.column_sum(), w.row_sum_tr());
    let a = bits.visible_bias() / 2.0 + &row_sums;
    let b = bits.hidden_bias() / 2.0 + column_sums;
    let constant = bits.visible_bias().sum() / 2.0 + bits.hidden_bias().sum() / 2.0 + row_sums.sum();
    (Rbm::new(w, a, b).unwrap().with_units(Units::Spin, Units::Spin), constant)
}

/// Every state of `n` units of one kind.
pub fn states(n: usize, units: Units) -> impl Iterator<Item = Vec<f64>> {
    (0..1usize << n).map(move |k| (0..n).map(|i| units.values()[k >> i & 1]).collect())
}

/// The curve of an estimator with seed 1, nobody listening.
pub fn curve<M: Model, E: Estimator<M>>(estimator: &E, model: &M, betas: &[f64]) -> Curve {
    estimator.curve(model, &Betas::new(betas).unwrap(), &Run::quiet(1)).unwrap()
}

/// Asserts |a − b| ≤ tolerance, naming what was compared.
#[track_caller]
pub fn assert_close(what: &str, a: f64, b: f64, tolerance: f64) {
    assert!((a - b).abs() <= tolerance, "{what}: {a} against {b}, a difference of {:e}", a - b);
}
