//! What one core can do at most, to hold the kernels against: fused multiply-adds in f64 from
//! registers, and additions in f32 from the nearest cache.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use pulp::Arch;

#[allow(dead_code)] // each bench uses some of them
mod peaks;

use peaks::{Add32, Multiply64, Numbers};

fn peak(c: &mut Criterion) {
    let mut group = c.benchmark_group("peak");
    group.throughput(Throughput::Elements(Arch::new().dispatch(Multiply64).0 as u64));
    group.bench_function("f64 multiply-adds from registers", |b| b.iter(|| Arch::new().dispatch(Multiply64)));
    let numbers = Box::new(Numbers([1.0; 4096]));
    let numbers = &numbers.0[..];
    group.throughput(Throughput::Elements(Arch::new().dispatch(Add32(numbers)).0 as u64));
    group.bench_function("f32 additions from the nearest cache", |b| b.iter(|| Arch::new().dispatch(Add32(numbers))));
    group.finish();
}

criterion_group!(benches, peak);
criterion_main!(benches);
