//! The inner loop of exact enumeration: products of 1 + AᵢBᵢ over the summed units, without a
//! transcendental function.
//!
//! A tile of `LO` × `HI` states is worked on at once, like the micro-kernel of a matrix product
//! with the rank-1 update replaced by a product: A runs over vector lanes, B is broadcast. The
//! binary exponents are taken out of the running products at the given unit numbers, often enough
//! that nothing overflows.

use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::instruction_set::arch;

/// Subsets of the low kept units in a tile.
pub(super) const LO: usize = 16;
/// Subsets of the high kept units in a tile.
pub(super) const HI: usize = 4;

/// Factors and fields of one side of a tile, [unit][subset]. The fields are empty where no
/// derivatives are wanted.
#[derive(Clone, Copy)]
pub(super) struct Side<'a> {
    pub(super) factors: &'a [f64],
    pub(super) fields: &'a [f64],
}

impl<'a> Side<'a> {
    /// The part of some units only.
    #[inline(always)]
    fn units(self, range: Range<usize>, width: usize) -> Side<'a> {
        let range = range.start * width..range.end * width;
        let fields = if self.fields.is_empty() { self.fields } else { &self.fields[range.clone()] };
        Side { factors: &self.factors[range], fields }
    }
}

/// The products of a tile: ∏ᵢ fᵢ = `value` × 2^`exponent` with fᵢ = 1 + e^{βxᵢ}, at [hi][lo], and
/// the first and second derivative of Σᵢ ln fᵢ with respect to β.
pub(super) struct Tile {
    pub(super) value: [f64; LO * HI],
    pub(super) exponent: [i64; LO * HI],
    pub(super) slope: [f64; LO * HI],
    pub(super) curvature: [f64; LO * HI],
    /// First derivative of the running product.
    first: [f64; LO * HI],
    /// Half the second derivative of the running product.
    second: [f64; LO * HI],
}

impl Tile {
    pub(super) fn new() -> Self {
        Self {
            value: [1.0; LO * HI],
            exponent: [0; LO * HI],
            slope: [0.0; LO * HI],
            curvature: [0.0; LO * HI],
            first: [0.0; LO * HI],
            second: [0.0; LO * HI],
        }
    }

    /// Sets the tile to the products over all units. `extract_at` lists the unit numbers (the last
    /// one n) before which exponents are taken out. With `DERIVATIVES` false, slope and curvature
    /// stay 0.
    pub(super) fn multiply<const DERIVATIVES: bool>(&mut self, lo: Side<'_>, hi: Side<'_>, extract_at: &[usize]) {
        arch().dispatch(Multiply::<DERIVATIVES> { tile: self, lo, hi, extract_at });
    }
}

struct Multiply<'a, const DERIVATIVES: bool> {
    tile: &'a mut Tile,
    lo: Side<'a>,
    hi: Side<'a>,
    extract_at: &'a [usize],
}

impl<const DERIVATIVES: bool> WithSimd for Multiply<'_, DERIVATIVES> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { tile, lo, hi, extract_at } = self;
        *tile = Tile::new();
        let mut start = 0;
        for &end in extract_at {
            let lo = lo.units(start..end, LO);
            let hi = hi.units(start..end, HI);
            // Register blocks: eight accumulators hide the latency of the multiplications; with
            // derivatives, each state has three and a longer chain of operations, so that two
            // states are enough.
            if DERIVATIVES {
                for r in 0..LO / S::F64_LANES {
                    for c in (0..HI).step_by(2) {
                        derivative_block::<S, 2>(simd, tile, lo, hi, r, c);
                    }
                }
            } else if S::F64_LANES == 8 {
                value_block::<S, 2, 4>(simd, tile, lo, hi, 0, 0);
            } else {
                for r in (0..LO / S::F64_LANES).step_by(4) {
                    for c in (0..HI).step_by(2) {
                        value_block::<S, 4, 2>(simd, tile, lo, hi, r, c);
                    }
                }
            }
            extract::<DERIVATIVES>(tile);
            start = end;
        }
    }
}

