//! The discriminative RBM against sums over all hidden states, and against differences of its
//! likelihood.

use nalgebra::{DMatrix, DVector};
use plefka::stats::log_sum_exp;

use crate::{
    common,
    table::{check_figure, rows},
};

#[path = "../../analyses/discriminative/main.rs"]
#[allow(dead_code)] // its `main`
mod analysis;

use analysis::{
    Score,
    joint::{CLASSES, Joint, one_hot, softmax},
};

fn small() -> Joint {
    let wave = |k: f64| move |i: usize, j: usize| (k + 2.0 * i as f64 + 3.0 * j as f64 + 0.5 * (i * j) as f64).cos();
    Joint {
        w: DMatrix::from_fn(5, 3, wave(1.0)),
        u: DMatrix::from_fn(CLASSES, 3, wave(2.0)),
        a: DVector::from_fn(5, |i, _| 0.3 * (i as f64).sin()),
        d: DVector::from_fn(CLASSES, |y, _| 0.2 * (y as f64).cos()),
        c: DVector::from_fn(3, |j, _| 0.1 * j as f64),
    }
}

fn batch() -> (DMatrix<f64>, Vec<usize>) {
    (DMatrix::from_fn(5, 4, |i, k| f64::from(u8::from((i * 3 + k * 5) % 4 < 2))), vec![3, 0, 9, 3])
}

/// p(y|x) by the closed form of F(x, y), and by summing e^{−E(x, y, h)} over all h.
#[test]
fn the_softmax_over_free_energies_is_the_sum_over_hidden_states() {
    let (model, (x, _)) = (small(), batch());
    let p = softmax(model.log_joint(&x));
    for k in 0..4 {
        let energy = |y: usize, h: usize| {
            let h = DVector::from_fn(3, |j, _| f64::from(u8::from(h >> j & 1 == 1)));
            let hidden = model.w.tr_mul(&x.column(k)) + model.u.row(y).transpose() + &model.c;
            -model.d[y] - h.dot(&hidden)
        };
        let logs: Vec<f64> =
            (0..CLASSES).map(|y| log_sum_exp(&(0..8).map(|h| -energy(y, h)).collect::<Vec<_>>())).collect();
        let log_z = log_sum_exp(&logs);
        for y in 0..CLASSES {
            common::assert_close("p(y|x)", p[(y, k)], (logs[y] - log_z).exp(), 1e-14);
        }
    }
}

/// Central differences in every parameter but a, which p(y|x) does not have.
#[test]
fn clamped_minus_clamped_is_the_gradient_of_the_label_likelihood() {
    let (model, (x, labels)) = (small(), batch());
    let y = one_hot(&labels);
    let slope = Joint::moments(&x, &y, &model.hidden(&x, &y)).minus(&model.clamped(&x));
    let value = |model: &Joint| {
        let logs = model.log_joint(&x);
        let of = |(column, label): (nalgebra::DVectorView<'_, f64>, &usize)| {
            column[*label] - log_sum_exp(column.clone_owned().as_slice())
        };
        logs.column_iter().zip(&labels).map(of).sum::<f64>() / 4.0
    };
    let step = 1e-5;
    let by = |change: &dyn Fn(&mut Joint, f64)| {
        let ends = [-step, step].map(|by| {
            let mut moved = model.clone();
            change(&mut moved, by);
            value(&moved)
        });
        (ends[1] - ends[0]) / (2.0 * step)
    };
    for k in 0..15 {
        common::assert_close("W", slope.w[k], by(&|m, by| m.w[k] += by), 1e-9);
    }
    for k in 0..30 {
        common::assert_close("U", slope.u[k], by(&|m, by| m.u[k] += by), 1e-9);
    }
    for y in 0..CLASSES {
        common::assert_close("d", slope.d[y], by(&|m, by| m.d[y] += by), 1e-9);
    }
    for j in 0..3 {
        common::assert_close("c", slope.c[j], by(&|m, by| m.c[j] += by), 1e-9);
    }
}

#[test]
fn the_committed_scores_trade_labels_for_images() {
    let saved: Vec<Score> = rows("discriminative/expected.csv");
    let of = |name: &str| saved.iter().find(|s| s.objective.starts_with(name)).unwrap();
    let (by_label, generative) = (of("discriminative"), of("generative"));
    assert!(by_label.error + 3.0 * generative.error_std_error < generative.error);
    assert!(by_label.image_likelihood < generative.image_likelihood - 20.0);
}

#[test]
fn the_committed_figures_are_of_the_committed_tables() {
    check_figure("discriminative/tradeoff", analysis::chart(&rows::<Score>("discriminative/expected.csv")));
}
