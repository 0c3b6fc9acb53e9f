//! Labels in training: the gradient of ln p(y|x) against finite differences, and what a run with
//! labels learns and says.

use nalgebra::{DMatrix, DVector};
use plefka::{
    Rbm, Run, Units,
    data::Data,
    model::{Enumerate, Sums},
    stats::log_sum_exp,
    train::{
        Negative, Objective, Parameters, RateSchedule, Train, Trainer, label_gradient, labels, likelihood_gradient,
    },
};

const CLASSES: usize = 3;

/// Five units and three labels on some kind of units.
fn fixture(units: Units) -> Rbm {
    let w = |i: usize, j: usize| 0.9 * (1.0 + 2.0 * i as f64 + 3.0 * j as f64 + 0.5 * (i * j) as f64).cos();
    let a = DVector::from_fn(8, |i, _| 0.3 * (i as f64 + 1.0).sin());
    let b = DVector::from_fn(4, |j, _| -0.2 * (j as f64 + 1.0).cos());
    Rbm::new(DMatrix::from_fn(8, 4, w), a, b).unwrap().with_units(units, units)
}

/// Rows whose class is in their first two units, but for some.
fn rows(n: usize) -> Data {
    let bit = |k: usize, i: usize| u8::from((((k * 7 + 3) % 11) as f64 + 0.9 * i as f64).sin() > 0.2);
    let values: Vec<u8> = (0..n).flat_map(|k| (0..5).map(move |i| bit(k, i))).collect();
    let label = |k: usize| if k % 13 == 5 { 40 } else { i64::from(bit(k, 0) + bit(k, 1)) * 20 };
    Data::new(5, values, Some((0..n).map(label).collect())).unwrap()
}

fn labelled(n: usize) -> Data {
    let data = rows(n);
    assert_eq!(labels::classes(&data).unwrap(), [0, 20, 40]);
    labels::one_hot(&data, &[0, 20, 40]).unwrap()
}

/// Mean ln p(y|x) by the definition: the free energies of a row with each of the labels.
fn label_likelihood(rbm: &Rbm, data: &Data) -> f64 {
    let [low, high] = rbm.visible_units().values();
    let of_row = |row: &[u8]| {
        let own = row[5..].iter().position(|x| *x == 1).unwrap();
        let weight = |class: usize| {
            let unit = |(i, x): (usize, &u8)| match i {
                0..5 => [low, high][usize::from(*x)],
                i => [low, high][usize::from(i - 5 == class)],
            };
            rbm.visible_log_weight(&row.iter().enumerate().map(unit).collect::<Vec<_>>(), 1.0)
        };
        let weights: Vec<f64> = (0..CLASSES).map(weight).collect();
        weights[own] - log_sum_exp(&weights)
    };
    data.rows().map(of_row).sum::<f64>() / data.n_samples() as f64
}

/// Mean ln p(x, y), exactly.
fn likelihood(rbm: &Rbm, data: &Data) -> f64 {
    let log_z = rbm.enumerate(1.0, Sums::LogZ, &Run::quiet(1)).unwrap().log_z;
    let values = rbm.visible_units().values();
    let weight = |row: &[u8]| {
        let v: Vec<f64> = row.iter().map(|x| values[usize::from(*x)]).collect();
        rbm.visible_log_weight(&v, 1.0) - log_z
    };
    data.rows().map(weight).sum::<f64>() / data.n_samples() as f64
}

/// The central difference of a function along parameter k: W column by column, then a, then b.
fn slope(rbm: &Rbm, k: usize, of: impl Fn(&Rbm) -> f64) -> f64 {
    let h = 1e-4;
    let at = |size: f64| {
        let mut theta = Parameters::of(rbm);
        match k {
            k if k < 32 => theta.weights[k] += size,
            k if k < 40 => theta.visible[k - 32] += size,
            k => theta.hidden[k - 40] += size,
        }
        let moved = Rbm::new(theta.weights, theta.visible, theta.hidden).unwrap();
        of(&moved.with_units(rbm.visible_units(), rbm.hidden_units()))
    };
    (at(h) - at(-h)) / (2.0 * h)
}

fn entry(parameters: &Parameters, k: usize) -> f64 {
    match k {
        k if k < 32 => parameters.weights[k],
        k if k < 40 => parameters.visible[k - 32],
        k => parameters.hidden[k - 40],
    }
}

/// All parameters, both kinds of units.
///
/// Planted bugs that fail: label units taken for independent of the hidden ones given x; the
/// softmax without the biases of the labels; the field of a label counted from 0 on spins.
#[test]
fn the_gradient_of_the_labels_is_that_of_their_likelihood() {
    for units in [Units::Bit, Units::Spin] {
        let (rbm, data) = (fixture(units), labelled(17));
        let gradient = label_gradient(&rbm, &data, CLASSES).unwrap();
        for k in 0..44 {
            let expected = slope(&rbm, k, |rbm| label_likelihood(rbm, &data));
            assert!((expected - entry(&gradient, k)).abs() < 1e-7, "{units}, parameter {k}: {expected}");
        }
        let score = labels::score(&rbm, &data, CLASSES).unwrap();
        assert!((score.log_likelihood - label_likelihood(&rbm, &data)).abs() < 1e-12);
    }
}

