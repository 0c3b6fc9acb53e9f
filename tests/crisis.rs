//! Where an entropy runs out, against what is known: exact means of the random energy model, fixed
//! samples of it, and a lattice at its critical point.

mod common;

use common::{assert_close, curve};
use plefka::{
    Betas, Claim, Curve, Estimator, Exact, Run,
    estimator::Tempering,
    model::{Levels, random::rem, torus},
    theory,
    thermo::{
        self,
        crisis::{Ensemble, MeanCurve, annealed_zero, bootstrap, crossing, crossing_limit, participation_zero},
    },
};

/// The exact quenched means at some β.
fn quenched(n: u32, betas: &[f64]) -> MeanCurve {
    let means: Vec<_> = betas.iter().map(|beta| theory::rem::quenched(n, *beta).unwrap()).collect();
    MeanCurve {
        n_units: n as usize,
        betas: betas.to_vec(),
        entropy: means.iter().map(|mean| mean.entropy).collect(),
        participation: means.iter().map(|mean| Some(mean.participation)).collect(),
    }
}

fn grid(text: &str) -> Vec<f64> {
    text.parse::<Betas>().unwrap().to_vec()
}

/// The three estimates from exact means, against values computed independently from the integral
/// for ⟨ln Z⟩ (to the digits shown): nothing is sampled here.
///
/// Fails for: a line in β instead of β² (3.16 at N = 12); S/N or S instead of S/√N in the crossing
/// (there is none), and a straight line between the points of the grid (1.8800 for 1.8777); a line
/// in β instead of T.
#[test]
fn exact_means_give_the_known_estimates() {
    let high = grid("0.3:0.65:8");
    for (n, known) in [(12, 1.6695), (16, 1.6658), (20, 1.6652)] {
        assert_close("annealed", annealed_zero(&quenched(n, &high), 0.0..=0.65).unwrap(), known, 5e-5);
    }
    let near = grid("1.6:2:5");
    let mut crossings = Vec::new();
    for (small, large, known) in [(8, 16, 1.87773), (12, 20, 1.79730), (16, 24, 1.75906)] {
        let found = crossing(&quenched(large, &near), &quenched(small, &near)).unwrap();
        assert_close("crossing", found.beta, known, 5e-5);
        assert_close("size", found.size, f64::from(small * large).sqrt(), 1e-12);
        crossings.push(found);
    }
    assert_close("limit, 1/size", crossing_limit(&crossings, 1.0).unwrap(), 1.5938, 5e-4);
    assert_close("limit, 1/size^1.5", crossing_limit(&crossings, 1.5).unwrap(), 1.6657, 5e-4);
    let low: Vec<f64> = [0.25, 0.2, 0.15, 0.1].map(f64::recip).into();
    for (n, known) in [(12, 0.6868), (16, 0.6676), (20, 0.6558)] {
        assert_close("participation", participation_zero(&quenched(n, &low), 0.0..=0.26).unwrap(), known, 5e-5);
    }
}

/// What the estimates read from a curve they are not made for: nothing.
#[test]
fn what_cannot_be_extrapolated_has_no_estimate() {
    let curve = |entropy: Vec<f64>, participation: f64| MeanCurve {
        n_units: 4,
        betas: vec![0.5, 1.0, 2.0],
        entropy,
        participation: vec![Some(participation); 3],
    };
    let level = curve(vec![2.0; 3], 0.25);
    assert_eq!(annealed_zero(&level, 0.0..=3.0), None);
    assert_eq!(participation_zero(&level, 0.0..=3.0), None);
    assert_eq!(crossing(&level, &level), None);
    assert_eq!(crossing_limit(&[], 1.0), None);
    let falling = curve(vec![2.0, 1.0, 0.5], 0.25);
    assert_eq!(annealed_zero(&falling, 0.9..=1.1), None, "one point in the range");
}

fn samples(n: usize, count: u64, betas: &Betas) -> Vec<Curve> {
    let exact = Exact::default();
    (0..count).map(|seed| exact.curve(&rem(n, seed).unwrap(), betas, &Run::quiet(0)).unwrap()).collect()
}

