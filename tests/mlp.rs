//! The unrolled network: mean field in every bit, and gradients against finite differences and
//! PyTorch.

mod common;

use common::{assert_close, fixture_r, twelve_by_eight};
use nalgebra::{DMatrix, DVector};
use plefka::{
    Rbm, Units,
    mlp::{Loss, LossGradient, Softmax, Unrolled, free_energy},
    model::{Channels, Expand, Model, Order},
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    loss: String,
    units: Units,
    order: u8,
    steps: usize,
    untied: bool,
    value: f64,
    recognition: Vec<Vec<f64>>,
    generation: Vec<Vec<f64>>,
    visible_bias: Vec<f64>,
    hidden_bias: Vec<f64>,
    class_weights: Vec<Vec<f64>>,
    class_bias: Vec<f64>,
}

#[derive(Deserialize)]
struct Reference {
    cases: Vec<Case>,
}

fn other_weights() -> DMatrix<f64> {
    let wave = DMatrix::from_fn(6, 4, |i, j| 0.3 * (2.0 + i as f64 + 2.0 * j as f64).sin());
    fixture_r().weights() + wave
}

fn classifier() -> Softmax {
    let weights = DMatrix::from_fn(3, 4, |i, j| (1.0 + 3.0 * i as f64 + j as f64).sin());
    Softmax { weights, bias: DVector::from_fn(3, |i, _| 0.1 * (i as f64).cos()) }
}

/// Two states and one of means in between.
fn batch(units: Units) -> DMatrix<f64> {
    let x = [1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 0.2, 0.9, 0.5, 0.7, 0.4, 0.1];
    let [low, high] = units.values();
    DMatrix::from_column_slice(6, 3, &x).map(|x| low + (high - low) * x)
}

fn order(power: u8) -> Order {
    if power == 1 { Order::First } else { Order::Second }
}

const LABELS: [usize; 3] = [2, 0, 1];

fn loss<'a>(name: &str, classifier: &'a Softmax) -> Loss<'a> {
    match name {
        "free_energy" => Loss::FreeEnergyDifference,
        "cross_entropy" => Loss::CrossEntropy,
        "squared_error" => Loss::SquaredError,
        _ => Loss::Classifier { classifier, labels: &LABELS },
    }
}

fn assert_matrix(what: &str, ours: &DMatrix<f64>, rows: &[Vec<f64>]) {
    assert_eq!(ours.nrows(), rows.len(), "{what}");
    for (i, row) in rows.iter().enumerate() {
        for (j, value) in row.iter().enumerate() {
            assert_close(&format!("{what}[{i}, {j}]"), ours[(i, j)], *value, 1e-13);
        }
    }
}

/// Planted bugs that fail: the Onsager term without its factor ½ on the way back, the skip input
/// forgotten, and the second-order part of ∂Φ/∂W left out.
#[test]
fn losses_and_gradients_are_those_of_pytorch() {
    let reference: Reference = serde_json::from_str(include_str!("data/mlp/reference.json")).unwrap();
    assert_eq!(reference.cases.len(), 4 * 2 * 2 * 2 * 2);
    let softmax = classifier();
    for case in reference.cases {
        let rbm = fixture_r().with_units(case.units, case.units);
        let mut network = Unrolled::tied(rbm, case.steps, order(case.order)).unwrap();
        if case.untied {
            network = network.untied(other_weights()).unwrap();
        }
        let found = network.gradient(loss(&case.loss, &softmax), &batch(case.units)).unwrap();
        let what = format!(
            "{} on {}s, order {}, {} steps, untied {}",
            case.loss, case.units, case.order, case.steps, case.untied
        );
        let LossGradient { loss, gradient, classifier } = found;
        assert_close(&what, loss, case.value, 1e-12);
        assert_matrix(&format!("{what}: W₁"), &gradient.recognition, &case.recognition);
        assert_matrix(&format!("{what}: W₂"), &gradient.generation, &case.generation);
        let column = |x: &DVector<f64>| DMatrix::from_columns(&[x.clone()]);
        let rows = |x: &[f64]| x.iter().map(|x| vec![*x]).collect::<Vec<_>>();
        assert_matrix(&format!("{what}: a"), &column(&gradient.visible_bias), &rows(&case.visible_bias));
        assert_matrix(&format!("{what}: b"), &column(&gradient.hidden_bias), &rows(&case.hidden_bias));
        assert_eq!(classifier.is_some(), case.loss == "classifier");
        if let Some(classifier) = classifier {
            assert_matrix(&format!("{what}: C"), &classifier.weights, &case.class_weights);
            assert_matrix(&format!("{what}: d"), &column(&classifier.bias), &rows(&case.class_bias));
        }
    }
}

