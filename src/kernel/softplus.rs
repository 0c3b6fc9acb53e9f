//! Sums of ln(1 + e^{βx}) and of their derivatives over a layer, in f64 whatever the fields are
//! stored in.

use pulp::{Simd, WithSimd};

use super::{
    exp::{exp_nonpositive, mul_add},
    instruction_set::arch,
    layer::UNITS,
    rung::Rung,
};

/// Independent partial sums: a vector of the widest kind.
const WIDTH: usize = 8;

/// Blocks whose product ∏(1 + e) ≤ 2^units stays below 2^1023.
const BLOCKS_A_PRODUCT: usize = 31;

/// Σᵢ [ln(1 + e^{zᵢ}) at `to` − ln(1 + e^{zᵢ}) at `from`] with zᵢ = βxᵢ + bθᵢ at a rung (β, b),
/// over fields x that come in blocks and the fields θ of a base.
///
/// Σ ln(1 + e^{zᵢ}) = Σ max(zᵢ, 0) + Σ ln(1 + eᵢ) with eᵢ = e^{−|zᵢ|}. The second sum is ln ∏(1 +
/// eᵢ), which takes one logarithm for many units: t = ∏(1 + eᵢ) − 1 is carried along (t ← t + e +
/// te), so that not even the smallest eᵢ is lost against 1.
pub(crate) fn softplus_difference<'a, T: Field>(
    blocks: impl Iterator<Item = &'a [T]>,
    theta: &'a [f64],
    from: Rung,
    to: Rung,
) -> f64 {
    arch().dispatch(SoftplusDifference { blocks: blocks.zip(theta.chunks(UNITS)), from, to })
}

/// Σᵢ ln(1 + e^{zᵢ}), from a rung where each term is ln 2.
pub(crate) fn softplus_sum(fields: &[f64], theta: &[f64], rung: Rung) -> f64 {
    let nowhere = Rung::at(0.0);
    fields.len() as f64 * std::f64::consts::LN_2 + softplus_difference(fields.chunks(UNITS), theta, nowhere, rung)
}

/// A number a field is stored in.
pub(crate) trait Field: Copy + Into<f64> + 'static {}
impl Field for f32 {}
impl Field for f64 {}

struct SoftplusDifference<I> {
    blocks: I,
    from: Rung,
    to: Rung,
}

impl<'a, T: Field, I: Iterator<Item = (&'a [T], &'a [f64])>> WithSimd for SoftplusDifference<I> {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> f64 {
        let Self { blocks, from, to } = self;
        let mut blocks = blocks.peekable();
        let (mut sum, mut positive) = (0.0, [0.0; WIDTH]);
        while blocks.peek().is_some() {
            let (mut product_to, mut product_from) = ([0.0; WIDTH], [0.0; WIDTH]);
            for (block, theta) in blocks.by_ref().take(BLOCKS_A_PRODUCT) {
                let (vectors, rest) = block.as_chunks::<WIDTH>();
                let (thetas, theta_rest) = theta.as_chunks::<WIDTH>();
                for (x, theta) in vectors.iter().zip(thetas) {
                    let x = x.map(Into::into);
                    // Not by `map`: a closure of it would not be compiled for the vector
                    // instructions.
                    let (z_to, z_from) = (fields_of::<S>(&x, theta, to), fields_of::<S>(&x, theta, from));
                    multiply::<S>(&mut product_to, exps::<S>(&z_to));
                    multiply::<S>(&mut product_from, exps::<S>(&z_from));
                    add_positive_parts(&mut positive, &z_to, &z_from);
                }
                if !rest.is_empty() {
                    let (x, theta) = (fill_up(rest), fill_up(theta_rest));
                    let (z_to, z_from) = (fields_of::<S>(&x, &theta, to), fields_of::<S>(&x, &theta, from));
                    multiply::<S>(&mut product_to, cut(exps::<S>(&z_to), rest.len()));
                    multiply::<S>(&mut product_from, cut(exps::<S>(&z_from), rest.len()));
                    add_positive_parts(&mut positive, &z_to, &z_from);
                }
            }
            sum += log_of_product(product_to) - log_of_product(product_from);
        }
        sum + positive.iter().sum::<f64>()
    }
}

