//! Paths through the checkpoints of a training run, and what a run was worth along them.

mod common;

use std::sync::Arc;

use common::{curve, twelve_by_eight};
use nalgebra::{DMatrix, DVector};
use plefka::{
    Ais, Betas, Claim, Curve, Estimator, Exact, Rbm, Run, Units, Verdict,
    estimator::{
        Bar, BaseChoice, Integration, MethodConfig, PathChoice, ReverseAis, Schedule, Start, Tempering, along,
    },
    history::{default_methods, history},
    path::{Checkpoint, Trajectory},
    sample::Kernel,
    stats::{mean, std_dev},
};

const PATH: PathChoice = PathChoice::Trajectory;

/// Four models that turn towards the last, as a training run does: not one of them a multiple of
/// another, so that a number of one is far from that of the next.
fn run_of(visible: Units, hidden: Units) -> Arc<Trajectory> {
    let last = twelve_by_eight(1.0);
    let turned = DMatrix::from_fn(12, 8, |i, j| last.weights()[((i + 5) % 12, (j + 3) % 8)]);
    let model = |k: usize| {
        let t = k as f64 / 3.0;
        let bias = |b: &DVector<f64>| b * (0.2 + 0.8 * t);
        let weights = last.weights() * t + &turned * (0.6 * t * (1.0 - t) + 0.05 * (1.0 - t));
        Rbm::new(weights, bias(last.visible_bias()), bias(last.hidden_bias())).unwrap().with_units(visible, hidden)
    };
    let checkpoints = (0..4).map(|k| Checkpoint { update: 10 * k as u64, rbm: model(k) }).collect();
    Arc::new(Trajectory::new(checkpoints).unwrap())
}

fn exact(rbm: &Rbm, beta: f64) -> f64 {
    curve(&Exact::default(), rbm, &Betas::one(beta).unwrap()).values.log_z[0]
}

fn tempering(trajectory: &Arc<Trajectory>) -> Tempering {
    let (path, trajectory) = (PATH, Some(Arc::clone(trajectory)));
    Tempering { path, trajectory, temperatures: 10, sweeps: 1500, burn_in: 300, replicates: 50, ..Tempering::default() }
}

fn ais(trajectory: &Arc<Trajectory>) -> Ais {
    let (path, trajectory) = (PATH, Some(Arc::clone(trajectory)));
    Ais { path, trajectory, chains: 300, rungs: 60, replicates: 50, ..Ais::default() }
}

/// The distance of ln Z from the truth in standard errors.
fn z(found: &Curve, truth: f64) -> f64 {
    let log_z = found.log_z()[0].unwrap();
    (log_z.value - truth) / log_z.claim.std_error().unwrap()
}

/// Every method that goes along a path, at two β, by both kernels, on both kinds of units. 80
/// numbers within 4.4 standard errors: false-alarm rate 9e−4, and the seeds are fixed. Planted bugs
/// that fail: the weight under the model before; the sign of the swap ratio turned round; states of
/// the first model for the way down (by the energy).
#[test]
fn every_method_goes_through_the_checkpoints() {
    for units in [Units::Bit, Units::Spin] {
        let run = run_of(units, units);
        let rbm = &run.last().rbm;
        for (beta, kernel) in [0.7, 1.0].into_iter().flat_map(|b| [Kernel::Block, Kernel::Collapsed].map(|k| (b, k))) {
            let betas = Betas::one(beta).unwrap();
            let truth = curve(&Exact::default(), rbm, &betas).values;
            let (annealing, tempering) = (Ais { kernel, ..ais(&run) }, Tempering { kernel, ..tempering(&run) });
            let down = ReverseAis { annealing: annealing.clone(), ..ReverseAis::default() };
            let start = Start::Tempering;
            let both = Bar { annealing: annealing.clone(), start, tempering: tempering.clone(), ..Bar::default() };
            let gibbs = Bar { start: Start::Gibbs, burn_in: 300, ..both.clone() };
            for found in [
                gibbs.curve(rbm, &betas, &Run::quiet(5)),
                annealing.curve(rbm, &betas, &Run::quiet(1)),
                down.curve(rbm, &betas, &Run::quiet(2)),
                both.curve(rbm, &betas, &Run::quiet(3)),
                tempering.curve(rbm, &betas, &Run::quiet(4)),
            ] {
                let found = found.unwrap();
                let energies = found.derive(|_, series| series.energy.clone());
                let energy = energies[0].unwrap();
                let of_energy = (energy.value - truth.energy[0].unwrap()) / energy.claim.std_error().unwrap();
                for z in [z(&found, truth.log_z[0]), of_energy] {
                    assert!(z.abs() < 4.4, "{units} β = {beta} {kernel:?} {}: z = {z}", found.method);
                }
            }
        }
    }
}