/// Central differences of the loss in every parameter, with layers of different kinds of units.
#[test]
fn gradients_are_the_differences_of_the_loss() {
    let softmax = classifier();
    for (units, name) in [
        ((Units::Bit, Units::Spin), "free_energy"),
        ((Units::Spin, Units::Bit), "cross_entropy"),
        ((Units::Bit, Units::Spin), "squared_error"),
        ((Units::Spin, Units::Bit), "classifier"),
    ] {
        let value = |w1: &DMatrix<f64>, w2: &DMatrix<f64>, a: &DVector<f64>, b: &DVector<f64>| {
            let model = Rbm::new(w2.clone(), a.clone(), b.clone()).unwrap().with_units(units.0, units.1);
            let network = Unrolled::tied(model, 2, Order::Second).unwrap().untied(w1.clone()).unwrap();
            network.gradient(loss(name, &softmax), &batch(units.0)).unwrap()
        };
        let rbm = fixture_r();
        let (w1, w2, a, b) = (other_weights(), rbm.weights(), rbm.visible_bias(), rbm.hidden_bias());
        let exact = value(&w1, w2, a, b).gradient;
        let step = 1e-5;
        let check = |what: &str, exact: f64, ends: [f64; 2]| {
            assert_close(&format!("{name}, {what}"), exact, (ends[1] - ends[0]) / (2.0 * step), 1e-8);
        };
        for k in 0..24 {
            let moved = |w: &DMatrix<f64>, by: f64| {
                let mut w = w.clone();
                w[k] += by;
                w
            };
            let ends = [-step, step].map(|by| value(&moved(&w1, by), w2, a, b).loss);
            check("W₁", exact.recognition[k], ends);
            check("W₂", exact.generation[k], [-step, step].map(|by| value(&w1, &moved(w2, by), a, b).loss));
        }
        let moved = |x: &DVector<f64>, k: usize, by: f64| {
            let mut x = x.clone();
            x[k] += by;
            x
        };
        for k in 0..6 {
            check("a", exact.visible_bias[k], [-step, step].map(|by| value(&w1, w2, &moved(a, k, by), b).loss));
        }
        for k in 0..4 {
            check("b", exact.hidden_bias[k], [-step, step].map(|by| value(&w1, w2, a, &moved(b, k, by)).loss));
        }
    }
}

/// n alternations of mean field, from the sums of the expansion itself, one unit after the other.
fn alternate(rbm: &Rbm, order: Order, start: &[f64], steps: usize) -> Vec<f64> {
    let mut means = start.to_vec();
    means.resize(rbm.n_units(), rbm.hidden_units().uniform_mean());
    let layers = rbm.layers();
    let (mut sources, mut sums) = (Channels::zeros(order, rbm.n_units()), Channels::zeros(order, rbm.n_units()));
    for half in 0..2 * steps {
        let layer = 1 - half % 2;
        for (range, units) in &layers {
            range.clone().for_each(|i| sources.set(i, units.cumulants(means[i])));
        }
        rbm.coupling_sums(layer, &sources, &mut sums);
        let (range, units) = &layers[layer];
        for (i, bias) in range.clone().zip(rbm.biases(layer)) {
            let [first, second, _] = sums.unit(i);
            means[i] = units.mean(bias + first + 0.5 * units.variance_slope(means[i]) * second);
        }
    }
    means
}

/// Not nearly: in every bit, also for the built-in model of 784×20 units and a digit.
#[test]
fn mean_field_steps_are_a_perceptron_with_tied_weights() {
    let digits = plefka::dataset::digits();
    let plefka::model::AnyModel::Rbm(trained) = plefka::io::load_model("builtin:mnist20").unwrap().model else {
        panic!()
    };
    let cases = [(trained, digits.row(0).to_vec()), (twelve_by_eight(2.0), vec![1, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0, 1])];
    for (rbm, start) in cases {
        let start: Vec<f64> = start.iter().map(|x| f64::from(*x)).collect();
        for order in [Order::First, Order::Second] {
            let network = Unrolled::tied(rbm.clone(), 5, order).unwrap();
            let input = DMatrix::from_column_slice(start.len(), 1, &start);
            let last = network.forward(&input).unwrap().pop().unwrap();
            let layers: Vec<f64> = last.visible.iter().chain(last.hidden.iter()).copied().collect();
            assert_eq!(layers, alternate(&rbm, order, &start, 5), "{order:?}");
        }
    }
}

