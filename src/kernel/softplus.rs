//! Sums of ln(1 + e^{βx}) and of their derivatives over a layer, in f64 from fields in f32 or f64.

use pulp::{Arch, Simd, WithSimd};

use super::exp::{exp_nonpositive, mul_add};

/// Independent partial sums: two vectors of the widest kind.
const WIDTH: usize = 16;

/// Σᵢ ln(1 + e^{βxᵢ}).
///
/// Written as β Σ max(xᵢ, 0) + Σ ln(1 + eᵢ) with eᵢ = e^{−β|xᵢ|}. The second sum is ln ∏(1 + eᵢ), which takes one
/// logarithm for many units: t = ∏(1 + eᵢ) − 1 is carried along (t ← t + e + te), so that not even the smallest eᵢ is
/// lost against 1.
pub(crate) fn softplus_sum<T: Copy + Into<f64>>(fields: &[T], beta: f64) -> f64 {
    Arch::new().dispatch(SoftplusSum { fields, beta })
}

struct SoftplusSum<'a, T> {
    fields: &'a [T],
    beta: f64,
}

impl<T: Copy + Into<f64>> WithSimd for SoftplusSum<'_, T> {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> f64 {
        // ∏(1 + e) ≤ 2^units must stay below 2^1023 in each lane.
        const UNITS_A_PRODUCT: usize = 1000 * WIDTH;
        let mut total = 0.0;
        let mut positive = [0.0f64; WIDTH];
        for units in self.fields.chunks(UNITS_A_PRODUCT) {
            let mut product = [0.0f64; WIDTH];
            let (chunks, rest) = units.as_chunks::<WIDTH>();
            for x in chunks {
                for lane in 0..WIDTH {
                    let x: f64 = x[lane].into();
                    let e = exp_nonpositive::<S>(-self.beta * x.abs());
                    product[lane] = mul_add::<S>(product[lane], e, product[lane] + e);
                    positive[lane] += if x > 0.0 { x } else { 0.0 };
                }
            }
            for (lane, x) in rest.iter().enumerate() {
                let x: f64 = (*x).into();
                let e = exp_nonpositive::<S>(-self.beta * x.abs());
                product[lane] += e + product[lane] * e;
                positive[lane] += x.max(0.0);
            }
            total += product.iter().map(|t| t.ln_1p()).sum::<f64>();
        }
        total + self.beta * positive.iter().sum::<f64>()
    }
}

/// (Σ xᵢσ(βxᵢ), Σ xᵢ²σ(βxᵢ)(1 − σ(βxᵢ))): mean and variance of Σ xᵢsᵢ for units s in the fields x.
pub(crate) fn conditional_energy<T: Copy + Into<f64>>(fields: &[T], beta: f64) -> (f64, f64) {
    Arch::new().dispatch(ConditionalEnergy { fields, beta })
}

struct ConditionalEnergy<'a, T> {
    fields: &'a [T],
    beta: f64,
}

impl<T: Copy + Into<f64>> WithSimd for ConditionalEnergy<'_, T> {
    type Output = (f64, f64);

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> (f64, f64) {
        let (mut mean, mut variance) = ([0.0f64; WIDTH], [0.0f64; WIDTH]);
        for chunk in self.fields.chunks(WIDTH) {
            for (lane, x) in chunk.iter().enumerate() {
                let x: f64 = (*x).into();
                let e = exp_nonpositive::<S>(-self.beta * x.abs());
                // σ(β|x|) = 1/(1 + e) and σ(−β|x|) = e/(1 + e).
                let (likely, unlikely) = (1.0 / (1.0 + e), e / (1.0 + e));
                mean[lane] += x * if x > 0.0 { likely } else { unlikely };
                variance[lane] += x * x * likely * unlikely;
            }
        }
        (mean.iter().sum(), variance.iter().sum())
    }
}

/// Adds `factor` × σ(βxᵢ) to each element of `sums`.
pub(crate) fn add_sigmoids(fields: &[f64], beta: f64, factor: f64, sums: &mut [f64]) {
    Arch::new().dispatch(AddSigmoids { fields, beta, factor, sums });
}

struct AddSigmoids<'a> {
    fields: &'a [f64],
    beta: f64,
    factor: f64,
    sums: &'a mut [f64],
}

impl WithSimd for AddSigmoids<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (x, sum) in self.fields.iter().zip(self.sums) {
            let e = exp_nonpositive::<S>(-self.beta * x.abs());
            *sum += self.factor * if *x > 0.0 { 1.0 } else { e } / (1.0 + e);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{sigmoid, softplus};

    #[test]
    fn sums_agree_with_the_scalar_functions_at_every_scale() {
        for n in [1, 15, 16, 17, 500, 784] {
            for (scale, shift) in [(1.0, 0.0), (0.01, 0.0), (40.0, 0.0), (1.0, -30.0), (1.0, 60.0), (1e4, 0.0)] {
                let fields: Vec<f32> = (0..n).map(|k| shift + scale * (k as f32 * 1.3 + 0.4).sin()).collect();
                for beta in [0.0, 0.4, 1.0, 3.0] {
                    let wide = || fields.iter().map(|x| f64::from(*x));
                    let close = |what, a: f64, b: f64| {
                        assert!(
                            (a - b).abs() <= 1e-13 * b.abs() + 1e-290,
                            "{what} n={n} scale={scale} β={beta}: {a:e} {b:e}"
                        );
                    };
                    close("softplus", softplus_sum(&fields, beta), wide().map(|x| softplus(beta * x)).sum());
                    let (mean, variance) = conditional_energy(&fields, beta);
                    let terms = wide().map(|x| x * sigmoid(beta * x)).sum::<f64>();
                    assert!((mean - terms).abs() <= 1e-13 * wide().map(f64::abs).sum::<f64>());
                    close("variance", variance, wide().map(|x| x * x * sigmoid(beta * x) * sigmoid(-beta * x)).sum());
                }
            }
        }
    }
}
