//! Loops that do nothing but arithmetic: what an instruction set can do at most. Each gives the number
//! of its operations, and a sum that keeps it from being dropped.

use std::hint::black_box;

use pulp::{Simd, WithSimd};

/// Independent chains of operations: enough to hide their latency.
const CHAINS: usize = 12;
const STEPS: usize = 2_000;

/// Multiply-adds in f64 from registers.
pub struct Multiply64;
/// The same in f32.
pub struct Multiply32;
/// Additions of these numbers, which are in the nearest cache.
pub struct Add32<'a>(pub &'a [f32]);

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
pub struct Numbers(pub [f32; 4096]);
