//! Training: gradients against finite differences of the exact likelihood, identities, moments of
//! chains against enumeration, and runs that go on after an interruption.

mod common;

use std::{fs, path::Path, sync::Arc};

use nalgebra::{DMatrix, DVector};
use plefka::{
    Rbm, Run, Units,
    data::Data,
    io,
    model::{Enumerate, Sums},
    train::{
        Checkpoints, Evaluator, Gauge, Limit, Negative, Norm, Offsets, Parameters, RateSchedule, RunFolder,
        SolutionStart, SolutionWeights, StepRule, Train, Trainer, likelihood_gradient,
    },
};

/// Fixture R on some units.
fn fixture(units: Units) -> Rbm {
    let w = |i: usize, j: usize| (1.0 + 2.0 * i as f64 + 3.0 * j as f64 + 0.5 * (i * j) as f64).cos();
    let a = DVector::from_fn(6, |i, _| 0.3 * (i as f64 + 1.0).sin());
    let b = DVector::from_fn(4, |j, _| -0.2 * (j as f64 + 1.0).cos());
    Rbm::new(DMatrix::from_fn(6, 4, w), a, b).unwrap().with_units(units, units)
}

/// Rows in which neighbouring units are often alike.
fn rows(n_visible: usize, n: usize) -> Data {
    let bit = |k: usize, i: usize| u8::from((((k * 7 + 3) % 11) as f64 + 0.9 * i as f64).sin() > 0.2);
    Data::new(n_visible, (0..n).flat_map(|k| (0..n_visible).map(move |i| bit(k, i))).collect(), None).unwrap()
}

fn quiet() -> Run<'static> {
    Run::quiet(1)
}

/// The exact mean log-likelihood.
fn likelihood(rbm: &Rbm, data: &Data) -> f64 {
    let log_z = rbm.enumerate(1.0, Sums::LogZ, &quiet()).unwrap().log_z;
    let values = rbm.visible_units().values();
    let of_row = |row: &[u8]| {
        let v: Vec<f64> = row.iter().map(|x| values[usize::from(*x)]).collect();
        rbm.visible_log_weight(&v, 1.0) - log_z
    };
    data.rows().map(of_row).sum::<f64>() / data.n_samples() as f64
}

/// A model with parameters moved by `step`.
fn moved(rbm: &Rbm, step: &Parameters) -> Rbm {
    let at = Parameters::of(rbm);
    Rbm::new(at.weights + &step.weights, at.visible + &step.visible, at.hidden + &step.hidden)
        .unwrap()
        .with_units(rbm.visible_units(), rbm.hidden_units())
}

/// A step along one parameter: k counts W column by column, then a, then b.
fn along(rbm: &Rbm, k: usize, size: f64) -> Parameters {
    let mut step = Parameters::zeros(rbm.n_visible(), rbm.n_hidden());
    let (nw, nv) = (rbm.n_visible() * rbm.n_hidden(), rbm.n_visible());
    match k {
        k if k < nw => step.weights[k] = size,
        k if k < nw + nv => step.visible[k - nw] = size,
        k => step.hidden[k - nw - nv] = size,
    }
    step
}

fn entry(parameters: &Parameters, k: usize) -> f64 {
    let (nw, nv) = (parameters.weights.len(), parameters.visible.len());
    match k {
        k if k < nw => parameters.weights[k],
        k if k < nw + nv => parameters.visible[k - nw],
        k => parameters.hidden[k - nw - nv],
    }
}

/// Planted bugs that fail: the moments of spins taken for those of bits; a bias left out of the
/// hidden means.
#[test]
fn the_exact_gradient_is_that_of_the_exact_likelihood() {
    for units in [Units::Bit, Units::Spin] {
        let (rbm, data) = (fixture(units), rows(6, 9));
        let gradient = likelihood_gradient(&rbm, &data, &quiet()).unwrap().unwrap();
        let h = 1e-4;
        for k in 0..34 {
            let at = |size: f64| likelihood(&moved(&rbm, &along(&rbm, k, size)), &data);
            let slope = (at(h) - at(-h)) / (2.0 * h);
            assert!((slope - entry(&gradient, k)).abs() < 1e-7, "{units}, parameter {k}: {slope}");
        }
    }
}