/// To first order each layer maximises Φ over its own means, so no step can raise the free energy.
#[test]
fn naive_mean_field_never_raises_its_free_energy() {
    let (mut fell, n) = (0, 40);
    for k in 0..n {
        let rbm = twelve_by_eight(0.2 + 0.1 * k as f64);
        let start = DMatrix::from_fn(12, 1, |i, _| f64::from((i * (k + 3)) % 5 < 2));
        let network = Unrolled::tied(rbm.clone(), 30, Order::First).unwrap();
        let states = network.forward(&start).unwrap();
        let f: Vec<f64> = states.iter().map(|s| free_energy(&rbm, Order::First, &s.visible, &s.hidden)[0]).collect();
        assert!(f.windows(2).all(|pair| pair[1] <= pair[0] + 1e-12), "{f:?}");
        fell += usize::from(f[29] < f[0] - 1e-3);
    }
    assert!(fell > n / 2, "{fell} of {n} had anywhere to go");
}

/// −Φ is that of the expansion of the model.
#[test]
fn the_free_energy_is_that_of_the_expansion() {
    let rbm = twelve_by_eight(0.7);
    let m: Vec<f64> = (0..20).map(|i| 0.5 + 0.45 * (i as f64).sin()).collect();
    let (v, h) = (DMatrix::from_column_slice(12, 1, &m[..12]), DMatrix::from_column_slice(8, 1, &m[12..]));
    for order in [Order::First, Order::Second] {
        let ours = -free_energy(&rbm, order, &v, &h)[0];
        assert_close("Φ", ours, rbm.plefka_terms(order, &m).log_z(1.0), 1e-13);
    }
}

/// Saturated units and blocks of samples: nothing overflows, and a batch is the mean of its
/// samples.
#[test]
fn batches_are_means_over_samples_and_strong_weights_stay_finite() {
    for (factor, tolerance) in [(1.0, 1e-13), (1e4, 1e-6)] {
        let network = Unrolled::tied(twelve_by_eight(factor), 2, Order::Second).unwrap();
        let batch = DMatrix::from_fn(12, 70, |i, k| f64::from((i * 7 + k * k) % 3 == 0));
        for loss in [Loss::FreeEnergyDifference, Loss::CrossEntropy, Loss::SquaredError] {
            let all = network.gradient(loss, &batch).unwrap();
            assert!(all.loss.is_finite() && all.gradient.weights().iter().all(|g| g.is_finite()));
            let single = |k| network.gradient(loss, &batch.columns(k, 1).into_owned()).unwrap();
            let sum: LossGradient = (0..70)
                .map(single)
                .reduce(|mut sum, one| {
                    sum.loss += one.loss;
                    sum.gradient += &one.gradient;
                    sum
                })
                .unwrap();
            assert_close("loss", sum.loss / 70.0, all.loss, tolerance * all.loss.abs().max(1.0));
            let miss = (sum.gradient.weights() / 70.0 - all.gradient.weights()).amax();
            assert!(miss < tolerance * all.gradient.weights().amax().max(1.0), "{miss}");
        }
    }
}

#[test]
fn networks_that_cannot_be_are_refused() {
    let message = |result: Result<LossGradient, plefka::Error>| result.unwrap_err().to_string();
    assert!(Unrolled::tied(fixture_r(), 0, Order::First).is_err());
    assert!(Unrolled::tied(fixture_r(), 1, Order::Third).unwrap_err().to_string().contains("order"));
    let network = Unrolled::tied(fixture_r(), 1, Order::First).unwrap();
    assert!(network.clone().untied(DMatrix::zeros(4, 6)).unwrap_err().to_string().contains("(4, 6)"));
    assert!(message(network.gradient(Loss::CrossEntropy, &DMatrix::zeros(5, 2))).contains("6 rows"));
    assert!(message(network.gradient(Loss::CrossEntropy, &DMatrix::from_element(6, 1, f64::NAN))).contains("NaN"));
    let softmax = classifier();
    let with =
        |labels: &[usize]| network.gradient(Loss::Classifier { classifier: &softmax, labels }, &batch(Units::Bit));
    assert!(message(with(&[0, 1])).contains("3 samples"));
    assert!(message(with(&[0, 1, 3])).contains("from 0 to 2"));
    assert!(with(&[0, 1, 2]).is_ok());
}
