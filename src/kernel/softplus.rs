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
        for (chain, sum) in self.sums.iter_mut().enumerate() {
            let mut positive = [0.0; WIDTH];
            let mut blocks = self.fields.of_chain(chain).peekable();
            while blocks.peek().is_some() {
                let (mut product_to, mut product_from) = ([0.0; WIDTH], [0.0; WIDTH]);
                for block in blocks.by_ref().take(BLOCKS_A_PRODUCT) {
                    let (vectors, rest) = block.as_chunks::<WIDTH>();
                    for x in vectors {
                        for lane in 0..WIDTH {
                            let x = f64::from(x[lane]);
                            product_to[lane] = times_one_plus::<S>(product_to[lane], self.to, x);
                            product_from[lane] = times_one_plus::<S>(product_from[lane], self.from, x);
                            positive[lane] += if x > 0.0 { x } else { 0.0 };
                        }
                    }
                    for (lane, x) in rest.iter().enumerate() {
                        let x = f64::from(*x);
                        product_to[lane] = times_one_plus::<S>(product_to[lane], self.to, x);
                        product_from[lane] = times_one_plus::<S>(product_from[lane], self.from, x);
                        positive[lane] += x.max(0.0);
                    }
                }
                *sum += log_of_product(product_to) - log_of_product(product_from);
            }
            *sum += (self.to - self.from) * positive.iter().sum::<f64>();
        }
    }
}

/// (1 + t)(1 + e) − 1 with e = e^{−β|x|}.
#[inline(always)]
fn times_one_plus<S: Simd>(t: f64, beta: f64, x: f64) -> f64 {
    let e = exp_nonpositive::<S>(-beta * x.abs());
    mul_add::<S>(t, e, t + e)
}

/// ln ∏(1 + t) over lanes.
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
        let of_chain = |chain| {
            let (mut mean, mut variance) = ([0.0f64; WIDTH], [0.0f64; WIDTH]);
            for chunk in self.fields.of_chain(chain).flat_map(|block| block.chunks(WIDTH)) {
                for (lane, x) in chunk.iter().enumerate() {
                    let x = f64::from(*x);
                    let e = exp_nonpositive::<S>(-self.beta * x.abs());
                    // σ(β|x|) = 1/(1 + e) and σ(−β|x|) = e/(1 + e).
                    let (likely, unlikely) = (1.0 / (1.0 + e), e / (1.0 + e));
                    mean[lane] += x * if x > 0.0 { likely } else { unlikely };
                    variance[lane] += x * x * likely * unlikely;
                }
            }
            (mean.iter().sum(), variance.iter().sum())
        };
        (0..self.fields.chains()).map(of_chain).collect()
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