/// In the centred parametrisation, E = −(v − μ)ᵀW(h − λ) − a′·v − b′·h, W moves with a = a′ − Wλ
/// and b = b′ − Wᵀμ. The slopes along its parameters are ∇W′ and the slopes along a and b, and the
/// direction is that gradient mapped back.
///
/// Planted bugs that fail: ∇a′ from ∇W instead of ∇W′; offsets exchanged.
#[test]
fn the_centred_gradient_is_that_of_the_centred_parametrisation() {
    for units in [Units::Bit, Units::Spin] {
        let (rbm, data) = (fixture(units), rows(6, 9));
        let offsets = Offsets {
            visible: DVector::from_fn(6, |i, _| 0.1 * i as f64),
            hidden: DVector::from_fn(4, |j, _| 0.5 - 0.2 * j as f64),
        };
        let plain = likelihood_gradient(&rbm, &data, &quiet()).unwrap().unwrap();
        let centred = plain.clone().centred(&offsets);
        let h = 1e-4;
        for k in 0..24 {
            let at = |size: f64| {
                let mut step = along(&rbm, k, size);
                step.visible = -(&step.weights * &offsets.hidden);
                step.hidden = -step.weights.tr_mul(&offsets.visible);
                likelihood(&moved(&rbm, &step), &data)
            };
            let slope = (at(h) - at(-h)) / (2.0 * h);
            assert!((slope - entry(&centred, k)).abs() < 1e-7, "{units}, weight {k}: {slope}");
        }
        let mapped_back = [
            &plain.visible - &centred.weights * &offsets.hidden - &centred.visible,
            &plain.hidden - centred.weights.tr_mul(&offsets.visible) - &centred.hidden,
        ];
        assert!(mapped_back.iter().all(|difference| difference.amax() < 1e-14));
        assert!(plain.dot(&centred) > 0.0);
    }
}

/// θ·∂L/∂θ = U − ⟨⟨E|v⟩⟩_data, to rounding.
#[test]
fn the_virial_identity() {
    for units in [Units::Bit, Units::Spin] {
        let (rbm, data) = (fixture(units), rows(6, 9));
        let gradient = likelihood_gradient(&rbm, &data, &quiet()).unwrap().unwrap();
        let energy = rbm.enumerate(1.0, Sums::Cumulants, &quiet()).unwrap().energy.unwrap();
        let of_data = plefka::temperature::Observed::new(&rbm, &data).unwrap().energies(1.0);
        let mean = of_data.iter().map(|e| e.energy).sum::<f64>() / of_data.len() as f64;
        assert!((Parameters::of(&rbm).dot(&gradient) - (energy - mean)).abs() < 1e-10);
    }
}

/// At a maximum under weight decay U − ⟨E⟩_data = λ‖W‖², centred or not: the energy of the data is
/// below that of the model, which is why trained models look cold.
///
/// Planted bugs that fail: decay divided by the size of the batch; decay of the biases; decay that
/// comes after the gradient was centred.
#[test]
fn weight_decay_makes_the_data_colder_than_the_model() {
    let data = rows(5, 22);
    for (centred, batch) in [(true, 22), (false, 22)] {
        let plan = Train {
            hidden: 2,
            negative: Negative::Exact,
            centred,
            batch,
            decay: 0.02,
            rate: 0.5,
            rate_schedule: RateSchedule::Constant,
            updates: Some(6000),
            ..Train::default()
        };
        let mut trainer = Trainer::new(&plan, &data).unwrap();
        while trainer.update() < 6000 {
            assert!(trainer.advance(&quiet()).unwrap());
        }
        let gradient = likelihood_gradient(trainer.rbm(), &data, &quiet()).unwrap().unwrap();
        let (virial, w) = (Parameters::of(trainer.rbm()).dot(&gradient), trainer.rbm().weights());
        let expected = 0.02 * w.norm_squared();
        assert!(expected > 0.05, "the weights are gone: {expected}");
        assert!((virial - expected).abs() < 1e-4 * expected, "centred {centred}: {virial} against {expected}");
    }
}

fn small_plan(negative: Negative) -> Train {
    let emf = negative == Negative::Emf;
    Train {
        hidden: 4,
        negative,
        batch: 7,
        epochs: Some(6),
        momentum: 0.5,
        rate: 0.1,
        solutions: emf.then_some(30),
        order: emf.then_some(2),
        limit: Some(Limit { norm: Norm::Frobenius, value: 0.5 }),
        checkpoints: Checkpoints::Linear(6),
        ..Train::default()
    }
}

