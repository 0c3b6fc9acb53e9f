//! Correlated series: the autocorrelation time of processes where it is known, and the errors that
//! resampling gives.

use plefka::{
    stats::{IntegratedTime, block_counts, integrated_time, jackknife, mean, std_dev},
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

/// Ten steps in blocks of three or more, and the jackknife of a mean by hand: xᵢ = i has the mean
/// 4.5, and without one block 42/7, 33/7 and 15/6.
#[test]
fn the_blocks_of_a_jackknife_share_all_steps() {
    let mut seen = vec![];
    let estimate = jackknife(10, 3, |counts| {
        seen.push(counts.to_vec());
        let total: u32 = counts.iter().sum();
        counts.iter().enumerate().map(|(i, c)| i as f64 * f64::from(*c)).sum::<f64>() / f64::from(total)
    })
    .unwrap();
    let without = |range: std::ops::Range<usize>| (0..10).map(|i| u32::from(!range.contains(&i))).collect::<Vec<_>>();
    assert_eq!(seen, [without(10..10), without(0..3), without(3..6), without(6..10)]);
    let parts = [42.0 / 7.0, 33.0 / 7.0, 15.0 / 6.0];
    let centre = parts.iter().sum::<f64>() / 3.0;
    let spread: f64 = parts.iter().map(|x| (x - centre).powi(2)).sum();
    assert!((estimate.bias - 2.0 * (centre - 4.5)).abs() < 1e-14);
    assert!((estimate.value + estimate.bias - 4.5).abs() < 1e-14);
    assert!((estimate.std_error - (2.0 / 3.0 * spread).sqrt()).abs() < 1e-14);
    assert!(jackknife(10, 5, |_| 0.0).is_some() && jackknife(10, 6, |_| 0.0).is_none());
    // A length of 0 is one of 1.
    assert!(jackknife(2, 0, |_| 0.0).is_some() && jackknife(1, 0, |_| 0.0).is_none());
}

#[test]
fn blocks_are_neighbours_and_run_on_at_the_end() {
    let mut rng = stream(6, 0);
    let mut around = 0;
    for _ in 0..100 {
        let counts = block_counts(7, 4, &mut rng);
        // Two blocks, of four and of three: never more than two of a step, and a step where both
        // begin or one ends.
        assert!(counts.iter().sum::<u32>() == 7 && counts.iter().all(|c| *c <= 2), "{counts:?}");
        let changes = (0..7).filter(|i| counts[*i] != counts[(*i + 1) % 7]).count();
        assert!(changes <= 4, "{counts:?}");
        let one = block_counts(7, 7, &mut rng);
        assert_eq!(one, [1; 7]);
        around += usize::from(counts[0] > 0 && counts[6] > 0);
    }
    assert!(around > 30, "{around}");
    // Blocks of one step are a plain resample: some steps are drawn three times.
    assert!((0..20).any(|_| block_counts(7, 0, &mut rng).iter().any(|c| *c > 2)));
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

/// A series with long correlations from a linear congruence, in whole numbers.
fn congruence(n: usize) -> Vec<f64> {
    let (mut state, mut x) = (7i64, 0i64);
    (0..n)
        .map(|_| {
            state = (state * 1_103_515_245 + 12_345) % (1 << 31);
            x = x * 4 / 5 + (state >> 16) % 19 - 9;
            x as f64
        })
        .collect()
}

#[test]
fn tau_of_given_series_is_what_exact_fractions_give() {
    // The sums of the formula as fractions of whole numbers, by another program.
    let step: Vec<f64> = (0..20).map(|t| f64::from(t / 10)).collect();
    for (xs, tau, std_error, window, size) in [
        (congruence(200), 2.313_474_080_421_632_3, 1.156_737_040_210_816_1, 12, 43.225_035_822_218_906),
        (congruence(300), 2.785_287_076_289_397_8, 1.224_681_996_337_545_7, 14, 53.854_412_809_695_84),
        // Two windows that do not close within half of the series: the sum that there is, and n/10.
        ((0..20).map(f64::from).collect(), 3.056_390_977_443_609, 4.429_131_313_778_953, 10, 3.271_832_718_327_183_4),
        (step, 2.0, 2.898_275_349_237_888, 10, 5.0),
        (vec![0.0, 1.0, 1.0, 0.0], 0.5, 0.790_569_415_042_094_9, 2, 4.0),
        // Anticorrelated.
        ((0..28).map(|t| f64::from(t / 7 % 2)).collect(), 0.5, 0.517_549_169_506_765_7, 7, 28.0),
    ] {
        let n = xs.len();
        let time = integrated_time(&xs);
        assert_eq!((time.n, time.window), (n, window));
        assert!((time.tau - tau).abs() < 1e-13 && (time.std_error - std_error).abs() < 1e-13, "{time:?}");
        assert!((time.effective_size() - size).abs() < 1e-11, "{}", time.effective_size());
    }
    let stuck = integrated_time(&[3.0; 20]);
    assert_eq!((stuck.tau, stuck.window), (10.0, 10));
}

#[test]
fn lengths_of_blocks_and_of_series_are_those_of_the_formulas() {
    let time = |tau: f64, n: usize| IntegratedTime { tau, std_error: 0.0, window: 0, n };
    // (3nτ²/2)^{1/3} = 6,000^{1/3} = 18.2; of a short series 2τ.
    assert_eq!(time(2.0, 1_000).block_length(), 19);
    assert_eq!(time(3.0, 2).block_length(), 6);
    assert!(time(2.0, 100).is_long_enough() && !time(2.0, 99).is_long_enough());
}
