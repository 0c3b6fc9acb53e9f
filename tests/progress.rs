//! What runs say of their progress: they end where they said they would.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
};

use nalgebra::{DMatrix, DVector};
use plefka::{
    Ais, Betas, Method, Rbm, Run,
    data::Data,
    estimator::{Auto, Bar, BaseChoice, Integration, MethodConfig, PathChoice, ReverseAis, Start, Tempering, along},
    path::{Checkpoint, Trajectory},
    run::Progress,
    temperature::Observed,
};

/// The stages of a run, each with the steps that it announced and those that it took.
#[derive(Default)]
struct Stages {
    ended: Mutex<Vec<(String, u64, u64)>>,
    current: Mutex<Option<(String, u64)>>,
    steps: AtomicU64,
}

impl Progress for Stages {
    fn begin(&self, what: &str, total: u64) {
        let before = self.current.lock().unwrap().replace((what.into(), total));
        assert!(before.is_none(), "{what} begins within {before:?}");
        self.steps.store(0, Relaxed);
    }

    fn advance(&self, steps: u64) {
        self.steps.fetch_add(steps, Relaxed);
    }

    fn end(&self) {
        let (what, total) = self.current.lock().unwrap().take().expect("it has begun");
        self.ended.lock().unwrap().push((what, total, self.steps.load(Relaxed)));
    }
}

/// What a run said of its stages.
fn stages_of(run: impl FnOnce(&Run<'_>)) -> Vec<(String, u64, u64)> {
    let (stages, cancel) = (Stages::default(), AtomicBool::new(false));
    run(&Run { seed: 1, cancel: &cancel, progress: &stages });
    assert!(stages.current.into_inner().unwrap().is_none());
    stages.ended.into_inner().unwrap()
}

fn model() -> Rbm {
    let weights = DMatrix::from_fn(5, 3, |i, j| (0.9 * i as f64 - 1.3 * j as f64).sin());
    Rbm::new(weights, DVector::from_element(5, 0.2), DVector::from_element(3, -0.4)).unwrap()
}

fn annealing() -> Ais {
    Ais { chains: 130, rungs: 6, replicates: 5, ..Ais::default() }
}

fn tempering() -> Tempering {
    let (sweeps, burn_in, records) = (60, 10, 20);
    Tempering { ladders: 3, temperatures: 6, sweeps, burn_in, records, replicates: 5, ..Tempering::default() }
}

#[test]
fn every_method_takes_the_steps_that_it_announced() {
    let rbm = model();
    let betas: Betas = "0.5:1:3".parse().unwrap();
    let (annealing, tempering) = (annealing(), tempering());
    let apart = Ais { base: BaseChoice::Biases, ..annealing.clone() };
    let down = ReverseAis { annealing: annealing.clone(), start: Start::Exact, ..ReverseAis::default() };
    let both = Bar { annealing: annealing.clone(), start: Start::Exact, ..Bar::default() };
    for config in [
        MethodConfig::Ais(annealing),
        MethodConfig::Ais(apart),
        MethodConfig::ReverseAis(down),
        MethodConfig::Bar(both),
        MethodConfig::Tempering(Tempering { base: BaseChoice::Biases, ..tempering.clone() }),
        MethodConfig::Tempering(tempering.clone()),
        MethodConfig::Integration(Integration { tempering }),
        MethodConfig::of(Method::Exact),
        MethodConfig::of(Method::Tap2),
        MethodConfig::of(Method::Bethe),
        MethodConfig::of(Method::Mixture),
        // One wave; what it tries before is not heard of.
        MethodConfig::Auto(Auto { exact_factors: 1.0, time: 1e-3, ..Auto::default() }),
    ] {
        let ended = stages_of(|run| drop(config.prepare(&rbm).unwrap().curve(&betas, run).unwrap()));
        assert!(!ended.is_empty(), "{config:?}");
        for (what, total, steps) in ended {
            assert!(total > 0 && total == steps, "{what}: {steps} steps of {total}, {config:?}");
        }
    }
}

/// One ladder through all β where every rung is a temperature, and along the checkpoints of a
/// training run; otherwise one for each.
#[test]
fn one_ladder_serves_where_it_passes_everything() {
    let betas: Betas = "0.5:1:3".parse().unwrap();
    let steps = |base| {
        let config = MethodConfig::Ais(Ais { base, ..annealing() });
        let ended = stages_of(|run| drop(config.prepare(&model()).unwrap().curve(&betas, run).unwrap()));
        ended.iter().map(|stage| stage.1).sum::<u64>()
    };
    assert!(steps(BaseChoice::Uniform) < 12 * 130 && steps(BaseChoice::Biases) >= 18 * 130);

    let checkpoint = |k: u64| Checkpoint { update: k, rbm: model().scaled_weights(0.3 * k as f64).unwrap() };
    let trajectory = Arc::new(Trajectory::new((1..=3).map(checkpoint).collect()).unwrap());
    for (path, runs) in [(PathChoice::Trajectory, 1), (PathChoice::Direct, 3)] {
        for config in [
            MethodConfig::Ais(Ais { path, ..annealing() }),
            MethodConfig::Tempering(Tempering { path, temperatures: 8, ..tempering() }),
        ] {
            let ended = stages_of(|run| assert_eq!(along(&config, &trajectory, run).unwrap().len(), 3));
            assert!(ended.iter().all(|(_, total, steps)| total == steps), "{ended:?} {config:?}");
            assert_eq!(ended.len(), runs, "{config:?}");
        }
    }
}

/// A look at every unit of every row takes minutes on large data: it is heard of, and ends early.
#[test]
fn a_look_unit_by_unit_is_reported_and_can_be_stopped() {
    let rbm = model();
    let data = Data::new(5, (0..40 * 5).map(|i| u8::from(i % 3 == 0 || i % 7 == 2)).collect(), None).unwrap();
    let of = |run: &Run<'_>| {
        let observed = Observed::new(&rbm, &data).unwrap().within(*run);
        observed.mean_over_flips(1.5, |flip| flip.log_ratio)
    };
    assert_eq!(stages_of(|run| drop(of(run))), [("unit by unit at β = 1.5000".into(), 40, 40)]);
    let stopped = AtomicBool::new(true);
    assert!(of(&Run { cancel: &stopped, ..Run::quiet(1) }).iter().all(|mean| mean.is_nan()));
    assert!(of(&Run::quiet(1)).iter().all(|mean| mean.is_finite()));
}
