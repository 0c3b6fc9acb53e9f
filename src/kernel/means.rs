//! The means of bits in their fields, in either precision.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::{
    exp::{exp_nonpositive, exp_nonpositive_f32},
    instruction_set::arch,
    layer::{Block, Fields},
};

/// Replaces each field x by σ(x).
pub(crate) fn fields_to_means(fields: &mut Fields) {
    let blocks: Vec<_> = fields.by_block_mut().collect();
    blocks.into_par_iter().for_each(|blocks| arch().dispatch(Means { blocks }));
}

struct Means<'a> {
    blocks: &'a mut [Block],
}

impl WithSimd for Means<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for x in self.blocks.iter_mut().flat_map(|block| &mut block.0) {
            let e = exp_nonpositive_f32::<S>(-x.abs());
            let unlikely = e / (1.0 + e);
            *x = if *x > 0.0 { 1.0 - unlikely } else { unlikely };
        }
    }
}

/// Replaces each x by σ(x + shift).
pub(crate) fn shifted_sigmoids(xs: &mut [f32], shift: f32) {
    arch().dispatch(Shifted { xs, shift });
}

struct Shifted<'a> {
    xs: &'a mut [f32],
    shift: f32,
}

impl WithSimd for Shifted<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for x in self.xs {
            let z = *x + self.shift;
            let e = exp_nonpositive_f32::<S>(-z.abs());
            let unlikely = e / (1.0 + e);
            *x = if z > 0.0 { 1.0 - unlikely } else { unlikely };
        }
    }
}

/// Replaces each x by σ(x), in f64.
pub(crate) fn sigmoid_all(xs: &mut [f64]) {
    arch().dispatch(Sigmoid { xs });
}

struct Sigmoid<'a> {
    xs: &'a mut [f64],
}

impl WithSimd for Sigmoid<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for x in self.xs {
            let e = exp_nonpositive::<S>(-x.abs());
            let unlikely = e / (1.0 + e);
            *x = if *x > 0.0 { 1.0 - unlikely } else { unlikely };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::sigmoid;

    #[test]
    fn means_are_the_logistic_function() {
        let mut fields = Fields::zeros(64, 1);
        let x = |k: usize| (k as f32 - 32.0) * 1.7;
        for (b, blocks) in fields.by_block_mut().enumerate() {
            blocks[0].0.iter_mut().enumerate().for_each(|(k, y)| *y = x(32 * b + k));
        }
        fields_to_means(&mut fields);
        for (k, mean) in fields.of_chain(0).flatten().enumerate() {
            assert!((f64::from(*mean) - sigmoid(f64::from(x(k)))).abs() < 2e-7, "σ({}) = {mean}", x(k));
        }
    }

    #[test]
    fn and_so_are_those_in_double_precision() {
        let fields: Vec<f64> = (-3000..3000).map(|k| 0.31 * f64::from(k)).collect();
        let mut means = fields.clone();
        sigmoid_all(&mut means);
        for (x, mean) in fields.into_iter().zip(means) {
            assert!((mean - sigmoid(x)).abs() < 4e-16, "σ({x}) = {mean}");
        }
    }
}