/// β_c of the random energy model from samples of it at N = 16: within 0.01 of 2√ln 2, and within
/// 4σ of what the exact means at this size give (chance failure 6·10⁻⁵, fixed seeds), with an error
/// bar that makes 0.01 more than three standard errors.
///
/// Fails for levels of variance N instead of N/2 (1.180).
#[test]
fn samples_at_sixteen_units_locate_the_crisis() {
    let betas: Betas = "0.3:0.65:8".parse().unwrap();
    let ensemble = Ensemble::of(16, &samples(16, 250, &betas)).unwrap();
    let found = bootstrap(&[&ensemble], 200, 1, |means| annealed_zero(&means[0], 0.0..=0.65)).unwrap();
    let error = found.claim.std_error().unwrap();
    println!("β_c = {:.5} ± {error:.5}", found.value);
    assert_close("β_c", found.value, theory::rem::critical_beta(), 0.01);
    assert_close("β_c at this size", found.value, 1.6658, 4.0 * error);
    assert!((5e-4..3.3e-3).contains(&error), "{error}");
}

/// An estimate from means over the disorder.
type Statistic = fn(&[MeanCurve]) -> Option<f64>;

/// The standard errors are those of the mean over samples: 60 ensembles of 200 samples at N = 8,
/// each estimate against that of the exact means. Their z-scores have mean 0 ± 0.5 and spread 1 ±
/// 0.3, three standard errors each (fixed seeds), but for a bias of the ratio of two means that is
/// allowed for. Fails for an error bar divided by √n once more.
#[test]
fn error_bars_over_the_disorder_are_calibrated() {
    let mut betas = grid("0.3:0.65:8");
    betas.extend([4.0, 5.0, 8.0, 10.0]);
    let betas = Betas::new(betas).unwrap();
    let curves = samples(8, 12_000, &betas);
    // At 8 and 10 Y₂ is not asked for: their doubles are not on the grid.
    let exact = MeanCurve { participation: vec![None; 8], ..quenched(8, &betas[..8]) };
    let exact_at_low_temperature = quenched(8, &[4.0, 5.0]);
    let statistics: [(&str, &MeanCurve, Statistic); 2] = [
        ("annealed", &exact, |means| annealed_zero(&means[0], 0.0..=0.65)),
        ("participation", &exact_at_low_temperature, |means| participation_zero(&means[0], 0.0..=0.26)),
    ];
    for (name, exact, statistic) in statistics {
        let known = statistic(std::slice::from_ref(exact)).unwrap();
        let z = |(k, curves): (usize, &[Curve])| {
            let found = bootstrap(&[&Ensemble::of(8, curves).unwrap()], 100, k as u64, statistic).unwrap();
            (found.value - known) / found.claim.std_error().unwrap()
        };
        let z: Vec<f64> = curves.chunks(200).enumerate().map(z).collect();
        let (mean, spread) = (plefka::stats::mean(&z), plefka::stats::std_dev(&z));
        println!("{name}: mean z {mean:.3}, spread {spread:.3}");
        assert!(mean.abs() < 0.5 && (spread - 1.0).abs() < 0.3, "{name}: mean z {mean}, spread {spread}");
    }
}