/// Multiplies `value` of R × C vectors by the factors of the units given.
#[inline(always)]
fn value_block<S: Simd, const R: usize, const C: usize>(
    simd: S,
    tile: &mut Tile,
    lo: Side<'_>,
    hi: Side<'_>,
    r0: usize,
    c0: usize,
) {
    let (lo, _) = S::as_simd_f64s(lo.factors);
    let (value, _) = S::as_mut_simd_f64s(&mut tile.value);
    let per_unit = LO / S::F64_LANES;
    let one = simd.splat_f64s(1.0);
    let mut product = [[one; R]; C];
    for c in 0..C {
        for r in 0..R {
            product[c][r] = value[(c0 + c) * per_unit + r0 + r];
        }
    }
    for (a, b) in lo.chunks_exact(per_unit).zip(hi.factors.chunks_exact(HI)) {
        for c in 0..C {
            let b = simd.splat_f64s(b[c0 + c]);
            for r in 0..R {
                let factor = simd.mul_add_e_f64s(a[r0 + r], b, one);
                product[c][r] = simd.mul_f64s(product[c][r], factor);
            }
        }
    }
    for c in 0..C {
        for r in 0..R {
            value[(c0 + c) * per_unit + r0 + r] = product[c][r];
        }
    }
}

/// Multiplies C vectors of Taylor polynomials (P, P′, P″/2) by those of the units' factors, (1 + p,
/// xp, x²p/2).
#[inline(always)]
fn derivative_block<S: Simd, const C: usize>(
    simd: S,
    tile: &mut Tile,
    lo: Side<'_>,
    hi: Side<'_>,
    r: usize,
    c0: usize,
) {
    let (lo_factors, _) = S::as_simd_f64s(lo.factors);
    let (lo_fields, _) = S::as_simd_f64s(lo.fields);
    let per_unit = LO / S::F64_LANES;
    let (value, _) = S::as_mut_simd_f64s(&mut tile.value);
    let (first, _) = S::as_mut_simd_f64s(&mut tile.first);
    let (second, _) = S::as_mut_simd_f64s(&mut tile.second);
    let (one, half) = (simd.splat_f64s(1.0), simd.splat_f64s(0.5));
    let index = |c: usize| (c0 + c) * per_unit + r;
    let mut p: [_; C] = std::array::from_fn(|c| value[index(c)]);
    let mut p1: [_; C] = std::array::from_fn(|c| first[index(c)]);
    let mut p2: [_; C] = std::array::from_fn(|c| second[index(c)]);
    let lo = lo_factors.chunks_exact(per_unit).zip(lo_fields.chunks_exact(per_unit));
    let hi = hi.factors.chunks_exact(HI).zip(hi.fields.chunks_exact(HI));
    for ((a, xa), (b, xb)) in lo.zip(hi) {
        for c in 0..C {
            let q = simd.mul_f64s(a[r], simd.splat_f64s(b[c0 + c]));
            let x = simd.add_f64s(xa[r], simd.splat_f64s(xb[c0 + c]));
            let f = simd.add_f64s(q, one);
            let f1 = simd.mul_f64s(x, q);
            let half_x = simd.mul_f64s(half, x);
            let u = simd.mul_add_e_f64s(p[c], half_x, p1[c]);
            p2[c] = simd.mul_add_e_f64s(f1, u, simd.mul_f64s(p2[c], f));
            p1[c] = simd.mul_add_e_f64s(p[c], f1, simd.mul_f64s(p1[c], f));
            p[c] = simd.mul_f64s(p[c], f);
        }
    }
    for c in 0..C {
        value[index(c)] = p[c];
        first[index(c)] = p1[c];
        second[index(c)] = p2[c];
    }
}

/// Moves the binary exponents of the products into `exponent`, and their derivatives into `slope`
/// and `curvature`.
///
/// Taking logarithmic derivatives a few units at a time keeps P″/P − (P′/P)² from cancelling.
#[inline(always)]
fn extract<const DERIVATIVES: bool>(tile: &mut Tile) {
    const FRACTION: u64 = (1 << 52) - 1;
    const BIAS: u64 = 1023;
    for k in 0..LO * HI {
        if DERIVATIVES {
            let slope = tile.first[k] / tile.value[k];
            tile.slope[k] += slope;
            tile.curvature[k] += 2.0 * tile.second[k] / tile.value[k] - slope * slope;
            tile.first[k] = 0.0;
            tile.second[k] = 0.0;
        }
        // A product of factors ≥ 1 is positive and normal, so its bits are exponent and fraction.
        let bits = tile.value[k].to_bits();
        tile.exponent[k] += (bits >> 52) as i64 - BIAS as i64;
        tile.value[k] = f64::from_bits(bits & FRACTION | BIAS << 52);
    }
}
