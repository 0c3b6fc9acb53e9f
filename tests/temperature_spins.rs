//! Temperatures of samples that show every unit: ±1 of an annealer under an Ising model, numbered
//! levels. Exact samples, against the β at which they were drawn.

use nalgebra::{DMatrix, DVector};
use plefka::{
    Betas, Claim, Estimator as _, Exact, Run,
    data::Data,
    model::{AnyModel, Ising, SparseIsing, random, torus},
    sample::Capabilities,
    stats,
    temperature::{
        EnergyCurve, Equations, Estimate, Evidence, Observed, Survey, compare, entropic, flip_identity,
        fluctuation_dissipation, max_likelihood, microcanonical, pseudo_likelihood, survey, two_beta_ratio,
    },
};
use rayon::prelude::*;

/// A spin glass of ten spins in fields.
fn glass() -> AnyModel {
    let couplings = random::sk(10, 4).unwrap().couplings() * 1.5;
    Ising::new(couplings, DVector::from_fn(10, |i, _| 0.4 * (1.0 + i as f64).sin())).unwrap().into()
}

/// The same with `field` on every spin beside.
fn glass_in_field(field: f64) -> AnyModel {
    let AnyModel::Ising(glass) = glass() else { unreachable!("it is one") };
    Ising::new(glass.couplings().clone(), glass.field().add_scalar(field)).unwrap().into()
}

fn energy_curve(model: &AnyModel, last: f64) -> plefka::Curve {
    let grid = Betas::linear(0.0, last, 121).unwrap();
    Exact::default().curve(model.enumerable(), &grid, &Run::quiet(0)).unwrap()
}

fn exact_samples(model: &AnyModel, beta: f64, n: usize, seed: u64) -> Data {
    let states = model.enumerable().draw(beta, n, &Run::quiet(seed)).unwrap().unwrap();
    Data::new(model.enumerable().n_units(), states, None).unwrap()
}

fn z(estimate: &Estimate, truth: f64) -> f64 {
    let Claim::Estimate { std_error } = estimate.beta.claim else { panic!("{estimate:?} has no error bar") };
    (estimate.beta.value - truth) / std_error
}

/// Over 250 samples of 300 states at β = 1 the z-scores of each estimator have a mean within ±0.25
/// and a standard deviation within 15 % of one (their own errors are 0.063 and 0.045), and 92 to
/// 98 % of the intervals β̂ ± 1.96σ hold the truth (the error is 1.4 % about 95 %). The
/// micro-canonical temperature is another one in a small system, and is left out.
///
/// Planted bug that fails: the energy of a flip without the factor 2 (pseudo-likelihood at twice the
/// truth, mean z 11).
#[test]
fn error_bars_of_whole_states_are_calibrated() {
    let (model, tilted, field) = (glass(), glass_in_field(0.1), 0.1);
    let curve = energy_curve(&model, 4.0);
    let energy = EnergyCurve::of(&curve).unwrap();
    let estimates = |seed: u64| {
        let data = exact_samples(&model, 1.0, 300, seed);
        let (second, third) =
            (exact_samples(&model, 0.8, 300, seed + 10_000), exact_samples(&tilted, 1.0, 300, seed + 20_000));
        let [data, second] = [&data, &second].map(|data| Observed::new(&model, data).unwrap());
        let third = Observed::new(&tilted, &third).unwrap();
        let energies = |beta: f64| data.energies(beta);
        [
            max_likelihood(energies, &energy).unwrap(),
            pseudo_likelihood(&data).unwrap(),
            flip_identity(&data).unwrap(),
            two_beta_ratio(&data, &second, 0.8).unwrap(),
            entropic(energies, &curve).unwrap(),
            fluctuation_dissipation(&data.magnetisations(), &third.magnetisations(), field).unwrap(),
        ]
        .map(|estimate| (estimate.estimator.to_string(), z(&estimate, 1.0)))
    };
    let samples: Vec<_> = (0..250u64).into_par_iter().map(estimates).collect();
    for k in 0..6 {
        let (name, scores) = (&samples[0][k].0, samples.iter().map(|of_seed| of_seed[k].1).collect::<Vec<f64>>());
        let (mean, sd) = (stats::mean(&scores), stats::std_dev(&scores));
        let coverage = scores.iter().filter(|z| z.abs() < 1.96).count() as f64 / 250.0;
        println!("{name:24} mean z {mean:.3}, sd {sd:.3}, coverage {coverage:.3}");
        assert!(mean.abs() < 0.25 && (0.85..1.15).contains(&sd), "{name}: mean z {mean}, sd {sd}");
        assert!((0.92..=0.98).contains(&coverage), "{name}: coverage {coverage}");
    }
}

