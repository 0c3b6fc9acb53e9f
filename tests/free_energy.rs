//! Free energies from work (exponential averages, BAR, Crooks) and from several states (MBAR),
//! against closed forms and against pymbar. Statistical tests have fixed seeds; a mean of m
//! standard scores is allowed 0.25, which is 5 of its own standard errors at m = 400.

use nalgebra::DMatrix;
use plefka::{
    stats::{
        block_counts,
        free_energy::{Mbar, MultistateSamples, Work, bar, crooks, forward_average, reverse_average, work_histogram},
        mean, resample_counts, std_dev,
    },
    streams::stream,
};
use rand::{Rng, RngExt};
use serde::Deserialize;

#[derive(Deserialize)]
struct Reference {
    bar: Vec<BarCase>,
    mbar: Vec<MbarCase>,
}

#[derive(Deserialize)]
struct BarCase {
    name: String,
    forward: Vec<f64>,
    reverse: Vec<f64>,
    delta_f: f64,
    std_error_shirts: f64,
}

#[derive(Deserialize)]
struct MbarCase {
    name: String,
    n_k: Vec<usize>,
    u: Vec<Vec<f64>>,
    x: Vec<f64>,
    f: Vec<f64>,
    std_error: Vec<Vec<f64>>,
    overlap: f64,
    mean_x: Vec<f64>,
    mean_x_std_error: Vec<f64>,
    x_weights_of_last_state: Vec<f64>,
}

fn reference() -> Reference {
    serde_json::from_str(include_str!("data/free_energy/reference.json")).unwrap()
}

#[track_caller]
fn close(what: &str, ours: f64, theirs: f64, tolerance: f64) {
    assert!((ours - theirs).abs() <= tolerance, "{what}: {ours} against {theirs}, off by {:e}", ours - theirs);
}

