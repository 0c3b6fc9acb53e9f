//! What one core can do at most, to hold the kernels against: fused multiply-adds in f64 from
//! registers, and additions in f32 from the nearest cache.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use pulp::{Arch, Simd, WithSimd};

const STEPS: usize = 10_000;
/// Enough independent chains to hide the latency of an operation.
const CHAINS: usize = 12;

struct MultiplyAdds;

impl WithSimd for MultiplyAdds {
    /// Vector lanes, and a number that keeps the loop from being dropped.
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
        (S::F64_LANES, x.iter().map(|x| simd.reduce_sum_f64s(*x)).sum())
    }
}

struct Additions<'a>(&'a [f32]);

impl WithSimd for Additions<'_> {
    type Output = (usize, f32);

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> (usize, f32) {
        let (vectors, _) = S::as_simd_f32s(self.0);
        let mut x = [simd.splat_f32s(0.0); 8];
        for _ in 0..STEPS / 8 {
            let vectors = black_box(vectors);
            for chunk in vectors.as_chunks::<8>().0 {
                for k in 0..8 {
                    x[k] = simd.add_f32s(x[k], chunk[k]);
                }
            }
        }
        // Not by an iterator, for which the sums would have to be in memory all the time.
        let mut sum = 0.0;
        for k in 0..8 {
            sum += simd.reduce_sum_f32s(x[k]);
        }
        (S::F32_LANES, sum)
    }
}

/// On the boundary of a cache line, as the tables of the bit products are.
#[repr(align(64))]
struct Table([f32; 4096]);

fn peak(c: &mut Criterion) {
    let mut group = c.benchmark_group("peak");
    let lanes = Arch::new().dispatch(MultiplyAdds).0;
    group.throughput(Throughput::Elements((STEPS * CHAINS * lanes) as u64));
    group.bench_function("f64 multiply-adds from registers", |b| b.iter(|| Arch::new().dispatch(MultiplyAdds)));
    let table = Box::new(Table([1.0; 4096]));
    let table = &table.0[..];
    group.throughput(Throughput::Elements((STEPS / 8 * table.len()) as u64));
    group.bench_function("f32 additions from the nearest cache", |b| b.iter(|| Arch::new().dispatch(Additions(table))));
    group.finish();
}

criterion_group!(benches, peak);
criterion_main!(benches);