/// What has one temperature, of every kind: a spin glass in fields, a lattice without (as lists of
/// neighbours, its energies 4 apart), levels; hot and cold.
fn models() -> [(AnyModel, f64); 5] {
    let lattice: SparseIsing = torus::lattice(3, 3).unwrap();
    let levels = random::rem(8, 2).unwrap();
    [(glass(), 1.0), (glass(), 2.0), (lattice.clone().into(), 0.2), (lattice.into(), 0.45), (levels.into(), 0.7)]
}

/// Rows drawn from the model itself: that no single β describes them is found in at most 5 % of the
/// samples, of any size from two on, with a second sample as large at a known β. 200 samples of each size; a true rate of 2 % would exceed 5 %
/// in 0.4 % of such tests, and the seeds are fixed.
///
/// Fails where the two estimates are compared by their first-order errors alone: 8 % of the glass at
/// β = 2 and ten rows or fewer, 42 % of the lattice at β = 0.45 and 15 rows.
#[test]
fn exact_samples_of_any_size_have_one_temperature() {
    for (number, (model, beta)) in models().into_iter().enumerate() {
        let energy = EnergyCurve::of(&energy_curve(&model, 6.0)).unwrap();
        for n in [2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 50, 200] {
            let found = |seed: u64| {
                let data = exact_samples(&model, beta, n, seed);
                // Equal rows are refused, and find nothing.
                let Ok(observed) = Observed::new(&model, &data) else { return false };
                let energies = |beta: f64| observed.energies(beta);
                let second = exact_samples(&model, 0.8 * beta, n, seed + 500_000);
                let second = Observed::new(&model, &second).ok();
                let ratio = second.map_or(Err(String::new()), |second| two_beta_ratio(&observed, &second, 0.8 * beta));
                let estimates =
                    [max_likelihood(energies, &energy), ratio, pseudo_likelihood(&observed), flip_identity(&observed)];
                let estimates: Vec<Estimate> = estimates.into_iter().filter_map(Result::ok).collect();
                let equations = Equations { data: &observed, energy: Some(&energy) };
                compare(&estimates, Some(&equations)).iter().any(|comparison| comparison.disagree)
            };
            let false_findings = (0..200u64).into_par_iter().filter(|seed| found(1000 * n as u64 + seed)).count();
            assert!(false_findings <= 10, "model {number} at β = {beta}, n = {n}: {false_findings} of 200");
        }
    }
}

/// Everything, as the program asks for it.
fn look(model: &AnyModel, data: &Data, second: Option<(&Data, f64)>) -> Survey {
    let second = second.map(|(second, beta)| (Observed::new(model, second).unwrap(), beta));
    let evidence =
        Evidence { model, data: Observed::new(model, data).unwrap(), second, in_field: None, reference: None };
    let curve = |betas: &Betas| Exact::default().curve(model.enumerable(), betas, &Run::quiet(1));
    survey(&evidence, &"0:4:21".parse().unwrap(), 1, curve).unwrap()
}

