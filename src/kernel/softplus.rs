//! Sums of ln(1 + e^{βx}) and of their derivatives over a layer, in f64 whatever the fields are stored in.

use pulp::{Arch, Simd, WithSimd};

use super::{
    exp::{exp_nonpositive, mul_add},
    layer::UNITS,
};

/// Independent partial sums: a vector of the widest kind.
const WIDTH: usize = 8;

/// Blocks whose product ∏(1 + e) ≤ 2^units stays below 2^1023.
const BLOCKS_A_PRODUCT: usize = 31;

/// Σᵢ [ln(1 + e^{β′xᵢ}) − ln(1 + e^{βxᵢ})], with β = `from` and β′ = `to`, over fields that come in blocks.
///
/// Σ ln(1 + e^{βxᵢ}) = β Σ max(xᵢ, 0) + Σ ln(1 + eᵢ) with eᵢ = e^{−β|xᵢ|}. The second sum is ln ∏(1 + eᵢ), which takes
/// one logarithm for many units: t = ∏(1 + eᵢ) − 1 is carried along (t ← t + e + te), so that not even the smallest eᵢ
/// is lost against 1.
pub(crate) fn softplus_difference<'a, T: Field>(blocks: impl Iterator<Item = &'a [T]>, from: f64, to: f64) -> f64 {
    Arch::new().dispatch(SoftplusDifference { blocks, from, to })
}

/// Σᵢ ln(1 + e^{βxᵢ}), from β = 0, where each term is ln 2.
pub(crate) fn softplus_sum(fields: &[f64], beta: f64) -> f64 {
    fields.len() as f64 * std::f64::consts::LN_2 + softplus_difference(fields.chunks(UNITS), 0.0, beta)
}

/// A number a field is stored in.
pub(crate) trait Field: Copy + Into<f64> + 'static {}
impl Field for f32 {}
impl Field for f64 {}

struct SoftplusDifference<I> {
    blocks: I,
    from: f64,
    to: f64,
}

impl<'a, T: Field, I: Iterator<Item = &'a [T]>> WithSimd for SoftplusDifference<I> {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> f64 {
        let Self { blocks, from, to } = self;
        let mut blocks = blocks.peekable();
        let (mut sum, mut positive) = (0.0, [0.0; WIDTH]);
        while blocks.peek().is_some() {
            let (mut product_to, mut product_from) = ([0.0; WIDTH], [0.0; WIDTH]);
            for block in blocks.by_ref().take(BLOCKS_A_PRODUCT) {
                let (vectors, rest) = block.as_chunks::<WIDTH>();
                for x in vectors {
                    let x = x.map(Into::into);
                    multiply::<S>(&mut product_to, exps::<S>(&x, to));
                    multiply::<S>(&mut product_from, exps::<S>(&x, from));
                    add_positive_parts(&mut positive, &x);
                }
                if !rest.is_empty() {
                    let x = fill_up(rest);
                    multiply::<S>(&mut product_to, cut(exps::<S>(&x, to), rest.len()));
                    multiply::<S>(&mut product_from, cut(exps::<S>(&x, from), rest.len()));
                    add_positive_parts(&mut positive, &x);
                }
            }
            sum += log_of_product(product_to) - log_of_product(product_from);
        }
        sum + (to - from) * positive.iter().sum::<f64>()
    }
}

/// A vector of the last few fields, filled up with zeros.
#[inline(always)]
fn fill_up<T: Field>(fields: &[T]) -> [f64; WIDTH] {
    let mut x = [0.0; WIDTH];
    x.iter_mut().zip(fields).for_each(|(x, field)| *x = (*field).into());
    x
}

/// The vector with all but the first `units` lanes zero.
#[inline(always)]
fn cut(mut e: [f64; WIDTH], units: usize) -> [f64; WIDTH] {
    e[units..].fill(0.0);
    e
}

/// e^{−β|x|}.
#[inline(always)]
fn exps<S: Simd>(x: &[f64; WIDTH], beta: f64) -> [f64; WIDTH] {
    let mut e = [0.0; WIDTH];
    for lane in 0..WIDTH {
        e[lane] = exp_nonpositive::<S>(-beta * x[lane].abs());
    }
    e
}

/// t ← (1 + t)(1 + e) − 1.
#[inline(always)]
fn multiply<S: Simd>(t: &mut [f64; WIDTH], e: [f64; WIDTH]) {
    for lane in 0..WIDTH {
        t[lane] = mul_add::<S>(t[lane], e[lane], t[lane] + e[lane]);
    }
}

/// s ← s + max(x, 0).
#[inline(always)]
fn add_positive_parts(sums: &mut [f64; WIDTH], x: &[f64; WIDTH]) {
    for lane in 0..WIDTH {
        sums[lane] += if x[lane] > 0.0 { x[lane] } else { 0.0 };
    }
}

/// ln ∏(1 + t) over the lanes.
fn log_of_product(lanes: [f64; WIDTH]) -> f64 {
    lanes.into_iter().fold(0.0, |t, e| t + e + t * e).ln_1p()
}

/// (Σ xᵢσ(βxᵢ), Σ xᵢ²σ(βxᵢ)(1 − σ(βxᵢ))): mean and variance of Σ xᵢsᵢ for units s in the fields x.
pub(crate) fn conditional_energy<'a, T: Field>(blocks: impl Iterator<Item = &'a [T]>, beta: f64) -> (f64, f64) {
    Arch::new().dispatch(ConditionalEnergy { blocks, beta })
}

