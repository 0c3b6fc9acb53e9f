//! Drawing a layer of bits from its fields.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::{
    exp::{exp_nonpositive_f32, mul_add_f32},
    instruction_set::arch,
    lanes::{LANES, Lanes},
    layer::{Block, Fields, States, UNITS, group_size},
    rung::Rung,
};

/// Draws units, each 1 with probability σ(z), z = βx + bθ with the fields x of its chain and θ of
/// the base.
///
/// Group g of the chains, of equal sizes, stands at `rungs[g]`. The less likely value has
/// probability q = e/(1 + e) with e = e^{−|z|}, and is drawn by u(1 + e) < e with u uniform on
/// multiples of 2⁻³¹: the smaller the probability, the finer the grid near 0 resolves it, on either
/// side.
pub(crate) fn sample_units(fields: &Fields, theta: &[Block], rungs: &[Rung], rng: &mut Lanes, states: &mut States) {
    arch().dispatch(SampleUnits { fields, theta, rungs, rng, states });
}

/// Draws units, each 1 with probability σ(x), the units of a block with a generator of their own,
/// so that blocks can be shared out among threads.
pub(crate) fn sample_blocks(fields: &Fields, rng: impl Fn(usize) -> Lanes + Sync, states: &mut States) {
    let blocks: Vec<_> = fields.by_block().zip(states.by_word_mut()).enumerate().collect();
    blocks.into_par_iter().for_each(|(b, (blocks, words))| {
        arch().dispatch(SampleBlock { blocks, rng: &mut rng(b), words });
    });
}

struct SampleBlock<'a> {
    blocks: &'a [Block],
    rng: &'a mut Lanes,
    words: &'a mut [u32],
}

impl WithSimd for SampleBlock<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (block, word) in self.blocks.iter().zip(self.words) {
            let u = uniforms(self.rng);
            let mut bits = [0u32; UNITS];
            for k in 0..UNITS {
                bits[k] = u32::from(draw::<S>(block.0[k], u[k])) << k;
            }
            *word = bits.iter().fold(0, |word, bit| word | bit);
        }
    }
}

struct SampleUnits<'a> {
    fields: &'a Fields,
    theta: &'a [Block],
    rungs: &'a [Rung],
    rng: &'a mut Lanes,
    states: &'a mut States,
}

impl WithSimd for SampleUnits<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { fields, theta, rungs, rng, states } = self;
        let group = group_size(states.chains(), rungs);
        for ((blocks, words), theta) in fields.by_block().zip(states.by_word_mut()).zip(theta) {
            for ((blocks, words), rung) in blocks.chunks(group).zip(words.chunks_mut(group)).zip(rungs) {
                let (beta, base) = (rung.beta as f32, rung.base as f32);
                for (block, word) in blocks.iter().zip(words) {
                    let u = uniforms(rng);
                    let mut bits = [0u32; UNITS];
                    for k in 0..UNITS {
                        let z = mul_add_f32::<S>(base, theta.0[k], beta * block.0[k]);
                        bits[k] = u32::from(draw::<S>(z, u[k])) << k;
                    }
                    *word = bits.iter().fold(0, |word, bit| word | bit);
                }
            }
        }
    }
}

/// Uniform numbers on the multiples of 2⁻³¹ in [0, 1].
#[inline(always)]
fn uniforms(rng: &mut Lanes) -> [f32; UNITS] {
    const SCALE: f32 = 1.0 / (1u32 << 31) as f32;
    let mut u = [0.0; UNITS];
    // 64 bits make two numbers; 31 bits fit the signed integers that every instruction set
    // converts.
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
fn draw<S: Simd>(z: f32, u: f32) -> bool {
    let e = exp_nonpositive_f32::<S>(-z.abs());
    let unlikely = u * (1.0 + e) < e;
    (z > 0.0) != unlikely
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{stats::sigmoid, streams::stream};

    /// A layer of one chain with these fields.
    fn layer(fields: &[f32]) -> Fields {
        let mut layer = Fields::zeros(fields.len(), 1);
        for (block, x) in layer.by_block_mut().zip(fields.chunks(UNITS)) {
            block[0].0[..x.len()].copy_from_slice(x);
        }
        layer
    }

    /// z of the frequency of ones at each field; 15 fields at |z| < 4.5 fail by chance with
    /// probability 10⁻⁴, and the seed is fixed.
    #[test]
    fn frequencies_follow_the_logistic_function() {
        let mut rng = Lanes::new(stream(1, 0));
        let n = (1usize << 18) + 5;
        let theta = vec![Block([-1.5; UNITS]); n.div_ceil(UNITS)];
        let rungs = [(0.0, 0.0), (0.0, 1.0), (0.5, 0.5), (1.0, 0.0), (2.0, 0.0)];
        for ((beta, base), x) in rungs.into_iter().flat_map(|rung| [-7.0f32, 0.8, 3.0].map(|x| (rung, x))) {
            let mut units = States::zeros(n, 1);
            sample_units(&layer(&vec![x; n]), &theta, &[Rung { beta, base, segment: 0 }], &mut rng, &mut units);
            let p = sigmoid(beta * f64::from(x) - 1.5 * base);
            let ones = (0..n).filter(|k| units.get(0, *k)).count() as f64;
            let expected = n as f64 * p;
            let z = (ones - expected) / (expected * (1.0 - p)).sqrt().max(1.0);
            assert!(z.abs() < 4.5, "β={beta} b={base} x={x}: z = {z}");
        }
    }

    #[test]
    fn saturated_units_do_not_flip() {
        let mut rng = Lanes::new(stream(2, 0));
        let fields: Vec<f32> = (0..1000).map(|k| if k % 3 == 0 { 1e5 } else { -1e5 }).collect();
        let mut units = States::zeros(1000, 1);
        sample_units(&layer(&fields), &[Block::ZERO; 32], &[Rung::at(1.0)], &mut rng, &mut units);
        assert!((0..1000).all(|k| units.get(0, k) == (k % 3 == 0)));
    }
}
