//! What the program and Python ask of a model, and the evidence that can be had as numbers.

use std::sync::Arc;

use plefka::{
    Ais, Betas, Data, Error, Estimator, Method, Rbm, Run,
    computation::{Computation, Drawing, Silent, thread_pool, usual_methods},
    estimator::{MethodConfig, Multistate, Tempering},
    io::{self, LoadedModel, Provenance},
    model::Marginal,
    stats::{
        LogWeights,
        free_energy::{Mbar, MultistateSamples},
    },
    train::{Train, Trainer},
};

fn rbm() -> Rbm {
    Rbm::from_rows(&[[1.0, -2.0], [0.5, 1.5], [-1.0, 2.0]], &[0.1, 0.0, -0.1], &[0.2, -0.3]).unwrap()
}

fn loaded() -> LoadedModel {
    LoadedModel::new(rbm().into(), "memory").unwrap()
}

#[test]
fn a_model_in_memory_has_the_hash_of_its_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("m.npz");
    io::save_model(&rbm(), &path).unwrap();
    let read = io::load_model(path.to_str().unwrap()).unwrap();
    assert_eq!(loaded().info.sha256, read.info.sha256);
    assert_eq!(loaded().model, read.model);
}

#[test]
fn log_weights_are_those_of_the_curve() {
    let (ais, betas) = (Ais { chains: 50, rungs: 20, ..Ais::default() }, Betas::new([0.5, 1.0]).unwrap());
    let curve = ais.curve(&rbm(), &betas, &Run::quiet(3)).unwrap();
    let found = ais.log_weights(&rbm(), &betas, &Run::quiet(3)).unwrap().unwrap();
    for (weights, log_z) in found.iter().zip(&curve.values.log_z) {
        assert_eq!(weights.log_z_base + LogWeights::new(&weights.log_w).log_mean, *log_z);
    }
}

#[test]
fn the_samples_of_tempering_give_its_curve() {
    let tempering = Tempering { temperatures: 5, sweeps: 200, burn_in: 40, records: 50, ..Tempering::default() };
    let betas = Betas::new([0.5, 1.0]).unwrap();
    let curve = tempering.curve(&rbm(), &betas, &Run::quiet(3)).unwrap();
    let found = tempering.multistate(&rbm(), &betas, &Run::quiet(3)).unwrap().unwrap();
    let [Multistate { potentials, counts, log_z_base, .. }] = &found[..] else { panic!("one run for all β") };
    let mbar = Mbar::solve(&MultistateSamples::new(potentials, counts).unwrap());
    let log_z: Vec<f64> = mbar.f[counts.len() - 2..].iter().map(|f| log_z_base - f).collect();
    assert_eq!(log_z, curve.values.log_z);
    // A kept state weighs what its potential in the last state, β = 1, says.
    let mut log_f = [0.0; 4];
    Marginal::of(&rbm()).log_weights(1.0, 0, &mut log_f);
    let log_f_base = 3.0 * 2f64.ln(); // of the three visible units
    assert_eq!(found[0].kept.len(), potentials.ncols());
    for (n, kept) in found[0].kept.iter().enumerate() {
        let number: usize = kept.iter().enumerate().map(|(j, up)| usize::from(*up) << j).sum();
        let potential = potentials[(counts.len() - 1, n)];
        assert!((log_f[number] - (log_f_base - potential)).abs() < 1e-5, "{n}: {potential}");
    }
}

#[test]
fn a_method_that_cannot_start_is_named() {
    let configs = vec![MethodConfig::of(Method::Exact), MethodConfig::of(Method::DataBound)];
    let refusal = Computation::new(loaded(), Betas::one(1.0).unwrap(), configs, None).unwrap_err();
    assert_eq!(refusal.method, Method::DataBound);
    assert!(refusal.to_string().contains("give data"), "{refusal}");
}

#[test]
fn data_without_use_are_noticed_and_results_are_judged() {
    let data = Arc::new(Data::new(3, vec![0, 1, 1, 1, 0, 0], None).unwrap());
    let configs = vec![MethodConfig::of(Method::Exact), MethodConfig::of(Method::Tap2)];
    let asked = Computation::new(loaded(), Betas::one(1.0).unwrap(), configs, Some(data.clone())).unwrap();
    assert!(asked.ignores_data());
    let computed = asked.run(&Run::quiet(1), Provenance::default(), &mut Silent).unwrap();
    assert!(computed.results.curves.iter().all(|curve| curve.points[0].verdict.is_some()));
    let likelihood = computed.likelihood(asked.model(), &data, "rows", &Run::quiet(1)).unwrap().unwrap();
    assert_eq!((likelihood.n_samples, &likelihood.data[..]), (2, "rows"));
}

#[test]
fn where_enumeration_is_too_long_auto_stands_in_its_place() {
    let big = Rbm::new(nalgebra::DMatrix::zeros(40, 40), nalgebra::DVector::zeros(40), nalgebra::DVector::zeros(40));
    let (methods, refusal) = usual_methods(&big.unwrap(), &MethodConfig::of(Method::Exact)).unwrap();
    assert_eq!(methods[0], Method::Auto);
    assert!(matches!(refusal, Some(Error::TooManyStates { units: 40, .. })) && !methods.contains(&Method::Exact));
}

#[test]
fn states_are_exact_where_they_can_be() {
    let drawing = Drawing { count: 20, ..Drawing::default() };
    let exact = drawing.draw(&loaded(), &Run::quiet(1)).unwrap().unwrap();
    assert!(exact.by_chains.is_none() && exact.visible.len() == 60);
    let by_chains = Drawing { exact_limit: 1, ..drawing }.draw(&loaded(), &Run::quiet(1)).unwrap().unwrap();
    assert_eq!(by_chains.by_chains.map(|how| how.chains), Some(20));
    let refused = Drawing { count: 0, ..drawing }.is_exact(&loaded()).unwrap_err().to_string();
    assert!(refused.starts_with("count = 0 cannot be used"), "{refused}");
    assert!(thread_pool(Some(0)).unwrap_err().to_string().starts_with("threads = 0 cannot be used"));
}

#[test]
fn training_goes_on_from_a_model_of_the_same_kind_only() {
    let data = Data::new(3, [[0, 1, 1], [1, 0, 0]].concat().repeat(20), None).unwrap();
    let plan = Train { hidden: 2, batch: 10, epochs: Some(3), ..Train::default() };
    let mut trainer = Trainer::from_model(&plan, &data, rbm()).unwrap();
    assert_eq!(trainer.rbm(), &rbm());
    assert!(trainer.finish(&Run::quiet(1)).unwrap() && trainer.update() == 12);
    assert_ne!(trainer.rbm(), &rbm());
    let other = Train { hidden: 3, ..plan.clone() };
    let refused = Trainer::from_model(&other, &data, rbm()).map(drop).unwrap_err().to_string();
    assert!(refused.contains("has 2 hidden units"), "{refused}");
}