struct ConditionalEnergy<I> {
    blocks: I,
    beta: f64,
}

impl<'a, T: Field, I: Iterator<Item = &'a [T]>> WithSimd for ConditionalEnergy<I> {
    type Output = (f64, f64);

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> (f64, f64) {
        let Self { blocks, beta } = self;
        let (mut mean, mut variance) = ([0.0; WIDTH], [0.0; WIDTH]);
        for block in blocks {
            let (vectors, rest) = block.as_chunks::<WIDTH>();
            for x in vectors {
                add_moments::<S>(&mut mean, &mut variance, &x.map(Into::into), beta);
            }
            if !rest.is_empty() {
                // A field of zero has no energy.
                add_moments::<S>(&mut mean, &mut variance, &fill_up(rest), beta);
            }
        }
        (mean.iter().sum(), variance.iter().sum())
    }
}

/// Σᵢ ln(1 + e^{βxᵢ}) and Σᵢ xᵢσ(βxᵢ), its derivative with respect to β, from the same exponentials; β ≥ 0.
pub(crate) fn softplus_and_slope(fields: &[f64], beta: f64) -> (f64, f64) {
    Arch::new().dispatch(SoftplusAndSlope { fields, beta })
}

struct SoftplusAndSlope<'a> {
    fields: &'a [f64],
    beta: f64,
}

impl WithSimd for SoftplusAndSlope<'_> {
    type Output = (f64, f64);

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> (f64, f64) {
        let Self { fields, beta } = self;
        let (mut logs, mut positive, mut slope) = (0.0, [0.0; WIDTH], [0.0; WIDTH]);
        for part in fields.chunks(BLOCKS_A_PRODUCT * UNITS) {
            let mut product = [0.0; WIDTH];
            let mut add = |x: &[f64; WIDTH], lanes: usize| {
                let e = cut(exps::<S>(x, beta), lanes);
                for lane in 0..WIDTH {
                    let likely = 1.0 / (1.0 + e[lane]);
                    slope[lane] += x[lane] * if x[lane] > 0.0 { likely } else { e[lane] * likely };
                }
                multiply::<S>(&mut product, e);
                add_positive_parts(&mut positive, x);
            };
            let (vectors, rest) = part.as_chunks::<WIDTH>();
            vectors.iter().for_each(|x| add(x, WIDTH));
            if !rest.is_empty() {
                add(&fill_up(rest), rest.len());
            }
            logs += log_of_product(product);
        }
        (logs + beta * positive.iter().sum::<f64>(), slope.iter().sum())
    }
}

#[inline(always)]
fn add_moments<S: Simd>(mean: &mut [f64; WIDTH], variance: &mut [f64; WIDTH], x: &[f64; WIDTH], beta: f64) {
    let e = exps::<S>(x, beta);
    for lane in 0..WIDTH {
        // σ(β|x|) = 1/(1 + e) and σ(−β|x|) = e/(1 + e).
        let likely = 1.0 / (1.0 + e[lane]);
        let unlikely = e[lane] * likely;
        mean[lane] += x[lane] * if x[lane] > 0.0 { likely } else { unlikely };
        variance[lane] += x[lane] * x[lane] * likely * unlikely;
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

    /// The errors are bounded relative to the sums themselves, also where every softplus is tiny.
    #[test]
    fn sums_agree_with_the_scalar_functions_at_every_scale() {
        for n in [1, 15, 32, 47, 500, 2500] {
            for (scale, shift) in [(1.0, 0.0), (0.01, 0.0), (40.0, 0.0), (1.0, -30.0), (1.0, 60.0), (1e4, 0.0)] {
                let fields: Vec<f32> = (0..n).map(|k| shift + scale * (k as f32 * 1.3 + 0.4).sin()).collect();
                let x: Vec<f64> = fields.iter().map(|x| f64::from(*x)).collect();
                for (from, to) in [(0.0, 0.4), (0.4, 1.0), (1.0, 1.001), (3.0, 0.0)] {
                    let sum = |f: &dyn Fn(f64) -> f64| x.iter().map(|x| f(*x)).sum::<f64>();
                    let close = |what, a: f64, b: f64, size: f64| {
                        let context = format!("{what} n={n} scale={scale} shift={shift} β={from}…{to}");
                        assert!((a - b).abs() <= 1e-13 * size + 1e-290, "{context}: {a:e} {b:e}");
                    };
                    let [at_from, at_to] = [from, to].map(|beta| sum(&|x| softplus(beta * x)));
                    let difference = softplus_difference(fields.chunks(UNITS), from, to);
                    close("softplus", difference, at_to - at_from, at_to + at_from);
                    let (mean, variance) = conditional_energy(x.chunks(UNITS), to);
                    close("mean", mean, sum(&|x| x * sigmoid(to * x)), sum(&f64::abs));
                    let both = softplus_and_slope(&x, to);
                    close("softplus alone", both.0, at_to, at_to);
                    close("slope", both.1, mean, sum(&f64::abs));
                    let expected = sum(&|x| x * x * sigmoid(to * x) * sigmoid(-to * x));
                    close("variance", variance, expected, expected);
                }
            }
        }
    }
}
