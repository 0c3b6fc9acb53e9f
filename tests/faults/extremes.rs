//! Weights and β of 10^±300, by every method through the library: a finite number within the levels
//! of the model, or a refusal; no panic and no hang.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

use nalgebra::{DMatrix, DVector};
use plefka::{
    Betas, Claim, Method, Rbm, Run,
    data::Data,
    estimator::MethodConfig,
    io::CurveRecord,
    model::{AnyModel, Ising, Levels, SparseIsing, Units},
    streams::stream,
};
use rand::RngExt;
use rand_xoshiro::Xoshiro256PlusPlus;
use serde_json::json;

/// What a run may take before it counts as a hang.
const PATIENCE: Duration = Duration::from_secs(10);

/// The same for `auto`, whose first wave of work is seconds on an idle machine whatever it may take.
const PATIENCE_WITH_AUTO: Duration = Duration::from_secs(60);

/// From this seed on `auto` samples in a tenth of its runs, which takes it seconds.
const LONG: u64 = 1_000_000;

#[test]
fn hundreds_of_runs_at_the_ends_of_f64_are_finite_or_refused() {
    let tally = Tally::of(0..650);
    assert_eq!(tally.faults, [""; 0], "{} faults", tally.faults.len());
    assert!(tally.finite > 150 && tally.refused > 150, "{tally:?}");
}

/// The count that docs/reliability.md reports: `cargo test --release --test faults -- --ignored
/// --nocapture thirteen_thousand`.
#[test]
#[ignore = "calibration: minutes"]
fn thirteen_thousand_runs_at_the_ends_of_f64_are_finite_or_refused() {
    let tally = Tally::of(LONG..LONG + 13_000);
    println!("{tally:#?}");
    assert_eq!(tally.faults, [""; 0]);
}

/// A run of the count by itself, with its backtrace: `CASE=714 cargo test … one_case`.
#[test]
#[ignore = "by hand: shows one case"]
fn one_case() {
    let Ok(number) = std::env::var("CASE") else { return };
    let case = Case::drawn(number.parse().expect("the number of a case"));
    println!("{:?} {:?} {:?}", case.model, case.betas, case.config);
    if let Outcome::Fault(fault) = case.outcome() {
        panic!("{fault}");
    }
}

/// What the runs came to.
#[derive(Debug, Default)]
struct Tally {
    finite: usize,
    refused: usize,
    not_for_this_model: usize,
    faults: Vec<String>,
    by_method: BTreeMap<&'static str, [usize; 2]>,
}

impl Tally {
    /// Each run on a thread of its own, so that one that hangs does not take the rest with it.
    fn of(seeds: std::ops::Range<u64>) -> Self {
        let mut tally = Self::default();
        for seed in seeds {
            let (sender, receiver) = mpsc::channel();
            thread::spawn(move || {
                let outcome = catch_unwind(AssertUnwindSafe(|| Case::drawn(seed).outcome()));
                let _ =
                    sender.send(outcome.unwrap_or_else(|panic| Outcome::Fault(format!("panic: {}", words(&*panic)))));
            });
            let method = Case::method(seed);
            let counts = tally.by_method.entry(method.name()).or_default();
            let patience = if method == Method::Auto { PATIENCE_WITH_AUTO } else { PATIENCE };
            match receiver.recv_timeout(patience) {
                Ok(Outcome::Finite) => (tally.finite, counts[0]) = (tally.finite + 1, counts[0] + 1),
                Ok(Outcome::Refused) => (tally.refused, counts[1]) = (tally.refused + 1, counts[1] + 1),
                Ok(Outcome::NotForThisModel) => tally.not_for_this_model += 1,
                Ok(Outcome::Fault(fault)) => tally.faults.push(format!("{seed} {method}: {fault}")),
                Err(_) => {
                    // It keeps its threads: what comes after it would seem to hang, too.
                    tally.faults.push(format!("{seed} {method}: no end in {patience:?}"));
                    break;
                }
            }
        }
        tally
    }
}

fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
}

enum Outcome {
    Finite,
    Refused,
    NotForThisModel,
    Fault(String),
}

/// A model, a grid and a method.
struct Case {
    seed: u64,
    model: AnyModel,
    betas: Betas,
    config: MethodConfig,
}

