//! Drawing a layer of bits from its fields.

use pulp::{Arch, Simd, WithSimd};

use super::{
    exp::exp_nonpositive_f32,
    lanes::{LANES, Lanes},
};

/// Units drawn from one step of the generator: two from each 64-bit lane.
const UNITS: usize = 2 * LANES;

/// Draws units, 0 or 1, with probability σ(βx) of a 1.
///
/// The less likely value has probability q = e/(1 + e) with e = e^{−β|x|}, and is drawn by u(1 + e) < e with u uniform
/// on multiples of 2⁻³¹: the smaller the probability, the finer the grid near 0 resolves it, on either side.
pub(crate) fn sample_units(fields: &[f32], beta: f32, rng: &mut Lanes, units: &mut [f32]) {
    Arch::new().dispatch(SampleUnits { fields, beta, rng, units });
}

struct SampleUnits<'a> {
    fields: &'a [f32],
    beta: f32,
    rng: &'a mut Lanes,
    units: &'a mut [f32],
}

impl WithSimd for SampleUnits<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { fields, beta, rng, units } = self;
        let (fields, fields_rest) = fields.as_chunks::<UNITS>();
        let (units, units_rest) = units.as_chunks_mut::<UNITS>();
        for (x, out) in fields.iter().zip(units) {
            let u = uniforms(rng);
            for k in 0..UNITS {
                out[k] = draw::<S>(x[k], beta, u[k]);
            }
        }
        let u = uniforms(rng);
        for ((x, out), u) in fields_rest.iter().zip(units_rest).zip(u) {
            *out = draw::<S>(*x, beta, u);
        }
    }
}

/// Uniform numbers on the multiples of 2⁻³¹ in [0, 1].
#[inline(always)]
fn uniforms(rng: &mut Lanes) -> [f32; UNITS] {
    const SCALE: f32 = 1.0 / (1u32 << 31) as f32;
    let words = rng.next();
    let mut u = [0.0; UNITS];
    for lane in 0..LANES {
        // 31 bits fit the signed integers that every instruction set converts.
        u[lane] = (words[lane] >> 33) as i32 as f32 * SCALE;
        u[LANES + lane] = (words[lane] as u32 >> 1) as i32 as f32 * SCALE;
    }
    u
}

#[inline(always)]
fn draw<S: Simd>(x: f32, beta: f32, u: f32) -> f32 {
    let e = exp_nonpositive_f32::<S>(-(beta * x).abs());
    let unlikely = u * (1.0 + e) < e;
    if (x > 0.0) != unlikely { 1.0 } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{sample::stream, stats::sigmoid};

    /// z of the frequency of ones at each field; 12 fields at |z| < 4.5 fail by chance with probability 8·10⁻⁵, and the
    /// seed is fixed.
    #[test]
    fn frequencies_follow_the_logistic_function() {
        let mut rng = Lanes::new(stream(1, 0));
        let n = 1 << 18;
        for (beta, x) in [0.0f32, 0.5, 1.0, 2.0].into_iter().flat_map(|b| [-7.0f32, 0.8, 3.0].map(|x| (b, x))) {
            let mut units = vec![0.5; n + 5];
            sample_units(&vec![x; n + 5], beta, &mut rng, &mut units);
            assert!(units.iter().all(|u| *u == 0.0 || *u == 1.0));
            let p = sigmoid(f64::from(beta) * f64::from(x));
            let ones: f64 = units.iter().map(|u| f64::from(*u)).sum();
            let expected = units.len() as f64 * p;
            let z = (ones - expected) / (expected * (1.0 - p)).sqrt().max(1.0);
            assert!(z.abs() < 4.5, "β={beta} x={x}: z = {z}");
        }
    }

    #[test]
    fn saturated_units_do_not_flip() {
        let mut rng = Lanes::new(stream(2, 0));
        let fields: Vec<f32> = (0..1000).map(|k| if k % 2 == 0 { 1e5 } else { -1e5 }).collect();
        let mut units = vec![0.5; 1000];
        sample_units(&fields, 1.0, &mut rng, &mut units);
        assert!(units.iter().enumerate().all(|(k, u)| *u == if k % 2 == 0 { 1.0 } else { 0.0 }));
    }
}