/// Samples at β = 1.4, of every kind of model and in every form, by every estimator within four
/// standard errors: 16 numbers, a false alarm in one of 1,000 such tests. Samples of another model
/// (the glass without its fields) have no single temperature under the glass, which is found.
#[test]
fn a_survey_finds_the_temperature_of_whole_states_or_that_there_is_none() {
    for (number, (model, _)) in models().into_iter().enumerate().filter(|(number, _)| number % 2 == 0) {
        let beta = if number == 2 { 0.3 } else { 1.4 };
        let data = exact_samples(&model, beta, 20_000, 5);
        let second = exact_samples(&model, 0.9 * beta, 20_000, 6);
        let found = look(&model, &data, Some((&second, 0.9 * beta)));
        let sampled: Vec<&Estimate> = found.estimates.iter().filter(|e| e.beta.claim.std_error().is_some()).collect();
        assert!(sampled.len() >= 5, "{:?}", found.warnings);
        for estimate in sampled.into_iter().filter(|e| e.estimator != plefka::temperature::Estimator::Microcanonical) {
            let z = z(estimate, beta);
            assert!(z.abs() < 4.0, "model {number}, {}: {z:.1}σ off, {:?}", estimate.estimator, estimate.beta);
        }
        assert!(found.comparisons.iter().all(|c| !c.disagree), "{:?}", found.comparisons);
        assert!(!found.warnings.iter().any(|w| w.contains("weight_norm")), "{:?}", found.warnings);
    }
    let AnyModel::Ising(ising) = glass() else { unreachable!("it is one") };
    let foreign = Ising::new(ising.couplings().clone(), DVector::zeros(10)).unwrap().into();
    let found = look(&glass(), &exact_samples(&foreign, 1.0, 20_000, 7), None);
    assert!(found.comparisons.iter().any(|c| c.disagree), "{:?}", found.comparisons);
    assert!(found.findings()[0].contains("no single β"), "{:?}", found.findings());
}

/// A matrix, lists of neighbours, and the list of all energies are the same model, and data have the
/// same temperatures under each; the micro-canonical one, too.
#[test]
fn the_form_of_the_model_does_not_matter() {
    let AnyModel::Ising(dense) = glass() else { unreachable!("it is one") };
    let energies = (0..1024usize)
        .map(|k| dense.energy(&(0..10).map(|i| if k >> i & 1 == 1 { 1.0 } else { -1.0 }).collect::<Vec<f64>>()));
    let levels = plefka::model::Levels::new(energies.collect()).unwrap();
    let forms: [AnyModel; 3] = [dense.clone().into(), SparseIsing::from(&dense).into(), levels.into()];
    let data = exact_samples(&forms[0], 1.1, 2000, 3);
    let temperatures = forms.each_ref().map(|model| {
        let observed = Observed::new(model, &data).unwrap();
        let joint = observed.joint_energies(1.0, 1);
        let at: Vec<f64> = observed.energies(1.0).iter().map(|e| e.energy).collect();
        let energy = EnergyCurve::of(&energy_curve(model, 3.0)).unwrap();
        [
            max_likelihood(|beta| observed.energies(beta), &energy).unwrap().beta.value,
            pseudo_likelihood(&observed).unwrap().beta.value,
            flip_identity(&observed).unwrap().beta.value,
            microcanonical(&joint, 1.0, &at, None).unwrap().beta.value,
        ]
    });
    for other in &temperatures[1..] {
        for (a, b) in temperatures[0].iter().zip(other) {
            assert!((a - b).abs() < 1e-6, "{temperatures:?}");
        }
    }
}

#[test]
fn rows_that_do_not_fit_are_refused_with_the_number_of_units() {
    let refused = |columns: usize| {
        let rows = Data::new(columns, (0..2 * columns).map(|k| (k % 2) as u8).collect(), None).unwrap();
        Observed::new(&glass(), &rows).err().map(|error| error.to_string())
    };
    assert!(refused(9).unwrap().contains("the model has 10 units; give one column for each"));
    let one = Ising::new(DMatrix::zeros(1, 1), DVector::from_element(1, 0.5)).unwrap();
    assert!(Observed::new(&one, &Data::new(1, vec![0, 1, 1], None).unwrap()).is_ok());
}
