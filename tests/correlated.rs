//! Correlated series: the autocorrelation time of processes where it is known, and the errors that
//! resampling gives.

use plefka::{
    stats::{block_counts, integrated_time, jackknife, mean, std_dev},
    streams::stream,
};
use rand::{Rng, RngExt};

fn normal(rng: &mut impl Rng) -> f64 {
    let (u, v): (f64, f64) = (rng.random(), rng.random());
    (-2.0 * (1.0 - u).ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}

/// xₜ = ρxₜ₋₁ + noise in equilibrium, of variance 1: τ = (1 + ρ)/(2(1 − ρ)).
fn ar1(seed: u64, rho: f64, n: usize) -> Vec<f64> {
    let mut rng = stream(seed, 0);
    let mut x = normal(&mut rng);
    (0..n)
        .map(|_| {
            x = rho * x + (1.0 - rho * rho).sqrt() * normal(&mut rng);
            x
        })
        .collect()
}

#[test]
fn tau_of_an_autoregressive_process() {
    // Planted: 1 in place of ½ before the sum; a window of 1τ. Both fail here.
    for (rho, n) in [(0.0, 4_000), (0.5, 4_000), (0.9, 20_000)] {
        let truth = (1.0 + rho) / (2.0 * (1.0 - rho));
        let times: Vec<_> = (0..200).map(|seed| integrated_time(&ar1(seed, rho, n))).collect();
        let taus: Vec<f64> = times.iter().map(|t| t.tau).collect();
        let (average, spread) = (mean(&taus), std_dev(&taus));
        let claimed = mean(&times.iter().map(|t| t.std_error).collect::<Vec<_>>());
        println!("ρ = {rho}: τ = {average:.4} ± {spread:.4}, claimed ± {claimed:.4}, truth {truth:.4}");
        // The part of the sum beyond the window, e⁻⁵ (or, at ρ = 0, half of the noise, cut off at
        // ½), and the error of the average.
        assert!((average - truth).abs() < 0.02 * truth + 4.0 * spread / 200f64.sqrt(), "ρ = {rho}: {average}");
        assert!(times.iter().all(|t| t.is_long_enough()));
        // The formula is for τ ≫ 1 and a window fixed beforehand.
        if rho >= 0.5 {
            assert!((0.7..1.4).contains(&(claimed / spread)), "ρ = {rho}: claimed {claimed}, seen {spread}");
        }
    }
}

#[test]
fn anticorrelated_series_count_as_independent() {
    assert!((0..50).all(|seed| integrated_time(&ar1(seed, -0.5, 2_000)).tau == 0.5));
}

#[test]
fn effective_size_gives_the_error_of_the_mean() {
    let (z, sizes): (Vec<f64>, Vec<f64>) = (0..400)
        .map(|seed| {
            let xs = ar1(seed, 0.8, 2_000);
            let size = integrated_time(&xs).effective_size();
            (mean(&xs) / (std_dev(&xs) / size.sqrt()), size)
        })
        .unzip();
    assert!((mean(&sizes) / (2_000.0 / 9.0) - 1.0).abs() < 0.05, "{}", mean(&sizes));
    assert!(mean(&z).abs() < 0.25 && (0.85..1.15).contains(&std_dev(&z)), "{} {}", mean(&z), std_dev(&z));
}

#[test]
fn short_and_stuck_series_say_so() {
    assert!(!integrated_time(&ar1(1, 0.99, 1_000)).is_long_enough());
    for stuck in [vec![0.1; 500], vec![1e9; 500]] {
        let time = integrated_time(&stuck);
        assert!(!time.is_long_enough() && time.effective_size() == 1.0, "{time:?}");
    }
    let drift: Vec<f64> = (0..500).map(f64::from).collect();
    assert!(!integrated_time(&drift).is_long_enough());
    for n in 0..4 {
        let time = integrated_time(&ar1(2, 0.5, n));
        assert!(!time.is_long_enough() || n == 0, "{time:?}");
        assert!(time.tau > 0.0 && time.tau.is_finite() && time.std_error.is_finite());
    }
    // Neither the origin nor the unit matters, at any scale.
    let xs = ar1(3, 0.7, 1_000);
    let moved: Vec<f64> = xs.iter().map(|x| 1e200 * x).collect();
    assert!((integrated_time(&xs).tau - integrated_time(&moved).tau).abs() < 1e-9);
}

#[test]
fn block_bootstrap_and_jackknife_give_the_error_of_the_mean() {
    let (n, rho) = (4_000, 0.8);
    let tau = (1.0 + rho) / (2.0 * (1.0 - rho));
    let truth = (2.0 * tau / n as f64).sqrt();
    let (mut long, mut short, mut jack, mut z) = (vec![], vec![], vec![], vec![]);
    for seed in 0..200 {
        let xs = ar1(seed, rho, n);
        let mut rng = stream(seed, 1);
        let average = |counts: &[u32]| {
            let total: f64 = counts.iter().map(|c| f64::from(*c)).sum();
            xs.iter().zip(counts).map(|(x, c)| x * f64::from(*c)).sum::<f64>() / total
        };
        let time = integrated_time(&xs);
        let mut spread =
            |block: usize| std_dev(&(0..100).map(|_| average(&block_counts(n, block, &mut rng))).collect::<Vec<_>>());
        long.push(spread(time.block_length()) / truth);
        short.push(spread((2.0 * tau).ceil() as usize) / truth);
        let estimate = jackknife(n, time.block_length(), average).unwrap();
        jack.push(estimate.std_error / truth);
        z.push(estimate.value / estimate.std_error);
        assert!(estimate.bias.abs() < 1e-2 * truth); // a mean has none, but for blocks that differ by one in length
    }
    println!(
        "σ/truth: blocks of block_length {:.3}, of 2τ {:.3}, jackknife {:.3}",
        mean(&long),
        mean(&short),
        mean(&jack)
    );
    assert!((0.9..1.05).contains(&mean(&long)), "{}", mean(&long));
    assert!((0.9..1.05).contains(&mean(&jack)), "{}", mean(&jack));
    // Why blocks of 2τ are not enough: σ is less by √½, as the documentation says.
    assert!((0.65..0.78).contains(&mean(&short)), "{}", mean(&short));
    assert!(mean(&z).abs() < 0.25 && (0.85..1.15).contains(&std_dev(&z)), "{} {}", mean(&z), std_dev(&z));
}

#[test]
fn the_jackknife_takes_off_the_bias_of_a_plug_in_variance() {
    let xs = ar1(4, 0.0, 50);
    let variance = |counts: &[u32]| {
        let total: f64 = counts.iter().map(|c| f64::from(*c)).sum();
        let moment = |p: i32| xs.iter().zip(counts).map(|(x, c)| x.powi(p) * f64::from(*c)).sum::<f64>() / total;
        moment(2) - moment(1).powi(2)
    };
    let estimate = jackknife(50, 1, variance).unwrap();
    assert!((estimate.value - std_dev(&xs).powi(2)).abs() < 1e-12); // exactly the divisor n − 1
    assert_eq!(jackknife(50, 26, variance), None);
}

#[test]
fn blocks_draw_every_step_equally_often() {
    let mut rng = stream(5, 0);
    let mut sums = vec![0u32; 10];
    for _ in 0..4_000 {
        let counts = block_counts(10, 4, &mut rng);
        assert_eq!(counts.iter().sum::<u32>(), 10);
        sums.iter_mut().zip(counts).for_each(|(s, c)| *s += c);
    }
    // Variance of one count is below 1, so 4,000 of them have σ < 63; ten cells, 4.5σ.
    assert!(sums.iter().all(|s| s.abs_diff(4_000) < 285), "{sums:?}");
    assert_eq!(block_counts(3, 100, &mut rng), [1, 1, 1]);
    assert_eq!(block_counts(0, 5, &mut rng), Vec::<u32>::new());
}