/// One run gives every checkpoint: 8 numbers within 4.2 standard errors (false-alarm rate 2e−4),
/// and each is far from the numbers of its neighbours. Planted bug that fails: ln Z of the
/// checkpoint one before.
#[test]
fn one_run_gives_ln_z_of_every_checkpoint() {
    let run = run_of(Units::Bit, Units::Bit);
    let truths: Vec<f64> = run.checkpoints().iter().map(|checkpoint| exact(&checkpoint.rbm, 1.0)).collect();
    for config in [MethodConfig::Ais(ais(&run)), MethodConfig::Tempering(tempering(&run))] {
        let found = along(&config, &run, &Run::quiet(5)).unwrap();
        assert_eq!(found.len(), 4);
        for (k, (found, truth)) in found.iter().zip(&truths).enumerate() {
            // At the first checkpoint, nearly without couplings, the error bar is about 1e−4.
            assert!(z(found, *truth).abs() < 4.2, "checkpoint {k}: z = {} by {}", z(found, *truth), found.method);
            let error = found.log_z()[0].unwrap().claim.std_error().unwrap();
            let others = truths.iter().filter(|other| *other != truth).map(|other| (other - truth).abs());
            assert!(others.fold(f64::INFINITY, f64::min) > 10.0 * error, "checkpoint {k} is like another");
        }
    }
}

/// A method that has no path through checkpoints has a run for each of them.
#[test]
fn any_method_has_a_history() {
    let run = run_of(Units::Bit, Units::Bit);
    let found = along(&MethodConfig::Exact(Exact::default()), &run, &Run::quiet(1)).unwrap();
    let log_z: Vec<f64> = found.iter().map(|curve| curve.values.log_z[0]).collect();
    let truths: Vec<f64> = run.checkpoints().iter().map(|checkpoint| exact(&checkpoint.rbm, 1.0)).collect();
    assert_eq!(log_z, truths);
}

#[test]
fn the_same_seed_gives_the_same_bits_on_any_number_of_threads() {
    let run = run_of(Units::Bit, Units::Spin);
    for config in [MethodConfig::Ais(ais(&run)), MethodConfig::Tempering(tempering(&run))] {
        let with = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let curves = pool.install(|| along(&config, &run, &Run::quiet(6))).unwrap();
            curves.iter().map(|curve| (curve.values.clone(), curve.replicates.clone())).collect::<Vec<_>>()
        };
        assert!(with(1) == with(3), "{:?}", config.method());
    }
}

/// What cannot be followed is refused with the thing and the remedy.
#[test]
fn a_path_that_does_not_lead_to_the_model_is_refused() {
    let run = run_of(Units::Bit, Units::Bit);
    let (rbm, one) = (run.last().rbm.clone(), Betas::one(1.0).unwrap());
    let refusal =
        |config: &dyn Estimator<Rbm>, rbm: &Rbm| config.curve(rbm, &one, &Run::quiet(1)).unwrap_err().to_string();
    let none = refusal(&Ais { trajectory: None, ..ais(&run) }, &rbm);
    assert!(none.contains("none of a training run"), "{none}");
    let other = refusal(&tempering(&run), &run.checkpoints()[2].rbm);
    assert!(other.contains("last checkpoint is not the model"), "{other}");
    let base = refusal(&Ais { base: BaseChoice::MeanField, ..ais(&run) }, &rbm);
    assert!(base.contains("leave it out"), "{base}");
    let integration = refusal(&Integration { tempering: tempering(&run) }, &rbm);
    assert!(integration.contains("`tempering`"), "{integration}");

    let checkpoint = |update: u64, rbm: &Rbm| Checkpoint { update, rbm: rbm.clone() };
    let wide = Rbm::new(DMatrix::zeros(12, 7), DVector::zeros(12), DVector::zeros(7)).unwrap();
    for (checkpoints, problem) in [
        (vec![], "no checkpoint"),
        (vec![checkpoint(3, &rbm), checkpoint(3, &rbm)], "checkpoint 3 comes after checkpoint 3"),
        (vec![checkpoint(1, &rbm), checkpoint(2, &wide)], "checkpoint 2 has another shape"),
        (vec![checkpoint(1, &rbm), checkpoint(2, &rbm.clone().with_units(Units::Spin, Units::Bit))], "other units"),
    ] {
        let refused = Trajectory::new(checkpoints).unwrap_err().to_string();
        assert!(refused.contains(problem), "{refused}");
    }
}

/// A run whose last model has nearly all of its weight where nothing before it led: annealing and
/// tempering through the checkpoints agree with one another, and with many effective chains, on
/// what is far too low. The certain bound says so. Planted bug that fails: a history that is not
/// held against it.
#[test]
fn a_run_far_from_equilibrium_is_flagged() {
    let (n_visible, n_hidden, w, a, b) = (300, 60, 0.1, -1.8, -19.5);
    let model = |scale: f64| {
        let weights = DMatrix::from_element(n_visible, n_hidden, scale * w);
        Rbm::new(weights, DVector::from_element(n_visible, a), DVector::from_element(n_hidden, b)).unwrap()
    };
    let checkpoint = |k: u64| Checkpoint { update: k, rbm: model(0.5 * (k + 1) as f64) };
    let run = Arc::new(Trajectory::new(vec![checkpoint(0), checkpoint(1)]).unwrap());
    let ais = Ais { chains: 100, rungs: 20, ..ais(&run) };
    let tempering = Tempering { temperatures: 4, sweeps: 400, burn_in: 100, ..tempering(&run) };
    let methods = [MethodConfig::Ais(ais), MethodConfig::Tempering(tempering)];
    let rows = history(&run, &methods, None, None, &Run::quiet(1)).unwrap();
    let last = &rows[1].log_z;
    assert_eq!(last.verdict, Verdict::Untrustworthy, "{last:?}");
    assert!(last.objections.iter().any(|objection| objection.contains("certain bound 94.4")), "{last:?}");
    assert!(rows[1].estimates.iter().all(|estimate| estimate.log_z.verdict == Verdict::Untrustworthy));
}

