//! Every hot loop compiled for AVX2 and for AVX-512, side by side on one thread of one machine, each
//! against what that instruction set can do at most.
//!
//! Loops and peaks are timed in turn, in slices so short that most of them are not interrupted, and
//! the fastest slice of each counts: what else the machine does makes a loop slower, never faster.
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
const TURNS: usize = 200;
const SLICE: Duration = Duration::from_micros(500);

/// Independent chains of operations: enough to hide their latency.
const CHAINS: usize = 12;
const STEPS: usize = 2_000;

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
        let rounds = STEPS / 20;
        for _ in 0..rounds {
            for chunk in black_box(vectors).as_chunks::<8>().0 {
                for k in 0..8 {
                    x[k] = simd.add_f32s(x[k], chunk[k]);
                }
            }
        }
        // Not by an iterator, for which the sums would have to be in memory all the time.
        let mut sum = 0.0;
        for k in 0..8 {
            sum += f64::from(simd.reduce_sum_f32s(x[k]));
        }
        (rounds * self.0.len(), sum)
    }
}

/// On the boundary of a cache line, as the tables of the bit products are.
#[repr(align(64))]
struct Numbers([f32; 4096]);

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

fn main() {
    let sets = InstructionSet::available();
    let numbers = Box::new(Numbers([1.0; 4096]));
    println!("{:<45} {:>8} {:>9} {:>9} {:>8}", "10⁹ operations a second", "", "reached", "at most", "share");
    for mut hot in hot_loops() {
        let mut best = vec![[0f64; 2]; sets.len()];
        for _ in 0..TURNS {
            for (set, [reached, most]) in sets.iter().zip(&mut best) {
                use_instruction_set(*set);
                *most = most.max(peak(*set, hot.peak, &numbers.0) / 1e9);
                *reached = reached.max(rate(&mut hot) / 1e9);
            }
        }
        for (set, [reached, most]) in sets.iter().zip(&best) {
            let (set, share) = (format!("{set:?}"), 100.0 * reached / most);
            println!("{:<45} {set:>8} {reached:>9.2} {most:>9.2} {share:>6.0} %", hot.name);
        }
        if let [[narrow, _], [wide, _]] = best[..] {
            println!("{:<45} {:>8} {:>9.2} times as fast", "", "", wide / narrow);
        }
    }
}