/// One update of each objective, with exact moments and all rows in a batch, moves the parameters
/// along the finite differences of what it says.
///
/// Planted bugs that fail: α on the wrong term; the discriminative part left out of the hybrid.
#[test]
fn an_update_climbs_the_objective() {
    let data = labelled(17);
    for (objective, by_label, by_row, negative) in [
        (Objective::Likelihood, 0.0, 1.0, Negative::Exact),
        (Objective::Discriminative, 1.0, 0.0, Negative::Pcd),
        (Objective::Hybrid(0.3), 1.0, 0.3, Negative::Exact),
    ] {
        let plan = Train {
            hidden: 4,
            objective,
            classes: vec![0, 20, 40],
            negative,
            centred: false,
            batch: 17,
            rate: 0.25,
            rate_schedule: RateSchedule::Constant,
            ..Train::default()
        };
        let rbm = fixture(Units::Bit);
        let mut trainer = Trainer::from_model(&plan, &data, rbm.clone()).unwrap();
        assert!(trainer.advance(&Run::quiet(1)).unwrap());
        let (before, after) = (Parameters::of(&rbm), Parameters::of(trainer.rbm()));
        for k in 0..44 {
            let of = |rbm: &Rbm| by_label * label_likelihood(rbm, &data) + by_row * likelihood(rbm, &data);
            let (expected, moved) = (slope(&rbm, k, of), (entry(&after, k) - entry(&before, k)) / 0.25);
            // The moments of the data are summed up in single precision beside chains.
            assert!((expected - moved).abs() < 1e-6, "{objective}, parameter {k}: {moved} against {expected}");
        }
    }
    let both = likelihood_gradient(&fixture(Units::Bit), &data, &Run::quiet(1)).unwrap().unwrap();
    assert!(both.weights.amax() > 0.0);
}

/// Trained for labels, nearly all are right that can be; trained for the likelihood of rows with
/// labels, fewer.
#[test]
fn labels_are_learned() {
    let data = labelled(130);
    let accuracy = |objective: Objective| {
        let plan = Train {
            hidden: 6,
            objective,
            classes: vec![0, 20, 40],
            batch: 26,
            rate: 0.5,
            epochs: Some(200),
            ..Train::default()
        };
        let mut trainer = Trainer::new(&plan, &data).unwrap();
        assert!(trainer.finish(&Run::quiet(1)).unwrap());
        let score = labels::score(trainer.rbm(), &data, 3).unwrap();
        assert!(score.accuracy > 0.5 && score.log_likelihood > -1.0, "{objective}: {score:?}");
        score
    };
    let [by_row, by_label, hybrid] =
        [Objective::Likelihood, Objective::Discriminative, Objective::Hybrid(0.1)].map(accuracy);
    assert!(by_label.log_likelihood > by_row.log_likelihood, "{by_label:?} {by_row:?}");
    assert!(hybrid.log_likelihood > by_row.log_likelihood, "{hybrid:?} {by_row:?}");
}

#[test]
fn what_labels_do_not_fit_is_refused() {
    let data = labelled(20);
    let plan = Train { hidden: 3, batch: 10, classes: vec![0, 20, 40], ..Train::default() };
    let refusal = |plan: &Train, data: &Data| plan.check(data).unwrap_err().to_string();
    assert!(refusal(&plan, &rows(20)).contains("one_hot"));
    let without = Train { classes: Vec::new(), objective: Objective::Discriminative, ..plan.clone() };
    assert!(refusal(&without, &data).contains("--labels"));
    for unused in [
        Train { chains: Some(5), ..plan.clone() },
        Train { negative: Negative::Cd, ..plan.clone() },
        Train { negative: Negative::Emf, order: Some(2), ..plan.clone() },
    ] {
        let unused = Train { objective: Objective::Discriminative, ..unused };
        assert!(refusal(&unused, &data).contains("discriminative"), "{unused:?}");
    }
    let unlabelled = Data::new(1, vec![0, 1], None).unwrap();
    assert!(labels::classes(&unlabelled).unwrap_err().to_string().contains("`labels`"));
    let alike = Data::new(1, vec![0, 1], Some(vec![4, 4])).unwrap();
    assert!(labels::classes(&alike).unwrap_err().to_string().contains("all 4"));
    let other = Data::new(1, vec![0, 1], Some(vec![4, 5])).unwrap();
    assert!(labels::one_hot(&other, &[4]).unwrap_err().to_string().contains("labels = 5"));
}