/// z = βx + bθ.
#[inline(always)]
fn fields_of<S: Simd>(x: &[f64; WIDTH], theta: &[f64; WIDTH], rung: Rung) -> [f64; WIDTH] {
    let mut z = [0.0; WIDTH];
    for lane in 0..WIDTH {
        z[lane] = mul_add::<S>(rung.base, theta[lane], rung.beta * x[lane]);
    }
    z
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

/// e^{−|z|}.
#[inline(always)]
fn exps<S: Simd>(z: &[f64; WIDTH]) -> [f64; WIDTH] {
    let mut e = [0.0; WIDTH];
    for lane in 0..WIDTH {
        e[lane] = exp_nonpositive::<S>(-z[lane].abs());
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

/// s ← s + max(z′, 0) − max(z, 0).
#[inline(always)]
fn add_positive_parts(sums: &mut [f64; WIDTH], to: &[f64; WIDTH], from: &[f64; WIDTH]) {
    for lane in 0..WIDTH {
        let to = if to[lane] > 0.0 { to[lane] } else { 0.0 };
        let from = if from[lane] > 0.0 { from[lane] } else { 0.0 };
        sums[lane] += to - from;
    }
}

/// ln ∏(1 + t) over the lanes.
fn log_of_product(lanes: [f64; WIDTH]) -> f64 {
    lanes.into_iter().fold(0.0, |t, e| t + e + t * e).ln_1p()
}

/// (Σ xᵢσ(zᵢ), Σ xᵢ²σ(zᵢ)(1 − σ(zᵢ))) with zᵢ = βxᵢ + bθᵢ: mean and variance of Σ xᵢsᵢ for units s
/// in the fields z.
pub(crate) fn conditional_energy<'a, T: Field>(
    blocks: impl Iterator<Item = &'a [T]>,
    theta: &'a [f64],
    rung: Rung,
) -> (f64, f64) {
    arch().dispatch(ConditionalEnergy { blocks: blocks.zip(theta.chunks(UNITS)), rung })
}

struct ConditionalEnergy<I> {
    blocks: I,
    rung: Rung,
}

impl<'a, T: Field, I: Iterator<Item = (&'a [T], &'a [f64])>> WithSimd for ConditionalEnergy<I> {
    type Output = (f64, f64);

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> (f64, f64) {
        let Self { blocks, rung } = self;
        let (mut mean, mut variance) = ([0.0; WIDTH], [0.0; WIDTH]);
        for (block, theta) in blocks {
            let (vectors, rest) = block.as_chunks::<WIDTH>();
            let (thetas, theta_rest) = theta.as_chunks::<WIDTH>();
            for (x, theta) in vectors.iter().zip(thetas) {
                add_moments::<S>(&mut mean, &mut variance, &x.map(Into::into), theta, rung);
            }
            if !rest.is_empty() {
                // A field of zero has no energy.
                add_moments::<S>(&mut mean, &mut variance, &fill_up(rest), &fill_up(theta_rest), rung);
            }
        }
        (mean.iter().sum(), variance.iter().sum())
    }
}

/// Σᵢ ln(1 + e^{βxᵢ}): [`softplus_sum`] without a base, which then costs nothing.
pub(crate) fn softplus_at(fields: &[f64], beta: f64) -> f64 {
    arch().dispatch(SoftplusAt { fields, beta })
}

struct SoftplusAt<'a> {
    fields: &'a [f64],
    beta: f64,
}

impl WithSimd for SoftplusAt<'_> {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> f64 {
        let Self { fields, beta } = self;
        let (mut logs, mut positive) = (0.0, [0.0; WIDTH]);
        for part in fields.chunks(BLOCKS_A_PRODUCT * UNITS) {
            let mut product = [0.0; WIDTH];
            let (vectors, rest) = part.as_chunks::<WIDTH>();
            for x in vectors {
                multiply::<S>(&mut product, add_terms::<S>(&mut positive, x, beta));
            }
            if !rest.is_empty() {
                // On a vector that is not full a field of zero would count as ln 2.
                multiply::<S>(&mut product, cut(add_terms::<S>(&mut positive, &fill_up(rest), beta), rest.len()));
            }
            logs += log_of_product(product);
        }
        logs + positive.iter().sum::<f64>()
    }
}

/// Adds max(βx, 0) to the sums, and gives e^{−|βx|}.
///
/// A function, because a closure would not be compiled for the vector instructions.
#[inline(always)]
fn add_terms<S: Simd>(positive: &mut [f64; WIDTH], x: &[f64; WIDTH], beta: f64) -> [f64; WIDTH] {
    let mut z = [0.0; WIDTH];
    for lane in 0..WIDTH {
        z[lane] = beta * x[lane];
        positive[lane] += if z[lane] > 0.0 { z[lane] } else { 0.0 };
    }
    exps::<S>(&z)
}