/// Fails for Z(2β)/Z(β) or Z(β)²/Z(2β) in place of Y₂ = Z(2β)/Z(β)².
#[test]
fn an_ensemble_knows_its_means_and_refuses_what_is_not_one() {
    let betas: Betas = "1,2,3".parse().unwrap();
    let two =
        [vec![0.0, 1.0], vec![0.0, 3.0]].map(|levels| curve(&Exact::default(), &Levels::new(levels).unwrap(), &betas));
    let mean = Ensemble::of(1, &two).unwrap().mean();
    let entropy = |k: usize| 0.5 * two.iter().map(|c| thermo::entropy(c)[k].unwrap().value).sum::<f64>();
    (0..3).for_each(|k| assert_close("S", mean.entropy[k], entropy(k), 1e-15));
    // Σp² of two levels, by hand; 4 and 6 are not on the grid.
    let y2 = |gap: f64| (1.0 + (-2.0 * gap).exp()) / (1.0 + (-gap).exp()).powi(2);
    assert_close("Y₂", mean.participation[0].unwrap(), 0.5 * (y2(1.0) + y2(3.0)), 1e-15);
    assert_eq!(mean.participation[1..], [None, None]);

    let refused = |curves: &[Curve]| Ensemble::of(1, curves).unwrap_err().to_string();
    assert!(refused(&two[..1]).contains("1 samples"));
    let other = curve(&Exact::default(), &Levels::new(vec![0.0, 1.0]).unwrap(), &[1.0, 2.0]);
    assert!(refused(&[two[0].clone(), other]).contains("sample 1"));
    let ensemble = Ensemble::of(1, &two).unwrap();
    let error = bootstrap(&[&ensemble], 10, 1, |_| None).unwrap_err().to_string();
    assert!(error.contains("does not exist for their means"), "{error}");
    assert!(bootstrap(&[&ensemble], 1, 1, |_| Some(1.0)).unwrap_err().to_string().contains("replicates"));
    let calls = std::cell::Cell::new(0);
    let sometimes = |_: &[MeanCurve]| {
        calls.set(calls.get() + 1);
        (calls.get() % 3 == 1).then_some(1.0)
    };
    assert!(bootstrap(&[&ensemble], 30, 1, sometimes).unwrap_err().to_string().contains("of 30 replicates"));
}

/// A peak of a sampled curve has an error bar, of an exact one it is exact.
#[test]
fn the_peak_of_the_heat_capacity_carries_the_claim_of_its_curve() {
    let rbm = common::twelve_by_eight(1.5);
    let betas: Betas = "0.1:3:30".parse().unwrap();
    let exact = thermo::heat_capacity_peak(&Exact::default().curve(&rbm, &betas, &Run::quiet(0)).unwrap()).unwrap();
    assert_eq!((exact.beta.claim, exact.height.claim), (Claim::Exact, Claim::Exact));
    let sampled = Tempering { temperatures: 8, sweeps: 4000, records: 400, replicates: 50, ..Tempering::default() };
    let sampled = thermo::heat_capacity_peak(&sampled.curve(&rbm, &betas, &Run::quiet(3)).unwrap()).unwrap();
    for (found, known) in [(sampled.beta, exact.beta), (sampled.height, exact.height)] {
        // 4.5 standard errors of two numbers, fixed seed.
        let error = found.claim.std_error().unwrap();
        println!("{} ± {error}, exactly {}", found.value, known.value);
        assert!((found.value - known.value).abs() < 4.5 * error && error < 0.1 * known.value);
    }
}

/// The Ising ferromagnet on a 32 × 32 torus at its critical point: 2^1024 states, and the exact
/// answer of Kaufman (Phys. Rev. 76, 1232 (1949)). Four standard errors of ln Z and of U (chance
/// failure 10⁻⁴, fixed seed).
///
/// It does not see one spin of the 1024 with three of its four neighbours: `sample::ising` lays the
/// lists beside the couplings.
#[test]
fn tempering_finds_the_critical_lattice() {
    let beta = 0.5 * (1.0 + 2f64.sqrt()).ln();
    let tempering =
        Tempering { ladders: 4, temperatures: 24, sweeps: 6000, burn_in: 1000, records: 200, ..Tempering::default() };
    let lattice = torus::ferromagnet(32, 32).unwrap();
    let found = tempering.curve(&lattice, &Betas::one(beta).unwrap(), &Run::quiet(1)).unwrap();
    let known = torus::kaufman(32, 32, beta);
    for (what, found, known, largest) in [
        ("ln Z", found.log_z()[0].unwrap(), known.log_z, 0.5),
        ("U", thermo::energy(&found)[0].unwrap(), known.energy.unwrap(), 10.0),
    ] {
        let error = found.claim.std_error().unwrap();
        println!("{what}: {} ± {error}, exactly {known}, z = {}", found.value, (found.value - known) / error);
        assert!((found.value - known).abs() < 4.0 * error, "{what}: {found:?} against {known}");
        // An error bar that covers anything proves nothing.
        assert!(error < largest, "{what} ± {error}");
    }
}