fn normal(rng: &mut impl Rng) -> f64 {
    let (u, v): (f64, f64) = (rng.random(), rng.random());
    (-2.0 * (1.0 - u).ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}

/// Gaussian work that obeys Crooks: both of variance σ², of means ±Δf + σ²/2.
fn crooks_pair(seed: u64, delta_f: f64, sigma: f64, n: [usize; 2]) -> (Vec<f64>, Vec<f64>) {
    let mut rng = stream(seed, 0);
    let mut side = |centre: f64, n: usize| -> Vec<f64> {
        (0..n).map(|_| centre + sigma * sigma / 2.0 + sigma * normal(&mut rng)).collect()
    };
    (side(delta_f, n[0]), side(-delta_f, n[1]))
}

/// Oscillators k(x − c)²/2: f_k − f_0 = ½ ln(k/k₀), ⟨x⟩ = c.
const OSCILLATORS: [(f64, f64); 4] = [(1.0, 0.0), (2.0, 0.5), (4.0, 1.0), (8.0, 1.5)];

fn oscillators(seed: u64, n_k: [usize; 4]) -> (Vec<f64>, DMatrix<f64>) {
    let mut rng = stream(seed, 0);
    let own = OSCILLATORS.iter().zip(n_k).flat_map(|(state, n)| std::iter::repeat_n(*state, n));
    let x: Vec<f64> = own.map(|(k, c)| c + normal(&mut rng) / k.sqrt()).collect();
    let u = DMatrix::from_fn(4, x.len(), |k, n| 0.5 * OSCILLATORS[k].0 * (x[n] - OSCILLATORS[k].1).powi(2));
    (x, u)
}

/// Mean, standard deviation and 95 % coverage of standard scores.
#[track_caller]
fn assert_calibrated(what: &str, z: &[f64]) {
    let covered = z.iter().filter(|z| z.abs() < 1.96).count() as f64 / z.len() as f64;
    let (m, s) = (mean(z), std_dev(z));
    println!("{what}: mean z {m:.3}, sd {s:.3}, coverage {covered:.3} over {}", z.len());
    assert!(m.abs() < 0.25, "{what}: mean z {m}");
    assert!((0.85..1.15).contains(&s), "{what}: sd of z {s}");
    assert!((0.92..=0.98).contains(&covered), "{what}: coverage {covered}");
}

#[test]
fn bar_agrees_with_pymbar() {
    // Planted: M = ln(n_R/n_F); an error without −1/n_F − 1/n_R. Both fail here.
    for case in reference().bar {
        let ours = bar(Work::new(&case.forward).unwrap(), Work::new(&case.reverse).unwrap());
        close(&case.name, ours.delta_f, case.delta_f, 1e-8);
        close(&case.name, ours.std_error.unwrap(), case.std_error_shirts, 1e-8);
    }
}

#[test]
fn mbar_agrees_with_pymbar() {
    for case in reference().mbar {
        let u = DMatrix::from_fn(case.u.len(), case.x.len(), |k, n| case.u[k][n]);
        let mbar = Mbar::solve(&MultistateSamples::new(&u, &case.n_k).unwrap());
        assert!(mbar.converged && mbar.is_connected(), "{}", case.name);
        close(&case.name, mbar.overlap, case.overlap, 1e-8);
        for i in 0..case.f.len() {
            close(&case.name, mbar.f[i], case.f[i], 1e-8);
            for j in 0..case.f.len() {
                let (difference, error) = mbar.difference(i, j);
                close(&case.name, difference, case.f[j] - case.f[i], 1e-8);
                close(&case.name, error.unwrap(), case.std_error[i][j], 1e-8);
            }
            let (x, error) = mbar.state(i).mean(&case.x);
            close(&case.name, x, case.mean_x[i], 1e-8);
            close(&case.name, error.unwrap(), case.mean_x_std_error[i], 1e-8);
        }
        let last = mbar.state(case.f.len() - 1);
        close(&case.name, last.f_error().unwrap(), case.std_error[0][case.f.len() - 1], 1e-8);
        for (ours, theirs) in last.weights.iter().zip(&case.x_weights_of_last_state) {
            close(&case.name, *ours, *theirs, 1e-10);
        }
    }
}

/// Which state is the origin, and whether it has samples, changes nothing but the origin.
#[test]
fn an_origin_without_samples_is_as_good_as_any() {
    let case = &reference().mbar[1]; // its third state has none
    let order = [2, 0, 1, 3, 4];
    let n_k: Vec<usize> = order.iter().map(|k| case.n_k[*k]).collect();
    let u = DMatrix::from_fn(5, case.x.len(), |k, n| case.u[order[k]][n]);
    let samples = MultistateSamples::new(&u, &n_k).unwrap();
    let mbar = Mbar::solve(&samples);
    for (k, of) in order.into_iter().enumerate() {
        close("f", mbar.f[k], case.f[of] - case.f[2], 1e-8);
        let state = mbar.at(&case.u[of]).unwrap();
        close("f as that of a new state", state.f, mbar.f[k], 1e-12);
        close("error", state.f_error().unwrap(), case.std_error[2][of], 1e-8);
        let (x, error) = state.mean(&case.x);
        close("mean", x, case.mean_x[of], 1e-8);
        close("error of the mean", error.unwrap(), case.mean_x_std_error[of], 1e-8);
        close("size", state.effective_size(), 1.0 / state.weights.iter().map(|w| w * w).sum::<f64>(), 1e-9);
    }
    // Each sample twice is twice as many samples.
    let twice = vec![2; case.x.len()];
    let doubled = mbar.resolve(&samples.with_counts(&twice).unwrap());
    close("size", doubled.state(0).effective_size(), 2.0 * mbar.state(0).effective_size(), 1e-8);
    let once: Vec<u32> = (0..case.x.len()).map(|n| u32::from(n % 3 > 0)).collect();
    let fewer = mbar.resolve(&samples.with_counts(&once).unwrap());
    assert!(fewer.state(0).effective_size() <= once.iter().sum::<u32>() as f64);
}

/// In a state with potentials so large that ln Σ e^{−u} is known to 10⁻³ alone, the weights are
/// those of their differences.
#[test]
fn weights_in_a_state_of_large_potentials_add_up_to_one() {
    let case = &reference().mbar[0];
    let u = DMatrix::from_fn(4, case.x.len(), |k, n| case.u[k][n]);
    let mbar = Mbar::solve(&MultistateSamples::new(&u, &case.n_k).unwrap());
    let large = 1e13;
    let moved: Vec<f64> = case.u[2].iter().map(|u| u + large).collect();
    let left: Vec<f64> = moved.iter().map(|u| u - large).collect();
    let (far, near) = (mbar.at(&moved).unwrap(), mbar.at(&left).unwrap());
    close("sum", far.weights.iter().sum::<f64>(), 1.0, 1e-12);
    far.weights.iter().zip(&near.weights).for_each(|(a, b)| close("weight", *a, *b, 1e-2 * b));
}

#[test]
fn two_states_of_mbar_are_bar() {
    let (_, u) = oscillators(3, [50, 80, 0, 0]);
    let pair = u.rows(0, 2).into_owned();
    let du: Vec<f64> = (0..130).map(|n| pair[(1, n)] - pair[(0, n)]).collect();
    let reverse: Vec<f64> = du[50..].iter().map(|w| -w).collect();
    let bar = bar(Work::new(&du[..50]).unwrap(), Work::new(&reverse).unwrap());
    let mbar = Mbar::solve(&MultistateSamples::new(&pair, &[50, 80]).unwrap());
    close("Δf", mbar.f[1], bar.delta_f, 1e-12);
    close("overlap", mbar.overlap, bar.overlap, 1e-12);
    close("error", mbar.difference(0, 1).1.unwrap(), bar.std_error.unwrap(), 1e-12);
}

#[test]
fn forward_and_reverse_averages_have_their_signs() {
    // Planted: the reverse average with the sign of the forward one fails here.
    let (delta_f, sigma) = (-2.0, 0.7);
    let (f, r) = crooks_pair(11, delta_f, sigma, [20_000, 20_000]);
    let (f, r) = (Work::new(&f).unwrap(), Work::new(&r).unwrap());
    for side in [forward_average(f), reverse_average(r)] {
        assert!((side.delta_f - delta_f).abs() < 4.0 * side.std_error && side.std_error < 0.01, "{side:?}");
        assert!(side.effective_size > 5_000.0 && side.largest_share < 0.01);
    }
    // The second law: dissipation σ²/2 on each side.
    assert!((f.mean() - delta_f - sigma * sigma / 2.0).abs() < 0.02);
    assert!((-r.mean() - delta_f + sigma * sigma / 2.0).abs() < 0.02);
}

#[test]
fn bar_and_its_error_are_calibrated_with_unequal_counts() {
    let (mut z, mut forward, mut reverse) = (vec![], vec![], vec![]);
    for seed in 0..400 {
        let (f, r) = crooks_pair(seed, 1.7, 1.2, [600, 150]);
        let (f, r) = (Work::new(&f).unwrap(), Work::new(&r).unwrap());
        let estimate = bar(f, r);
        z.push((estimate.delta_f - 1.7) / estimate.std_error.unwrap());
        // The exponential averages need less dissipation for their first-order errors.
        let (f, r) = crooks_pair(seed, 1.7, 0.8, [600, 600]);
        let (f, r) = (forward_average(Work::new(&f).unwrap()), reverse_average(Work::new(&r).unwrap()));
        forward.push((f.delta_f - 1.7) / f.std_error);
        reverse.push((r.delta_f - 1.7) / r.std_error);
    }
    assert_calibrated("BAR", &z);
    assert_calibrated("forward", &forward);
    assert_calibrated("reverse", &reverse);
}

#[test]
fn crooks_slope_is_one_and_calibrated() {
    let (mut slope, mut crossing) = (vec![], vec![]);
    for seed in 0..400 {
        let (f, r) = crooks_pair(seed, -3.0, 1.5, [400, 200]);
        let fit = crooks(Work::new(&f).unwrap(), Work::new(&r).unwrap()).unwrap();
        slope.push((fit.slope - 1.0) / fit.slope_error);
        crossing.push((fit.crossing + 3.0) / fit.crossing_error);
    }
    assert_calibrated("slope", &slope);
    assert_calibrated("crossing", &crossing);
}

/// The logistic regression and its Fisher information with 40 digits, by another program.
#[test]
fn crooks_agrees_with_a_regression_of_forty_digits() {
    let waves = |n: usize, centre: f64, step: f64| -> Vec<f64> {
        (0..n).map(|k| centre + 2.0 * (step * k as f64).sin()).collect()
    };
    let (f, r) = (waves(50, 3.0, 1.7), waves(70, -1.0, 2.3));
    // Works of 60 and more beside works near 1: Newton's full step goes too far.
    let (steep_f, steep_r) = ([0.9, 1.1, 1.2, 1.3, 1.4, 1.5, 60.0], [80.0, -0.95, -0.8, -0.7, -0.6, -0.5, -0.92]);
    let (tied_f, tied_r) = ([1.0, 1.2, 1.4, 9.0], [-1.3, -1.0, -0.2, 5.0]);
    let (twice, four) = ([1, 2, 1, 1], [4, 1, 1, 1]);
    for (f, r, expected) in [
        (
            Work::new(&f).unwrap(),
            Work::new(&r).unwrap(),
            [0.955_530_539_473_431_4, 0.179_717_638_380_15, 2.020_031_792_620_658_5, 0.143_743_541_929_327_2],
        ),
        // The fewest works that determine a line.
        (
            Work::new(&[1.0, 3.0]).unwrap(),
            Work::new(&[-2.0, -4.0]).unwrap(),
            [-0.908_184_262_560_095_1, 1.085_192_111_256_933_7, 2.5, 0.551_064_519_365_132_6],
        ),
        (
            Work::new(&steep_f).unwrap(),
            Work::new(&steep_r).unwrap(),
            [17.751_850_412_918_17, 13.592_252_703_166_7, 0.961_038_338_783_334, 0.058_253_767_759_279_75],
        ),
        // Nearly no slope, and two works far away: without a line search Newton's method diverges.
        (
            Work::with_counts(&[-8.0, 0.0, 7.0, 62.0], &[6, 8, 7, 1]).unwrap(),
            Work::new(&[159.0, -9.0]).unwrap(),
            [0.036_141_297_035_132_93, 0.026_728_082_125_632_15, -16.494_144_373_940_485, 18.288_542_279_037_933],
        ),
        (
            Work::with_counts(&tied_f, &four).unwrap(),
            Work::with_counts(&tied_r, &twice).unwrap(),
            [2.845_980_141_838_76, 2.910_770_844_904_47, 0.986_297_925_884_559_6, 0.137_149_561_379_982_7],
        ),
    ] {
        let fit = crooks(f, r).unwrap();
        for (ours, theirs) in [fit.slope, fit.slope_error, fit.crossing, fit.crossing_error].into_iter().zip(expected) {
            close("fit", ours, theirs, 1e-9 * theirs.abs());
        }
    }
}

#[test]
fn crooks_notices_a_pair_that_is_none() {
    // Means ±Δf + σ²/2 with twice the right standard deviation on both sides: slope ¼.
    let (f, r) = crooks_pair(1, 0.5, 1.0, [5_000, 5_000]);
    let wide = |xs: Vec<f64>, centre: f64| -> Vec<f64> { xs.iter().map(|x| centre + 2.0 * (x - centre)).collect() };
    let (f, r) = (wide(f, 1.0), wide(r, 0.0));
    let fit = crooks(Work::new(&f).unwrap(), Work::new(&r).unwrap()).unwrap();
    assert!((fit.slope - 0.25).abs() < 4.0 * fit.slope_error && fit.slope_error < 0.02, "{fit:?}");
    // Reverse work with the wrong sign: the slope of two Gaussians is 2Δf/σ², here −1.6.
    let (f, r) = crooks_pair(2, -0.8, 1.0, [1_000, 1_000]);
    let wrong: Vec<f64> = r.iter().map(|w| -w).collect();
    let fit = crooks(Work::new(&f).unwrap(), Work::new(&wrong).unwrap()).unwrap();
    assert!((fit.slope + 1.6).abs() < 4.0 * fit.slope_error && fit.slope_error < 0.1, "{fit:?}");
    // Separated, and equal, works determine no line.
    for (f, r) in [([5.0, 6.0], [1.0, 2.0]), ([-9.0, -8.0], [1.0, 2.0]), ([3.0, 3.0], [-3.0, -3.0])] {
        assert_eq!(crooks(Work::new(&f).unwrap(), Work::new(&r).unwrap()), None);
    }
}

#[test]
fn mbar_and_its_errors_are_calibrated() {
    let (mut f, mut unsampled, mut position) = (vec![], vec![], vec![]);
    for seed in 0..400 {
        let (x, u) = oscillators(seed, [200, 150, 100, 150]);
        let mbar = Mbar::solve(&MultistateSamples::new(&u, &[200, 150, 100, 150]).unwrap());
        let (difference, error) = mbar.difference(0, 3);
        f.push((difference - 8f64.ln() / 2.0) / error.unwrap());
        let between: Vec<f64> = x.iter().map(|x| 1.5 * (x - 0.75).powi(2)).collect();
        let between = mbar.at(&between).unwrap();
        unsampled.push((between.f - 3f64.ln() / 2.0) / between.f_error().unwrap());
        let (mean, error) = between.mean(&x);
        position.push((mean - 0.75) / error.unwrap());
    }
    assert_calibrated("f₃ − f₀", &f);
    assert_calibrated("f of an unsampled state", &unsampled);
    assert_calibrated("⟨x⟩ in an unsampled state", &position);
}

#[test]
fn counts_are_copies() {
    let mut rng = stream(5, 0);
    let (f, r) = crooks_pair(5, 1.0, 1.0, [60, 40]);
    let (cf, cr) = (resample_counts(60, &mut rng), resample_counts(40, &mut rng));
    let copy = |xs: &[f64], c: &[u32]| -> Vec<f64> {
        xs.iter().zip(c).flat_map(|(x, c)| std::iter::repeat_n(*x, *c as usize)).collect()
    };
    let (copied_f, copied_r) = (copy(&f, &cf), copy(&r, &cr));
    let (a, b) = (Work::with_counts(&f, &cf).unwrap(), Work::with_counts(&r, &cr).unwrap());
    let (c, d) = (Work::new(&copied_f).unwrap(), Work::new(&copied_r).unwrap());
    close("BAR", bar(a, b).delta_f, bar(c, d).delta_f, 1e-12);
    close("BAR error", bar(a, b).std_error.unwrap(), bar(c, d).std_error.unwrap(), 1e-12);
    close("average", forward_average(a).delta_f, forward_average(c).delta_f, 1e-12);
    close("average error", forward_average(a).std_error, forward_average(c).std_error, 1e-12);
    close("share", forward_average(a).largest_share, forward_average(c).largest_share, 1e-12);
    close("slope", crooks(a, b).unwrap().slope, crooks(c, d).unwrap().slope, 1e-10);

    let (x, u) = oscillators(6, [40, 30, 20, 10]);
    let counts: Vec<u32> = [40, 30, 20, 10].iter().flat_map(|n| block_counts(*n, 3, &mut rng)).collect();
    let columns: Vec<usize> = (0..100).flat_map(|n| std::iter::repeat_n(n, counts[n] as usize)).collect();
    let samples = MultistateSamples::new(&u, &[40, 30, 20, 10]).unwrap();
    let counted = Mbar::solve(&samples).resolve(&samples.with_counts(&counts).unwrap());
    let copied_u = u.select_columns(&columns);
    let copied = Mbar::solve(&MultistateSamples::new(&copied_u, &[40, 30, 20, 10]).unwrap());
    let copied_x: Vec<f64> = columns.iter().map(|n| x[*n]).collect();
    for k in 0..4 {
        close("f", counted.f[k], copied.f[k], 1e-11);
        close("⟨x⟩", counted.state(k).mean(&x).0, copied.state(k).mean(&copied_x).0, 1e-11);
        close("error", counted.state(k).mean(&x).1.unwrap(), copied.state(k).mean(&copied_x).1.unwrap(), 1e-11);
    }
}

#[test]
fn work_of_any_size_neither_overflows_nor_loses_the_answer() {
    let (f, r) = crooks_pair(7, 0.3, 1.0, [200, 100]);
    let plain = bar(Work::new(&f).unwrap(), Work::new(&r).unwrap());
    for shift in [-1e5, 1e5] {
        let f: Vec<f64> = f.iter().map(|w| w + shift).collect();
        let r: Vec<f64> = r.iter().map(|w| w - shift).collect();
        let moved = bar(Work::new(&f).unwrap(), Work::new(&r).unwrap());
        close("Δf", moved.delta_f - shift, plain.delta_f, 1e-9);
        close("error", moved.std_error.unwrap(), plain.std_error.unwrap(), 1e-9);
    }
    // 4,000 nats apart the sums underflow, their logarithms do not: by symmetry Δf = 0, and there
    // is no error to speak of.
    let far = bar(Work::new(&[2e3, 2e3]).unwrap(), Work::new(&[2e3, 2e3]).unwrap());
    assert!(far.delta_f.abs() < 1e-9 && far.std_error.is_none() && far.overlap == 0.0, "{far:?}");
    // The least dissipation there can be, none.
    let same = bar(Work::new(&[2.0, 2.0]).unwrap(), Work::new(&[-2.0, -2.0, -2.0]).unwrap());
    close("Δf", same.delta_f, 2.0, 1e-14);
    close("overlap", same.overlap, 1.0, 1e-14);
    assert!(bar(Work::new(&[1e300, 3.0]).unwrap(), Work::new(&[-1e300, 2.0]).unwrap()).delta_f.is_finite());
}

#[test]
fn a_long_ladder_with_offsets_of_thousands_is_solved() {
    // 60 rungs of β over energies N(−3000, 30²) at β = 0: Gaussian density of states, f(β) = βμ −
    // β²σ²/2.
    let (k, each, mu, sigma) = (60, 60, -3000.0, 30.0);
    let mut rng = stream(8, 0);
    let betas: Vec<f64> = (0..k).map(|k| k as f64 / 59.0).collect();
    let energies: Vec<f64> = betas
        .iter()
        .flat_map(|b| std::iter::repeat_n(*b, each))
        .map(|b| mu - b * sigma * sigma + sigma * normal(&mut rng))
        .collect();
    let u = DMatrix::from_fn(k, k * each, |i, n| betas[i] * energies[n]);
    let mbar = Mbar::solve(&MultistateSamples::new(&u, &vec![each; k]).unwrap());
    assert!(mbar.converged && mbar.iterations < 30 && mbar.residual < 1e-9, "{} {:e}", mbar.iterations, mbar.residual);
    let (f, error) = mbar.difference(0, k - 1);
    let truth = mu - sigma * sigma / 2.0;
    assert!((f - truth).abs() < 4.0 * error.unwrap() && error.unwrap() < 1.0, "{f} ± {error:?} against {truth}");
    // U at a temperature between two rungs.
    let between: Vec<f64> = energies.iter().map(|e| 0.5 * e).collect();
    let (energy, error) = mbar.at(&between).unwrap().mean(&energies);
    assert!((energy - (mu - 0.5 * sigma * sigma)).abs() < 4.0 * error.unwrap() && error.unwrap() < 3.0);
}

#[test]
fn states_in_any_order_are_solved() {
    // Neighbours in the list have no overlap, so that the first guess is useless and Newton's first
    // steps are flat.
    let order = [0, 20, 1, 19, 2, 18, 3, 17, 4, 16, 5, 15, 6, 14, 7, 13, 8, 12, 9, 11, 10];
    let mut rng = stream(9, 0);
    let x: Vec<f64> =
        order.iter().flat_map(|c| (0..200).map(|_| f64::from(*c) + normal(&mut rng)).collect::<Vec<_>>()).collect();
    let u =
        DMatrix::from_fn(21, x.len(), |k, n| 0.5 * (x[n] - f64::from(order[k])).powi(2) + 100.0 * f64::from(order[k]));
    let mbar = Mbar::solve(&MultistateSamples::new(&u, &[200; 21]).unwrap());
    assert!(mbar.converged && mbar.is_connected(), "{} steps, residual {:e}", mbar.iterations, mbar.residual);
    for k in 0..21 {
        let (f, error) = mbar.difference(0, k);
        assert!((f - 100.0 * f64::from(order[k])).abs() <= 4.0 * error.unwrap() + 1e-12, "{k}: {f} ± {error:?}");
    }
}

#[test]
fn states_without_common_ground_have_no_error_bar() {
    for distance in [8.0, 14.0, 60.0] {
        let mut rng = stream(10, 0);
        let x: Vec<f64> = [0.0, 0.5, distance]
            .iter()
            .flat_map(|c| (0..100).map(|_| c + normal(&mut rng)).collect::<Vec<_>>())
            .collect();
        let u = DMatrix::from_fn(3, 300, |k, n| 0.5 * (x[n] - [0.0, 0.5, distance][k]).powi(2));
        let mbar = Mbar::solve(&MultistateSamples::new(&u, &[100; 3]).unwrap());
        assert!(!mbar.is_connected(), "distance {distance}: overlap {:e}", mbar.overlap);
        assert!(mbar.difference(0, 2).1.is_none() && mbar.state(2).mean(&x).1.is_none());
        assert!(mbar.f.iter().all(|f| f.is_finite()));
    }
}

#[test]
fn histograms_integrate_to_one_on_one_axis() {
    let (f, r) = crooks_pair(12, 1.0, 1.0, [500, 300]);
    let h = work_histogram(Work::new(&f).unwrap(), Work::new(&r).unwrap(), 20);
    let width = h.edges[1] - h.edges[0];
    assert_eq!((h.edges.len(), h.forward.len(), h.reverse.len()), (21, 20, 20));
    for density in [&h.forward, &h.reverse] {
        close("integral", density.iter().sum::<f64>() * width, 1.0, 1e-12);
    }
    let centre = |d: &[f64]| -> f64 { d.iter().zip(&h.edges).map(|(d, e)| d * width * (e + width / 2.0)).sum() };
    assert!((centre(&h.forward) - 1.5).abs() < 0.2 && (centre(&h.reverse) - 0.5).abs() < 0.2);
    let flat = work_histogram(Work::new(&[1.0, 1.0]).unwrap(), Work::new(&[-1.0, -1.0]).unwrap(), 3);
    assert!(flat.forward.iter().chain(&flat.edges).all(|x| x.is_finite()));
}

#[test]
fn histograms_of_a_few_works_are_counted_by_hand() {
    // The greatest work belongs to the last bin.
    let h = work_histogram(
        Work::with_counts(&[0.0, 0.5, 1.5, 4.0, 9.0], &[1, 1, 3, 5, 0]).unwrap(),
        Work::new(&[-1.0, -3.0]).unwrap(),
        4,
    );
    assert_eq!(h.edges, [0.0, 1.0, 2.0, 3.0, 4.0]);
    for (ours, theirs) in [(&h.forward, [0.2, 0.3, 0.0, 0.5]), (&h.reverse, [0.0, 0.5, 0.0, 0.5])] {
        ours.iter().zip(theirs).for_each(|(ours, theirs)| close("density", *ours, theirs, 1e-14));
    }
    // The reverse side can reach further at both ends.
    let h = work_histogram(Work::new(&[1.0, 2.0]).unwrap(), Work::new(&[1.0, -5.0]).unwrap(), 3);
    assert_eq!(
        (h.edges, h.forward, h.reverse),
        (vec![-1.0, 1.0, 3.0, 5.0], vec![0.0, 0.5, 0.0], vec![0.25, 0.0, 0.25])
    );
    // Equal works have a bin of 10⁻⁹ of their size on each side.
    for (w, half) in [(0.0, 1e-9), (5.0, 5e-9), (-5.0, 5e-9)] {
        let h = work_histogram(Work::new(&[w, w]).unwrap(), Work::new(&[-w, -w]).unwrap(), 1);
        close("low", h.edges[0], w - half, 1e-15 * w.abs().max(1.0));
        close("high", h.edges[1], w + half, 1e-15 * w.abs().max(1.0));
        close("density", h.forward[0] * 2.0 * half, 1.0, 1e-6);
    }
}

/// Works 0, ln 2 and ln 2: weights 1, ½ and ½, of the mean ⅔ and with Σ w̃² = ⅜.
#[test]
fn an_exponential_average_of_three_works_by_hand() {
    let ln2 = 2f64.ln();
    for work in [Work::new(&[0.0, ln2, ln2]).unwrap(), Work::with_counts(&[ln2, -7.0, 0.0], &[2, 0, 1]).unwrap()] {
        let (forward, reverse) = (forward_average(work), reverse_average(work));
        close("Δf", forward.delta_f, 1.5f64.ln(), 1e-15);
        close("Δf", reverse.delta_f, -1.5f64.ln(), 1e-15);
        close("error", forward.std_error, 0.25, 1e-15);
        close("size", forward.effective_size, 8.0 / 3.0, 1e-14);
        close("share", forward.largest_share, 0.5, 1e-15);
        close("mean", work.mean(), 2.0 * ln2 / 3.0, 1e-15);
    }
}

/// Where all work is Δf, the root lies outside of every ln(n_F/n_R) + w by just that logarithm.
#[test]
fn any_ratio_of_the_numbers_of_samples_is_solved() {
    for (n_forward, n_reverse) in [(2, 2), (2, 3_000), (3_000, 2)] {
        let (f, r) = (vec![0.7; n_forward], vec![-0.7; n_reverse]);
        let same = bar(Work::new(&f).unwrap(), Work::new(&r).unwrap());
        close("Δf", same.delta_f, 0.7, 1e-13);
        close("overlap", same.overlap, 1.0, 1e-12);
        close("error", same.std_error.unwrap(), 0.0, 1e-5);
    }
}

#[test]
fn bad_samples_are_refused_by_name() {
    let says = |e: plefka::Error, what: &str| assert!(e.to_string().contains(what), "{e}");
    says(Work::new(&[1.0]).unwrap_err(), "1 values of work");
    says(Work::new(&[1.0, f64::NAN]).unwrap_err(), "work number 1 is NaN");
    says(Work::with_counts(&[1.0, 2.0], &[1]).unwrap_err(), "2 values of work and 1 counts");
    says(Work::with_counts(&[1.0, 2.0], &[0, 1]).unwrap_err(), "at least two");
    let mut u = DMatrix::zeros(2, 3);
    says(MultistateSamples::new(&u, &[1, 1]).unwrap_err(), "shape (2, 3)");
    says(MultistateSamples::new(&u, &[1, 2]).unwrap().with_counts(&[1, 1]).unwrap_err(), "3 samples and 2 counts");
    assert!(MultistateSamples::new(&u, &[1, 2]).unwrap().with_counts(&[1, 0, 1]).is_ok());
    says(MultistateSamples::new(&u, &[1, 2]).unwrap().with_counts(&[0, 0, 1]).unwrap_err(), "fewer than two");
    u[(1, 2)] = f64::INFINITY;
    says(MultistateSamples::new(&u, &[1, 2]).unwrap_err(), "sample 2 in state 1 is inf");
    u[(1, 2)] = 0.0;
    let samples = MultistateSamples::new(&u, &[1, 2]).unwrap();
    says(Mbar::solve(&samples).at(&[0.0]).unwrap_err(), "3 samples");
}