/// Σᵢ ln(1 + e^{βxᵢ}) and Σᵢ xᵢσ(βxᵢ), its derivative with respect to β, from the same
/// exponentials; β ≥ 0.
pub(crate) fn softplus_and_slope(fields: &[f64], beta: f64) -> (f64, f64) {
    arch().dispatch(SoftplusAndSlope { fields, beta })
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
            let (vectors, rest) = part.as_chunks::<WIDTH>();
            for x in vectors {
                multiply::<S>(&mut product, add_slopes::<S>(&mut slope, &mut positive, x, beta));
            }
            if !rest.is_empty() {
                // On a vector that is not full a field of zero would count as ln 2.
                let e = add_slopes::<S>(&mut slope, &mut positive, &fill_up(rest), beta);
                multiply::<S>(&mut product, cut(e, rest.len()));
            }
            logs += log_of_product(product);
        }
        (logs + positive.iter().sum::<f64>(), slope.iter().sum())
    }
}

/// Adds xσ(βx) and max(βx, 0) to the sums, and gives e^{−|βx|}.
#[inline(always)]
fn add_slopes<S: Simd>(
    slope: &mut [f64; WIDTH],
    positive: &mut [f64; WIDTH],
    x: &[f64; WIDTH],
    beta: f64,
) -> [f64; WIDTH] {
    let e = add_terms::<S>(positive, x, beta);
    for lane in 0..WIDTH {
        let likely = 1.0 / (1.0 + e[lane]);
        slope[lane] += x[lane] * if x[lane] > 0.0 { likely } else { e[lane] * likely };
    }
    e
}

#[inline(always)]
fn add_moments<S: Simd>(
    mean: &mut [f64; WIDTH],
    variance: &mut [f64; WIDTH],
    x: &[f64; WIDTH],
    theta: &[f64; WIDTH],
    rung: Rung,
) {
    let z = fields_of::<S>(x, theta, rung);
    let e = exps::<S>(&z);
    for lane in 0..WIDTH {
        // σ(|z|) = 1/(1 + e) and σ(−|z|) = e/(1 + e).
        let likely = 1.0 / (1.0 + e[lane]);
        let unlikely = e[lane] * likely;
        mean[lane] += x[lane] * if z[lane] > 0.0 { likely } else { unlikely };
        variance[lane] += x[lane] * x[lane] * likely * unlikely;
    }
}

/// Adds `factor` × σ(βxᵢ) to each element of `sums`.
pub(crate) fn add_sigmoids(fields: &[f64], beta: f64, factor: f64, sums: &mut [f64]) {
    arch().dispatch(AddSigmoids { fields, beta, factor, sums });
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
                let theta: Vec<f64> = (0..n).map(|k| 3.0 * (k as f64 * 0.7).cos()).collect();
                let rungs = [(0.0, 0.0), (0.4, 0.0), (1.0, 0.0), (1.001, 0.0), (0.0, 1.0), (0.4, 0.6), (3.0, 0.1)];
                let rungs = rungs.map(|(beta, base)| Rung { beta, base, segment: 0 });
                for (from, to) in rungs.into_iter().flat_map(|from| rungs.map(|to| (from, to))) {
                    let sum = |f: &dyn Fn(f64, f64) -> f64| x.iter().zip(&theta).map(|(x, t)| f(*x, *t)).sum::<f64>();
                    let close = |what, a: f64, b: f64, size: f64| {
                        let context = format!("{what} n={n} scale={scale} shift={shift} {from:?} … {to:?}");
                        assert!((a - b).abs() <= 1e-13 * size + 1e-290, "{context}: {a:e} {b:e}");
                    };
                    let [at_from, at_to] = [from, to].map(|rung| sum(&|x, t| softplus(rung.field(x, t))));
                    let difference = softplus_difference(fields.chunks(UNITS), &theta, from, to);
                    close("softplus", difference, at_to - at_from, at_to + at_from);
                    let (mean, variance) = conditional_energy(x.chunks(UNITS), &theta, to);
                    close("mean", mean, sum(&|x, t| x * sigmoid(to.field(x, t))), sum(&|x, _| x.abs()));
                    let width = |x: f64, t: f64| x * x * sigmoid(to.field(x, t)) * sigmoid(-to.field(x, t));
                    // In a strong field the variance is as sensitive to the rounding of z as z is
                    // large.
                    let widest = sum(&|x, t| width(x, t) * (1.0 + to.field(x, t).abs()));
                    close("variance", variance, sum(&width), widest);
                    if to.base == 0.0 {
                        let both = softplus_and_slope(&x, to.beta);
                        close("softplus with its slope", both.0, at_to, at_to);
                        close("softplus alone", softplus_at(&x, to.beta), at_to, at_to);
                        close("slope", both.1, mean, sum(&|x, _| x.abs()));
                    }
                }
            }
        }
    }
}
