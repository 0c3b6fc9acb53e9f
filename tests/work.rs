//! Free energy from work: forward and reverse annealing, and Bennett's acceptance ratio.

mod common;

use common::{
    as_ising, assert_calibrated, assert_close, assert_roughly_calibrated, curve, fixture_r, on_spins, twelve_by_eight,
    z_scores,
};
use plefka::{
    Ais, Betas, Claim, Estimator, Exact, Rbm, Run, Status,
    curve::BoundKind,
    data::Data,
    estimator::{Bar, BaseChoice, ReverseAis, Schedule, Start, WorkValues},
    model::Ising,
    sample::{Kernel, Sample},
    stats::{
        free_energy::{Work, bar, crooks, forward_average, reverse_average},
        mean,
    },
};

/// f(1) − f(0) = ln Z(0) − ln Z(1) of fixture R, from the table of an independent program.
const DELTA_F: f64 = -0.245640580803;

/// The work between β = 0 and 1 in ten equal steps with 20,000 chains each way.
fn works(model: &impl Sample, kernel: Kernel) -> WorkValues {
    let annealing = Ais { chains: 20_000, rungs: 10, kernel, ..Ais::default() };
    let works = Bar { annealing, ..Bar::default() }.works(model, 1.0, &Run::quiet(3)).unwrap().unwrap();
    assert!(works.exact_start);
    works
}

/// Jarzynski's averages of both directions, Bennett's ratio and the crossing of Crooks within four
/// standard errors of Δf, and a slope of Crooks of 1. (Four numbers for each of two kernels, fixed
/// seed: chance failure 5·10⁻⁴.)
fn assert_agree(name: &str, WorkValues { forward, reverse, .. }: &WorkValues, delta_f: f64) {
    let (forward, reverse) = (Work::new(forward).unwrap(), Work::new(reverse).unwrap());
    let check = |what: &str, value: f64, std_error: f64| {
        let z = (value - delta_f) / std_error;
        println!("{name}, {what}: {value:.6} ± {std_error:.6}, z = {z:.2}");
        assert!(z.abs() < 4.0, "{name}, {what}: {value} ± {std_error}");
    };
    let (up, down) = (forward_average(forward), reverse_average(reverse));
    check("forward", up.delta_f, up.std_error);
    check("reverse", down.delta_f, down.std_error);
    let both = bar(forward, reverse);
    check("Bennett", both.delta_f, both.std_error.unwrap());
    let crooks = crooks(forward, reverse).unwrap();
    check("crossing", crooks.crossing, crooks.crossing_error);
    println!("{name}: Crooks slope {} ± {}", crooks.slope, crooks.slope_error);
    assert!((crooks.slope - 1.0).abs() < 0.05 + 3.0 * crooks.slope_error, "{name}: slope {}", crooks.slope);
}

#[test]
fn marginal_work_of_both_directions_gives_the_free_energy() {
    for kernel in [Kernel::Block, Kernel::Collapsed] {
        let works = works(&fixture_r(), kernel);
        assert_agree(&format!("{kernel:?}"), &works, DELTA_F);
        // Jensen's inequality, and how little is dissipated with a layer summed out.
        let (up, down) = (mean(&works.forward), -mean(&works.reverse));
        println!("{kernel:?}: ⟨w_F⟩ = {up:.4}, −⟨w_R⟩ = {down:.4}");
        assert!(down < DELTA_F - 0.004 && DELTA_F + 0.004 < up);
    }
}

/// With nothing summed out: the ten units of R as spins that are flipped one after the other,
/// visible before hidden, which is block Gibbs, and the hidden before the visible on the way back.
/// Mean works from an independent program: −0.1825 and −0.3075 (20,000 chains: ± 0.003 each).
#[test]
fn work_of_whole_states_is_that_of_an_independent_program() {
    let (spins, offset) = on_spins(&fixture_r());
    let mut works = works(&as_ising(&spins), Kernel::Auto);
    // E on bits is E on spins less a constant.
    works.forward.iter_mut().for_each(|w| *w -= offset);
    works.reverse.iter_mut().for_each(|w| *w += offset);
    assert_agree("whole states", &works, DELTA_F);
    assert_close("⟨w_F⟩", mean(&works.forward), -0.1825, 0.012);
    assert_close("−⟨w_R⟩", -mean(&works.reverse), -0.3075, 0.012);
}

