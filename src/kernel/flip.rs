//! Flipping one kept unit with the other layer summed out.
//!
//! The odds of a flip are a ratio of products ∏ᵢ(1 + e^{βxᵢ}) before and after, and e^{βxᵢ} changes
//! by the known factor e^{±βWᵢⱼ}: as in exact enumeration, there is no transcendental function in
//! the inner loop.

use pulp::{Simd, WithSimd};

use super::{
    bounds::{FieldBounds, MAX_GROWTH},
    exp::{exp_nonpositive, mul_add},
    instruction_set::arch,
    rung::Rung,
};

/// Units in flight: two vectors of the widest kind. Layers are padded to a multiple of it.
const WIDTH: usize = 16;

/// The summed layer as seen from the kept one: n units, padded to whole vectors, and m columns of
/// weights.
pub(crate) struct FlipProblem {
    n: usize,
    padded: usize,
    /// Column-major (padded, m), zero in the padding.
    weights: Vec<f64>,
    /// θ of the base, padded.
    theta: Vec<f64>,
    /// The largest |θᵢ|.
    strongest: f64,
    bounds: FieldBounds,
}

/// The factors e^{±βWᵢⱼ} of a problem on one rung.
pub(crate) struct FlipFactors {
    padded: usize,
    up: Vec<f64>,
    down: Vec<f64>,
    /// The unit numbers at which exponents are taken out of the running products.
    extract_at: Vec<usize>,
}

impl FlipProblem {
    /// Weights (n, m), column-major, n biases, and the n fields of the base.
    pub(crate) fn new(weights: &[f64], bias: &[f64], theta: &[f64]) -> Self {
        let n = bias.len();
        let padded = n.next_multiple_of(WIDTH);
        let mut padded_weights = vec![0.0; weights.len() / n * padded];
        for (to, from) in padded_weights.chunks_exact_mut(padded).zip(weights.chunks_exact(n)) {
            to[..n].copy_from_slice(from);
        }
        let strongest = theta.iter().fold(0.0f64, |max, theta| max.max(theta.abs()));
        let mut padded_theta = theta.to_vec();
        padded_theta.resize(padded, 0.0);
        let bounds = FieldBounds::new(weights, bias);
        Self { n, padded, weights: padded_weights, theta: padded_theta, strongest, bounds }
    }

    /// The number of units with padding: the length of the fields and factors below.
    pub(crate) fn padded(&self) -> usize {
        self.padded
    }

    /// Wᵢⱼ over i.
    pub(crate) fn column(&self, j: usize) -> &[f64] {
        &self.weights[j * self.padded..][..self.padded]
    }

    /// The factors at a rung; `None` if one could leave the range of f64.
    pub(crate) fn factors(&self, rung: Rung) -> Option<FlipFactors> {
        let Rung { beta, base, .. } = rung;
        if !self.bounds.fit(beta, base * self.strongest) {
            return None;
        }
        let mut extract_at = Vec::new();
        let mut growth = [0.0f64; WIDTH];
        for start in (0..self.n).step_by(WIDTH) {
            let units = start..(start + WIDTH).min(self.n);
            let here: Vec<f64> = units.map(|i| self.bounds.growth(i, beta, base * self.theta[i])).collect();
            if growth.iter().zip(&here).any(|(sum, g)| sum + g > MAX_GROWTH) {
                extract_at.push(start);
                growth = [0.0; WIDTH];
            }
            growth.iter_mut().zip(here).for_each(|(sum, g)| *sum += g);
        }
        extract_at.push(self.padded);
        let (mut up, mut down) = (vec![0.0; self.weights.len()], vec![0.0; self.weights.len()]);
        exponentials(&self.weights, beta, &mut up);
        exponentials(&self.weights, -beta, &mut down);
        Some(FlipFactors { padded: self.padded, up, down, extract_at })
    }

    /// e^{zᵢ} of each unit, with zᵢ = βxᵢ + bθᵢ, and 0 in the padding.
    pub(crate) fn field_factors(&self, fields: &[f64], rung: Rung, out: &mut [f64]) {
        arch().dispatch(Exponentials { xs: fields, theta: Some(&self.theta), rung, out });
        out[self.n..].fill(0.0);
    }
}

impl FlipFactors {
    /// e^{±βWᵢⱼ} over i, + if unit j is to be switched on.
    pub(crate) fn column(&self, j: usize, on: bool) -> &[f64] {
        &(if on { &self.up } else { &self.down })[j * self.padded..][..self.padded]
    }

    /// ln ∏ᵢ (1 + EᵢFᵢ), with F = 1 where `flip` is `None`.
    pub(crate) fn log_product(&self, field_factors: &[f64], flip: Option<&[f64]>) -> f64 {
        match flip {
            Some(flip) => arch().dispatch(LogProduct::<true> { field_factors, flip, extract_at: &self.extract_at }),
            None => arch().dispatch(LogProduct::<false> { field_factors, flip: &[], extract_at: &self.extract_at }),
        }
    }
}

