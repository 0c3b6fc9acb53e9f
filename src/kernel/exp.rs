//! e^z for z ≤ 0 in a form the compiler can vectorise: no branch, no table, no call.

use pulp::Simd;

/// Whether the instruction set has fused multiply-adds: AVX2, AVX-512 and NEON do, the baseline of
/// x86-64 does not.
const fn has_fused<S: Simd>() -> bool {
    S::F64_LANES >= 4 || cfg!(target_arch = "aarch64")
}

/// a × b + c in one rounding where the instruction set has it. (Elsewhere a fused operation would
/// be a slow call.)
#[inline(always)]
pub(super) fn mul_add<S: Simd>(a: f64, b: f64, c: f64) -> f64 {
    if has_fused::<S>() { a.mul_add(b, c) } else { a * b + c }
}

/// As [`mul_add`], for f32.
#[inline(always)]
pub(super) fn mul_add_f32<S: Simd>(a: f32, b: f32, c: f32) -> f32 {
    if has_fused::<S>() { a.mul_add(b, c) } else { a * b + c }
}

/// e^z for z ≤ 0, relative error below 2⁻⁵⁰ down to z = −708, where the result leaves the normal
/// numbers and stops falling.
///
/// z = k ln 2 + r with |r| ≤ ln(2)/2; 2^k is assembled from bits, e^r is its Taylor polynomial of
/// degree 12.
#[inline(always)]
pub(super) fn exp_nonpositive<S: Simd>(z: f64) -> f64 {
    // Adding 1.5·2⁵² leaves the nearest integer in the low bits of the sum.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    // ln 2 in two parts: the product of the first with a small integer is exact.
    const LN_2_HIGH: f64 = 0.693_147_180_369_123_8;
    const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    let z = if z > -708.0 { z } else { -708.0 };
    let shifted = mul_add::<S>(z, std::f64::consts::LOG2_E, ROUND);
    let k = shifted - ROUND;
    let r = mul_add::<S>(k, -LN_2_LOW, mul_add::<S>(k, -LN_2_HIGH, z));
    let mut p = INVERSE_FACTORIALS[12];
    let mut n = 12;
    while n > 0 {
        n -= 1;
        p = mul_add::<S>(p, r, INVERSE_FACTORIALS[n]);
    }
    let power_of_two = f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52);
    p * power_of_two
}

/// e^z for z ≤ 0, relative error below 2⁻²², down to z = −87.
#[inline(always)]
pub(super) fn exp_nonpositive_f32<S: Simd>(z: f32) -> f32 {
    const ROUND: f32 = 12_582_912.0;
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    let z = if z > -87.0 { z } else { -87.0 };
    let shifted = mul_add_f32::<S>(z, std::f32::consts::LOG2_E, ROUND);
    let k = shifted - ROUND;
    let r = mul_add_f32::<S>(k, -LN_2_LOW, mul_add_f32::<S>(k, -LN_2_HIGH, z));
    let mut p = INVERSE_FACTORIALS[7] as f32;
    let mut n = 7;
    while n > 0 {
        n -= 1;
        p = mul_add_f32::<S>(p, r, INVERSE_FACTORIALS[n] as f32);
    }
    let power_of_two = f32::from_bits(shifted.to_bits().wrapping_add(127) << 23);
    p * power_of_two
}

/// 1/n!.
const INVERSE_FACTORIALS: [f64; 13] = {
    let mut table = [1.0; 13];
    let mut n = 1;
    while n < 13 {
        table[n] = table[n - 1] / n as f64;
        n += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;
    use pulp::Scalar;

    #[test]
    fn both_precisions_agree_with_the_standard_library() {
        for k in 0..200_000 {
            let z = -f64::from(k) * 3.5e-3;
            let (fast, slow) = (exp_nonpositive::<Scalar>(z), z.exp());
            assert!((fast / slow - 1.0).abs() < 1e-15, "{z}: {fast:e} {slow:e}");
            let z = (z / 8.1) as f32;
            let (fast, slow) = (f64::from(exp_nonpositive_f32::<Scalar>(z)), f64::from(z).exp());
            assert!((fast / slow - 1.0).abs() < 2.4e-7, "{z}: {fast:e} {slow:e}");
        }
        assert_eq!((exp_nonpositive::<Scalar>(0.0), exp_nonpositive_f32::<Scalar>(0.0)), (1.0, 1.0));
        assert!(exp_nonpositive::<Scalar>(-1e9) < 1e-307 && exp_nonpositive_f32::<Scalar>(-1e9) < 1e-37);
    }
}
