//! Eight random generators in step, one to a vector lane.

use rand::Rng;
use rand_xoshiro::Xoshiro256PlusPlus;

/// Lanes, each of 64 bits.
pub(crate) const LANES: usize = 8;

/// xoshiro256++ (Blackman & Vigna, ACM Trans. Math. Softw. 47, 36 (2021)) in eight lanes.
pub(crate) struct Lanes {
    state: [[u64; LANES]; 4],
}

impl Lanes {
    /// Each lane starts from 256 bits of `rng`.
    pub(crate) fn new(mut rng: Xoshiro256PlusPlus) -> Self {
        let mut state = [[0; LANES]; 4];
        for lane in 0..LANES {
            state.iter_mut().for_each(|word| word[lane] = rng.next_u64());
        }
        Self { state }
    }

    /// The next number of every lane.
    #[inline(always)]
    pub(crate) fn next(&mut self) -> [u64; LANES] {
        let [s0, s1, s2, s3] = &mut self.state;
        let mut out = [0; LANES];
        for l in 0..LANES {
            out[l] = s0[l].wrapping_add(s3[l]).rotate_left(23).wrapping_add(s0[l]);
            let t = s1[l] << 17;
            s2[l] ^= s0[l];
            s3[l] ^= s1[l];
            s1[l] ^= s2[l];
            s0[l] ^= s3[l];
            s2[l] ^= t;
            s3[l] = s3[l].rotate_left(45);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    #[test]
    fn every_lane_is_the_scalar_generator() {
        let mut lanes = Lanes::new(Xoshiro256PlusPlus::seed_from_u64(7));
        let mut root = Xoshiro256PlusPlus::seed_from_u64(7);
        let mut scalar: Vec<_> = (0..LANES)
            .map(|_| {
                let words: Vec<u8> = (0..4).flat_map(|_| root.next_u64().to_le_bytes()).collect();
                Xoshiro256PlusPlus::from_seed(words.try_into().unwrap())
            })
            .collect();
        for _ in 0..100 {
            let expected: Vec<u64> = scalar.iter_mut().map(|rng| rng.next_u64()).collect();
            assert_eq!(lanes.next().to_vec(), expected);
        }
    }
}
