//! A constant energy, E → E + c, shifts ln Z by −βc and U by c in every method, and moves nothing
//! else.

mod common;

use std::sync::Arc;

use common::{as_ising, assert_close, curve, fixture_r, on_spins};
use plefka::{
    Ais, Bethe, Estimator, Exact, MeanField, Rbm, Units,
    data::Data,
    estimator::{Bar, DataBound, ReverseAis, Tempering},
    model::{Ising, Model, Order},
    thermo,
};

const C: f64 = 7.25;
const BETAS: [f64; 3] = [0.0, 0.5, 1.25];

fn ais() -> Ais {
    Ais { chains: 40, rungs: 20, ..Ais::default() }
}

fn mean_field(order: Order) -> MeanField {
    MeanField { order, starts: 2, ..MeanField::default() }
}

fn tempering() -> Tempering {
    Tempering { sweeps: 200, burn_in: 50, ..Tempering::default() }
}

/// ln Z moves by −βc, U by c, S and Var E not at all, up to rounding (1e-9 of numbers near 10).
fn assert_shifted<M: Model>(name: &str, estimator: &dyn Estimator<M>, plain: &M, shifted: &M) {
    let [before, after] = [plain, shifted].map(|model| {
        let betas = plefka::Betas::new(BETAS).unwrap();
        estimator.curve(model, &betas, &plefka::Run::quiet(1)).unwrap()
    });
    let [s_before, s_after] = [&before, &after].map(thermo::entropy);
    for (k, beta) in BETAS.into_iter().enumerate() {
        let [old, new] = [&before.values, &after.values];
        assert_close(&format!("{name}, ln Z at {beta}"), new.log_z[k], old.log_z[k] - beta * C, 1e-9);
        if let (Some(old), Some(new)) = (old.energy[k], new.energy[k]) {
            assert_close(&format!("{name}, U at {beta}"), new, old + C, 1e-9);
            let [old, new] = [s_before[k].unwrap(), s_after[k].unwrap()];
            assert_close(&format!("{name}, S at {beta}"), new.value, old.value, 1e-9);
        }
        if let (Some(old), Some(new)) = (old.energy_variance[k], new.energy_variance[k]) {
            assert_close(&format!("{name}, Var E at {beta}"), new, old, 1e-8 * (1.0 + old));
        }
    }
}

#[test]
fn every_method_for_rbms_carries_the_constant() {
    let rows = Data::new(6, vec![0, 1, 1, 0, 1, 0, 1, 1, 1, 0, 0, 0], None).unwrap();
    let methods: Vec<(&str, Box<dyn Estimator<Rbm>>)> = vec![
        ("exact", Box::new(Exact::default())),
        ("mf", Box::new(mean_field(Order::First))),
        ("tap2", Box::new(mean_field(Order::Second))),
        ("tap3", Box::new(mean_field(Order::Third))),
        ("bethe", Box::new(Bethe::default())),
        ("ais", Box::new(ais())),
        ("reverse-ais", Box::new(ReverseAis { annealing: ais(), ..ReverseAis::default() })),
        ("bar", Box::new(Bar { annealing: ais(), ..Bar::default() })),
        ("tempering", Box::new(tempering())),
        ("data-bound", Box::new(DataBound { data: Some(Arc::new(rows)) })),
    ];
    let bits = fixture_r();
    for plain in [bits.clone(), on_spins(&bits).0] {
        let shifted = plain.clone().with_constant(C).unwrap();
        for (name, estimator) in &methods {
            assert_shifted(name, estimator.as_ref(), &plain, &shifted);
        }
    }
}

#[test]
fn every_method_for_spins_carries_the_constant() {
    let methods: Vec<(&str, Box<dyn Estimator<Ising>>)> = vec![
        ("exact", Box::new(Exact::default())),
        ("mf", Box::new(mean_field(Order::First))),
        ("tap2", Box::new(mean_field(Order::Second))),
        ("ais", Box::new(ais())),
        ("bar", Box::new(Bar { annealing: ais(), ..Bar::default() })),
        ("tempering", Box::new(tempering())),
    ];
    let plain = as_ising(&on_spins(&fixture_r()).0);
    let shifted = plain.clone().with_constant(C).unwrap();
    for (name, estimator) in &methods {
        assert_shifted(name, estimator.as_ref(), &plain, &shifted);
    }
}

/// Bits written as spins differ by a constant alone: with it they are one model, at every β.
#[test]
fn bits_and_spins_are_one_model_once_the_constant_is_kept() {
    let bits = fixture_r();
    let (spins, constant) = on_spins(&bits);
    let spins = spins.with_constant(-constant).unwrap();
    let ising = as_ising(&spins).with_constant(-constant).unwrap();
    let truth = curve(&Exact::default(), &bits, &BETAS).values;
    for other in [curve(&Exact::default(), &spins, &BETAS).values, curve(&Exact::default(), &ising, &BETAS).values] {
        for k in 0..BETAS.len() {
            assert_close("ln Z", other.log_z[k], truth.log_z[k], 1e-12);
            assert_close("U", other.energy[k].unwrap(), truth.energy[k].unwrap(), 1e-12);
        }
    }
}

#[test]
fn the_constant_follows_the_temperature_and_not_the_weights() {
    let rbm = fixture_r().with_constant(C).unwrap();
    assert_eq!(rbm.scaled_temperature(0.5).unwrap().constant(), 0.5 * C);
    assert_eq!(rbm.scaled_weights(0.5).unwrap().constant(), C);
    assert_eq!(rbm.clone().with_units(Units::Spin, Units::Bit).constant(), C);
    let refused = rbm.with_constant(f64::NAN).unwrap_err().to_string();
    assert!(refused.contains("constant energy is NaN"), "{refused}");
}