const NEGATIVES: [Negative; 5] = [Negative::Exact, Negative::Cd, Negative::Pcd, Negative::Ptt, Negative::Emf];

fn train_in(dir: &Path, plan: &Train, data: &Arc<Data>, resume: bool) -> bool {
    let folder = RunFolder::open(dir, plan, data, None, resume).unwrap();
    let evaluator = Evaluator { temperatures: false, ..Evaluator::default() };
    folder.train(plan, data, None, &evaluator, &quiet(), &mut |_| ()).unwrap()
}

/// The bytes of every checkpoint.
fn checkpoints(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "npz"))
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(&path).unwrap()))
        .collect();
    files.sort();
    files
}

/// After a kill at any moment there are the files up to some checkpoint, with or without its row in
/// the log.
///
/// Planted bugs that fail: resume without the velocity; with fresh chains; with a fresh reservoir; with fresh solutions;
/// with the order of rows of the first epoch.
#[test]
fn an_interrupted_run_goes_on_to_the_same_bits() {
    let data = Arc::new(rows(6, 40));
    for (negative, step) in NEGATIVES.into_iter().flat_map(|n| [(n, StepRule::Sgd), (n, StepRule::Adam)]) {
        let momentum = if step == StepRule::Adam { 0.0 } else { 0.5 };
        let plan = Train { step, momentum, ..small_plan(negative) };
        let whole = tempfile::tempdir().unwrap();
        assert!(train_in(whole.path(), &plan, &data, false));
        let expected = checkpoints(whole.path());
        let log = fs::read_to_string(whole.path().join("log.csv")).unwrap();
        assert_eq!(
            (expected.len(), log.lines().count()),
            (8, 8),
            "seven checkpoints, the last one twice, and a header"
        );
        for kept in 0..7 {
            let cut = tempfile::tempdir().unwrap();
            fs::copy(whole.path().join("plan.toml"), cut.path().join("plan.toml")).unwrap();
            for (name, bytes) in expected.iter().filter(|(name, _)| name != "model.npz").take(kept) {
                fs::write(cut.path().join(name), bytes).unwrap();
            }
            // The row of the last one is there or not.
            let rows = log.lines().take((kept + 1).saturating_sub(kept % 2));
            fs::write(cut.path().join("log.csv"), rows.map(|line| format!("{line}\n")).collect::<String>()).unwrap();
            assert!(train_in(cut.path(), &plan, &data, true));
            assert_eq!(checkpoints(cut.path()), expected, "{negative:?} {step:?}, {kept} kept");
            let numbers = |text: &str| -> Vec<Vec<String>> {
                let mut rows: Vec<Vec<String>> =
                    text.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect();
                // The seconds, and the checksum, which is of them, too.
                rows.iter_mut().for_each(|row| drop((row.remove(2), row.pop())));
                rows
            };
            let again = fs::read_to_string(cut.path().join("log.csv")).unwrap();
            assert_eq!(numbers(&again), numbers(&log), "the logs, but for the seconds");
        }
    }
}

#[test]
fn threads_do_not_matter() {
    let data = Arc::new(rows(70, 40));
    for negative in [Negative::Cd, Negative::Pcd, Negative::Ptt, Negative::Emf] {
        let run = |threads: usize| {
            let dir = tempfile::tempdir().unwrap();
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let plan = Train { hidden: 6, ..small_plan(negative) };
            assert!(pool.install(|| train_in(dir.path(), &plan, &data, false)));
            checkpoints(dir.path())
        };
        let one = run(1);
        assert!(run(2) == one && run(5) == one, "{negative:?}");
    }
}