/// Over 400 seeds a calibrated z has mean 0 ± 0.05 and standard deviation 1 ± 0.035, and 0.95 ±
/// 0.011 of the 95 % intervals hold the truth: bounds of 0.25, [0.85, 1.15] and [0.92, 0.98] are at
/// least two of those away, and the seeds are fixed.
#[test]
#[ignore = "calibration: 400 seeds of 12 cases"]
fn error_bars_of_reverse_annealing_and_of_both_ways_are_calibrated() {
    judge_error_bars(400, assert_calibrated);
}

#[test]
fn error_bars_of_reverse_annealing_and_of_both_ways_are_roughly_calibrated() {
    judge_error_bars(50, assert_roughly_calibrated);
}

/// Hands the z-scores of each case to a judge.
fn judge_error_bars(seeds: u64, judge: fn(&str, &[Vec<f64>; 2])) {
    let annealing = Ais { chains: 300, rungs: 20, replicates: 100, ..Ais::default() };
    let reverse = ReverseAis { annealing: annealing.clone(), ..ReverseAis::default() };
    let mixture = Bar { annealing: Ais { base: BaseChoice::Mixture, ..annealing.clone() }, ..Bar::default() };
    let both = Bar { annealing, ..Bar::default() };
    for (name, rbm) in [("R", fixture_r()), ("12×8", twelve_by_eight(0.6))] {
        for beta in [1.0, 2.0] {
            judge(&format!("reverse-ais on {name}"), &z_scores(&reverse, &rbm, beta, seeds));
            judge(&format!("bar on {name}"), &z_scores(&both, &rbm, beta, seeds));
            judge(&format!("bar from a mixture on {name}"), &z_scores(&mixture, &rbm, beta, seeds));
        }
    }
}

/// Forward and reverse bracket the truth on average also where either alone is far off: a strong
/// model in few steps.
#[test]
fn a_poor_ladder_shows_as_a_gap() {
    let rbm = twelve_by_eight(1.5);
    let annealing = Ais { chains: 200, rungs: 4, replicates: 20, ..Ais::default() };
    let truth = curve(&Exact::default(), &rbm, &[1.5]).values.log_z[0];
    let joined = curve(&Bar { annealing: annealing.clone(), ..Bar::default() }, &rbm, &[1.5]);
    let at = |name: &str| joined.diagnostics.at(name, 0).unwrap();
    let (low, high) = (at("forward_log_z_by_beta"), at("reverse_log_z_by_beta"));
    assert!(low < truth && truth < high, "{low} {truth} {high}");
    assert_close("gap", at("gap_by_beta"), high - low, 1e-12);
    let reversed = curve(&ReverseAis { annealing, ..ReverseAis::default() }, &rbm, &[1.5]);
    let claim = reversed.log_z()[0].unwrap().claim;
    assert!(matches!(claim, Claim::Bound { kind: BoundKind::Upper, std_error: Some(s) } if s > 0.0), "{claim:?}");
}

/// Starts from Gibbs sampling claim no bound, and say so.
#[test]
fn an_inexact_start_is_no_bound() {
    let annealing = Ais { chains: 100, rungs: 20, replicates: 20, ..Ais::default() };
    let reverse = ReverseAis { annealing, start: Start::Gibbs, burn_in: 50, ..ReverseAis::default() };
    let reversed = curve(&reverse, &fixture_r(), &[0.5]);
    assert!(matches!(reversed.log_z()[0].unwrap().claim, Claim::Estimate { .. }));
    assert!(reversed.warnings[0].contains("did not start from exact samples"), "{:?}", reversed.warnings);
}