struct LogProduct<'a, const FLIP: bool> {
    field_factors: &'a [f64],
    flip: &'a [f64],
    extract_at: &'a [usize],
}

impl<const FLIP: bool> WithSimd for LogProduct<'_, FLIP> {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> f64 {
        const FRACTION: u64 = (1 << 52) - 1;
        const BIAS: u64 = 1023;
        let mut product = [1.0f64; WIDTH];
        let mut exponents = [0u64; WIDTH];
        let mut start = 0;
        let mut extractions = 0;
        for &end in self.extract_at {
            let (e, _) = self.field_factors[start..end].as_chunks::<WIDTH>();
            if FLIP {
                let (f, _) = self.flip[start..end].as_chunks::<WIDTH>();
                for (e, f) in e.iter().zip(f) {
                    for lane in 0..WIDTH {
                        product[lane] *= mul_add::<S>(e[lane], f[lane], 1.0);
                    }
                }
            } else {
                for e in e {
                    for lane in 0..WIDTH {
                        product[lane] *= 1.0 + e[lane];
                    }
                }
            }
            for lane in 0..WIDTH {
                let bits = product[lane].to_bits();
                exponents[lane] += bits >> 52;
                product[lane] = f64::from_bits(bits & FRACTION | BIAS << 52);
            }
            extractions += 1;
            start = end;
        }
        // Sixteen fractions below 2 each.
        let exponent = exponents.iter().sum::<u64>() as i64 - (extractions * WIDTH as u64 * BIAS) as i64;
        product.iter().product::<f64>().ln() + exponent as f64 * std::f64::consts::LN_2
    }
}

/// out = e^{scale × x}.
fn exponentials(xs: &[f64], scale: f64, out: &mut [f64]) {
    arch().dispatch(Exponentials { xs, theta: None, rung: Rung::at(scale), out });
}

/// out = e^z of the fields x and θ at a rung, in the padding too; or e^{βx} without a base.
struct Exponentials<'a> {
    xs: &'a [f64],
    theta: Option<&'a [f64]>,
    rung: Rung,
    out: &'a mut [f64],
}

impl WithSimd for Exponentials<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { xs, theta, rung, out } = self;
        match theta {
            Some(theta) => {
                for ((x, theta), out) in xs.iter().zip(theta).zip(out) {
                    *out = exponential::<S>(rung.field(*x, *theta));
                }
            }
            None => {
                for (x, out) in xs.iter().zip(out) {
                    *out = exponential::<S>(rung.beta * x);
                }
            }
        }
    }
}

/// e^z for either sign.
#[inline(always)]
fn exponential<S: Simd>(z: f64) -> f64 {
    let e = exp_nonpositive::<S>(-z.abs());
    if z > 0.0 { 1.0 / e } else { e }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::softplus;

    #[test]
    fn products_are_sums_of_softplus_before_and_after_a_flip() {
        for (n, scale) in [(1, 1.0), (6, 0.3), (16, 2.0), (100, 3.0), (784, 40.0)] {
            let weights: Vec<f64> = (0..3 * n).map(|k| scale * (1.3 * k as f64).sin()).collect();
            let bias: Vec<f64> = (0..n).map(|k| scale * (0.7 * k as f64).cos()).collect();
            let theta: Vec<f64> = (0..n).map(|k| 2.0 * (0.9 * k as f64).sin()).collect();
            let problem = FlipProblem::new(&weights, &bias, &theta);
            let mut fields = bias.clone();
            fields.resize(problem.padded(), 0.0);
            let mut field_factors = vec![f64::NAN; problem.padded()];
            for (beta, base) in [(0.0, 0.0), (0.0, 1.0), (0.5, 0.5), (2.0, 0.0)] {
                let rung = Rung { beta, base, segment: 0 };
                let factors = problem.factors(rung).expect("the weights are moderate");
                problem.field_factors(&fields, rung, &mut field_factors);
                let close = |a: f64, b: f64| assert!((a - b).abs() <= 1e-13 * b.abs().max(1.0), "n={n}: {a} {b}");
                let sum = |x: &dyn Fn(usize) -> f64| (0..n).map(|i| softplus(rung.field(x(i), theta[i]))).sum();
                close(factors.log_product(&field_factors, None), sum(&|i| bias[i]));
                for (on, sign) in [(true, 1.0), (false, -1.0)] {
                    let flip = factors.column(1, on);
                    let flipped = sum(&|i| bias[i] + sign * weights[n + i]);
                    close(factors.log_product(&field_factors, Some(flip)), flipped);
                }
            }
            assert!(problem.factors(Rung::at(1e3 * f64::from(n as u32))).is_none() || scale < 1.0 && n == 6);
        }
    }
}
