//! Every hot loop compiled for AVX2 and for AVX-512, side by side on one thread of one machine, each
//! against what that instruction set can do at most.
//!
//! The loops are timed in turn, so that what else the machine does meets all of them alike; the
//! table has the median of each, and the median of the ratios of a turn.
//!
//! `taskset -c 0 cargo bench --bench instruction_sets`

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use plefka::{
    hot_loops::{HotLoop, Peak, hot_loops},
    instruction_set::{InstructionSet, use_instruction_set},
};
use pulp::{Arch, Simd, WithSimd};

/// Turns, and how long a loop runs in each.
const TURNS: usize = 41;
const SLICE: Duration = Duration::from_millis(4);

/// Independent chains of operations: enough to hide their latency.
const CHAINS: usize = 12;
const STEPS: usize = 20_000;

struct Multiply64;
struct Multiply32;
struct Add32<'a>(&'a [f32]);

impl WithSimd for Multiply64 {
    type Output = (usize, f64);

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> (usize, f64) {
        let (a, b) = (simd.splat_f64s(black_box(0.999)), simd.splat_f64s(black_box(1e-3)));
        let mut x = [b; CHAINS];
        for _ in 0..STEPS {
            for x in &mut x {
                *x = simd.mul_add_e_f64s(*x, a, b);
            }
        }
        (S::F64_LANES * CHAINS * STEPS, x.iter().map(|x| simd.reduce_sum_f64s(*x)).sum())
    }
}

impl WithSimd for Multiply32 {
    type Output = (usize, f64);

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> (usize, f64) {
        let (a, b) = (simd.splat_f32s(black_box(0.999)), simd.splat_f32s(black_box(1e-3)));
        let mut x = [b; CHAINS];
        for _ in 0..STEPS {
            for x in &mut x {
                *x = simd.mul_add_e_f32s(*x, a, b);
            }
        }
        (S::F32_LANES * CHAINS * STEPS, x.iter().map(|x| f64::from(simd.reduce_sum_f32s(*x))).sum())
    }
}

impl WithSimd for Add32<'_> {
    type Output = (usize, f64);

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> (usize, f64) {
        let (vectors, _) = S::as_simd_f32s(self.0);
        let mut x = [simd.splat_f32s(0.0); 8];
        let rounds = STEPS / 100;
        for _ in 0..rounds {
            for chunk in black_box(vectors).chunks_exact(8) {
                for (x, v) in x.iter_mut().zip(chunk) {
                    *x = simd.add_f32s(*x, *v);
                }
            }
        }
        (rounds * self.0.len(), x.iter().map(|x| f64::from(simd.reduce_sum_f32s(*x))).sum())
    }
}

fn arch(set: InstructionSet) -> Arch {
    match set {
        #[cfg(target_arch = "x86_64")]
        InstructionSet::Avx2 => pulp::x86::V3::try_new().map_or_else(Arch::new, Arch::V3),
        _ => Arch::new(),
    }
}

/// Operations a second at most.
fn peak(set: InstructionSet, kind: Peak, numbers: &[f32]) -> f64 {
    let clock = Instant::now();
    let (mut operations, mut rounds) = (0, 0);
    while clock.elapsed() < SLICE {
        operations += black_box(match kind {
            Peak::AdditionsF32 => arch(set).dispatch(Add32(numbers)),
            Peak::MultiplyAddsF64 => arch(set).dispatch(Multiply64),
            Peak::MultiplyAddsF32 => arch(set).dispatch(Multiply32),
        })
        .0;
        rounds += 1;
    }
    black_box(rounds);
    operations as f64 / clock.elapsed().as_secs_f64()
}

/// Operations a second of a loop.
fn rate(hot: &mut HotLoop) -> f64 {
    let clock = Instant::now();
    let mut calls = 0;
    while clock.elapsed() < SLICE {
        black_box((hot.call)());
        calls += 1;
    }
    (calls * hot.operations) as f64 / clock.elapsed().as_secs_f64()
}

fn median(mut xs: Vec<f64>) -> f64 {
    xs.sort_by(f64::total_cmp);
    xs[xs.len() / 2]
}

fn main() {
    let sets = InstructionSet::available();
    let numbers = vec![1f32; 4096];
    println!("{:<45} {:>9} {:>12} {:>12} {:>9}", "loop", "", "10⁹ op/s", "at most", "share");
    for mut hot in hot_loops() {
        let mut rates = vec![(Vec::new(), Vec::new()); sets.len()];
        for _ in 0..TURNS {
            for (set, (loops, peaks)) in sets.iter().zip(&mut rates) {
                use_instruction_set(*set);
                let most = peak(*set, hot.peak, &numbers);
                let reached = rate(&mut hot);
                loops.push(reached);
                peaks.push(reached / most);
            }
        }
        for (set, (loops, shares)) in sets.iter().zip(&rates) {
            let (reached, share) = (median(loops.clone()) / 1e9, 100.0 * median(shares.clone()));
            println!("{:<45} {:>9} {reached:>12.2} {:>12.2} {share:>7.0} %", hot.name, format!("{set:?}"), 100.0 * reached / share);
        }
        if let [(narrow, _), (wide, _)] = &rates[..] {
            let ratio = median(narrow.iter().zip(wide).map(|(a, b)| b / a).collect());
            println!("{:<45} {:>9} {ratio:>12.2} times as fast on the wider vectors", "", "");
        }
    }
}