impl Case {
    fn method(seed: u64) -> Method {
        Method::ALL[seed as usize % Method::ALL.len()]
    }

    fn drawn(seed: u64) -> Self {
        let mut rng = stream(seed, 1);
        let model = model(&mut rng);
        let mut config = MethodConfig::of(Self::method(seed));
        let small = [
            ("chains", json!(20)),
            ("rungs", json!(10)),
            ("replicates", json!(20)),
            ("burn-in", json!(20)),
            ("temperatures", json!(5)),
            ("sweeps", json!(40)),
            ("records", json!(20)),
            ("starts", json!(3)),
            ("time", json!(0.05)),
            ("exact-factors", json!(if seed > LONG && seed.is_multiple_of(10) { 1.0 } else { 1e6 })),
        ];
        for (name, value) in small {
            let name = name.replace('-', "_");
            config.set(&[(&name, value)]).unwrap();
        }
        let rows = (0..4 * n_visible(&model)).map(|_| rng.random_range(0..2)).collect();
        if matches!(model, AnyModel::Rbm(_)) {
            config.give_data(&Arc::new(Data::new(n_visible(&model), rows, None).unwrap()));
        }
        let mut betas = betas(&mut rng);
        if config.method() == Method::Auto {
            betas = Betas::one(betas.max()).unwrap();
        }
        Self { seed, model, betas, config }
    }

    fn outcome(&self) -> Outcome {
        let Ok(prepared) = self.config.prepare(&self.model) else { return Outcome::NotForThisModel };
        let curve = match prepared.curve(&self.betas, &Run::quiet(self.seed)) {
            Ok(curve) => curve,
            Err(error) if [';', ':'].iter().any(|mark| error.to_string().contains(*mark)) => return Outcome::Refused,
            Err(error) => return Outcome::Fault(format!("a refusal without a remedy: {error}")),
        };
        if curve.values.log_z.iter().any(|x| !x.is_finite()) {
            return Outcome::Fault("ln Z is not finite".into());
        }
        let [lowest, highest] = levels(&self.model);
        // Chains move in f32, whose rounding is in the energies that they report.
        let rounding = if curve.replicates.is_empty() { 1e-9 } else { 1e-6 };
        let slack = rounding * lowest.abs().max(highest.abs()) + f64::MIN_POSITIVE;
        for point in CurveRecord::from(&curve).points {
            // What an expansion says beyond its range is no number of a thermodynamic system.
            let approximate = curve.log_z_claim == Claim::Approximation && curve.replicates.is_empty();
            let Some(energy) = point.energy.filter(|_| !approximate) else { continue };
            if !(lowest - slack..=highest + slack).contains(&energy.value) {
                return Outcome::Fault(format!(
                    "U = {:e} outside [{lowest:e}, {highest:e}] at β = {:e}",
                    energy.value, point.beta
                ));
            }
            if let Some(c) = point.heat_capacity.filter(|c| c.value < 0.0) {
                return Outcome::Fault(format!("C = {:e} at β = {:e}", c.value, point.beta));
            }
            if let Some(s) = point.entropy.filter(|s| s.claim == Claim::Exact && !(-1e-9..200.0).contains(&s.value)) {
                return Outcome::Fault(format!("S = {:e}, exact, at β = {:e}", s.value, point.beta));
            }
        }
        Outcome::Finite
    }
}

/// A number of any size: of one of the sizes at which something overflows, or of a random one.
fn number(rng: &mut Xoshiro256PlusPlus) -> f64 {
    const SIZES: [f64; 12] = [0.0, 5e-324, 1e-300, 1e-16, 1.0, 40.0, 750.0, 1e16, 1e100, 1e154, 1e300, 1.7e308];
    let size = match rng.random_range(0..3) {
        0 => SIZES[rng.random_range(0..SIZES.len())],
        1 => 10f64.powf(rng.random_range(-300.0..300.0)),
        _ => rng.random_range(0.0..3.0),
    };
    if rng.random() { size } else { -size }
}

