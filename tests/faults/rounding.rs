//! No number is called exact that rounding has made: it is 0 within its rounding error, or none.

use nalgebra::{DMatrix, DVector};
use plefka::{
    Betas, Claim, Estimator, Exact, Rbm, Run,
    model::{Ising, Levels, Units},
    thermo::{self, Point},
};

use super::scene::Scene;

fn free_spins(bias: f64, hidden: usize) -> Rbm {
    let (a, b) = (DVector::from_element(1, bias), DVector::from_element(hidden, bias));
    Rbm::new(DMatrix::zeros(1, hidden), a, b).unwrap().with_units(Units::Spin, Units::Spin)
}

fn points<M: plefka::model::Enumerate>(model: &M, betas: &[f64]) -> Vec<Point> {
    thermo::points(&Exact::default().curve(model, &Betas::new(betas).unwrap(), &Run::quiet(1)).unwrap())
}

/// Four spins in a field of 700: C was −2.3e10 at β = 1e10, from Var E = −2.3e−10.
#[test]
fn a_heat_capacity_of_rounding_is_zero_or_none() {
    let scene = Scene::new();
    scene.save_free("m.npz", &[700.0], &[700.0; 3], Units::Spin);
    let (status, stdout, stderr) = scene.run("estimate m.npz --method exact --betas 1e10 --format csv");
    assert_eq!(status, Some(0), "{stderr}");
    let row = stdout.lines().nth(1).unwrap();
    assert!(!row.contains("-2.3") && row.contains("-2800"), "{row}");
    for (bias, hidden) in [(700.0, 3), (0.3, 4), (1e5, 2), (33.7, 6), (1e-3, 5)] {
        let betas: Vec<f64> = (-6..=8).map(|k| 10f64.powi(k)).collect();
        for point in points(&free_spins(bias, hidden), &betas) {
            let n = 1.0 + f64::from(u8::try_from(hidden).unwrap());
            let x = point.beta * bias;
            let truth = n * (x / x.cosh().min(1e300)).powi(2);
            if let Some(c) = point.heat_capacity {
                assert!(
                    (c.value - truth).abs() <= 2e-6 * truth.max(1.0),
                    "{bias} {}: {c:?}, not {truth:e}",
                    point.beta
                );
                assert!(c.value >= 0.0, "{c:?}");
            }
            if let Some(s) = point.entropy {
                assert!(s.claim == Claim::Exact && (-1e-12..n).contains(&s.value), "{bias} {}: {s:?}", point.beta);
            }
        }
    }
}

/// At the ordinary sizes nothing is left out: C of two levels far below their gap is a small
/// number, not 0.
#[test]
fn what_rounding_leaves_whole_stays() {
    for beta in [0.5, 5.0, 30.0] {
        let point = points(&Levels::new(vec![0.0, 1.0]).unwrap(), &[beta]).remove(0);
        let p = 1.0 / (1.0 + f64::exp(beta));
        let truth = beta * beta * p * (1.0 - p);
        let c = point.heat_capacity.unwrap().value;
        assert!((c / truth - 1.0).abs() < 1e-9, "{beta}: {c:e}, not {truth:e}");
    }
}

/// Energies that cancel: J = 10^13 against a constant of 10^13. U would be off in its second digit.
#[test]
fn an_energy_lost_in_cancellation_is_none() {
    let j = DMatrix::from_row_slice(2, 2, &[0.0, 1e13, 1e13, 0.0]);
    let ising = Ising::new(j, DVector::from_vec(vec![3.0, -1.0])).unwrap().with_constant(1e13).unwrap();
    let point = points(&ising, &[1.0]).remove(0);
    assert_eq!((point.energy, point.heat_capacity), (None, None));
}
