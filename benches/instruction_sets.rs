//! Every hot loop compiled for the baseline, AVX2 and AVX-512 (on ARM for NEON), side by side on one
//! thread of one machine, each against what that instruction set can do at most.
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

mod peaks;

use peaks::{Add32, Multiply32, Multiply64, Numbers};

/// Turns, and how long a loop runs in each.
const TURNS: usize = 200;
const SLICE: Duration = Duration::from_micros(500);

/// Operations a second at most.
fn peak(set: InstructionSet, kind: Peak, numbers: &[f32]) -> f64 {
    let clock = Instant::now();
    let (mut operations, mut rounds) = (0, 0);
    while clock.elapsed() < SLICE {
        operations += black_box(match kind {
            Peak::AdditionsF32 => set.arch().dispatch(Add32(numbers)),
            Peak::MultiplyAddsF64 => set.arch().dispatch(Multiply64),
            Peak::MultiplyAddsF32 => set.arch().dispatch(Multiply32),
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
            // The peak of the baseline is that of one number at a time, which the compiler does better.
            let peak = match set {
                InstructionSet::Baseline => String::new(),
                _ => format!("{most:>9.2} {:>6.0} %", 100.0 * reached / most),
            };
            println!("{:<45} {:>8} {reached:>9.2} {peak}", hot.name, format!("{set:?}"));
        }
        for (k, pair) in best.windows(2).enumerate() {
            let [[narrow, _], [wide, _]] = [pair[0], pair[1]];
            let (of, than) = (format!("{:?}", sets[k + 1]), format!("{:?}", sets[k]));
            println!("{:<45} {of:>8} {:>9.2} times as fast as {than}", "", wide / narrow);
        }
    }
}