/// Numbers that share a size, or each of its own.
fn numbers(rng: &mut Xoshiro256PlusPlus, count: usize) -> Vec<f64> {
    match rng.random_range(0..3) {
        0 => vec![0.0; count],
        1 => {
            let size = number(rng);
            (0..count).map(|_| size * rng.random_range(-1.0..1.0)).collect()
        }
        _ => (0..count).map(|_| number(rng)).collect(),
    }
}

fn model(rng: &mut Xoshiro256PlusPlus) -> AnyModel {
    loop {
        let (n, m) = (rng.random_range(1..6), rng.random_range(1..5));
        let units = |rng: &mut Xoshiro256PlusPlus| if rng.random() { Units::Bit } else { Units::Spin };
        let made = match rng.random_range(0..4) {
            0 | 1 => {
                let w = DMatrix::from_vec(n, m, numbers(rng, n * m));
                let (a, b) = (DVector::from_vec(numbers(rng, n)), DVector::from_vec(numbers(rng, m)));
                let (visible, hidden) = (units(rng), units(rng));
                Rbm::new(w, a, b).map(|rbm| AnyModel::from(rbm.with_units(visible, hidden)))
            }
            2 => {
                let values = numbers(rng, n * n);
                let j = |i: usize, k: usize| if i == k { 0.0 } else { values[i.max(k) * n + i.min(k)] };
                let ising = Ising::new(DMatrix::from_fn(n, n, j), DVector::from_vec(numbers(rng, n)));
                // Every second size as lists of neighbours.
                ising.map(|ising| if n % 2 == 1 { SparseIsing::from(&ising).into() } else { ising.into() })
            }
            _ => Levels::new(numbers(rng, 1 << n)).map(AnyModel::from),
        };
        if let Ok(model) = made {
            return model;
        }
    }
}

fn betas(rng: &mut Xoshiro256PlusPlus) -> Betas {
    let mut betas: Vec<f64> = (0..rng.random_range(1..4)).map(|_| number(rng).abs()).collect();
    betas.sort_by(f64::total_cmp);
    betas.dedup();
    Betas::new(betas).unwrap()
}

fn n_visible(model: &AnyModel) -> usize {
    match model {
        AnyModel::Rbm(rbm) => rbm.n_visible(),
        AnyModel::Ising(ising) => ising.field().len(),
        AnyModel::SparseIsing(ising) => ising.field().len(),
        AnyModel::Levels(levels) => levels.energies().len().ilog2() as usize,
    }
}

/// The lowest and the highest energy, by visiting every state.
fn levels(model: &AnyModel) -> [f64; 2] {
    let energies: Vec<f64> = match model {
        AnyModel::Levels(levels) => levels.energies().to_vec(),
        AnyModel::Ising(ising) => states(ising.field().len(), Units::Spin).map(|s| ising.energy(&s)).collect(),
        AnyModel::SparseIsing(ising) => states(ising.field().len(), Units::Spin).map(|s| ising.energy(&s)).collect(),
        AnyModel::Rbm(rbm) => states(rbm.n_visible(), rbm.visible_units())
            .flat_map(|v| {
                let v = DVector::from_vec(v);
                let energy = move |h: Vec<f64>| {
                    let h = DVector::from_vec(h);
                    -rbm.visible_bias().dot(&v) - rbm.hidden_bias().dot(&h) - v.dot(&(rbm.weights() * &h))
                };
                states(rbm.n_hidden(), rbm.hidden_units()).map(energy)
            })
            .collect(),
    };
    // A level that is beyond f64 bounds nothing.
    let bound =
        |ends: f64, level: f64, pick: fn(f64, f64) -> f64| if level.is_nan() { f64::NAN } else { pick(ends, level) };
    let lowest = energies.iter().fold(f64::INFINITY, |ends, level| bound(ends, *level, f64::min));
    let highest = energies.iter().fold(f64::NEG_INFINITY, |ends, level| bound(ends, *level, f64::max));
    [if lowest.is_nan() { f64::NEG_INFINITY } else { lowest }, if highest.is_nan() { f64::INFINITY } else { highest }]
}

fn states(n: usize, units: Units) -> impl Iterator<Item = Vec<f64>> {
    let [low, high] = units.values();
    (0..1usize << n).map(move |s| (0..n).map(|i| if s >> i & 1 == 1 { high } else { low }).collect())
}