/// Planted bugs that fail: ln Z of the model before the step; the likelihood of the training rows
/// over all rows; S₀ or another entropy for S; a pseudo-likelihood for the likelihood.
#[test]
fn the_log_is_about_the_model_that_is_saved() {
    let data = rows(6, 40);
    let plan = Train { holdout: 0.25, ..small_plan(Negative::Pcd) };
    let (train, test) = plan.split(&data).unwrap();
    let (train, test) = (Arc::new(train), test.unwrap());
    assert_eq!((train.n_samples(), test.n_samples(), test.row(0)), (30, 10, data.row(30)));
    let dir = tempfile::tempdir().unwrap();
    let folder = RunFolder::open(dir.path(), &plan, &train, Some(&test), false).unwrap();
    assert!(folder.train(&plan, &train, Some(&test), &Evaluator::default(), &quiet(), &mut |_| ()).unwrap());
    for row in folder.log().unwrap() {
        let name = format!("{}@{}", dir.path().display(), row.update);
        let model = io::load_model(&name).unwrap();
        let rbm = model.rbm().unwrap();
        let close = |got: Option<f64>, expected: f64| assert!((got.unwrap() - expected).abs() < 1e-10, "{row:?}");
        close(row.log_z, rbm.enumerate(1.0, Sums::LogZ, &quiet()).unwrap().log_z);
        let energy = rbm.enumerate(1.0, Sums::Cumulants, &quiet()).unwrap().energy.unwrap();
        close(row.entropy, row.log_z.unwrap() + energy);
        close(row.log_likelihood_train, likelihood(rbm, &train));
        close(row.log_likelihood_test, likelihood(rbm, &test));
        close(Some(row.frobenius), rbm.weights().norm());
        assert!(row.frobenius < 0.5 + 1e-12 || row.update % 5 != 0);
        assert_eq!((row.verdict, row.log_z_std_error), (Some(plefka::Verdict::Exact), None));
        assert!((row.epoch - row.update as f64 / 5.0).abs() < 1e-12);
    }
    let last = io::load_model(dir.path().to_str().unwrap()).unwrap();
    assert_eq!(last.rbm().unwrap(), io::load_model(&format!("{}@30", dir.path().display())).unwrap().rbm().unwrap());
}

#[test]
fn another_plan_or_other_rows_do_not_go_on_with_a_run() {
    let (data, plan) = (Arc::new(rows(6, 40)), small_plan(Negative::Cd));
    let dir = tempfile::tempdir().unwrap();
    assert!(train_in(dir.path(), &plan, &data, false));
    let refusal = |plan: &Train, data: &Data, resume: bool| {
        RunFolder::open(dir.path(), plan, data, None, resume).err().map(|error| error.to_string()).unwrap_or_default()
    };
    assert!(refusal(&plan, &data, false).contains("--resume"));
    assert!(refusal(&Train { rate: 0.2, ..plan.clone() }, &data, true).contains("rate = 0.1"));
    assert!(refusal(&plan, &rows(6, 41), true).contains("other rows"));
}

#[test]
fn settings_without_effect_are_refused() {
    let data = rows(6, 40);
    let base = Train { hidden: 3, batch: 10, ..Train::default() };
    for (plan, named) in [
        (Train { hidden: 0, ..base.clone() }, "hidden"),
        (Train { batch: 41, ..base.clone() }, "batch"),
        (Train { order: Some(2), ..base.clone() }, "order"),
        (Train { order: Some(4), negative: Negative::Emf, ..base.clone() }, "order"),
        (Train { chains: Some(5), negative: Negative::Cd, ..base.clone() }, "chains"),
        (Train { steps: Some(5), negative: Negative::Exact, ..base.clone() }, "steps"),
        (Train { weights: Some(SolutionWeights::Equal), ..base.clone() }, "weights"),
        (
            Train {
                solutions: Some(5),
                start_from: Some(SolutionStart::Data),
                negative: Negative::Emf,
                ..base.clone()
            },
            "solutions",
        ),
        (Train { momentum: 0.5, step: StepRule::Adam, ..base.clone() }, "momentum"),
        (Train { rate: f64::NAN, ..base.clone() }, "rate"),
        (Train { updates: Some(1), epochs: Some(1), ..base.clone() }, "epochs"),
        (Train { hidden: 30, negative: Negative::Exact, ..base.clone() }, ""),
    ] {
        // The visible layer is the smaller one of the last: it can be enumerated.
        match plan.check(&data) {
            Ok(()) => assert_eq!(named, ""),
            Err(error) => assert!(!named.is_empty() && error.to_string().contains(named), "{error}"),
        }
    }
    assert_eq!(base.total_updates(&data), 120);
    let _ = Gauge::default();
}

/// A rate that is much too high ends in an error that says so, and not in a file of NaN.
#[test]
fn divergence_is_an_error() {
    let data = rows(6, 40);
    let plan = Train { hidden: 3, decay: 1e5, rate: 1.0, batch: 40, updates: Some(100), ..Train::default() };
    let mut trainer = Trainer::new(&plan, &data).unwrap();
    let outcome = (0..100).find_map(|_| trainer.advance(&quiet()).err());
    assert!(outcome.is_some_and(|error| error.to_string().contains("diverge")));
}
