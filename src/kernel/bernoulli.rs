//! Drawing a layer of bits from its fields.

use pulp::{Arch, Simd, WithSimd};

use super::{
    exp::exp_nonpositive_f32,
    lanes::{LANES, Lanes},
    layer::{Fields, States, UNITS},
};

/// Draws units, each 1 with probability σ(βx).
///
/// The less likely value has probability q = e/(1 + e) with e = e^{−β|x|}, and is drawn by u(1 + e) < e with u uniform
/// on multiples of 2⁻³¹: the smaller the probability, the finer the grid near 0 resolves it, on either side.
pub(crate) fn sample_units(fields: &Fields, beta: f32, rng: &mut Lanes, states: &mut States) {
    Arch::new().dispatch(SampleUnits { fields, beta, rng, states });
}

struct SampleUnits<'a> {
    fields: &'a Fields,
    beta: f32,
    rng: &'a mut Lanes,
    states: &'a mut States,
}

impl WithSimd for SampleUnits<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { fields, beta, rng, states } = self;
        for (block, word) in fields.blocks().iter().zip(states.words_mut()) {
            let u = uniforms(rng);
            let mut bits = [0u32; UNITS];
            for k in 0..UNITS {
                bits[k] = u32::from(draw::<S>(block.0[k], beta, u[k])) << k;
            }
            *word = bits.iter().fold(0, |word, bit| word | bit);
        }
    }
}

/// Uniform numbers on the multiples of 2⁻³¹ in [0, 1].
#[inline(always)]
fn uniforms(rng: &mut Lanes) -> [f32; UNITS] {
    const SCALE: f32 = 1.0 / (1u32 << 31) as f32;
    let mut u = [0.0; UNITS];
    // 64 bits make two numbers; 31 bits fit the signed integers that every instruction set converts.
    for u in u.as_chunks_mut::<{ 2 * LANES }>().0 {
        let words = rng.next();
        for lane in 0..LANES {
            u[lane] = (words[lane] >> 33) as i32 as f32 * SCALE;
            u[LANES + lane] = (words[lane] as u32 >> 1) as i32 as f32 * SCALE;
        }
    }
    u
}

#[inline(always)]
fn draw<S: Simd>(x: f32, beta: f32, u: f32) -> bool {
    let e = exp_nonpositive_f32::<S>(-(beta * x).abs());
    let unlikely = u * (1.0 + e) < e;
    (x > 0.0) != unlikely
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{sample::stream, stats::sigmoid};

    /// A layer of one chain with these fields.
    fn layer(fields: &[f32]) -> Fields {
        let mut layer = Fields::zeros(fields.len(), 1);
        for (block, x) in layer.by_block_mut().zip(fields.chunks(UNITS)) {
            block[0].0[..x.len()].copy_from_slice(x);
        }
        layer
    }

    /// z of the frequency of ones at each field; 12 fields at |z| < 4.5 fail by chance with probability 8·10⁻⁵, and the
    /// seed is fixed.
    #[test]
    fn frequencies_follow_the_logistic_function() {
        let mut rng = Lanes::new(stream(1, 0));
        let n = (1 << 18) + 5;
        for (beta, x) in [0.0f32, 0.5, 1.0, 2.0].into_iter().flat_map(|b| [-7.0f32, 0.8, 3.0].map(|x| (b, x))) {
            let mut units = States::zeros(n, 1);
            sample_units(&layer(&vec![x; n]), beta, &mut rng, &mut units);
            let p = sigmoid(f64::from(beta) * f64::from(x));
            let ones = (0..n).filter(|k| units.get(0, *k)).count() as f64;
            let expected = n as f64 * p;
            let z = (ones - expected) / (expected * (1.0 - p)).sqrt().max(1.0);
            assert!(z.abs() < 4.5, "β={beta} x={x}: z = {z}");
        }
    }

    #[test]
    fn saturated_units_do_not_flip() {
        let mut rng = Lanes::new(stream(2, 0));
        let fields: Vec<f32> = (0..1000).map(|k| if k % 3 == 0 { 1e5 } else { -1e5 }).collect();
        let mut units = States::zeros(1000, 1);
        sample_units(&layer(&fields), 1.0, &mut rng, &mut units);
        assert!((0..1000).all(|k| units.get(0, k) == (k % 3 == 0)));
    }
}