/// Every base and every schedule leads to the same ln Z, U and Var E: on bits and on spins, |z| <
/// 4.5 for 64 numbers (chance failure 4·10⁻⁴, fixed seed).
#[test]
fn every_path_ends_at_the_model() {
    let rows: Vec<u8> = (0..600).map(|k| u8::from(k * k % 7 < 3 || k % 6 == 2)).collect();
    let data = Some(std::sync::Arc::new(Data::new(6, rows, None).unwrap()));
    let betas = [0.6, 1.5];
    let usual = Ais { chains: 1000, rungs: 60, data, ..Ais::default() };
    for rbm in [fixture_r(), on_spins(&fixture_r()).0] {
        let exact = curve(&Exact::default(), &rbm, &betas);
        let mut configs: Vec<Ais> = [BaseChoice::Data, BaseChoice::MeanField]
            .into_iter()
            .flat_map(|base| [Kernel::Block, Kernel::Collapsed].map(|kernel| Ais { base, kernel, ..usual.clone() }))
            .collect();
        let schedules = [Schedule::Linear, Schedule::Sigmoid, Schedule::SalakhutdinovMurray, Schedule::Adaptive];
        configs.extend(schedules.map(|schedule| Ais { schedule, ..usual.clone() }));
        configs.extend(schedules.map(|schedule| Ais { schedule, base: BaseChoice::Data, ..usual.clone() }));
        configs.push(Ais { base: BaseChoice::Mixture, ..usual.clone() });
        for config in configs {
            let sampled = curve(&config, &rbm, &betas);
            for k in 0..2 {
                let measured = sampled.log_z()[k].unwrap();
                let z = (measured.value - exact.values.log_z[k]) / measured.claim.std_error().unwrap();
                assert!(
                    z.abs() < 4.5,
                    "{:?} {:?} {:?} at β = {}: z = {z}",
                    config.base,
                    config.schedule,
                    config.kernel,
                    betas[k]
                );
                let energy = plefka::thermo::energy(&sampled)[k].unwrap();
                let z = (energy.value - exact.values.energy[k].unwrap()) / energy.claim.std_error().unwrap();
                assert!(z.abs() < 4.5, "{:?} {:?} at β = {}: z of U = {z}", config.base, config.schedule, betas[k]);
            }
        }
    }
}

#[test]
fn what_cannot_start_is_refused_by_name() {
    let rbm = fixture_r();
    let refusal = |ais: Ais| Estimator::<Rbm>::check(&ais, &rbm).unwrap_err().to_string();
    let without = refusal(Ais { base: BaseChoice::Data, ..Ais::default() });
    assert!(without.contains("base = data") && without.contains("--data"), "{without}");
    let narrow = Some(std::sync::Arc::new(Data::new(5, vec![0; 10], None).unwrap()));
    let narrow = refusal(Ais { base: BaseChoice::Data, data: narrow, ..Ais::default() });
    assert!(narrow.contains("5 columns") && narrow.contains("6 visible"), "{narrow}");
    let mixture = Ais { base: BaseChoice::Mixture, ..Ais::default() };
    let collapsed = refusal(Ais { kernel: Kernel::Collapsed, ..mixture.clone() });
    assert!(collapsed.contains("kernel = collapsed") && collapsed.contains("block Gibbs"), "{collapsed}");
    let spins = Ising::new(nalgebra::DMatrix::zeros(3, 3), nalgebra::DVector::zeros(3)).unwrap();
    let spins = Estimator::<Ising>::check(&mixture, &spins).unwrap_err().to_string();
    assert!(spins.contains("base = mixture") && spins.contains("only an RBM"), "{spins}");
    let large =
        Rbm::new(nalgebra::DMatrix::zeros(30, 30), nalgebra::DVector::zeros(30), nalgebra::DVector::zeros(30)).unwrap();
    let exact = ReverseAis { start: Start::Exact, ..ReverseAis::default() };
    let large = Estimator::<Rbm>::check(&exact, &large).unwrap_err().to_string();
    assert!(large.contains("start = exact") && large.contains("too large"), "{large}");
}

#[test]
fn cancelling_gives_a_curve_that_says_so() {
    let cancel = std::sync::atomic::AtomicBool::new(true);
    let run = Run { cancel: &cancel, ..Run::quiet(1) };
    let betas = Betas::new([0.5, 1.0]).unwrap();
    let estimators: [Box<dyn Estimator<Rbm>>; 2] = [Box::new(ReverseAis::default()), Box::new(Bar::default())];
    for estimator in estimators {
        let curve = estimator.curve(&fixture_r(), &betas, &run).unwrap();
        assert_eq!((curve.status(), curve.values.log_z.len()), (Status::Cancelled, 0));
    }
}
