//! Sums of ln(1 + e^{βx}) and of their derivatives over a layer, in f64 from fields in f32.

use pulp::{Arch, Simd, WithSimd};

use super::{
    exp::{exp_nonpositive, mul_add},
    layer::Fields,
};

/// Independent partial sums: a vector of the widest kind.
const WIDTH: usize = 8;

/// Blocks of 32 units whose product ∏(1 + e) ≤ 2^units stays below 2^1023.
const BLOCKS_A_PRODUCT: usize = 31;

/// Adds Σᵢ [ln(1 + e^{β′xᵢ}) − ln(1 + e^{βxᵢ})] of each chain, with β = `from` and β′ = `to`, to `sums`.
///
/// Σ ln(1 + e^{βxᵢ}) = β Σ max(xᵢ, 0) + Σ ln(1 + eᵢ) with eᵢ = e^{−β|xᵢ|}. The second sum is ln ∏(1 + eᵢ), which takes
/// one logarithm for many units: t = ∏(1 + eᵢ) − 1 is carried along (t ← t + e + te), so that not even the smallest eᵢ
/// is lost against 1.
pub(crate) fn add_softplus_differences(fields: &Fields, from: f64, to: f64, sums: &mut [f64]) {
    Arch::new().dispatch(SoftplusDifferences { fields, from, to, sums });
}

struct SoftplusDifferences<'a> {
    fields: &'a Fields,
    from: f64,
    to: f64,
    sums: &'a mut [f64],
}

impl WithSimd for SoftplusDifferences<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { fields, from, to, sums } = self;
        for (chain, sum) in sums.iter_mut().enumerate() {
            let mut positive = [0.0; WIDTH];
            let mut blocks = fields.of_chain(chain).peekable();
            while blocks.peek().is_some() {
                let (mut product_to, mut product_from) = ([0.0; WIDTH], [0.0; WIDTH]);
                for block in blocks.by_ref().take(BLOCKS_A_PRODUCT) {
                    let (vectors, rest) = block.as_chunks::<WIDTH>();
                    for x in vectors {
                        let x = x.map(f64::from);
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
                *sum += log_of_product(product_to) - log_of_product(product_from);
            }
            *sum += (to - from) * positive.iter().sum::<f64>();
        }
    }
}

/// A vector of the last few fields, filled up with zeros.
#[inline(always)]
fn fill_up(fields: &[f32]) -> [f64; WIDTH] {
    let mut x = [0.0; WIDTH];
    x.iter_mut().zip(fields).for_each(|(x, field)| *x = f64::from(*field));
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

/// For each chain, (Σ xᵢσ(βxᵢ), Σ xᵢ²σ(βxᵢ)(1 − σ(βxᵢ))): mean and variance of Σ xᵢsᵢ for units s in the fields x.
pub(crate) fn conditional_energies(fields: &Fields, beta: f64) -> Vec<(f64, f64)> {
    Arch::new().dispatch(ConditionalEnergies { fields, beta })
}

struct ConditionalEnergies<'a> {
    fields: &'a Fields,
    beta: f64,
}

impl WithSimd for ConditionalEnergies<'_> {
    type Output = Vec<(f64, f64)>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Vec<(f64, f64)> {
        let Self { fields, beta } = self;
        let mut energies = vec![(0.0, 0.0); fields.chains()];
        for (chain, energy) in energies.iter_mut().enumerate() {
            let (mut mean, mut variance) = ([0.0; WIDTH], [0.0; WIDTH]);
            for block in fields.of_chain(chain) {
                let (vectors, rest) = block.as_chunks::<WIDTH>();
                for x in vectors {
                    add_moments::<S>(&mut mean, &mut variance, &x.map(f64::from), beta);
                }
                if !rest.is_empty() {
                    // A field of zero has no energy.
                    add_moments::<S>(&mut mean, &mut variance, &fill_up(rest), beta);
                }
            }
            *energy = (mean.iter().sum(), variance.iter().sum());
        }
        energies
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{sigmoid, softplus};

    /// The errors are bounded relative to the sums themselves, also where every softplus is tiny.
    #[test]
    fn sums_agree_with_the_scalar_functions_at_every_scale() {
        const CHAINS: usize = 3;
        for n in [1, 15, 32, 47, 500, 2500] {
            for (scale, shift) in [(1.0, 0.0), (0.01, 0.0), (40.0, 0.0), (1.0, -30.0), (1.0, 60.0), (1e4, 0.0)] {
                let field = |c: usize, k: usize| shift + scale * ((c * n + k) as f32 * 1.3 + 0.4).sin();
                let mut fields = Fields::zeros(n, CHAINS);
                for (b, block) in fields.by_block_mut().enumerate() {
                    for (c, block) in block.iter_mut().enumerate() {
                        for k in 32 * b..n.min(32 * b + 32) {
                            block.0[k % 32] = field(c, k);
                        }
                    }
                }
                for (from, to) in [(0.0, 0.4), (0.4, 1.0), (1.0, 1.001), (3.0, 0.0)] {
                    let mut differences = [0.0; CHAINS];
                    add_softplus_differences(&fields, from, to, &mut differences);
                    let energies = conditional_energies(&fields, to);
                    for c in 0..CHAINS {
                        let x: Vec<f64> = (0..n).map(|k| f64::from(field(c, k))).collect();
                        let sum = |f: &dyn Fn(f64) -> f64| x.iter().map(|x| f(*x)).sum::<f64>();
                        let close = |what, a: f64, b: f64, size: f64| {
                            let context = format!("{what} n={n} scale={scale} shift={shift} β={from}…{to}");
                            assert!((a - b).abs() <= 1e-13 * size + 1e-290, "{context}: {a:e} {b:e}");
                        };
                        let [at_from, at_to] = [from, to].map(|beta| sum(&|x| softplus(beta * x)));
                        close("softplus", differences[c], at_to - at_from, at_to + at_from);
                        let (mean, variance) = energies[c];
                        close("mean", mean, sum(&|x| x * sigmoid(to * x)), sum(&f64::abs));
                        let expected = sum(&|x| x * x * sigmoid(to * x) * sigmoid(-to * x));
                        close("variance", variance, expected, expected);
                    }
                }
            }
        }
    }
}