/// On a run that can be followed the two methods check each other, and the likelihood of rows is
/// that under the exact ln Z.
#[test]
fn two_methods_check_each_other_along_a_good_run() {
    use plefka::data::Data;
    let run = run_of(Units::Bit, Units::Bit);
    let rows = (0..12 * 20).map(|k: usize| u8::from((k * k + k / 7).is_multiple_of(3))).collect();
    let data = Arc::new(Data::new(12, rows, None).unwrap());
    let methods = [MethodConfig::Tempering(tempering(&run)), MethodConfig::Ais(ais(&run))];
    let found = history(&run, &methods, Some(&data), Some(&data), &Run::quiet(2)).unwrap();
    let truth = history(&run, &default_methods(&run), Some(&data), None, &Run::quiet(2)).unwrap();
    for (found, truth) in found.iter().zip(&truth) {
        assert_eq!((found.log_z.verdict, truth.log_z.verdict), (Verdict::Checked, Verdict::Exact), "{found:?}");
        let (sampled, exact) = (found.log_likelihood_train.unwrap(), truth.log_likelihood_train.unwrap());
        let error = sampled.std_error_log_z.unwrap();
        assert!((sampled.value - exact.value).abs() < 4.2 * error, "{sampled:?} {exact:?}");
        assert_eq!(found.log_likelihood_test, found.log_likelihood_train);
        assert_eq!(exact.std_error_log_z, Some(0.0));
    }
}

/// 30 checkpoints of a 784 × 20 run by tempering through them, over 20 seeds: all of the 600
/// numbers are within 4.5 standard errors, and the standard deviation of z is in [0.8, 1.25]. (The
/// numbers of one seed go together: z of all checkpoints is that of the ladder. Some 40 independent
/// ones know the deviation to 11 %; it is 1.15 with these seeds.)
#[test]
#[ignore = "calibration: 20 seeds of 30 checkpoints of 784 × 20 units"]
fn every_checkpoint_of_a_run_on_digits_is_calibrated() {
    use plefka::{
        dataset,
        train::{Checkpoints, Train, Trainer},
    };
    let checkpoints = Checkpoints::Linear(29);
    let plan = Train { hidden: 20, steps: Some(10), updates: Some(2400), checkpoints, ..Train::default() };
    let data = dataset::digits();
    let mut trainer = Trainer::new(&plan, &data).unwrap();
    let mut passed = Vec::new();
    for update in plan.checkpoints.updates(2400) {
        while trainer.update() < update {
            trainer.advance(&Run::quiet(1)).unwrap();
        }
        passed.push(Checkpoint { update: update as u64, rbm: trainer.rbm().clone() });
    }
    let run = Arc::new(Trajectory::new(passed).unwrap());
    assert_eq!(run.checkpoints().len(), 30);
    let truths: Vec<f64> = run.checkpoints().iter().map(|checkpoint| exact(&checkpoint.rbm, 1.0)).collect();
    let short = Tempering { temperatures: 20, sweeps: 1500, burn_in: 1500, ..Tempering::default() };
    let config = Tempering { path: PATH, records: 100, replicates: 60, ..short };
    let config = MethodConfig::Tempering(config);
    let mut all = Vec::new();
    for seed in 0..20 {
        let found = along(&config, &run, &Run::quiet(seed)).unwrap();
        let z: Vec<f64> = found.iter().zip(&truths).map(|(found, truth)| z(found, *truth)).collect();
        println!("seed {seed}: {:.2?}", z);
        all.extend(z);
    }
    println!("mean {:.3}, sd {:.3}", mean(&all), std_dev(&all));
    assert!(all.iter().all(|z| z.abs() < 4.5));
    assert!((0.8..1.25).contains(&std_dev(&all)), "sd of z = {}", std_dev(&all));
}

/// The schedule that a pilot places on the whole path.
#[test]
fn rungs_are_placed_along_the_whole_path() {
    let run = run_of(Units::Bit, Units::Bit);
    let adaptive = Ais { schedule: Schedule::Adaptive, ..ais(&run) };
    let found = adaptive.curve(&run.last().rbm, &Betas::one(1.0).unwrap(), &Run::quiet(8)).unwrap();
    let Claim::Estimate { std_error } = found.log_z()[0].unwrap().claim else { panic!("it samples") };
    let distance = z(&found, exact(&run.last().rbm, 1.0));
    assert!(distance.abs() < 4.0 && std_error < 0.1, "z = {distance}, error {std_error}");
}
